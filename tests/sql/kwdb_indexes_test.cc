#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::HasSubstr;

/// KWDB's indexes among the columns of CREATE TABLE.
using KwdbIndexesTest = SessionTest;

TEST_F(KwdbIndexesTest, AreMadeWithTheirTable) {
  EXPECT_RUNS("CREATE TABLE t (a INT PRIMARY KEY, b INT, c TEXT, INDEX (b), UNIQUE INDEX u (c DESC), INDEX i (b, c) STORING (a));"
              "INSERT INTO t VALUES (1, 10, 'x'), (2, 10, 'y')");
  EXPECT_ROWS("SELECT index_name, column_name, direction, storing FROM [SHOW INDEXES FROM t] s WHERE NOT implicit AND "
              "index_name <> 'primary' ORDER BY 1, seq_in_index",
              "i|b|ASC|false", "i|c|ASC|false", "i|a|N/A|true", "t_b_idx|b|ASC|false", "u|c|DESC|false", "SELECT 5");
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (3, 1, 'x')"), "23505", "\"u\"");
  EXPECT_ROWS("SELECT a FROM t WHERE b = 10 ORDER BY 1", "1", "2", "SELECT 2");
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE t] c"))[0];
  EXPECT_THAT(created, HasSubstr("\n\tINDEX t_b_idx (b ASC),\n"));
  EXPECT_THAT(created, HasSubstr("\n\tUNIQUE INDEX u (c DESC),\n"));
  EXPECT_THAT(created, HasSubstr("\n\tINDEX i (b ASC, c ASC) STORING (a)\n)"));
  EXPECT_RUNS("DROP TABLE t; " + created);
  EXPECT_EQ(Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE t] c"))[0], created);
  EXPECT_RUNS("CREATE TABLE IF NOT EXISTS t (a INT, INDEX i (a))");
}

TEST_F(KwdbIndexesTest, GoWithAMistake) {
  EXPECT_SQL_ERROR(Run("CREATE TABLE t (a INT, INDEX i (b))"), "42703", "column \"b\" does not exist");
  EXPECT_RUNS("CREATE TABLE t (a INT PRIMARY KEY, INDEX i (a))");
  EXPECT_SQL_ERROR(Run("CREATE TABLE s (a INT PRIMARY KEY, INDEX i (a))"), "42P07", "relation \"i\" already exists");
  EXPECT_SQL_ERROR(Run("SELECT * FROM s"), "42P01", "relation \"s\" does not exist");
}

TEST_F(KwdbIndexesTest, OfPartitionedTables) {
  EXPECT_RUNS("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b), INDEX i (b)) PARTITION BY LIST (a) (PARTITION x VALUES IN (1));"
              "INSERT INTO t VALUES (1, 5), (2, 5)");
  EXPECT_ROWS("SELECT a FROM t WHERE b = 5 ORDER BY 1", "1", "2", "SELECT 2");
}

}  // namespace
}  // namespace weir::sql
