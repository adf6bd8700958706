#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

TEST_F(SessionTest, ATransactionIsSeenByOthersWhenItCommits) {
  EXPECT_RUNS("CREATE TABLE a (x int); CREATE TABLE b (x int)");
  auto other = Connect();
  EXPECT_RUNS("BEGIN; INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)");
  EXPECT_EQ(session->transaction_status(), TransactionStatus::kInTransaction);
  EXPECT_ROWS("SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) AS n", "2", "SELECT 1");
  EXPECT_THAT(Get(Run(*other, "SELECT count(*) FROM a")), testing::ElementsAre("0", "SELECT 1"));
  EXPECT_ROWS("COMMIT", "COMMIT");
  EXPECT_THAT(Get(Run(*other, "SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) AS n")),
              testing::ElementsAre("2", "SELECT 1"));
}

TEST_F(SessionTest, AFailedTransactionTakesOnlyItsEnd) {
  EXPECT_RUNS("CREATE TABLE t (x int); BEGIN; INSERT INTO t VALUES (1)");
  EXPECT_SQL_ERROR(Run("SELECT nope FROM t"), "42703", "column \"nope\" does not exist");
  EXPECT_EQ(session->transaction_status(), TransactionStatus::kFailed);
  EXPECT_SQL_ERROR(Run("SELECT 1"), "25P02", "current transaction is aborted");
  EXPECT_ROWS("COMMIT", "ROLLBACK");
  EXPECT_ROWS("SELECT count(*) FROM t", "0", "SELECT 1");
}

TEST_F(SessionTest, ASavepointBringsBackWhatWas) {
  EXPECT_RUNS("CREATE TABLE t (x int); BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2)");
  EXPECT_SQL_ERROR(Run("SELECT 1/0"), "22012", "division by zero");
  EXPECT_ROWS("ROLLBACK TO s", "ROLLBACK");
  EXPECT_RUNS("INSERT INTO t VALUES (3); COMMIT");
  EXPECT_ROWS("SELECT x FROM t ORDER BY x", "1", "3", "SELECT 2");
}

TEST_F(SessionTest, TablesOfARolledBackBlockAreGone) {
  EXPECT_RUNS("BEGIN; CREATE TABLE t (x int); INSERT INTO t VALUES (1); ROLLBACK");
  EXPECT_SQL_ERROR(Run("SELECT * FROM t"), "42P01", "relation \"t\" does not exist");
  EXPECT_RUNS("CREATE TABLE t (x int); BEGIN; DROP TABLE t; ROLLBACK");
  EXPECT_ROWS("SELECT count(*) FROM t", "0", "SELECT 1");
}

TEST_F(SessionTest, ErrorsCarryPostgresStatesAndPositions) {
  EXPECT_EQ(EXPECT_SQL_ERROR(Run("SELECT * FROM nope"), "42P01", "relation \"nope\" does not exist").position, 15);
  EXPECT_EQ(EXPECT_SQL_ERROR(Run("SELECT nope"), "42703", "column \"nope\" does not exist").position, 8);
  EXPECT_SQL_ERROR(Run("SELECT nothing(1)"), "42883", "function nothing");
  EXPECT_SQL_ERROR(Run("SELECT CAST('x' AS int)"), "22P02", "invalid input syntax for type integer: \"x\"");
  EXPECT_SQL_ERROR(Run("SELECT CAST(99999999999 AS int)"), "22003", "integer out of range");
  EXPECT_SQL_ERROR(Run("SELEC 1"), "42601", "syntax error");
  EXPECT_SQL_ERROR(Run("SHOW nothing"), "42704", "unrecognized configuration parameter \"nothing\"");
  EXPECT_SQL_ERROR(database->Connect({.database = "nope"}), "3D000", "database \"nope\" does not exist");
}

