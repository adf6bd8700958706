#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// KWDB's hash-sharded keys as its users write them.
class KwdbShardsTest : public SessionTest {
 protected:
  static constexpr const char* kAllow = "SET experimental_enable_hash_sharded_indexes = ON";
  static constexpr const char* kPartitionUsers =
      "ALTER TABLE users PARTITION BY HASH (kwdb_internal_user_id_shard_8) (PARTITION shard_0 VALUES IN (0), "
      "PARTITION shard_1 VALUES IN (1), PARTITION shard_2 VALUES IN (2), PARTITION shard_3 VALUES IN (3), "
      "PARTITION shard_4 VALUES IN (4), PARTITION shard_5 VALUES IN (5), PARTITION shard_6 VALUES IN (6), "
      "PARTITION shard_7 VALUES IN (7))";
  static constexpr const char* kByLeaf = "SELECT user_id, tableoid::regclass::text FROM users ORDER BY 1";

  void MakeUsers() {
    EXPECT_RUNS(kAllow);
    EXPECT_RUNS(
        "CREATE TABLE users (user_id BIGINT, username VARCHAR(50), email VARCHAR(100), created_at TIMESTAMP DEFAULT "
        "NOW(), PRIMARY KEY (user_id) USING HASH WITH BUCKET_COUNT = 8)");
  }
  void MakeH() {
    EXPECT_RUNS(kAllow);
    EXPECT_RUNS("CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 10)");
  }
  int BucketsOf(const std::string& table) { return Get(gateway->GetTableInfo({"fluss", table})).num_buckets(); }
  void ExpectPartitions(const std::string& query, const std::string& read) {
    EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) " + query)), Contains(HasSubstr("Partitions: " + read + " of 9")))
        << query;
  }
};

TEST_F(KwdbShardsTest, WantTheVariable) {
  const std::string create = "CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 10)";
  const std::string name = "experimental_enable_hash_sharded_indexes";
  EXPECT_ROWS("SHOW " + name, "off", "SHOW");
  EXPECT_SQL_ERROR(Run(create), "0A000",
                   "hash sharded indexes require the experimental_enable_hash_sharded_indexes cluster setting");
  EXPECT_SQL_ERROR(Run("SET " + name + " = maybe"), "22023", "parameter \"" + name + "\" requires a Boolean value");
  EXPECT_ROWS(kAllow, "SET");
  EXPECT_ROWS("SHOW " + name, "on", "SHOW");
  EXPECT_RUNS(create);
  EXPECT_RUNS("SET " + name + " = off; INSERT INTO h VALUES (1), (2);"
              "ALTER TABLE h PARTITION BY HASH (kwdb_internal_k_shard_10) (PARTITION six VALUES IN (6))");
  EXPECT_ROWS("SELECT k, tableoid::regclass::text FROM h ORDER BY 1", "1|h_1_prt_six", "2|h_1_prt_default", "SELECT 2");
}

TEST_F(KwdbShardsTest, AreShownAsKwdbShowsThem) {
  MakeUsers();
  EXPECT_ROWS("SHOW INDEXES FROM users", "users|primary|false|1|kwdb_internal_user_id_shard_8|ASC|false|false",
              "users|primary|false|2|user_id|ASC|false|false", "SELECT 2");
  EXPECT_ROWS("SELECT column_name, data_type, is_nullable, indices::text, is_hidden FROM [SHOW COLUMNS FROM users] c "
              "ORDER BY 1",
              "created_at|TIMESTAMP|true|{}|false", "email|VARCHAR(100)|true|{}|false",
              "kwdb_internal_user_id_shard_8|INT4|false|{primary}|true", "user_id|INT8|false|{primary}|false",
              "username|VARCHAR(50)|true|{}|false", "SELECT 5");
  EXPECT_ROWS(
      "SELECT constraint_name, constraint_type, details FROM [SHOW CONSTRAINTS FROM users] c ORDER BY 1",
      "check_kwdb_internal_user_id_shard_8|CHECK|CHECK (kwdb_internal_user_id_shard_8 IN (0, 1, 2, 3, 4, 5, 6, 7))",
      "primary|PRIMARY KEY|PRIMARY KEY (user_id ASC) USING HASH WITH BUCKET_COUNT = 8", "SELECT 2");
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE users] c"))[0];
  EXPECT_THAT(created,
              HasSubstr("CONSTRAINT \"primary\" PRIMARY KEY (user_id ASC) USING HASH WITH BUCKET_COUNT = 8\n)"));
  EXPECT_THAT(created, testing::Not(HasSubstr("kwdb_internal")));
  EXPECT_RUNS("DROP TABLE users; " + created);
  EXPECT_ROWS("SELECT count(*) FROM [SHOW INDEXES FROM users] i", "2", "SELECT 1");
}

