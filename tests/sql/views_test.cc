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
};

TEST_F(ViewsTest, StayWhenTheDatabaseIsOpenedAgain) {
  MakeTree();
  EXPECT_RUNS(
      "CREATE VIEW small (number, text) AS SELECT * FROM t WHERE k < 10; CREATE VIEW above AS SELECT number FROM small;"
      "ALTER TABLE t RENAME COLUMN v TO w; ALTER TABLE t RENAME TO u");
  Reopen();
  EXPECT_ROWS("SELECT * FROM small", "1|one", "SELECT 1");
  EXPECT_ROWS("SELECT * FROM above", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("DROP TABLE u"), "2BP01", "cannot drop table u because other objects depend on it");
  EXPECT_RUNS("DROP TABLE u CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM above"), "42P01", "relation \"above\" does not exist");
}

TEST_F(ViewsTest, LeaveOutPartitions) {
  MakeTree();
  EXPECT_RUNS("CREATE VIEW v AS SELECT k AS key, v FROM t; CREATE VIEW w AS SELECT * FROM v WHERE v <> ''");
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM w WHERE key = 11")),
              Contains(HasSubstr("1 of 2 (1 removed)")));
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
  Reopen();
  EXPECT_ROWS("SELECT relname FROM v", "t", "SELECT 1");
  EXPECT_ROWS(
      "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE attrelid = 'v'::regclass "
      "ORDER BY attnum",
      "relname|name", "relkind|\"char\"", "oid|oid", "r|regclass", "SELECT 4");
}

TEST_F(ViewsTest, TheirOwnersReadWhatIsBelow) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int, secret text); INSERT INTO t VALUES (1, 'x'); CREATE ROLE bob; CREATE ROLE ann;"
      "CREATE VIEW v AS SELECT a, secret FROM t; GRANT SELECT (a) ON v TO bob; CREATE VIEW w AS SELECT a FROM v;"
      "GRANT SELECT ON w TO ann");
  EXPECT_RUNS("SET ROLE bob");
  EXPECT_ROWS("SELECT a FROM v", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT secret FROM v"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("SELECT a FROM t"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("SELECT v.a FROM v JOIN t ON v.a = t.a"), "42501", "permission denied for table t");
  EXPECT_SQL_ERROR(Run("DROP VIEW v"), "42501", "must be owner of view v");
  EXPECT_SQL_ERROR(Run("CREATE OR REPLACE VIEW v AS SELECT 1 AS a"), "42501", "permission denied for schema public");
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
  EXPECT_ROWS("SELECT pg_get_viewdef('v'::regclass)", " SELECT t.a,\n    t.b\n   FROM t\n  WHERE (t.a > 1);",
              "SELECT 1");
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN c int; ALTER TABLE t RENAME COLUMN b TO bb; ALTER TABLE t RENAME TO u;"
              "ALTER VIEW v RENAME COLUMN a TO x");
  EXPECT_ROWS("SELECT pg_get_viewdef('v', true)", " SELECT u.a AS x,\n    u.bb AS b\n   FROM u\n  WHERE u.a > 1;",
              "SELECT 1");
  EXPECT_ROWS("SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
              "v| SELECT u.a AS x,\n    u.bb AS b\n   FROM u\n  WHERE (u.a > 1);", "SELECT 1");
  EXPECT_ROWS(
      "SELECT table_name, table_type, is_insertable_into FROM information_schema.tables WHERE table_schema = 'public' "
      "ORDER BY 1",
      "u|BASE TABLE|YES", "v|VIEW|YES", "SELECT 2");
  EXPECT_ROWS(
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'v' ORDER BY ordinal_position",
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
  EXPECT_ROWS("INSERT INTO v VALUES (12, 'twelve'), (2, 'two') RETURNING key, text", "12|twelve", "2|two",
              "INSERT 0 2");
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

TEST_F(ViewsTest, RightsAreThoseOnTheirColumnsWhateverTheyAreMadeOf) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int, c int); INSERT INTO t VALUES (1, 1, 1); CREATE ROLE bob;"
              "CREATE VIEW v AS SELECT c AS shown, a + b AS sum, b AS a FROM t;"
              "GRANT UPDATE (a), SELECT (sum) ON v TO bob; SET ROLE bob");
  EXPECT_ROWS("UPDATE v SET a = 7 WHERE sum = 2 RETURNING sum", "8", "UPDATE 1");
  for (const char* change :
       {"UPDATE v SET a = 7 WHERE a = 7", "UPDATE v SET a = a + 1", "UPDATE v SET a = 1 RETURNING *",
        "UPDATE v SET a = 1 RETURNING shown", "UPDATE v SET shown = 1", "UPDATE v SET a = 1 RETURNING v",
        "INSERT INTO v (a) VALUES (1)", "DELETE FROM v WHERE sum = 8"}) {
    EXPECT_SQL_ERROR(Run(change), "42501", "permission denied for view v");
  }
  EXPECT_RUNS("RESET ROLE; GRANT SELECT (shown), DELETE ON v TO bob; SET ROLE bob");
  EXPECT_ROWS("DELETE FROM v WHERE sum = 8 RETURNING shown", "1", "DELETE 1");
}

