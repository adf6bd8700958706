#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::Contains;
using testing::HasSubstr;

class ViewsTest : public SessionTest {
 protected:
  void MakeTree() {
    EXPECT_RUNS("CREATE TABLE t (k int, v text) PARTITION BY RANGE (k);"
                "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);"
                "INSERT INTO t VALUES (1, 'one'), (11, 'eleven')");
  }
  void OpenAgain() {
    session.reset();
    database.reset();
    gateway.reset();
    gateway = OpenGateway(directory.path());
    database = Get(Database::Open(gateway));
    session = Connect();
  }
};

TEST_F(ViewsTest, StayWhenTheDatabaseIsOpenedAgain) {
  MakeTree();
  EXPECT_RUNS("CREATE VIEW small (number, text) AS SELECT * FROM t WHERE k < 10; CREATE VIEW above AS SELECT number FROM small;"
              "ALTER TABLE t RENAME COLUMN v TO w; ALTER TABLE t RENAME TO u");
  OpenAgain();
  EXPECT_ROWS("SELECT * FROM small", "1|one", "SELECT 1");
  EXPECT_ROWS("SELECT * FROM above", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("DROP TABLE u"), "2BP01", "cannot drop table u because other objects depend on it");
  EXPECT_RUNS("DROP TABLE u CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM above"), "42P01", "relation \"above\" does not exist");
}

TEST_F(ViewsTest, LeaveOutPartitions) {
  MakeTree();
  EXPECT_RUNS("CREATE VIEW v AS SELECT k AS key, v FROM t; CREATE VIEW w AS SELECT * FROM v WHERE v <> ''");
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM w WHERE key = 11")), Contains(HasSubstr("1 of 2 (1 removed)")));
  EXPECT_RUNS("CREATE VIEW first AS SELECT * FROM t WHERE k < 5");
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM first")), Contains(HasSubstr("1 of 2 (1 removed)")));
}

TEST_F(ViewsTest, AreSeenByOthersWhenTheyAreCommitted) {
  MakeTree();
  auto other = Connect();
  EXPECT_RUNS("BEGIN; CREATE VIEW v AS SELECT k FROM t1");
  EXPECT_SQL_ERROR(Run(*other, "SELECT * FROM v"), "42P01", "does not exist");
  EXPECT_RUNS("COMMIT");
  EXPECT_THAT(Get(Run(*other, "SELECT * FROM v")), testing::ElementsAre("1", "SELECT 1"));
  EXPECT_RUNS("PREPARE p AS SELECT * FROM v");
  EXPECT_OK(Run(*other, "CREATE OR REPLACE VIEW v AS SELECT k FROM t2"));
  EXPECT_ROWS("EXECUTE p", "11", "SELECT 1");
}

TEST_F(ViewsTest, NameWhatTheirQueryMeantWhenTheyWereMade) {
  EXPECT_RUNS("CREATE SCHEMA s; CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (7); SET search_path TO s, public;"
              "CREATE VIEW public.v AS SELECT a FROM t; SET search_path TO public; CREATE TABLE t (a int)");
  EXPECT_ROWS("SELECT * FROM v", "7", "SELECT 1");
  EXPECT_SQL_ERROR(Run("DROP SCHEMA s"), "2BP01", "cannot drop schema s");
  EXPECT_RUNS("DROP SCHEMA s CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v"), "42P01", "does not exist");
}

TEST_F(ViewsTest, OfSystemCatalogs) {
  EXPECT_RUNS("CREATE TABLE t (a int);"
              "CREATE VIEW v AS SELECT relname, relkind, oid, oid::regclass AS r FROM pg_class WHERE relname = 't'");
  EXPECT_ROWS("SELECT relname, relkind, r::text FROM v", "t|r|t", "SELECT 1");
  OpenAgain();
  EXPECT_ROWS("SELECT relname FROM v", "t", "SELECT 1");
  EXPECT_ROWS("SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE attrelid = 'v'::regclass "
              "ORDER BY attnum",
              "relname|name", "relkind|\"char\"", "oid|oid", "r|regclass", "SELECT 4");
}