TEST_F(KwdbShardsTest, ArePartitionedByTheHiddenColumn) {
  MakeUsers();
  EXPECT_RUNS("INSERT INTO users (user_id, username) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')");
  EXPECT_ROWS(kPartitionUsers, "ALTER TABLE");
  EXPECT_ROWS(
      "SELECT partition_name, column_names, index_name, partition_value FROM [SHOW PARTITIONS FROM TABLE users] p "
      "WHERE partition_value IN ('(0)', '(7)') ORDER BY 1",
      "shard_0|kwdb_internal_user_id_shard_8|users@primary|(0)",
      "shard_7|kwdb_internal_user_id_shard_8|users@primary|(7)", "SELECT 2");
  EXPECT_RUNS("INSERT INTO users (user_id, username) VALUES (5, 'e'), (6, 'f'), (7, 'g'), (8, 'h')");
  EXPECT_ROWS("SELECT user_id, kwdb_internal_user_id_shard_8 FROM users ORDER BY 1", "1|6", "2|5", "3|4", "4|3", "5|2",
              "6|1", "7|0", "8|7", "SELECT 8");
  EXPECT_ROWS(kByLeaf, "1|users_1_prt_shard_6", "2|users_1_prt_shard_5", "3|users_1_prt_shard_4",
              "4|users_1_prt_shard_3", "5|users_1_prt_shard_2", "6|users_1_prt_shard_1", "7|users_1_prt_shard_0",
              "8|users_1_prt_shard_7", "SELECT 8");
  EXPECT_RUNS("UPDATE users SET user_id = 9 WHERE user_id = 8; DELETE FROM users WHERE user_id < 7");
  EXPECT_ROWS(kByLeaf, "7|users_1_prt_shard_0", "9|users_1_prt_shard_6", "SELECT 2");
  Reopen();
  EXPECT_ROWS(kByLeaf, "7|users_1_prt_shard_0", "9|users_1_prt_shard_6", "SELECT 2");
  EXPECT_RUNS(kPartitionUsers);
  EXPECT_RUNS("ALTER TABLE users PARTITION BY NOTHING");
  EXPECT_ROWS(kByLeaf, "7|users", "9|users", "SELECT 2");
}

TEST_F(KwdbShardsTest, ALookupReadsOneShard) {
  MakeUsers();
  EXPECT_RUNS(kPartitionUsers);
  EXPECT_RUNS("INSERT INTO users (user_id, username) SELECT i, 'u' || i FROM generate_series(1, 100) i");
  ExpectPartitions("SELECT * FROM users WHERE user_id = 3", "1");
  ExpectPartitions("SELECT * FROM users WHERE user_id IN (1, 2)", "2");
  ExpectPartitions("SELECT * FROM users WHERE user_id IN (1, 4, 9)", "2");
  ExpectPartitions("SELECT * FROM users WHERE user_id BETWEEN 1 AND 3 AND user_id <> 2", "2");
  ExpectPartitions("SELECT * FROM users WHERE user_id = 1 OR user_id = 7", "2");
  ExpectPartitions("SELECT * FROM users WHERE user_id > 5", "9");
  ExpectPartitions("SELECT * FROM users WHERE kwdb_internal_user_id_shard_8 = 4", "1");
  ExpectPartitions("SELECT * FROM users WHERE username = 'u3'", "9");
  EXPECT_ROWS("SELECT username FROM users WHERE user_id = 3", "u3", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM users WHERE user_id IN (1, 2, 101)", "2", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM users WHERE user_id IS NULL", "0", "SELECT 1");
  EXPECT_ROWS(
      "SELECT sum(n) = 100, count(*) FROM (SELECT count(*) AS n FROM users GROUP BY kwdb_internal_user_id_shard_8) s",
      "true|8", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM users u WHERE u.kwdb_internal_user_id_shard_8 = 4 AND "
              "tableoid::regclass::text <> 'users_1_prt_shard_4'", "0", "SELECT 1");
  EXPECT_RUNS("PREPARE one (bigint) AS SELECT username FROM users WHERE user_id = $1");
  EXPECT_ROWS("EXECUTE one (64)", "u64", "SELECT 1");
}

