#include "tests/sql/catalog_testing.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {

using CatalogDraftTest = SessionTest;

TEST_F(CatalogDraftTest, OthersSeeABlocksTablesWhenItCommits) {
  auto other = Connect();
  EXPECT_RUNS(
      "BEGIN; CREATE TABLE r (k int) PARTITION BY RANGE (k); CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (0) TO (5);"
      "CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (5) TO (9) PARTITION BY LIST (k);"
      "CREATE TABLE r2a PARTITION OF r2 FOR VALUES IN (7)");
  EXPECT_SQL_ERROR(Run(*other, "SELECT * FROM r"), "42P01", "relation \"r\" does not exist");
  EXPECT_ROWS("COMMIT", "COMMIT");
  EXPECT_OK(Run(*other, "INSERT INTO r VALUES (1), (7)"));
  EXPECT_ROWS("SELECT k FROM r2a", "7", "SELECT 1");
}

TEST_F(CatalogDraftTest, PartitionsAreHeldAgainstThoseOfTheirBlock) {
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY HASH (k)");
  EXPECT_RUNS("CREATE TABLE r0 PARTITION OF r FOR VALUES WITH (MODULUS 4, REMAINDER 0)");
  for (const auto& [bound, message] : std::vector<std::pair<std::string, std::string>>{
           {"MODULUS 2, REMAINDER 1", "partition \"r2\" would overlap partition \"r1\""},
           {"MODULUS 6, REMAINDER 2", "every hash partition modulus must be a factor of the next larger modulus"}}) {
    EXPECT_RUNS("BEGIN; CREATE TABLE r1 PARTITION OF r FOR VALUES WITH (MODULUS 4, REMAINDER 1)");
    EXPECT_SQL_ERROR(Run("CREATE TABLE r2 PARTITION OF r FOR VALUES WITH (" + bound + ")"), "42P17", message);
    EXPECT_ROWS("COMMIT", "ROLLBACK");
  }
  EXPECT_RUNS("BEGIN; CREATE TABLE r1 PARTITION OF r FOR VALUES WITH (MODULUS 4, REMAINDER 1)");
  EXPECT_SQL_ERROR(Run("CREATE TABLE r1 (k int)"), "42P07", "relation \"r1\" already exists");
  EXPECT_ROWS("ROLLBACK", "ROLLBACK");
}

TEST_F(CatalogDraftTest, OtherStatementsOfTheBlockFindThem) {
  EXPECT_RUNS(
      "BEGIN; CREATE TABLE r (k int) PARTITION BY LIST (k); CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1);"
      "INSERT INTO r VALUES (1); CREATE TABLE r2 PARTITION OF r FOR VALUES IN (2); INSERT INTO r VALUES (2)");
  EXPECT_ROWS("SELECT k FROM r ORDER BY k", "1", "2", "SELECT 2");
  EXPECT_RUNS("CREATE TABLE c AS SELECT k + 1 AS k FROM r; CREATE TABLE IF NOT EXISTS c (x int)");
  EXPECT_ROWS("SELECT k FROM c ORDER BY k", "2", "3", "SELECT 2");
  EXPECT_ROWS("ROLLBACK", "ROLLBACK");
  for (const char* table : {"r", "r1", "r2", "c"}) {
    EXPECT_SQL_ERROR(Run(std::string("SELECT * FROM ") + table), "42P01", "does not exist");
  }
}

TEST_F(CatalogDraftTest, ASavepointForgetsThoseAfterIt) {
  EXPECT_RUNS(
      "BEGIN; CREATE TABLE r (k int) PARTITION BY LIST (k); SAVEPOINT s; CREATE TABLE r1 PARTITION OF r FOR VALUES IN "
      "(1);"
      "ROLLBACK TO s; CREATE TABLE r2 PARTITION OF r FOR VALUES IN (1); COMMIT");
  EXPECT_SQL_ERROR(Run("SELECT * FROM r1"), "42P01", "does not exist");
  EXPECT_RUNS("INSERT INTO r VALUES (1)");
  EXPECT_ROWS("SELECT k FROM r2", "1", "SELECT 1");
}

