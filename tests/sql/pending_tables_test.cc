#include "tests/sql/session_testing.h"

namespace weir::sql {

using PendingTablesTest = SessionTest;

TEST_F(PendingTablesTest, OthersSeeABlocksTablesWhenItCommits) {
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

TEST_F(PendingTablesTest, PartitionsAreHeldAgainstThoseOfTheirBlock) {
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

TEST_F(PendingTablesTest, OtherStatementsOfTheBlockFindThem) {
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

TEST_F(PendingTablesTest, ASavepointForgetsThoseAfterIt) {
  EXPECT_RUNS(
      "BEGIN; CREATE TABLE r (k int) PARTITION BY LIST (k); SAVEPOINT s; CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1);"
      "ROLLBACK TO s; CREATE TABLE r2 PARTITION OF r FOR VALUES IN (1); COMMIT");
  EXPECT_SQL_ERROR(Run("SELECT * FROM r1"), "42P01", "does not exist");
  EXPECT_RUNS("INSERT INTO r VALUES (1)");
  EXPECT_ROWS("SELECT k FROM r2", "1", "SELECT 1");
}

TEST_F(PendingTablesTest, ABlockThatOthersWereFasterThanMakesNothing) {
  auto other = Connect();
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY RANGE (k)");
  const auto refused = [&](const std::string& own, const std::string& others) {
    EXPECT_RUNS("BEGIN; CREATE TABLE mine (x int); " + own);
    EXPECT_OK(Run(*other, others));
    EXPECT_SQL_ERROR(Run("COMMIT"), "40001", "due to concurrent changes");
    EXPECT_EQ(session->transaction_status(), TransactionStatus::kIdle);
    EXPECT_SQL_ERROR(Run("SELECT * FROM mine"), "42P01", "does not exist");
  };
  refused("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (0) TO (5)",
          "CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (4) TO (9)");
  refused("CREATE TABLE t (x int)", "CREATE TABLE t (y int)");
  refused("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (0) TO (3)", "CREATE TABLE rd PARTITION OF r DEFAULT");
  EXPECT_RUNS("BEGIN; CREATE TABLE s (k int) PARTITION BY LIST (k)");
  EXPECT_OK(Run(*other, "CREATE TABLE unrelated (x int)"));
  EXPECT_ROWS("COMMIT", "COMMIT");
  EXPECT_ROWS("SELECT count(*) FROM s", "0", "SELECT 1");
}

TEST_F(PendingTablesTest, RowsOfTheDefaultPartitionAreCheckedAtOnce) {
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY LIST (k); CREATE TABLE rd PARTITION OF r DEFAULT");
  EXPECT_RUNS("BEGIN; INSERT INTO r VALUES (1)");
  EXPECT_SQL_ERROR(Run("CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)"), "23514",
                   "updated partition constraint for default partition \"rd\" would be violated by some row");
  EXPECT_RUNS("ROLLBACK; BEGIN; CREATE TABLE r2 PARTITION OF r FOR VALUES IN (2); ROLLBACK");
  EXPECT_SQL_ERROR(Run("SELECT * FROM r2"), "42P01", "does not exist");
}

}  // namespace weir::sql
