#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using MeaningTest = SessionTest;

TEST_F(MeaningTest, ATableWhoseColumnsDifferInCaseIsAnErrorWhereItIsNamedOnly) {
  TableDescriptor descriptor;
  descriptor.schema = Get(Schema::Make({{"A", DataType::Int()}, {"a", DataType::Int()}}, {}));
  descriptor.bucket_count = 1;
  Get(gateway->CreateTable({"fluss", "twice"}, descriptor, false));
  const auto error = EXPECT_SQL_ERROR(Run("SELECT * FROM twice"), "0A000", "table \"twice\" has columns that differ in case only");
  EXPECT_EQ(error.detail, "They are \"A\" and \"a\".");
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