TEST_F(CatalogDraftTest, OthersWaitForANameThatIsGiven) {
  auto other = Connect();
  EXPECT_OK(Run(*other, "SET lock_timeout = '1ms'"));
  EXPECT_RUNS("BEGIN; CREATE TABLE mine (x int); CREATE TABLE t (x int)");
  EXPECT_SQL_ERROR(Run(*other, "CREATE TABLE t (y int)"), "55P03", "canceling statement due to lock timeout");
  EXPECT_OK(Run(*other, "CREATE TABLE unrelated (x int)"));
  EXPECT_RUNS("ROLLBACK");
  EXPECT_SQL_ERROR(Run("SELECT * FROM mine"), "42P01", "does not exist");
  EXPECT_OK(Run(*other, "CREATE TABLE t (y int)"));
  EXPECT_RUNS("BEGIN; CREATE TABLE s (k int) PARTITION BY LIST (k)");
  EXPECT_OK(Run(*other, "DROP TABLE unrelated"));
  EXPECT_ROWS("COMMIT", "COMMIT");
  EXPECT_ROWS("SELECT count(*) FROM s", "0", "SELECT 1");
}

TEST_F(CatalogDraftTest, RowsOfTheDefaultPartitionAreCheckedAtOnce) {
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY LIST (k); CREATE TABLE rd PARTITION OF r DEFAULT");
  EXPECT_RUNS("BEGIN; INSERT INTO r VALUES (1)");
  EXPECT_SQL_ERROR(Run("CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)"), "23514",
                   "updated partition constraint for default partition \"rd\" would be violated by some row");
  EXPECT_RUNS("ROLLBACK; BEGIN; CREATE TABLE r2 PARTITION OF r FOR VALUES IN (2); ROLLBACK");
  EXPECT_SQL_ERROR(Run("SELECT * FROM r2"), "42P01", "does not exist");
}

// --- every statement, given back ---

constexpr const char* kSetUp =
    "CREATE TABLE t (k int, v int) PARTITION BY LIST (k); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);"
    "CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2); CREATE TABLE alone (k int, v int); CREATE TABLE keyed (k int "
    "PRIMARY KEY);"
    "INSERT INTO t VALUES (1, 10), (2, 20); INSERT INTO alone VALUES (3, 30); INSERT INTO keyed VALUES (1);"
    "CREATE SCHEMA s; CREATE TABLE s.x (i int); INSERT INTO s.x VALUES (7)";

/// What sessions see: names, the trees, and how many rows.
constexpr const char* kNames =
    "SELECT n.nspname, c.relname, coalesce(pg_get_expr(c.relpartbound, c.oid), '-') FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'weir') ORDER BY 1, 2";

struct Ddl {
  std::string statement;
  std::string look;                   // a query that tells whether it was done
  std::vector<std::string> done = {};  // its answer then; empty: 42P01
};