TEST_F(SessionTest, DivisionIsPostgres) {
  EXPECT_ROWS("SELECT 7 / 2, -7 / 2, 7 % 3, 7.5 / 2", "3|-3|1|3.7500000000000000", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT 1 / x FROM (VALUES (1), (0)) t(x)"), "22012", "division by zero");
  EXPECT_SQL_ERROR(Run("SELECT 1 % 0"), "22012", "division by zero");
}

TEST_F(SessionTest, ParametersTakeTheirTypesFromTheStatement) {
  EXPECT_RUNS("CREATE TABLE t (x int, s text); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
  auto prepared = Get(session->Prepare("SELECT s FROM t WHERE x = $1", {0}));
  EXPECT_THAT(prepared->parameter_types(), testing::ElementsAre(23u));
  ASSERT_EQ(prepared->columns().size(), 1u);
  EXPECT_EQ(prepared->columns()[0].type_oid, 25u);
  std::vector<std::string> lines;
  EXPECT_OK(Collect(*Get(session->Execute(prepared, {"2"})), &lines));
  EXPECT_THAT(lines, testing::ElementsAre("two", "SELECT 1"));
  EXPECT_SQL_ERROR(session->Execute(prepared, {"two"}), "22P02", "invalid input syntax for type integer: \"two\"");
  lines.clear();
  auto insert = Get(session->Prepare("INSERT INTO t VALUES ($1, $2)", {}));
  EXPECT_TRUE(insert->columns().empty());
  EXPECT_OK(Collect(*Get(session->Execute(insert, {"3", std::nullopt})), &lines));
  EXPECT_THAT(lines, testing::ElementsAre("INSERT 0 1"));
  EXPECT_ROWS("SELECT x FROM t WHERE s IS NULL", "3", "SELECT 1");
  EXPECT_SQL_ERROR(session->Prepare("SELECT 1; SELECT 2", {}), "42601", "multiple commands");
}

TEST_F(SessionTest, ColumnsAreKnownWhateverTypesParametersHave) {
  auto prepared = Get(session->Prepare("SELECT coalesce($1::text, $2), $3, 4 AS n", {}));
  ASSERT_EQ(prepared->columns().size(), 3u);
  EXPECT_EQ(prepared->columns()[2].name, "n");
  EXPECT_EQ(prepared->columns()[2].type_oid, 23u);
  auto sum = Get(session->Prepare("SELECT $1 + 1", {20}));
  ASSERT_EQ(sum->columns().size(), 1u);
  EXPECT_EQ(sum->columns()[0].type_oid, 20u);
}

TEST_F(SessionTest, RefusesIndexesThatItDoesNotKeep) {
  EXPECT_RUNS("CREATE TABLE t (a int PRIMARY KEY, b int, c int[])");
  EXPECT_SQL_ERROR(Run("CREATE INDEX ON t USING gin (c)"), "0A000", "access method \"gin\" are not supported");
  EXPECT_SQL_ERROR(Run("CREATE INDEX ON t (b) NULLS NOT DISTINCT"), "0A000", "that are not unique are not supported");
  EXPECT_SQL_ERROR(Run("CREATE UNIQUE INDEX ON t (c)"), "0A000", "a unique key of type integer[] is not supported");
  EXPECT_SQL_ERROR(Run("CREATE INDEX ON t (c)"), "0A000", "an index of type integer[] is not supported");
  EXPECT_SQL_ERROR(Run("CREATE TABLE u (a int, UNIQUE USING INDEX i)"), "0A000", "cannot use an existing index");
}

TEST_F(SessionTest, IndexesOnExpressionsAndPartialOnesFindRows) {
  EXPECT_RUNS(
      "CREATE TABLE t (id int PRIMARY KEY, a text, b int, done boolean); CREATE INDEX by_a ON t (lower(a), b);"
      "CREATE INDEX open ON t (b) WHERE NOT done; CREATE UNIQUE INDEX positive ON t (b) WHERE b > 0 AND a IS NOT NULL");
  const auto plan = [&](const std::string& where) {
    return Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM t WHERE " + where)).at(0);
  };
  EXPECT_EQ(plan("lower(a) = 'x' AND b = 1"), "Index Scan using by_a on t");
  EXPECT_EQ(plan("upper(a) = 'x'"), "Seq Scan on t");
  EXPECT_EQ(plan("b = 5 AND NOT done"), "Index Scan using open on t");
  EXPECT_EQ(plan("b = 5"), "Seq Scan on t");
  EXPECT_EQ(plan("b = 5 AND done"), "Seq Scan on t");
  EXPECT_EQ(plan("b = 5 AND b > 0 AND a = 'x'"), "Index Scan using positive on t");
  EXPECT_RUNS("INSERT INTO t VALUES (1, 'X', 1, false), (2, 'x', -1, true), (3, 'Y', -1, false), (4, NULL, 1, NULL)");
  EXPECT_ROWS("SELECT id FROM t WHERE lower(a) = 'x' AND b IN (1, -1) ORDER BY id", "1", "2", "SELECT 2");
  EXPECT_ROWS("SELECT id FROM t WHERE b = -1 AND NOT done", "3", "SELECT 1");
}

TEST_F(SessionTest, RowsAreLookedUpByIndexesAndTheFirstColumnsOfKeys) {
  EXPECT_RUNS("CREATE TABLE t (o int, l int, v text, PRIMARY KEY (o, l)); CREATE INDEX by_v ON t (v, l)");
  const auto plan = [&](const std::string& where) {
    return Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM t WHERE " + where)).at(0);
  };
  EXPECT_EQ(plan("o = 3"), "Index Scan using t_pkey on t");
  EXPECT_EQ(plan("o IN (3, 4) AND v > 'x'"), "Index Scan using t_pkey on t");
  EXPECT_EQ(plan("v = 'x'"), "Index Scan using by_v on t");
  EXPECT_EQ(plan("o = 1 AND l = 2 AND v = 'x'"), "Index Scan using t_pkey on t");
  EXPECT_EQ(plan("o = 1 AND v = 'x'"), "Index Scan using t_pkey on t");
  EXPECT_EQ(plan("l = 1 AND v = 'x'"), "Index Scan using by_v on t");
  EXPECT_EQ(plan("l = 1"), "Seq Scan on t");
}

TEST_F(SessionTest, AnAnalyzedPlanIsOneDocument) {
  const auto lines = Get(Run("EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM generate_series(1, 3)"));
  ASSERT_EQ(lines.size(), 2);
  EXPECT_THAT(lines[0], testing::AllOf(testing::EndsWith("]"), testing::HasSubstr("\"Actual Rows\": 3"),
                                       testing::HasSubstr("\"Execution Time\": ")));
}

TEST_F(SessionTest, RowsAreLookedUpByUniqueKeys) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, email text UNIQUE, a int, b int, UNIQUE (a, b))");
  EXPECT_RUNS("INSERT INTO t SELECT i, 'e' || i, i % 10, i FROM generate_series(1, 100) i");
  EXPECT_ROWS("EXPLAIN (COSTS OFF) SELECT * FROM t WHERE email = 'e7'", "Index Scan using t_email_key on t",
              "  Index Cond: (email = 'e7')", "EXPLAIN");
  EXPECT_ROWS("SELECT id FROM t WHERE email = 'e7'", "7", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM t WHERE b = 33 AND a = 3", "33", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM t WHERE email IN ('e1', 'e2', 'nobody')", "2", "SELECT 1");
  EXPECT_RUNS("BEGIN");
  EXPECT_RUNS("UPDATE t SET email = 'moved' WHERE email = 'e7'");
  EXPECT_ROWS("SELECT count(*) FROM t WHERE email = 'e7'", "0", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM t WHERE email = 'moved'", "7", "SELECT 1");
  EXPECT_RUNS("INSERT INTO t VALUES (1000, 'e7')");
  EXPECT_ROWS("SELECT id FROM t WHERE email = 'e7'", "1000", "SELECT 1");
  EXPECT_RUNS("ROLLBACK");
  EXPECT_ROWS("SELECT id FROM t WHERE email = 'e7'", "7", "SELECT 1");
}

TEST_F(SessionTest, UniqueIndexesAreThereWhenADatabaseIsOpenedAgain) {
  EXPECT_RUNS("CREATE TABLE t (a int, b text UNIQUE) PARTITION BY LIST (b)");
  EXPECT_RUNS("CREATE TABLE t1 PARTITION OF t FOR VALUES IN ('x', 'y')");
  EXPECT_RUNS("CREATE TABLE l (a int UNIQUE, b int)");
  EXPECT_RUNS("INSERT INTO l SELECT i, i FROM generate_series(1, 10) i");
  EXPECT_RUNS("INSERT INTO t VALUES (1, 'x')");
  Reopen();
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (2, 'x')"), "23505", "unique constraint \"t1_b_key\"");
  EXPECT_SQL_ERROR(Run("INSERT INTO l VALUES (10, 11)"), "23505", "unique constraint \"l_a_key\"");
  EXPECT_RUNS("DELETE FROM l WHERE b = 10");
  EXPECT_RUNS("INSERT INTO l VALUES (10, 11)");
  EXPECT_RUNS("DROP TABLE l");
  EXPECT_THAT(Get(gateway->ListTables("weir").Wait()), testing::Not(testing::Contains(testing::StartsWith("index_"))));
  EXPECT_RUNS("CREATE TABLE l (a int UNIQUE)");
  EXPECT_RUNS("INSERT INTO l VALUES (10)");
}

