#include "tests/sql/session_testing.h"

namespace weir::sql {

using HashFunctionTest = SessionTest;

// PostgreSQL's remainders modulo 16.
TEST_F(HashFunctionTest, X1_PostgresRemainders) {
  EXPECT_RUNS(
      "CREATE TABLE hv_i (k int) PARTITION BY HASH (k); CREATE TABLE hv_b (k bigint) PARTITION BY HASH (k);"
      "CREATE TABLE hv_t (k text) PARTITION BY HASH (k); CREATE TABLE hv_d (k date) PARTITION BY HASH (k);"
      "CREATE TABLE hv_2 (a int, b text) PARTITION BY HASH (a, b)");
  const std::string remainder =
      "SELECT v, max(r) FILTER (WHERE satisfies_hash_partition('hv_i'::regclass, 16, r, v)) AS i,"
      " max(r) FILTER (WHERE satisfies_hash_partition('hv_b'::regclass, 16, r, v::bigint)) AS b,"
      " max(r) FILTER (WHERE satisfies_hash_partition('hv_t'::regclass, 16, r, v::text)) AS t,"
      " max(r) FILTER (WHERE satisfies_hash_partition('hv_d'::regclass, 16, r, date '2000-01-01' + v)) AS d,"
      " max(r) FILTER (WHERE satisfies_hash_partition('hv_2'::regclass, 16, r, v, v::text)) AS it"
      " FROM (VALUES (0), (1), (2), (42), (-1), (1000000)) AS t(v), generate_series(0, 15) AS g(r) GROUP BY v ORDER BY "
      "v";
  EXPECT_ROWS(remainder, "-1|5|5|8|5|2", "0|0|0|9|0|12", "1|8|8|1|8|8", "2|10|10|6|10|2", "42|2|2|11|2|13",
              "1000000|11|11|10|11|0", "SELECT 6");
  EXPECT_ROWS("SELECT satisfies_hash_partition('hv_i'::regclass, 16, 0, NULL::int)", "true", "SELECT 1");
  EXPECT_ROWS("SELECT satisfies_hash_partition('hv_i'::regclass, NULL, 0, 1)", "false", "SELECT 1");
  EXPECT_ROWS("SELECT satisfies_hash_partition(1, 2, 0, 1)", "null", "SELECT 1");
}

TEST_F(HashFunctionTest, WhatDoesNotFitIsRefused) {
  EXPECT_RUNS("CREATE TABLE h (k int, v text) PARTITION BY HASH (k); CREATE TABLE r (k int) PARTITION BY RANGE (k)");
  for (const auto& [arguments, message] : std::vector<std::pair<std::string, std::string>>{
           {"'h'::regclass, 0, 0, 1", "modulus for hash partition must be an integer value greater than zero"},
           {"'h'::regclass, 4, -1, 1",
            "remainder for hash partition must be an integer value greater than or equal to zero"},
           {"'h'::regclass, 4, 4, 1", "remainder for hash partition must be less than modulus"},
           {"'r'::regclass, 4, 0, 1", "\"r\" is not a hash partitioned table"},
           {"'h'::regclass, 4, 0, 1, 2",
            "number of partitioning columns (1) does not match number of partition keys provided (2)"},
           {"'h'::regclass, 4, 0, 1::bigint",
            "column 1 of the partition key has type integer, but supplied value is of type bigint"}}) {
    EXPECT_SQL_ERROR(Run("SELECT satisfies_hash_partition(" + arguments + ")"), "22023", message);
  }
}

TEST_F(HashFunctionTest, TablesAreAttachedUnderHash) {
  EXPECT_RUNS(
      "CREATE TABLE h (k int, v text) PARTITION BY HASH (k); CREATE TABLE t (k int, v text);"
      "INSERT INTO t VALUES (0, 'a'), (42, 'b'), (NULL, 'c')");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h ATTACH PARTITION t FOR VALUES WITH (MODULUS 16, REMAINDER 0)"), "23514",
                   "partition constraint of relation \"t\" is violated by some row");
  EXPECT_RUNS("DELETE FROM t WHERE k = 42; ALTER TABLE h ATTACH PARTITION t FOR VALUES WITH (MODULUS 16, REMAINDER 0)");
  EXPECT_ROWS("SELECT count(*) FROM h", "2", "SELECT 1");
  EXPECT_RUNS(
      "ALTER TABLE h DETACH PARTITION t; ALTER TABLE h ATTACH PARTITION t FOR VALUES WITH (MODULUS 8, REMAINDER 0)");
}

TEST_F(HashFunctionTest, ADefaultBelowHashTakesTheRest) {
  EXPECT_RUNS(
      "CREATE TABLE h (k int, l int) PARTITION BY HASH (k);"
      "CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0) PARTITION BY LIST (l);"
      "CREATE TABLE h0d (k int, l int); INSERT INTO h0d VALUES (1, 7); ALTER TABLE h0 ATTACH PARTITION h0d DEFAULT;"
      "INSERT INTO h VALUES (1, 8)");
  EXPECT_SQL_ERROR(Run("CREATE TABLE h07 PARTITION OF h0 FOR VALUES IN (7)"), "23514",
                   "updated partition constraint for default partition \"h0d\" would be violated by some row");
  EXPECT_RUNS("CREATE TABLE h09 PARTITION OF h0 FOR VALUES IN (9); INSERT INTO h VALUES (1, 9)");
  EXPECT_ROWS("SELECT l FROM h0d ORDER BY l", "7", "8", "SELECT 2");
}

}  // namespace weir::sql