std::vector<Ddl> EachDdl() {
  return {
      {"CREATE TABLE n (x int)", "SELECT count(*) FROM n", {"0", "SELECT 1"}},
      {"CREATE TABLE n AS SELECT 5 AS x", "SELECT x FROM n", {"5", "SELECT 1"}},
      {"CREATE TABLE t3 PARTITION OF t FOR VALUES IN (3); INSERT INTO t VALUES (3, 1)",
       "SELECT count(*) FROM t",
       {"3", "SELECT 1"}},
      {"CREATE TABLE td PARTITION OF t DEFAULT; INSERT INTO t VALUES (9, 1)", "SELECT v FROM td", {"1", "SELECT 1"}},
      {"CREATE TABLE n (k int) PARTITION BY LIST (k) (PARTITION a VALUES (1))",
       "SELECT count(*) FROM n",
       {"0", "SELECT 1"}},
      {"DROP TABLE alone", "SELECT * FROM alone"},
      {"DROP TABLE keyed", "SELECT * FROM keyed"},
      {"DROP TABLE t1", "SELECT v FROM t", {"20", "SELECT 1"}},
      {"DROP TABLE t", "SELECT * FROM t2"},
      {"ALTER TABLE t DETACH PARTITION t1", "SELECT v FROM t", {"20", "SELECT 1"}},
      {"ALTER TABLE t ATTACH PARTITION alone FOR VALUES IN (3)", "SELECT count(*) FROM t", {"3", "SELECT 1"}},
      {"TRUNCATE t", "SELECT count(*) FROM t", {"0", "SELECT 1"}},
      {"CREATE SCHEMA n; CREATE TABLE n.y (i int); INSERT INTO n.y VALUES (1)", "SELECT i FROM n.y", {"1", "SELECT 1"}},
      {"DROP SCHEMA s CASCADE", "SELECT i FROM s.x"},
      {"DROP SCHEMA s CASCADE; CREATE SCHEMA s; CREATE TABLE s.x (i text)",
       "SELECT count(*) FROM s.x",
       {"0", "SELECT 1"}},
      {"DROP TABLE alone; CREATE TABLE alone AS SELECT 'new' AS w", "SELECT w FROM alone", {"new", "SELECT 1"}},
      {"ALTER TABLE t DETACH PARTITION t1; DROP TABLE t1; CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1, 4);"
       "INSERT INTO t VALUES (4, 40)",
       "SELECT v FROM t ORDER BY 1",
       {"20", "40", "SELECT 2"}},
  };
}

class EachDdlTest : public CatalogDraftTest {
 protected:
  void ExpectDone(const Ddl& ddl) {
    if (ddl.done.empty()) {
      EXPECT_FALSE(Run(ddl.look).ok()) << ddl.statement;
    } else {
      EXPECT_EQ(Get(Run(ddl.look)), ddl.done) << ddl.statement;
    }
  }
  /// What a session sees of everything that the statements change.
  std::vector<std::string> All(Session& from) {
    std::vector<std::string> lines = Names(from);
    for (const char* query : kQueries) {
      const auto rows = Run(from, query);
      lines.push_back(rows.ok() ? std::string() : FieldsOf(rows.status()).message);
      if (rows.ok()) lines.insert(lines.end(), rows->begin(), rows->end());
    }
    return lines;
  }
  std::vector<std::string> Names(Session& from) {
    std::vector<std::string> lines = Get(Run(from, kNames));
    for (const std::string& table : Get(gateway->ListTables("fluss"))) lines.push_back("Fluss: " + table);
    return lines;
  }
  /// Another session finds the old rows, or waits for the lock of the one that changes them.
  void ExpectUnseen(Session& other, const std::vector<Result<std::vector<std::string>>>& before,
                    const std::string& ddl) {
    for (size_t i = 0; i < before.size(); ++i) {
      const auto rows = Run(other, kQueries[i]);
      if (rows.ok()) {
        EXPECT_EQ(*rows, Get(before[i])) << ddl;
      } else {
        EXPECT_SQL_ERROR(rows, "55P03", "canceling statement due to lock timeout");
      }
    }
  }

  static constexpr const char* kQueries[] = {"SELECT v FROM t ORDER BY v", "SELECT v FROM alone",
                                             "SELECT k FROM keyed", "SELECT i FROM s.x"};
};

TEST_F(EachDdlTest, IsSeenByItsBlockAloneAndGivenBack) {
  EXPECT_RUNS(kSetUp);
  auto other = Connect();
  EXPECT_OK(Run(*other, "SET lock_timeout = '1ms'"));
  const auto before = All(*other);
  const auto names = Names(*other);
  std::vector<Result<std::vector<std::string>>> rows;
  for (const char* query : kQueries) rows.push_back(Run(*other, query));
  for (const Ddl& ddl : EachDdl()) {
    EXPECT_RUNS("BEGIN; " + ddl.statement);
    ExpectDone(ddl);
    EXPECT_EQ(Names(*other), names) << ddl.statement;
    ExpectUnseen(*other, rows, ddl.statement);
    EXPECT_RUNS("ROLLBACK");
    EXPECT_EQ(All(*other), before) << ddl.statement;
    EXPECT_EQ(All(*session), before) << ddl.statement;
  }
}