TEST_F(KwdbShardsTest, AreHiddenAndComputed) {
  MakeH();
  EXPECT_RUNS("INSERT INTO h VALUES (1), (2), (3)");
  EXPECT_ROWS("SELECT * FROM h ORDER BY 1", "1", "2", "3", "SELECT 3");
  EXPECT_ROWS("INSERT INTO h VALUES (4) RETURNING k, kwdb_internal_k_shard_10 >= 0", "4|true", "INSERT 0 1");
  EXPECT_ROWS("DELETE FROM h WHERE k = 4 RETURNING *", "4", "DELETE 1");
  for (const std::string text : {"INSERT INTO h (k, kwdb_internal_k_shard_10) VALUES (5, 1)",
                                 "UPDATE h SET kwdb_internal_k_shard_10 = 1"}) {
    EXPECT_SQL_ERROR(Run(text), "55000", "cannot write directly to computed column \"kwdb_internal_k_shard_10\"");
  }
  EXPECT_SQL_ERROR(Run("INSERT INTO h VALUES (1)"), "23505",
                   "duplicate key value (kwdb_internal_k_shard_10,k)=(6,1) violates unique constraint \"primary\"");
  EXPECT_RUNS("INSERT INTO h VALUES (1) ON CONFLICT (k) DO NOTHING");
  EXPECT_SQL_ERROR(Run("SELECT kwdb_internal_k_shard_4 FROM h"), "42703", "does not exist");
}

TEST_F(KwdbShardsTest, HashTheColumnsInTheOrderOfTheirNames) {
  EXPECT_RUNS(kAllow);
  EXPECT_RUNS(
      "CREATE TABLE hb (b INT, a INT, PRIMARY KEY (b, a) USING HASH WITH BUCKET_COUNT = 8); INSERT INTO hb VALUES (1, "
      "2)");
  EXPECT_ROWS("SELECT kwdb_internal_a_b_shard_8 FROM hb", "3", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE hb PARTITION BY HASH (kwdb_internal_a_b_shard_8, b) (PARTITION x VALUES IN ((3, 1)), "
              "PARTITION y VALUES IN ((DEFAULT, DEFAULT))); INSERT INTO hb VALUES (2, 2)");
  EXPECT_ROWS("SELECT b, tableoid::regclass::text FROM hb ORDER BY 1", "1|hb_1_prt_x", "2|hb_1_prt_y", "SELECT 2");
}

TEST_F(KwdbShardsTest, OfTextsAndMomentsAreKwdbs) {
  EXPECT_RUNS(kAllow);
  EXPECT_RUNS(
      "CREATE TABLE t (s TEXT, b BOOL, d DATE, n DECIMAL(6,2), ts TIMESTAMP, id UUID, "
      "PRIMARY KEY (s, b, d, n, ts, id) USING HASH WITH BUCKET_COUNT = 1000);"
      "INSERT INTO t SELECT 'ü' || i, i % 2 = 0, date '2025-01-01' + i, i * 1.5, timestamp '2025-01-01' + i * interval "
      "'90 minutes', '00000000-0000-0000-0000-00000000000a'::uuid FROM generate_series(1, 20) i");
  const std::string shard = "kwdb_internal_b_d_id_n_s_ts_shard_1000";
  const auto before = Get(Run("SELECT s, " + shard + " FROM t ORDER BY 1"));
  // Rows are brought to their partitions by what is held, and shown by what they mean.
  EXPECT_RUNS("ALTER TABLE t PARTITION BY RANGE (" + shard + ") (PARTITION low VALUES FROM (MINVALUE) TO (500))");
  EXPECT_EQ(Get(Run("SELECT s, " + shard + " FROM t ORDER BY 1")), before);
  EXPECT_ROWS("SELECT count(*) FROM t WHERE (" + shard + " < 500) <> (tableoid::regclass::text = 't_1_prt_low')", "0",
              "SELECT 1");
  EXPECT_RUNS("SET timezone = 'Asia/Shanghai'; SET datestyle = 'ISO, DMY'");
  EXPECT_EQ(Get(Run("SELECT s, " + shard + " FROM t ORDER BY 1")), before);
}

TEST_F(KwdbShardsTest, MistakesAreKwdbs) {
  MakeH();
  EXPECT_SQL_ERROR(Run("CREATE TABLE hp (k INT, PRIMARY KEY (k) USING HASH WITH BUCKET_COUNT = 4) PARTITION BY HASH "
                       "(kwdb_internal_k_shard_4) (PARTITION p0 VALUES IN (0))"),
                   "0A000", "sharded indexes don't support partitioning");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h PARTITION BY HASH (k) (PARTITION p VALUES IN (1))"), "42601",
                   "declared partition columns (k) do not match first 1 columns in index being partitioned "
                   "(kwdb_internal_k_shard_10)");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h PARTITION BY HASH (kwdb_internal_k_shard_10) (PARTITION a VALUES IN (0), "
                       "PARTITION b VALUES IN (0))"),
                   "42P16", "(0) cannot be present in more than one partition");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h RENAME COLUMN kwdb_internal_k_shard_10 TO x"), "42939",
                   "cannot rename shard column: kwdb_internal_k_shard_10");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h ADD COLUMN kwdb_internal_k_shard_10 int"), "42701", "already exists");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h DROP COLUMN kwdb_internal_k_shard_10"), "42P10",
                   "column \"kwdb_internal_k_shard_10\" is referenced by the primary key");
  EXPECT_SQL_ERROR(
      Run("CREATE TABLE own (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 2, kwdb_internal_k_shard_2 INT)"),
      "42701", "is that of the key's shard column");
  EXPECT_RUNS("CREATE TABLE u (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 2, v INT UNIQUE)");
  EXPECT_SQL_ERROR(Run("ALTER TABLE u PARTITION BY LIST (kwdb_internal_k_shard_2) (PARTITION p VALUES IN (0))"),
                   "0A000", "unique constraint on partitioned table must include all partitioning columns");
}

