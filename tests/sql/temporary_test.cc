#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

class TemporaryTest : public SessionTest {
 protected:
  std::string State(const std::string& text) {
    const auto ran = Run(text);
    return ran.ok() ? "" : FieldsOf(ran.status()).sqlstate + " " + FieldsOf(ran.status()).message;
  }
  std::vector<std::string> Databases() { return Get(gateway->ListDatabases()); }
};

TEST_F(TemporaryTest, AreTheSessionsOwn) {
  EXPECT_RUNS("CREATE TEMP TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  EXPECT_ROWS("SELECT * FROM t ORDER BY a", "1|x", "2|y", "SELECT 2");
  auto other = Connect();
  EXPECT_SQL_ERROR(Run(*other, "SELECT * FROM t"), "42P01", "relation \"t\" does not exist");
  EXPECT_OK(Run(*other, "CREATE TEMPORARY TABLE t (c int); INSERT INTO t VALUES (7)"));
  EXPECT_ROWS("SELECT * FROM t WHERE a = 1", "1|x", "SELECT 1");
}

TEST_F(TemporaryTest, HideTablesOfTheirName) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (2)");
  EXPECT_ROWS("SELECT a FROM t", "2", "SELECT 1");
  EXPECT_ROWS("SELECT a FROM pg_temp.t", "2", "SELECT 1");
  EXPECT_ROWS("SELECT a FROM public.t", "1", "SELECT 1");
  EXPECT_ROWS("SELECT relpersistence FROM pg_class WHERE oid = 't'::regclass", "t", "SELECT 1");
  EXPECT_ROWS("SELECT 'public.t'::regclass::text, 't'::regclass::text", "public.t|t", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM pg_class WHERE relname = 't' AND pg_table_is_visible(oid)", "1", "SELECT 1");
  EXPECT_RUNS("UPDATE t SET a = 3; TRUNCATE t; DROP TABLE t");
  EXPECT_ROWS("SELECT a FROM t", "1", "SELECT 1");
}

TEST_F(TemporaryTest, GoWithTheSession) {
  EXPECT_RUNS("CREATE TABLE kept (a int); CREATE TEMP TABLE t (a int PRIMARY KEY) PARTITION BY RANGE (a);"
              "CREATE TEMP TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); INSERT INTO t VALUES (1)");
  EXPECT_EQ(Databases().size(), 3u);
  session.reset();
  EXPECT_EQ(Databases(), (std::vector<std::string>{"fluss", "weir"}));
  session = Connect();
  EXPECT_SQL_ERROR(Run("SELECT * FROM t"), "42P01", "relation \"t\" does not exist");
  EXPECT_ROWS("SELECT * FROM kept", "SELECT 0");
}

TEST_F(TemporaryTest, AreTransactional) {
  EXPECT_RUNS("BEGIN; CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1); ROLLBACK");
  EXPECT_EQ(State("SELECT * FROM t"), "42P01 relation \"t\" does not exist");
  EXPECT_RUNS(
      "BEGIN; CREATE TEMP TABLE t (a int); SAVEPOINT s; DROP TABLE t; ROLLBACK TO s; INSERT INTO t VALUES (1); COMMIT");
  EXPECT_ROWS("SELECT * FROM t", "1", "SELECT 1");
  EXPECT_EQ(State("CREATE TEMP TABLE t (a int)"), "42P07 relation \"t\" already exists");
  EXPECT_RUNS("CREATE TEMP TABLE IF NOT EXISTS t (a int); DISCARD TEMP");
  EXPECT_EQ(State("SELECT * FROM t"), "42P01 relation \"t\" does not exist");
}

TEST_F(TemporaryTest, DoWhatOnCommitSays) {
  EXPECT_RUNS(
      "CREATE TEMP TABLE emptied (a int) ON COMMIT DELETE ROWS; CREATE TEMP TABLE kept (a int) ON COMMIT PRESERVE "
      "ROWS");
  EXPECT_RUNS("BEGIN; INSERT INTO emptied VALUES (1); INSERT INTO kept VALUES (1)");
  EXPECT_ROWS("SELECT count(*) FROM emptied", "1", "SELECT 1");
  EXPECT_RUNS("COMMIT");
  EXPECT_ROWS("SELECT (SELECT count(*) FROM emptied), (SELECT count(*) FROM kept)", "0|1", "SELECT 1");
  EXPECT_RUNS("BEGIN; CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT 5 AS a");
  EXPECT_ROWS("SELECT a FROM gone", "5", "SELECT 1");
  EXPECT_RUNS("COMMIT");
  EXPECT_EQ(State("SELECT a FROM gone"), "42P01 relation \"gone\" does not exist");
  EXPECT_EQ(State("CREATE TABLE p (a int) ON COMMIT DROP"), "42P16 ON COMMIT can only be used on temporary tables");
}

TEST_F(TemporaryTest, TreesAreTemporaryAsAWhole) {
  EXPECT_RUNS("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TEMP TABLE t (a int) PARTITION BY LIST (a)");
  EXPECT_EQ(State("CREATE TEMP TABLE p1 PARTITION OF p DEFAULT"),
            "42809 cannot create a temporary relation as partition of permanent relation \"p\"");
  EXPECT_EQ(State("CREATE TABLE t1 PARTITION OF t DEFAULT"),
            "42809 cannot create a permanent relation as partition of temporary relation \"t\"");
  EXPECT_RUNS("CREATE TABLE p2 (a int); CREATE TEMP TABLE t2 (a int)");
  EXPECT_EQ(State("ALTER TABLE p ATTACH PARTITION t2 DEFAULT"),
            "42809 cannot attach a temporary relation as partition of permanent relation \"p\"");
  EXPECT_EQ(State("ALTER TABLE t ATTACH PARTITION p2 DEFAULT"),
            "42809 cannot attach a permanent relation as partition of temporary relation \"t\"");
  EXPECT_RUNS("ALTER TABLE t ATTACH PARTITION t2 DEFAULT; INSERT INTO t VALUES (1)");
  EXPECT_ROWS("SELECT tableoid::regclass::text, a FROM t", "t2|1", "SELECT 1");
}

TEST_F(TemporaryTest, AreNamedByTheirSchema) {
  EXPECT_RUNS("CREATE TABLE pg_temp.t (a int)");
  EXPECT_ROWS("SELECT relpersistence FROM pg_class WHERE relname = 't'", "t", "SELECT 1");
  EXPECT_EQ(State("CREATE TEMP TABLE public.u (a int)"),
            "42P16 cannot create temporary relation in non-temporary schema");
  EXPECT_EQ(State("CREATE UNLOGGED TABLE pg_temp.u (a int)"),
            "42P16 only temporary relations may be created in temporary schemas");
  EXPECT_RUNS("DROP TABLE pg_temp.t");
}

TEST_F(TemporaryTest, OfSessionsThatDidNotEndGoAtTheNextStart) {
  Get(gateway->CreateDatabase("pg_temp_00000000", {}, false));
  EXPECT_RUNS("CREATE TABLE pg_temp_00000000.left (a int)");
  session.reset();
  database.reset();
  database = Get(Database::Open(gateway));
  session = Connect();
  EXPECT_EQ(Databases(), (std::vector<std::string>{"fluss", "weir"}));
}

}  // namespace
}  // namespace weir::sql