TEST_F(EachDdlTest, IsGivenBackToASavepoint) {
  EXPECT_RUNS(kSetUp);
  EXPECT_RUNS("BEGIN; CREATE TABLE first (i int); INSERT INTO first VALUES (1)");
  const auto before = All(*session);
  for (const Ddl& ddl : EachDdl()) {
    EXPECT_RUNS("SAVEPOINT a; " + ddl.statement);
    ExpectDone(ddl);
    EXPECT_RUNS("ROLLBACK TO a");
    EXPECT_EQ(All(*session), before) << ddl.statement;
  }
  EXPECT_RUNS("COMMIT");
  EXPECT_ROWS("SELECT i FROM first", "1", "SELECT 1");
  EXPECT_EQ(Get(Run(kNames)), Get(Run(*Connect(), kNames)));
}

TEST_F(EachDdlTest, IsThereForAllOnceCommitted) {
  for (const Ddl& ddl : EachDdl()) {
    TempDirectory fresh;
    Reopen(fresh.path());
    EXPECT_RUNS(kSetUp);
    EXPECT_RUNS("BEGIN; " + ddl.statement + "; COMMIT");
    ExpectDone(ddl);
    const auto names = Get(Run(kNames));
    Reopen(fresh.path());
    ExpectDone(ddl);
    EXPECT_EQ(Get(Run(kNames)), names) << ddl.statement;
    session.reset();
    database.reset();
    EXPECT_OK(gateway->Close());
  }
}

// --- what a draft is to its own block ---

TEST_F(CatalogDraftTest, ADroppedLeafTakesNoRows) {
  EXPECT_RUNS("CREATE TABLE t (k int) PARTITION BY LIST (k); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)");
  EXPECT_RUNS("BEGIN; DROP TABLE t1");
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (1)"), "23514", "no partition of relation \"t\" found for row");
  EXPECT_RUNS("ROLLBACK; INSERT INTO t VALUES (1)");
  EXPECT_ROWS("SELECT count(*) FROM t1", "1", "SELECT 1");
}