TEST_F(KwdbShardsTest, FollowTheNamesOfTheirColumns) {
  MakeH();
  EXPECT_RUNS("ALTER TABLE h PARTITION BY HASH (kwdb_internal_k_shard_10) (PARTITION low VALUES IN (0,1,2,3,4), "
              "PARTITION high VALUES IN (5,6,7,8,9)); INSERT INTO h VALUES (1), (3)");
  EXPECT_THAT(
      Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE h] c"))[0],
      HasSubstr(
          " PARTITION BY HASH (kwdb_internal_k_shard_10) (\n\tPARTITION low VALUES IN ((0), (1), (2), (3), (4))"));
  EXPECT_RUNS("ALTER TABLE h RENAME COLUMN k TO kk");
  EXPECT_ROWS("SELECT kk, kwdb_internal_kk_shard_10 FROM h WHERE kk = 1", "1|6", "SELECT 1");
  EXPECT_ROWS("SELECT partition_name, column_names FROM [SHOW PARTITIONS FROM TABLE h] p ORDER BY 1",
              "high|kwdb_internal_kk_shard_10", "low|kwdb_internal_kk_shard_10", "SELECT 2");
  EXPECT_SQL_ERROR(Run("ALTER TABLE h DROP CONSTRAINT h_pkey"), "0A000", "the partitions of \"h\" are of its shards");
  EXPECT_RUNS("BEGIN; ALTER TABLE h PARTITION BY NOTHING; ROLLBACK");
  EXPECT_ROWS("SELECT kwdb_internal_kk_shard_10 FROM h WHERE kk = 1", "6", "SELECT 1");
}

TEST_F(KwdbShardsTest, FlussHasABucketAShard) {
  MakeUsers();
  EXPECT_EQ(BucketsOf("users"), 8);
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "users"})).schema().num_columns(), 4);
  EXPECT_RUNS(kPartitionUsers);
  EXPECT_EQ(BucketsOf("users_1_prt_shard_0"), 1);
}

TEST_F(KwdbShardsTest, HaveRangesOfTheirOwnWhereTheyHaveZones) {
  MakeUsers();
  EXPECT_RUNS(kPartitionUsers);
  EXPECT_RUNS("ALTER PARTITION shard_6 OF TABLE users CONFIGURE ZONE USING gc.ttlseconds = 3600");
  EXPECT_ROWS("SELECT start_key, end_key FROM [SHOW RANGES FROM TABLE users] r ORDER BY range_id", "null|/6", "/6|/7",
              "/7|null", "SELECT 3");
  EXPECT_THAT(Get(Run("SHOW RANGE FROM TABLE users FOR ROW (1, 'a', 'b', now())"))[0], HasSubstr("/6|/7|"));
}

}  // namespace
}  // namespace weir::sql
