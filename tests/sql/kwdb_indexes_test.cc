#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::HasSubstr;

/// KWDB's indexes among the columns of CREATE TABLE.
using KwdbIndexesTest = SessionTest;

TEST_F(KwdbIndexesTest, AreMadeWithTheirTable) {
  EXPECT_RUNS(
      "CREATE TABLE t (a INT PRIMARY KEY, b INT, c TEXT, INDEX (b), UNIQUE INDEX u (c DESC), INDEX i (b, c) STORING "
      "(a));"
      "INSERT INTO t VALUES (1, 10, 'x'), (2, 10, 'y')");
  EXPECT_ROWS("SELECT index_name, column_name, direction, storing FROM [SHOW INDEXES FROM t] s WHERE NOT implicit AND "
              "index_name <> 'primary' ORDER BY 1, seq_in_index",
              "i|b|ASC|false", "i|c|ASC|false", "i|a|N/A|true", "t_b_idx|b|ASC|false", "u|c|DESC|false", "SELECT 5");
  EXPECT_ROWS("SELECT DISTINCT index_name, non_unique FROM [SHOW INDEXES FROM t] s ORDER BY 1", "i|true",
              "primary|false", "t_b_idx|true", "u|false", "SELECT 4");
  EXPECT_ROWS("SELECT index_name FROM kwdb_internal.table_indexes WHERE descriptor_name = 't' AND is_unique ORDER BY 1",
              "primary", "u", "SELECT 2");
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
  EXPECT_RUNS(
      "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b), INDEX i (b)) PARTITION BY LIST (a) (PARTITION x VALUES IN "
      "(1));"
      "INSERT INTO t VALUES (1, 5), (2, 5)");
  EXPECT_ROWS("SELECT a FROM t WHERE b = 5 ORDER BY 1", "1", "2", "SELECT 2");
}

TEST_F(KwdbIndexesTest, OfPrimaryKeysMayBeDescending) {
  EXPECT_RUNS("CREATE TABLE d (a INT, b INT, PRIMARY KEY (a DESC, b ASC)); INSERT INTO d VALUES (1, 1), (2, 2)");
  EXPECT_ROWS("SELECT column_name, direction FROM [SHOW INDEXES FROM d]", "a|DESC", "b|ASC", "SELECT 2");
  EXPECT_ROWS("SELECT a FROM d WHERE a = 2", "2", "SELECT 1");
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE d] c"))[0];
  EXPECT_THAT(created, HasSubstr("PRIMARY KEY (a DESC, b ASC)"));
  EXPECT_RUNS("DROP TABLE d; " + created);
  EXPECT_RUNS(
      "CREATE TABLE l (a INT, b INT, PRIMARY KEY (a DESC, b)) PARTITION BY LIST (a) (PARTITION x VALUES IN (1))");
  EXPECT_SQL_ERROR(Run("CREATE TABLE r (a INT PRIMARY KEY DESC)"), "42601", "syntax error");
  EXPECT_RUNS(
      "CREATE TABLE r (a INT, PRIMARY KEY (a DESC)) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (5) TO (1));"
      "INSERT INTO r VALUES (1), (2), (5), (6)");
  EXPECT_ROWS("SELECT a, tableoid::regclass FROM r ORDER BY a", "1|r_1_prt_default", "2|r_1_prt_x", "5|r_1_prt_x",
              "6|r_1_prt_default", "SELECT 4");
  EXPECT_ROWS("SELECT count(*) FROM r WHERE a > 1 AND a < 6", "2", "SELECT 1");
  EXPECT_SQL_ERROR(
      Run("CREATE TABLE e (a INT, PRIMARY KEY (a DESC)) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (1) TO (5))"),
      "42P16", "PARTITION x: empty range: lower bound (1) is greater than upper bound (5)");
}