TEST_F(SessionTest, AStatementEndsAtItsTimeout) {
  EXPECT_RUNS("SET statement_timeout = '30ms'");
  EXPECT_ROWS("SHOW statement_timeout", "30ms", "SHOW");
  const char* endless = "SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000000000) b";
  EXPECT_SQL_ERROR(Run(endless), "57014", "canceling statement due to statement timeout");
  EXPECT_ROWS("SELECT 1 AS one", "1", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SET statement_timeout = 'soon'"), "22023", "invalid value for parameter \"statement_timeout\"");
  EXPECT_RUNS("SET statement_timeout = '120s'");
  EXPECT_ROWS("SHOW statement_timeout", "2min", "SHOW");
  EXPECT_RUNS("RESET statement_timeout");
  EXPECT_ROWS("SHOW statement_timeout", "0", "SHOW");
}

TEST_F(SessionTest, ManyRowsComeInBatches) {
  auto result = Get(session->Run(Get(session->Parse("SELECT i FROM generate_series(1, 100000) t(i)"))[0]));
  int64_t rows = 0;
  int batches = 0;
  while (auto batch = Get(result->Next())) {
    rows += batch->num_rows();
    ++batches;
  }
  EXPECT_EQ(rows, 100000);
  EXPECT_GT(batches, 3);
  EXPECT_EQ(result->command_tag(), "SELECT 100000");
}