TEST_F(ViewsTest, TheirOwnersReadWhatIsBelow) {
  EXPECT_RUNS("CREATE TABLE t (a int, secret text); INSERT INTO t VALUES (1, 'x'); CREATE ROLE bob; CREATE ROLE ann;"
              "CREATE VIEW v AS SELECT a, secret FROM t; GRANT SELECT (a) ON v TO bob; CREATE VIEW w AS SELECT a FROM v;"
              "GRANT SELECT ON w TO ann");
  EXPECT_RUNS("SET ROLE bob");
  EXPECT_ROWS("SELECT a FROM v", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT secret FROM v"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("SELECT a FROM t"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("SELECT v.a FROM v JOIN t ON v.a = t.a"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("DROP VIEW v"), "42501", "must be owner of view v");
  EXPECT_SQL_ERROR(Run("CREATE OR REPLACE VIEW v AS SELECT 1 AS a"), "42501", "must be owner of view v");
  EXPECT_RUNS("SET ROLE ann");
  EXPECT_ROWS("SELECT a FROM w", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT a FROM v"), "42501", "permission denied for view v");
  EXPECT_RUNS("RESET ROLE; ALTER VIEW v OWNER TO ann; SET ROLE bob");
  EXPECT_SQL_ERROR(Run("SELECT a FROM v"), "42501", "permission denied for table t");
  EXPECT_RUNS("RESET ROLE; GRANT SELECT ON t TO ann; SET ROLE bob");
  EXPECT_ROWS("SELECT a FROM v", "1", "SELECT 1");
  EXPECT_RUNS("PREPARE p AS SELECT a FROM v");
  EXPECT_RUNS("RESET ROLE; REVOKE SELECT ON t FROM ann; SET ROLE bob");
  EXPECT_SQL_ERROR(Run("EXECUTE p"), "42501", "permission denied for table t");
}

TEST_F(ViewsTest, ShowTheirQueriesAsTheyWouldBeWrittenNow) {
  EXPECT_RUNS("CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT * FROM t WHERE a > 1");
  EXPECT_ROWS("SELECT pg_get_viewdef('v'::regclass)", " SELECT t.a, t.b FROM t WHERE a > 1;", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN c int; ALTER TABLE t RENAME COLUMN b TO bb; ALTER TABLE t RENAME TO u;"
              "ALTER VIEW v RENAME COLUMN a TO x");
  EXPECT_ROWS("SELECT pg_get_viewdef('v', true)", " SELECT * FROM (SELECT t.a, t.b FROM u t(a, b, c) WHERE a > 1) v(x, b);", "SELECT 1");
  EXPECT_ROWS("SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
              "v| SELECT * FROM (SELECT t.a, t.b FROM u t(a, b, c) WHERE a > 1) v(x, b);", "SELECT 1");
  EXPECT_ROWS("SELECT table_name, table_type, is_insertable_into FROM information_schema.tables WHERE table_schema = 'public' "
              "ORDER BY 1", "u|BASE TABLE|YES", "v|VIEW|NO", "SELECT 2");
  EXPECT_ROWS("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'v' ORDER BY ordinal_position",
              "x|integer", "b|text", "SELECT 2");
  EXPECT_RUNS("COMMENT ON VIEW v IS 'small'");
  EXPECT_ROWS("SELECT obj_description('v'::regclass, 'pg_class')", "small", "SELECT 1");
  EXPECT_SQL_ERROR(Run("COMMENT ON TABLE v IS 'x'"), "42809", "\"v\" is not a table");
}

TEST_F(ViewsTest, StandInTheWayOfWhatTheyUse) {
  MakeTree();
  EXPECT_RUNS("CREATE VIEW leaf AS SELECT v FROM t1; CREATE VIEW whole AS SELECT k FROM t");
  const auto column = EXPECT_SQL_ERROR(Run("ALTER TABLE t DROP COLUMN v"), "2BP01", "cannot drop column v of table t");
  EXPECT_EQ(column.detail, "view leaf depends on column v of table t1");
  const auto type = EXPECT_SQL_ERROR(Run("ALTER TABLE t ALTER COLUMN v TYPE varchar(9)"), "0A000", "cannot alter type");
  EXPECT_EQ(type.detail, "rule _RETURN on view leaf depends on column \"v\"");
  const auto drop = EXPECT_SQL_ERROR(Run("DROP TABLE t"), "2BP01", "cannot drop table t");
  EXPECT_THAT(drop.detail, HasSubstr("view leaf depends on table t1"));
  EXPECT_THAT(drop.detail, HasSubstr("view whole depends on table t"));
  EXPECT_RUNS("ALTER TABLE t DROP COLUMN v CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM leaf"), "42P01", "does not exist");
  EXPECT_ROWS("SELECT * FROM whole ORDER BY k", "1", "11", "SELECT 2");
}

TEST_F(ViewsTest, RowsAreChangedThroughThem) {
  MakeTree();
  EXPECT_RUNS("CREATE VIEW v (key, text) AS SELECT k, v FROM t WHERE k > 5");
  EXPECT_ROWS("INSERT INTO v VALUES (12, 'twelve'), (2, 'two') RETURNING key, text", "12|twelve", "2|two", "INSERT 0 2");
  EXPECT_ROWS("UPDATE v SET text = text || '!' WHERE key < 12 RETURNING v.*", "11|eleven!", "UPDATE 1");
  EXPECT_ROWS("DELETE FROM v x WHERE x.text LIKE 'tw%'", "DELETE 1");
  EXPECT_ROWS("DELETE FROM v WHERE key = 1", "DELETE 0");
  EXPECT_ROWS("SELECT * FROM t ORDER BY k", "1|one", "2|two", "11|eleven!", "SELECT 3");
  EXPECT_ROWS("SELECT is_updatable, is_insertable_into FROM information_schema.views", "YES|YES", "SELECT 1");
}

TEST_F(ViewsTest, RowsAreChangedByTheRightsOfTheOwner) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int, c int DEFAULT 3); INSERT INTO t VALUES (1, 1, 1); CREATE ROLE bob;"
              "CREATE VIEW v AS SELECT a, b FROM t; GRANT INSERT, UPDATE (b), SELECT (a) ON v TO bob; SET ROLE bob");
  EXPECT_ROWS("INSERT INTO v VALUES (2, 2)", "INSERT 0 1");
  EXPECT_ROWS("UPDATE v SET b = 5 WHERE a = 2", "UPDATE 1");
  EXPECT_SQL_ERROR(Run("UPDATE v SET a = 5"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("UPDATE v SET b = b + 1"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("DELETE FROM v"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (3)"), "42501", "permission denied for table t");
  EXPECT_RUNS("RESET ROLE; ALTER VIEW v OWNER TO bob; SET ROLE bob");
  EXPECT_SQL_ERROR(Run("INSERT INTO v VALUES (2, 2)"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("UPDATE v SET b = 5"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("DELETE FROM v"), "42501", "permission denied for table t");
  EXPECT_RUNS("RESET ROLE");
  EXPECT_ROWS("SELECT * FROM t ORDER BY a", "1|1|1", "2|5|3", "SELECT 2");
}

TEST_F(ViewsTest, RefuseWhatTheyDoNotTake) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW above AS SELECT a FROM v;"
              "CREATE VIEW turned AS SELECT b, a FROM t; CREATE VIEW summed AS SELECT sum(a) AS a FROM t");
  for (const char* change : {"INSERT INTO above VALUES (1)", "UPDATE turned SET a = 2", "DELETE FROM above"}) {
    EXPECT_SQL_ERROR(Run(change), "0A000", "cannot be changed");
  }
  EXPECT_SQL_ERROR(Run("CREATE OR REPLACE VIEW v AS SELECT a FROM above"), "42P17", "infinite recursion detected in rules");
  EXPECT_SQL_ERROR(Run("INSERT INTO v VALUES (1) ON CONFLICT DO NOTHING"), "0A000", "ON CONFLICT is not supported for views");
  EXPECT_SQL_ERROR(Run("INSERT INTO v (b) VALUES (1)"), "42703", "column \"b\" of relation \"v\" does not exist");
  const auto update = EXPECT_SQL_ERROR(Run("UPDATE summed SET a = 1"), "55000", "cannot update view \"summed\"");
  EXPECT_EQ(update.detail, "Views that return aggregate functions are not automatically updatable.");
  EXPECT_SQL_ERROR(Run("LOCK TABLE v"), "25P01", "LOCK TABLE");
  EXPECT_SQL_ERROR(Run("ALTER TABLE v ADD COLUMN b int"), "42809", "ALTER action ADD COLUMN cannot be performed on relation");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v FOR UPDATE"), "0A000", "FOR UPDATE is not supported for views");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v TABLESAMPLE system (10)"), "0A000", "TABLESAMPLE");
}

}  // namespace
}  // namespace weir::sql