TEST_F(CatalogDraftTest, RowsOfADroppedTableGoWithIt) {
  EXPECT_RUNS(
      "CREATE TABLE a (i int); CREATE TABLE b (i int PRIMARY KEY); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)");
  EXPECT_RUNS(
      "BEGIN; INSERT INTO a VALUES (2); DELETE FROM a WHERE i = 1; UPDATE b SET i = 5; SAVEPOINT s;"
      "DROP TABLE a; DROP TABLE b; ROLLBACK TO s");
  EXPECT_ROWS("SELECT i FROM a", "2", "SELECT 1");
  EXPECT_RUNS("DROP TABLE a; DROP TABLE b; CREATE TABLE a (j int); INSERT INTO a VALUES (9); COMMIT");
  EXPECT_ROWS("SELECT j FROM a", "9", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT * FROM b"), "42P01", "does not exist");
}

TEST_F(CatalogDraftTest, AnExchangeThatFailsLeavesTheTreeWhole) {
  EXPECT_RUNS(
      "CREATE TABLE e (k int, v int) PARTITION BY RANGE (k); CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO "
      "(10);"
      "INSERT INTO e VALUES (1, 1), (2, 2)");
  const std::string exchange =
      "ALTER TABLE e DETACH PARTITION e1; CREATE TABLE e2 (k int, v int); INSERT INTO e2 SELECT k + 8, v FROM e1; ";
  EXPECT_RUNS("BEGIN; " + exchange);
  EXPECT_SQL_ERROR(Run("ALTER TABLE e ATTACH PARTITION e2 FOR VALUES FROM (0) TO (10)"), "23514",
                   "partition constraint of relation \"e2\" is violated by some row");
  EXPECT_ROWS("COMMIT", "ROLLBACK");
  EXPECT_ROWS("SELECT v FROM e ORDER BY v", "1", "2", "SELECT 2");
  EXPECT_RUNS("BEGIN; " + exchange + "ALTER TABLE e ATTACH PARTITION e2 FOR VALUES FROM (0) TO (20); COMMIT");
  EXPECT_ROWS("SELECT k FROM e ORDER BY k", "9", "10", "SELECT 2");
  EXPECT_ROWS("SELECT count(*) FROM e1", "2", "SELECT 1");
}

TEST_F(CatalogDraftTest, WhatCannotBeTakenBackIsRefusedInABlock) {
  EXPECT_RUNS(
      "CREATE DATABASE d; CREATE TABLE t (k int) PARTITION BY LIST (k); CREATE TABLE t1 PARTITION OF t FOR VALUES IN "
      "(1)");
  for (const auto& [statement, name] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE DATABASE e", "CREATE DATABASE"},
           {"DROP DATABASE d", "DROP DATABASE"},
           {"VACUUM", "VACUUM"},
           {"ALTER TABLE t DETACH PARTITION t1 CONCURRENTLY", "ALTER TABLE ... DETACH CONCURRENTLY"}}) {
    EXPECT_RUNS("BEGIN");
    EXPECT_SQL_ERROR(Run(statement), "25001", name + " cannot run inside a transaction block");
    EXPECT_ROWS("ROLLBACK", "ROLLBACK");
  }
  EXPECT_RUNS("DROP DATABASE d; VACUUM; ALTER TABLE t DETACH PARTITION t1 CONCURRENTLY");
}

TEST_F(CatalogDraftTest, OthersWaitForWhatIsDoneToASchema) {
  auto other = Connect();
  EXPECT_OK(Run(*other, "SET lock_timeout = '1ms'"));
  const auto waits = [&](const std::string& own, const std::string& others) {
    EXPECT_RUNS("BEGIN; " + own);
    EXPECT_SQL_ERROR(Run(*other, others), "55P03", "canceling statement due to lock timeout");
    EXPECT_RUNS("ROLLBACK");
    EXPECT_OK(Run(*other, others));
  };
  waits("CREATE SCHEMA s", "CREATE SCHEMA s");
  waits("DROP SCHEMA s", "CREATE TABLE s.x (i int)");
  waits("CREATE TABLE s.y (i int)", "DROP SCHEMA s CASCADE");
}

/// Drafts that no locks keep apart: of other processes, or of a session that has looked before it waited.
class DraftsTest : public CatalogFixture {};

TEST_F(DraftsTest, TheSecondOfTwoThatDoNotGoTogetherIsRefused) {
  Run("CREATE TABLE r (k int) PARTITION BY RANGE (k)");
  const auto refused = [&](const std::string& first, const std::string& second) {
    const auto draft = catalog_->NewDraft();
    EXPECT_THAT(RunOn(draft.get(), second), testing::Not(testing::StartsWith("ERROR")));
    EXPECT_THAT(Run(first), testing::Not(testing::StartsWith("ERROR")));
    EXPECT_THAT(Commit(draft.get()), testing::StartsWith("ERROR 40001")) << first << " and " << second;
  };
  refused("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (4) TO (9)",
          "CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (0) TO (5)");
  refused("CREATE TABLE rd PARTITION OF r DEFAULT", "CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (0) TO (3)");
  refused("CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (0) TO (3)",
          "CREATE TABLE r3 PARTITION OF r FOR VALUES FROM (9) TO (12)");
  refused("CREATE TABLE r3 PARTITION OF r FOR VALUES FROM (9) TO (12)", "DROP TABLE r");
  refused("ALTER TABLE r DETACH PARTITION r3", "DROP TABLE r3");
  refused("DROP TABLE r3", "ALTER TABLE r ATTACH PARTITION r3 FOR VALUES FROM (20) TO (30)");
  refused("DROP TABLE r", "CREATE TABLE r3 PARTITION OF r FOR VALUES FROM (40) TO (50)");
}