TEST_F(KwdbIndexesTest, MayBePartitioned) {
  EXPECT_RUNS(
      "CREATE TABLE t (a INT PRIMARY KEY, b INT, c TEXT, INDEX i (b DESC, c) PARTITION BY RANGE (b, c) "
      "(PARTITION high VALUES FROM (MINVALUE, MINVALUE) TO (5, 'm'), PARTITION low VALUES FROM (5, 'm') TO (NULL, "
      "NULL)));"
      "INSERT INTO t VALUES (1, 5, 'a'), (2, NULL, 'z')");
  EXPECT_RUNS("ALTER PARTITION low OF TABLE t CONFIGURE ZONE USING gc.ttlseconds = 700");
  const auto start_of = [&](const std::string& row) {
    return Get(Run("SELECT coalesce(start_key, '') FROM [SHOW RANGE FROM INDEX t@i FOR ROW (1, " + row + ")]"))[0];
  };
  EXPECT_EQ(start_of("6, 'z'"), "");
  EXPECT_EQ(start_of("5, 'a'"), "");
  EXPECT_EQ(start_of("5, 'm'"), "/5/\"m\"");
  EXPECT_EQ(start_of("4, 'a'"), "/5/\"m\"");
  EXPECT_EQ(start_of("NULL, 'a'"), "/NULL/NULL");
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE t] c"))[0];
  EXPECT_RUNS("DROP TABLE t; " + created.substr(0, created.find(";\nALTER")));
  EXPECT_ROWS("SELECT partition_name, partition_value, zone_config FROM [SHOW PARTITIONS FROM INDEX t@i]",
              "high|(MINVALUE, MINVALUE) TO (5, 'm')|null", "low|(5, 'm') TO (NULL, NULL)|null", "SELECT 2");
  EXPECT_SQL_ERROR(Run("ALTER TABLE t ALTER COLUMN c TYPE varchar(9)"), "0A000",
                   "of which partitions of index \"i\" are made");
  EXPECT_RUNS("ALTER TABLE t RENAME COLUMN c TO d; ALTER INDEX i RENAME TO j; TRUNCATE t");
  EXPECT_ROWS("SELECT partition_name, column_names FROM [SHOW PARTITIONS FROM INDEX t@j]", "high|b, d", "low|b, d",
              "SELECT 2");
  EXPECT_SQL_ERROR(Run("CREATE TABLE e (a INT PRIMARY KEY, b INT, INDEX i2 (b) USING HASH WITH BUCKET_COUNT = 2 "
                       "PARTITION BY LIST (b) (PARTITION x VALUES IN (1)))"),
                   "0A000", "sharded indexes don't support partitioning");
}

TEST_F(KwdbIndexesTest, AreSharded) {
  EXPECT_SQL_ERROR(Run("CREATE TABLE s (a INT, INDEX (a) USING HASH WITH BUCKET_COUNT = 4)"), "0A000",
                   "hash sharded indexes require");
  EXPECT_RUNS("SET experimental_enable_hash_sharded_indexes = on;"
              "CREATE TABLE s (id INT PRIMARY KEY, a INT, b TEXT, INDEX (a) USING HASH WITH BUCKET_COUNT = 4);"
              "INSERT INTO s VALUES (1, 1, 'x'), (2, NULL, 'y'), (3, 7, 'z')");
  EXPECT_ROWS(
      "SELECT index_name, seq_in_index, column_name, implicit FROM [SHOW INDEXES FROM s] WHERE index_name <> 'primary'",
      "s_kwdb_internal_a_shard_4_a_idx|1|kwdb_internal_a_shard_4|false", "s_kwdb_internal_a_shard_4_a_idx|2|a|false",
      "s_kwdb_internal_a_shard_4_a_idx|3|id|true", "SELECT 3");
  EXPECT_ROWS("SELECT id, kwdb_internal_a_shard_4 FROM s WHERE a IS NULL", "2|1", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM s WHERE a = 7", "3", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM s WHERE kwdb_internal_a_shard_4 BETWEEN 0 AND 3", "3", "SELECT 1");
  EXPECT_SQL_ERROR(Run("INSERT INTO s (id, kwdb_internal_a_shard_4) VALUES (4, 1)"), "55000", "computed column");
  EXPECT_SQL_ERROR(Run("ALTER TABLE s RENAME COLUMN kwdb_internal_a_shard_4 TO x"), "42939",
                   "cannot rename shard column");
  EXPECT_RUNS("CREATE UNIQUE INDEX by_b ON s (b, a) USING HASH WITH BUCKET_COUNT = 2");
  EXPECT_SQL_ERROR(Run("INSERT INTO s VALUES (4, 7, 'z')"), "23505", "\"by_b\"");
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE s] c"))[0];
  EXPECT_THAT(created, HasSubstr("INDEX s_kwdb_internal_a_shard_4_a_idx (a ASC) USING HASH WITH BUCKET_COUNT = 4"));
  EXPECT_SQL_ERROR(Run("CREATE INDEX ON s (a) USING HASH WITH BUCKET_COUNT = 0"), "22023", "strictly positive");
  EXPECT_RUNS("ALTER TABLE s RENAME COLUMN a TO c");
  EXPECT_ROWS("SELECT kwdb_internal_c_shard_4 FROM s WHERE id = 2", "1", "SELECT 1");
}

TEST_F(KwdbIndexesTest, RowsAreFoundOnceByTheFirstColumnsOfAShardedKey) {
  EXPECT_RUNS("SET experimental_enable_hash_sharded_indexes = on;"
              "CREATE TABLE h (a INT, b INT, c INT, PRIMARY KEY (a, b, c) USING HASH WITH BUCKET_COUNT = 4);"
              "INSERT INTO h SELECT i % 3, i / 3, i FROM generate_series(0, 59) i");
  EXPECT_ROWS("SELECT count(*), min(c), max(c) FROM h WHERE a = 1", "20|1|58", "SELECT 1");
  EXPECT_ROWS("SELECT c FROM h WHERE a = 1 AND b = 5", "16", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM h WHERE a IN (0, 2)", "40", "SELECT 1");
}

}  // namespace
}  // namespace weir::sql