TEST_F(ViewsTest, RefuseWhatTheyDoNotTake) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW above AS SELECT a FROM v;"
              "CREATE VIEW most AS SELECT a, (SELECT max(b) FROM t) AS b FROM t;"
              "CREATE VIEW summed AS SELECT sum(a) AS a FROM t");
  EXPECT_SQL_ERROR(Run("UPDATE most SET a = 2"), "0A000", "cannot be changed");
  EXPECT_SQL_ERROR(Run("CREATE OR REPLACE VIEW v AS SELECT a FROM above"), "42P17",
                   "infinite recursion detected in rules");
  EXPECT_SQL_ERROR(Run("INSERT INTO v (b) VALUES (1)"), "42703", "column \"b\" of relation \"v\" does not exist");
  const auto update = EXPECT_SQL_ERROR(Run("UPDATE summed SET a = 1"), "55000", "cannot update view \"summed\"");
  EXPECT_EQ(update.detail, "Views that return aggregate functions are not automatically updatable.");
  EXPECT_SQL_ERROR(Run("LOCK TABLE v"), "25P01", "LOCK TABLE");
  EXPECT_SQL_ERROR(Run("ALTER TABLE v ADD COLUMN b int"), "42809",
                   "ALTER action ADD COLUMN cannot be performed on relation");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v FOR UPDATE"), "0A000", "FOR UPDATE is not supported for views");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v TABLESAMPLE system (10)"), "0A000", "TABLESAMPLE");
}

TEST_F(ViewsTest, ReadSequences) {
  EXPECT_RUNS("CREATE SEQUENCE s; CREATE VIEW v AS SELECT last_value, is_called FROM s; CREATE ROLE bob;"
              "GRANT SELECT ON v TO bob");
  EXPECT_ROWS("SELECT * FROM v", "1|false", "SELECT 1");
  EXPECT_ROWS("SELECT nextval('s')", "1", "SELECT 1");
  EXPECT_ROWS("SELECT * FROM v", "1|true", "SELECT 1");
  EXPECT_RUNS("SET ROLE bob");
  EXPECT_ROWS("SELECT last_value FROM v", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT last_value FROM s"), "42501", "permission denied for sequence s");
  EXPECT_RUNS("RESET ROLE");
  const auto change = EXPECT_SQL_ERROR(Run("DELETE FROM v"), "55000", "cannot delete from view \"v\"");
  EXPECT_EQ(change.detail, "Views that do not select from a single table or view are not automatically updatable.");
  const auto drop = EXPECT_SQL_ERROR(Run("DROP SEQUENCE s"), "2BP01", "cannot drop sequence s because other objects");
  EXPECT_EQ(drop.detail, "view v depends on sequence s");
  EXPECT_RUNS("DROP SEQUENCE s CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v"), "42P01", "relation \"v\" does not exist");
}

