#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

/// Statements of few rows, run again and again with other values and over other tables.
class DirectPlanTest : public SessionTest {
 protected:
  using Lines = std::vector<std::string>;

  Result<Lines> Execute(const std::shared_ptr<PreparedStatement>& prepared, const std::vector<ParameterValue>& values) {
    WEIR_ASSIGN_OR_RETURN(auto result, session->Execute(prepared, values));
    Lines lines;
    WEIR_RETURN_NOT_OK(Collect(*result, &lines));
    return lines;
  }
  std::shared_ptr<PreparedStatement> Prepare(const std::string& text, const std::vector<uint32_t>& types = {}) {
    return Get(session->Prepare(text, types));
  }
};

constexpr uint32_t kInt2 = 21, kInt4 = 23, kInt8 = 20;

TEST_F(DirectPlanTest, ARowIsFoundByItsKeyWhateverIntegerTheParameterIs) {
  EXPECT_RUNS(
      "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 1000) i");
  for (const uint32_t type : {kInt2, kInt4, kInt8}) {
    const auto prepared = Prepare("SELECT v, id + 1 FROM t WHERE id = $1 AND v <> 'v8'", {type});
    EXPECT_EQ(Get(Execute(prepared, {"7"})), (Lines{"v7|8", "SELECT 1"}));
    EXPECT_EQ(Get(Execute(prepared, {"8"})), Lines{"SELECT 0"});
    EXPECT_EQ(Get(Execute(prepared, {"-1"})), Lines{"SELECT 0"});
    EXPECT_EQ(Get(Execute(prepared, {std::nullopt})), Lines{"SELECT 0"});
    EXPECT_EQ(Get(Execute(prepared, {"1000"})), (Lines{"v1000|1001", "SELECT 1"}));
  }
  const auto wide = Prepare("SELECT v FROM t WHERE $1 = id", {kInt8});
  EXPECT_EQ(Get(Execute(wide, {"4294967303"})), Lines{"SELECT 0"});  // 7, but for its high bits
  EXPECT_ROWS("SELECT v FROM t WHERE id = 3 AND id = 4", "SELECT 0");
  EXPECT_ROWS("SELECT v FROM t WHERE id = 2 + 1", "v3", "SELECT 1");
}

TEST_F(DirectPlanTest, KeysOfSeveralColumnsAndTypes) {
  EXPECT_RUNS("CREATE TABLE k (a text, b date, c numeric(10, 2), d uuid, v int, PRIMARY KEY (a, b, c));"
              "INSERT INTO k VALUES ('x', '2024-02-29', 1.50, NULL, 1), ('x', '2024-02-29', 1.51, NULL, 2)");
  const auto prepared = Prepare("SELECT v FROM k WHERE c = $3 AND a = $1 AND b = $2");
  EXPECT_EQ(Get(Execute(prepared, {"x", "2024-02-29", "1.5"})), (Lines{"1", "SELECT 1"}));
  EXPECT_EQ(Get(Execute(prepared, {"x", "2024-02-29", "1.510"})), (Lines{"2", "SELECT 1"}));
  EXPECT_EQ(Get(Execute(prepared, {"x", "2024-02-28", "1.5"})), Lines{"SELECT 0"});
}