TEST_F(SessionTest, AResultEndsWhenTheNextStatementBegins) {
  auto result = Get(session->Run(Get(session->Parse("SELECT i FROM generate_series(1, 100000) t(i)"))[0]));
  EXPECT_OK(result->Next());
  EXPECT_ROWS("SELECT 1", "1", "SELECT 1");
  EXPECT_SQL_ERROR(result->Next(), "34000", "closed");
}

TEST_F(SessionTest, CreateTableAsTakesTheQuerysColumns) {
  EXPECT_RUNS("CREATE TABLE t (x int, s text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  EXPECT_ROWS("CREATE TABLE c AS SELECT x * 2 AS y, s FROM t", "SELECT 2");
  EXPECT_ROWS("SELECT * FROM c ORDER BY y", "2|a", "4|b", "SELECT 2");
}

TEST_F(SessionTest, SettingsAreTheSessionsOwn) {
  EXPECT_ROWS("SET application_name = 'here'", "SET");
  EXPECT_ROWS("SHOW application_name", "here", "SHOW");
  EXPECT_THAT(Get(Run(*Connect(), "SHOW application_name")), testing::ElementsAre("", "SHOW"));
  EXPECT_RUNS("BEGIN; SET application_name = 'there'; ROLLBACK");
  EXPECT_ROWS("SHOW application_name", "here", "SHOW");
  EXPECT_SQL_ERROR(Run("SET server_version = '1'"), "55P02", "cannot be changed");
}

TEST_F(SessionTest, RowsOfOtherDoorsAreSeen) {
  MakePk(*gateway, "people");
  EXPECT_RUNS("INSERT INTO people VALUES (1, 'one')");
  auto manager = Get(TransactionManager::Open(gateway));
  InsertAll(*manager, FindRelation(*gateway, "people"), Rows({2}));
  EXPECT_ROWS("SELECT * FROM people ORDER BY id", "1|one", "2|n2", "SELECT 2");
  EXPECT_THAT(Ids(*manager, FindRelation(*gateway, "people")), testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace weir::sql