TEST_F(ViewsTest, StandInTheWayOfSequencesThatGoWithTables) {
  EXPECT_RUNS("CREATE TABLE t (id serial, i int GENERATED ALWAYS AS IDENTITY, a int);"
              "CREATE VIEW v AS SELECT last_value FROM t_id_seq; CREATE VIEW w AS SELECT last_value FROM t_i_seq");
  const auto table = EXPECT_SQL_ERROR(Run("DROP TABLE t"), "2BP01", "cannot drop table t because other objects");
  EXPECT_THAT(table.detail, HasSubstr("view v depends on sequence t_id_seq"));
  const auto column =
      EXPECT_SQL_ERROR(Run("ALTER TABLE t DROP COLUMN id"), "2BP01", "cannot drop column id of table t");
  EXPECT_EQ(column.detail, "view v depends on sequence t_id_seq");
  EXPECT_SQL_ERROR(Run("ALTER TABLE t ALTER COLUMN i DROP IDENTITY"), "2BP01", "cannot drop sequence t_i_seq");
  EXPECT_RUNS("ALTER TABLE t DROP COLUMN id CASCADE");
  EXPECT_SQL_ERROR(Run("SELECT * FROM v"), "42P01", "relation \"v\" does not exist");
  EXPECT_RUNS("DROP TABLE t CASCADE");
  EXPECT_ROWS("SELECT count(*) FROM pg_class WHERE relkind IN ('S', 'v') AND relnamespace = 'public'::regnamespace",
              "0", "SELECT 1");
}

TEST_F(ViewsTest, NewRowsGetTheValuesOfSequences) {
  EXPECT_RUNS(
      "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int);"
      "CREATE VIEW v AS SELECT id, a FROM t; CREATE TABLE u (n serial, a int); CREATE VIEW w AS SELECT a FROM u; "
      "CREATE ROLE bob;"
      "GRANT INSERT, SELECT ON v TO bob; GRANT INSERT ON w TO bob; SET ROLE bob");
  EXPECT_ROWS("INSERT INTO v (a) VALUES (7) RETURNING id, a", "1|7", "INSERT 0 1");
  EXPECT_SQL_ERROR(Run("INSERT INTO w VALUES (1)"), "42501", "permission denied for sequence u_n_seq");
  EXPECT_RUNS("RESET ROLE");
  EXPECT_SQL_ERROR(Run("INSERT INTO v VALUES (5, 5)"), "428C9", "cannot insert a non-DEFAULT value into column \"id\"");
  EXPECT_SQL_ERROR(Run("UPDATE v SET id = 9"), "428C9", "column \"id\" can only be updated to DEFAULT");
  EXPECT_ROWS("INSERT INTO v OVERRIDING SYSTEM VALUE VALUES (5, 5)", "INSERT 0 1");
  EXPECT_ROWS("INSERT INTO w VALUES (10), (20)", "INSERT 0 2");
  EXPECT_ROWS("SELECT * FROM u ORDER BY n", "1|10", "2|20", "SELECT 2");
}

TEST_F(ViewsTest, AreTemporaryWhereTheirTablesAre) {
  EXPECT_RUNS("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a FROM t;"
              "CREATE TEMP TABLE t (a int)");
  EXPECT_ROWS("SELECT a FROM v", "1", "SELECT 1");
  EXPECT_RUNS("CREATE VIEW w AS SELECT a FROM t; CREATE VIEW pg_temp.x AS SELECT 1 AS a");
  EXPECT_ROWS("SELECT relname, relpersistence FROM pg_class WHERE relname IN ('w', 'x') ORDER BY 1", "w|t", "x|t",
              "SELECT 2");
  EXPECT_SQL_ERROR(Run("CREATE VIEW public.y AS SELECT a FROM t"), "42P16",
                   "cannot create temporary relation in non-temporary schema");
  EXPECT_RUNS("CREATE TEMP TABLE v (a int); CREATE OR REPLACE VIEW v AS SELECT a FROM public.t WHERE a < 9");
  EXPECT_ROWS("SELECT a FROM v", "SELECT 0");
  EXPECT_ROWS("SELECT a FROM public.v", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("DROP VIEW v"), "42809", "\"v\" is not a view");
  EXPECT_SQL_ERROR(Run("ALTER VIEW public.v SET SCHEMA pg_temp"), "0A000", "into or out of temporary schemas");
  EXPECT_RUNS("DISCARD TEMP");
  EXPECT_ROWS("SELECT a FROM v", "1", "SELECT 1");
}