TEST_F(DirectPlanTest, ChangesByKey) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL CHECK (n < 100), s text DEFAULT 'new')");
  const auto insert = Prepare("INSERT INTO t (id, n) VALUES ($1, $2), ($1 + 1, $2 + 1) RETURNING id, n, s");
  EXPECT_EQ(Get(Execute(insert, {"1", "10"})), (Lines{"1|10|new", "2|11|new", "INSERT 0 2"}));
  EXPECT_EQ(Get(Execute(insert, {"5", "50"})), (Lines{"5|50|new", "6|51|new", "INSERT 0 2"}));
  EXPECT_SQL_ERROR(Execute(insert, {"2", "7"}), "23505", "t_pkey");
  EXPECT_SQL_ERROR(Execute(insert, {"20", "100"}), "23514", "t_n_check");
  const auto update = Prepare("UPDATE t SET n = n + $2, s = DEFAULT WHERE id = $1");
  EXPECT_EQ(Get(Execute(update, {"1", "5"})), Lines{"UPDATE 1"});
  EXPECT_EQ(Get(Execute(update, {"9", "5"})), Lines{"UPDATE 0"});
  EXPECT_SQL_ERROR(Execute(update, {"1", "90"}), "23514", "t_n_check");
  EXPECT_SQL_ERROR(Execute(update, {"1", std::nullopt}), "23502", "null value in column \"n\"");
  EXPECT_ROWS("UPDATE t SET id = 3 WHERE id = 2 RETURNING id, n", "3|11", "UPDATE 1");
  EXPECT_SQL_ERROR(Run("UPDATE t SET id = 5 WHERE id = 3"), "23505", "t_pkey");
  const auto remove = Prepare("DELETE FROM t WHERE id = $1 RETURNING n");
  EXPECT_EQ(Get(Execute(remove, {"3"})), (Lines{"11", "DELETE 1"}));
  EXPECT_EQ(Get(Execute(remove, {"3"})), Lines{"DELETE 0"});
  EXPECT_ROWS("SELECT id, n FROM t ORDER BY id", "1|15", "5|50", "6|51", "SELECT 3");
}

TEST_F(DirectPlanTest, ABlockSeesItsOwnRows) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int)");
  const auto select = Prepare("SELECT n FROM t WHERE id = $1");
  const auto update = Prepare("UPDATE t SET n = n + 1 WHERE id = $1");
  EXPECT_RUNS("BEGIN; INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(Get(Execute(update, {"1"})), Lines{"UPDATE 1"});
  EXPECT_EQ(Get(Execute(update, {"1"})), Lines{"UPDATE 1"});
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"3", "SELECT 1"}));
  EXPECT_RUNS("SAVEPOINT s");
  EXPECT_EQ(Get(Execute(update, {"1"})), Lines{"UPDATE 1"});
  EXPECT_RUNS("ROLLBACK TO s");
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"3", "SELECT 1"}));
  EXPECT_RUNS("ROLLBACK");
  EXPECT_EQ(Get(Execute(select, {"1"})), Lines{"SELECT 0"});
}

TEST_F(DirectPlanTest, PartitionsAreFoundByTheKey) {
  EXPECT_RUNS("CREATE TABLE p (id int, day date, n int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
              "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');"
              "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');"
              "INSERT INTO p VALUES (1, '2024-01-05', 10), (1, '2024-02-05', 20)");
  const auto select = Prepare("SELECT n, tableoid::regclass::text FROM p WHERE id = $1 AND day = $2");
  EXPECT_EQ(Get(Execute(select, {"1", "2024-02-05"})), (Lines{"20|p2", "SELECT 1"}));
  EXPECT_EQ(Get(Execute(select, {"1", "2024-05-05"})), Lines{"SELECT 0"});
  const auto move = Prepare("UPDATE p SET day = day + $3::int WHERE id = $1 AND day = $2");
  EXPECT_SQL_ERROR(Execute(move, {"1", "2024-01-05", "31"}), "23505", "p2_pkey");
  EXPECT_EQ(Get(Execute(move, {"1", "2024-01-05", "32"})), Lines{"UPDATE 1"});
  EXPECT_EQ(Get(Execute(select, {"1", "2024-02-06"})), (Lines{"10|p2", "SELECT 1"}));
  EXPECT_RUNS("CREATE TABLE p3 PARTITION OF p FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')");
  const auto insert = Prepare("INSERT INTO p VALUES ($1, $2, 1)");
  EXPECT_EQ(Get(Execute(insert, {"3", "2024-03-03"})), Lines{"INSERT 0 1"});
  EXPECT_SQL_ERROR(Execute(insert, {"3", "2025-03-03"}), "23514", "no partition of relation \"p\" found for row");
  EXPECT_EQ(Get(Execute(select, {"3", "2024-03-03"})), (Lines{"1|p3", "SELECT 1"}));
}

