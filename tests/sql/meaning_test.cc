#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using MeaningTest = SessionTest;

TEST_F(MeaningTest, ATableWhoseColumnsDifferInCaseCanBeUsed) {
  TableDescriptor descriptor;
  descriptor.schema = Get(Schema::Make({{"A", DataType::Int()}, {"a", DataType::Int()}}, {}));
  descriptor.bucket_count = 1;
  Get(gateway->CreateTable({"fluss", "twice"}, descriptor, false));
  EXPECT_RUNS("INSERT INTO twice VALUES (1, 2)");
  EXPECT_RUNS("INSERT INTO twice (a) VALUES (3)");
  EXPECT_ROWS("SELECT a, \"A\" FROM twice WHERE \"A\" = 1", "2|1", "SELECT 1");
  EXPECT_ROWS("SELECT a FROM twice WHERE \"A\" IS NULL", "3", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT * FROM nowhere"), "42P01", "relation \"nowhere\" does not exist");
  EXPECT_RUNS("CREATE TABLE other (a int); INSERT INTO other VALUES (1)");
  EXPECT_ROWS("SELECT * FROM other", "1", "SELECT 1");
}

TEST_F(MeaningTest, DefaultsAndChecksMeanWhatStatementsMean) {
  EXPECT_RUNS("CREATE TABLE d (id int, b bytea DEFAULT '\\xcafe', t text CHECK (t ~ 'b' AND t LIKE lower('%\\_%')))");
  EXPECT_RUNS("INSERT INTO d (id, t) VALUES (1, 'a_b')");
  EXPECT_ROWS("SELECT b::text, t FROM d", "\\xcafe|a_b", "SELECT 1");
  EXPECT_SQL_ERROR(Run("INSERT INTO d (id, t) VALUES (2, 'axb')"), "23514", "violates check constraint");
}

TEST_F(MeaningTest, DefinitionsSeeTheRowAsAWhole) {
  EXPECT_RUNS("CREATE TABLE w (a int, b int, CHECK (w IS NOT NULL)); INSERT INTO w VALUES (1, 2)");
  EXPECT_SQL_ERROR(Run("INSERT INTO w VALUES (1, NULL)"), "23514", "violates check constraint");
  EXPECT_SQL_ERROR(Run("ALTER TABLE w ALTER b TYPE int USING pg_column_size(w)"), "0A000",
                   "cannot convert whole-row table reference");
  EXPECT_ROWS("SELECT * FROM w", "1|2", "SELECT 1");
}

TEST_F(MeaningTest, ARowThatAnOuterJoinLacksIsNull) {
  EXPECT_RUNS(
      "CREATE TABLE l (a int); CREATE TABLE r (a int, b int); INSERT INTO l VALUES (1), (2); INSERT INTO r VALUES (1, "
      "7)");
  EXPECT_ROWS("SELECT l.a, r::text FROM l LEFT JOIN r ON l.a = r.a ORDER BY 1", "1|(1,7)", "2|null", "SELECT 2");
  EXPECT_ROWS("SELECT r::text, l::text FROM r FULL JOIN l ON r.a = l.a AND l.a > 5 ORDER BY 1, 2", "(1,7)|null",
              "null|(1)", "null|(2)", "SELECT 3");
}

TEST_F(MeaningTest, AnUpsertInsertsTheRowsOfItsQuery) {
  EXPECT_RUNS("CREATE TABLE u (a int PRIMARY KEY, b int); INSERT INTO u SELECT 1, 2 WHERE false ON CONFLICT DO NOTHING;"
              "INSERT INTO u SELECT 3, 4 LIMIT 0 ON CONFLICT (a) DO UPDATE SET b = 9;"
              "INSERT INTO u VALUES (5, 6), (7, 8) LIMIT 1 ON CONFLICT DO NOTHING;"
              "INSERT INTO u SELECT 9, 1 UNION ALL SELECT 9, 2 LIMIT 1 ON CONFLICT DO NOTHING");
  EXPECT_ROWS("SELECT * FROM u ORDER BY a", "5|6", "9|1", "SELECT 2");
}

TEST_F(MeaningTest, AnUpsertComputesDefaultsOnce) {
  EXPECT_RUNS("CREATE TABLE s (id serial PRIMARY KEY, b int)");
  EXPECT_RUNS("INSERT INTO s (b) VALUES (1), (2) ON CONFLICT (id) DO UPDATE SET b = excluded.b;"
              "INSERT INTO s (b) VALUES (3), (4) ON CONFLICT DO NOTHING;"
              "INSERT INTO s VALUES (1, 10), (9, 11) ON CONFLICT (id) DO UPDATE SET b = excluded.b + s.b");
  EXPECT_ROWS("SELECT * FROM s ORDER BY id", "1|11", "2|2", "3|3", "4|4", "9|11", "SELECT 5");
}

TEST_F(MeaningTest, RowsBelowAWindowAreComputedOnce) {
  EXPECT_RUNS("CREATE SEQUENCE q");
  EXPECT_ROWS("SELECT count(*), max(n) FROM (SELECT count(*) OVER (PARTITION BY v) AS n FROM "
              "(SELECT nextval('q') AS v FROM generate_series(1, 50)) a) b", "50|1", "SELECT 1");
  EXPECT_ROWS("SELECT nextval('q')", "51", "SELECT 1");
}

TEST_F(MeaningTest, AComparisonOfRowsLeavesPartitionsOut) {
  EXPECT_RUNS("CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);"
              "CREATE TABLE p0 PARTITION OF p FOR VALUES FROM (0) TO (10);"
              "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (10) TO (20)");
  for (const char* condition : {"(a, b) >= (10, 1)", "(a, b) IN ((11, 1), (12, 2))", "(a, b) = (11, 1)"}) {
    const auto plan = Get(Run(std::string("EXPLAIN SELECT * FROM p WHERE ") + condition));
    const std::string lines = testing::PrintToString(plan);
    EXPECT_THAT(lines, testing::HasSubstr("p1")) << condition;
    EXPECT_THAT(lines, testing::Not(testing::HasSubstr("p0"))) << condition;
  }
}

TEST_F(MeaningTest, AnErrorInALiteralSaysWhereItStands) {
  const auto error = EXPECT_SQL_ERROR(Run("SELECT 1, 'x'::timestamptz"), "22007", "timestamp with time zone: \"x\"");
  EXPECT_GT(error.position, 0);
}

}  // namespace
}  // namespace weir::sql