TEST_F(ViewsTest, FewRowsAreChangedThroughThemAgainAndAgain) {
  EXPECT_RUNS(
      "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v (k, x) AS SELECT id, a FROM t WHERE a < 100;"
      "PREPARE i AS INSERT INTO v VALUES ($1, $2) RETURNING k; PREPARE u AS UPDATE v SET x = x + $2 WHERE k = $1;"
      "PREPARE d AS DELETE FROM v WHERE k = $1");
  EXPECT_ROWS("EXECUTE i (1, 1)", "1", "INSERT 0 1");
  EXPECT_ROWS("EXECUTE i (2, 2)", "2", "INSERT 0 1");
  EXPECT_ROWS("EXECUTE u (1, 5)", "UPDATE 1");
  EXPECT_ROWS("EXECUTE u (1, 200)", "UPDATE 1");
  EXPECT_ROWS("EXECUTE u (1, 1)", "UPDATE 0");  // it has left the view
  EXPECT_RUNS("CREATE OR REPLACE VIEW v (k, x) AS SELECT id, a FROM t WHERE a < 1000");
  EXPECT_ROWS("EXECUTE u (1, 1)", "UPDATE 1");
  EXPECT_ROWS("EXECUTE d (2)", "DELETE 1");
  EXPECT_ROWS("SELECT * FROM v WHERE k = 1", "1|207", "SELECT 1");
  EXPECT_RUNS("CREATE ROLE bob; GRANT UPDATE, SELECT ON v TO bob; SET ROLE bob");
  EXPECT_ROWS("EXECUTE u (1, 1)", "UPDATE 1");
  EXPECT_SQL_ERROR(Run("EXECUTE d (1)"), "42501", "permission denied for view v");
  EXPECT_SQL_ERROR(Run("UPDATE t SET a = 1 WHERE id = 1"), "42501", "permission denied for table t");
}

TEST_F(ViewsTest, TheDialectOfDuckDbDoesNotReadAsTheirOwners) {
  EXPECT_RUNS("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE ROLE bob; GRANT SELECT ON v TO bob;"
              "SET ROLE bob");
  EXPECT_ROWS("SELECT a FROM v", "SELECT 0");
  EXPECT_RUNS("SET weir.dialect = duckdb");
  EXPECT_FALSE(Run("SELECT a FROM \"t\x01\"").ok());
  EXPECT_FALSE(Run("SELECT a FROM query_table('t' || chr(1))").ok());
}

TEST_F(ViewsTest, AndSequencesShowWhatTheyDependOn) {
  EXPECT_RUNS("CREATE TABLE t (id serial, a int); CREATE VIEW v AS SELECT a FROM t");
  EXPECT_ROWS("SELECT classid, deptype, refobjsubid FROM pg_depend WHERE refobjid = 't'::regclass "
              "ORDER BY 3, 1",
              "1259|a|1", "2604|a|1", "2618|n|2", "SELECT 3");
  EXPECT_ROWS("SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1", "t|r",
              "t_id_seq|S", "v|v", "SELECT 3");
  EXPECT_SQL_ERROR(Run("DROP TABLE v"), "42809", "\"v\" is not a table");
  EXPECT_SQL_ERROR(Run("DROP VIEW t_id_seq"), "42809", "\"t_id_seq\" is not a view");
  const auto drop = EXPECT_SQL_ERROR(Run("DROP SEQUENCE v"), "42809", "\"v\" is not a sequence");
  EXPECT_EQ(drop.hint, "Use DROP VIEW to remove a view.");
  EXPECT_RUNS("CREATE TABLE p (a int) PARTITION BY RANGE (a)");
  const auto attach = EXPECT_SQL_ERROR(Run("ALTER TABLE p ATTACH PARTITION v FOR VALUES FROM (1) TO (2)"), "42809",
                                       "ALTER action ATTACH PARTITION cannot be performed on relation \"v\"");
  EXPECT_EQ(attach.detail, "This operation is not supported for views.");
}

}  // namespace
}  // namespace weir::sql