TEST_F(DraftsTest, ThoseThatGoTogetherAreCommitted) {
  Run("CREATE TABLE r (k int) PARTITION BY LIST (k)");
  const auto one = catalog_->NewDraft();
  const auto two = catalog_->NewDraft();
  RunOn(one.get(), "CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)");
  RunOn(two.get(), "CREATE TABLE r2 PARTITION OF r FOR VALUES IN (2)");
  RunOn(two.get(), "CREATE TABLE alone (i int)");
  EXPECT_EQ(Commit(two.get()), "");
  EXPECT_EQ(Commit(one.get()), "");
  EXPECT_EQ(ChildrenOf("r")->relations.size(), 2);
}

TEST_F(CatalogDraftTest, FlussTablesAreDroppedAndAttachedInABlock) {
  TableSpec spec;
  spec.columns = {{"k", DataType::Int()}};
  MakeTable(*gateway, "foreign_one", spec);
  EXPECT_RUNS("CREATE TABLE t (k int) PARTITION BY LIST (k)");
  EXPECT_RUNS("BEGIN; ALTER TABLE t ATTACH PARTITION foreign_one FOR VALUES IN (1); INSERT INTO t VALUES (1)");
  EXPECT_ROWS("SELECT count(*) FROM foreign_one", "1", "SELECT 1");
  EXPECT_RUNS("ROLLBACK; BEGIN; DROP TABLE foreign_one; ROLLBACK");
  EXPECT_ROWS("SELECT count(*) FROM foreign_one", "0", "SELECT 1");
  EXPECT_RUNS("BEGIN; DROP TABLE foreign_one; COMMIT");
  EXPECT_FALSE(Get(gateway->TableExists({"fluss", "foreign_one"})));
}

TEST_F(CatalogDraftTest, ATableThatAFlussClientHasMadeMeanwhile) {
  EXPECT_RUNS("CREATE TABLE b (i int); BEGIN; CREATE TABLE c (i int); INSERT INTO c VALUES (1); DROP TABLE b");
  MakeLog(*gateway, "c");
  EXPECT_SQL_ERROR(Run("COMMIT"), "40001", "concurrent changes");
  EXPECT_ROWS("SELECT count(*) FROM b", "0", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM c", "0", "SELECT 1");
}

TEST_F(CatalogDraftTest, AFlussClientDropsNoTableOfAnOpenTransaction) {
  EXPECT_RUNS("CREATE TABLE a (i int); BEGIN; INSERT INTO a VALUES (1)");
  EXPECT_EQ(gateway->DropTable({"fluss", "a"}, false).Wait().status().code(), ErrorCode::kAuthorization);
  EXPECT_RUNS("COMMIT");
  EXPECT_ROWS("SELECT i FROM a", "1", "SELECT 1");
}

TEST_F(CatalogDraftTest, ItsTablesHaveNoNameForFlussClients) {
  EXPECT_RUNS("BEGIN; CREATE TABLE a (i int PRIMARY KEY); INSERT INTO a VALUES (1)");
  EXPECT_THAT(Get(gateway->ListTables("fluss")), testing::IsEmpty());
  EXPECT_FALSE(gateway->GetTableInfo({"fluss", "a"}).Wait().ok());
  for (int64_t id = 2; id < 5; ++id) {
    const auto info = gateway->GetTableInfoById(id).Wait();
    EXPECT_TRUE(!info.ok() || info->path.table != "a") << id;
  }
  EXPECT_RUNS("COMMIT");
  EXPECT_THAT(Get(gateway->ListTables("fluss")), testing::ElementsAre("a"));
  EXPECT_ROWS("SELECT i FROM a", "1", "SELECT 1");
}

}  // namespace weir::sql