TEST_F(DirectPlanTest, FollowsItsTable) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)");
  const auto select = Prepare("SELECT n FROM t WHERE id = $1");
  const auto insert = Prepare("INSERT INTO t (id, n) VALUES ($1, 5)");
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"1", "SELECT 1"}));
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN s text NOT NULL DEFAULT 'x'; ALTER TABLE t ADD CHECK (id < 100)");
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"1", "SELECT 1"}));
  EXPECT_EQ(Get(Execute(insert, {"2"})), Lines{"INSERT 0 1"});
  EXPECT_SQL_ERROR(Execute(insert, {"200"}), "23514", "violates check constraint");
  EXPECT_ROWS("SELECT * FROM t WHERE id = 2", "2|5|x", "SELECT 1");
  EXPECT_RUNS("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 7)");
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"7", "SELECT 1"}));
  EXPECT_RUNS("DROP TABLE t");
  EXPECT_SQL_ERROR(Execute(select, {"1"}), "42P01", "relation \"t\" does not exist");
}

TEST_F(DirectPlanTest, FollowsWhatTheSessionMayDo) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1); CREATE USER reader;"
              "GRANT SELECT ON t TO reader; SET ROLE reader");
  const auto select = Prepare("SELECT n FROM t WHERE id = $1");
  EXPECT_EQ(Get(Execute(select, {"1"})), (Lines{"1", "SELECT 1"}));
  EXPECT_SQL_ERROR(Run("UPDATE t SET n = 2 WHERE id = 1"), "42501", "permission denied for table t");
  EXPECT_RUNS("RESET ROLE; REVOKE SELECT ON t FROM reader; SET ROLE reader");
  EXPECT_SQL_ERROR(Execute(select, {"1"}), "42501", "permission denied for table t");
}

TEST_F(DirectPlanTest, SettingsAndMomentsAreThoseOfTheRun) {
  const auto zone = Prepare("SELECT '2024-07-01 12:00+00'::timestamptz::text, current_setting('TimeZone')");
  EXPECT_RUNS("SET TimeZone = 'UTC'");
  EXPECT_EQ(Get(Execute(zone, {})), (Lines{"2024-07-01 12:00:00+00|UTC", "SELECT 1"}));
  EXPECT_RUNS("SET TimeZone = 'Europe/Berlin'");
  EXPECT_EQ(Get(Execute(zone, {})), (Lines{"2024-07-01 14:00:00+02|Europe/Berlin", "SELECT 1"}));
  const auto now = Prepare("SELECT now()::text");
  const Lines first = Get(Execute(now, {}));
  EXPECT_NE(Get(Execute(now, {})), first);
  EXPECT_RUNS("BEGIN");
  const Lines begun = Get(Execute(now, {}));
  EXPECT_EQ(Get(Execute(now, {})), begun);
}

TEST_F(DirectPlanTest, AnErrorIsOfItsRunOnly) {
  const auto divide = Prepare("SELECT 10 / $1", {kInt4});
  EXPECT_EQ(Get(Execute(divide, {"5"})), (Lines{"2", "SELECT 1"}));
  EXPECT_SQL_ERROR(Execute(divide, {"0"}), "22012", "division by zero");
  EXPECT_EQ(Get(Execute(divide, {"2"})), (Lines{"5", "SELECT 1"}));
  EXPECT_ROWS("SELECT 1 WHERE false", "SELECT 0");
  EXPECT_ROWS("SELECT (SELECT 4), EXISTS (SELECT 1)", "4|true", "SELECT 1");
}

}  // namespace
}  // namespace weir::sql
