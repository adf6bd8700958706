#include "sql/catalog/definition.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using KeyTypesTest = SessionTest;

// '1 day' equals '24:00:00', and is another to a sum: Fluss's primary key would make the one of the other.
TEST_F(KeyTypesTest, AnIndexKeepsPrimaryKeysOfIntervals) {
  EXPECT_RUNS("CREATE TABLE p (k interval PRIMARY KEY); INSERT INTO p VALUES ('24:00:00')");
  Reopen();
  EXPECT_SQL_ERROR(Run("INSERT INTO p VALUES ('1 day')"), "23505", "\"p_pkey\"");
  EXPECT_SQL_ERROR(Run("INSERT INTO p VALUES (NULL)"), "23502", "\"k\"");
  EXPECT_ROWS("SELECT k FROM p", "24:00:00", "SELECT 1");
  EXPECT_RUNS("CREATE UNIQUE INDEX p_index ON p (k)");
  EXPECT_RUNS("ALTER TABLE p DROP CONSTRAINT p_pkey");
  EXPECT_SQL_ERROR(Run("ALTER TABLE p ADD PRIMARY KEY USING INDEX p_index"), "0A000", "not made of an index");
}

TEST_F(KeyTypesTest, IntervalsAreUniqueKeys) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int PRIMARY KEY, k interval UNIQUE); INSERT INTO t VALUES (1, '24:00:00'), (2, '30 days')");
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (3, '1 day')"), "23505", "\"t_k_key\"");
  EXPECT_SQL_ERROR(Run("UPDATE t SET k = '1 mon' WHERE a = 1"), "23505", "\"t_k_key\"");
  EXPECT_RUNS("INSERT INTO t VALUES (4, '1 mon') ON CONFLICT (k) DO NOTHING; INSERT INTO t VALUES (5, '25:00')");
  EXPECT_ROWS("SELECT a, k::text FROM t ORDER BY a", "1|24:00:00", "2|30 days", "5|25:00:00", "SELECT 3");
}

// 1 equals 1.0: a key holds the one.
TEST_F(KeyTypesTest, NumbersWithinKeysHaveOneForm) {
  EXPECT_RUNS("CREATE TABLE j (k jsonb PRIMARY KEY, u jsonb UNIQUE); CREATE TABLE r (k numrange PRIMARY KEY)");
  EXPECT_RUNS("INSERT INTO j VALUES ('{\"a\": [1.50, \"2.0\"]}', '1.0')");
  EXPECT_SQL_ERROR(Run("INSERT INTO j VALUES ('{\"a\": [1.5, \"2.0\"]}', '2')"), "23505", "\"j_pkey\"");
  EXPECT_SQL_ERROR(Run("INSERT INTO j VALUES ('2', '1.00')"), "23505", "\"j_u_key\"");
  EXPECT_ROWS("SELECT k, u FROM j WHERE k = '{\"a\": [1.500, \"2.0\"]}'", "{\"a\": [1.5, \"2.0\"]}|1.0", "SELECT 1");
  EXPECT_RUNS("INSERT INTO r VALUES ('[1.0,2)')");
  EXPECT_SQL_ERROR(Run("INSERT INTO r VALUES ('[1,2.00)')"), "23505", "\"r_pkey\"");
}

TEST_F(KeyTypesTest, KeysOfTypesWithOneFormAreTaken) {
  for (const std::string type : {"uuid", "inet", "money", "timetz", "macaddr", "int4range", "tsrange", "varbit"}) {
    EXPECT_RUNS("CREATE TABLE t (k " + type + " PRIMARY KEY); DROP TABLE t");
  }
}

TEST_F(KeyTypesTest, IndexesOfTypesThatAreComparedByKeysFindEqualValues) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int PRIMARY KEY, j jsonb, i interval); CREATE INDEX ON t (j); CREATE INDEX ON t (i);"
      "INSERT INTO t VALUES (1, '1', '1 day'), (2, '1.0', '24:00:00'), (3, '2', '2 days')");
  EXPECT_ROWS("SELECT a FROM t WHERE j = '1.00' ORDER BY a", "1", "2", "SELECT 2");
  EXPECT_ROWS("SELECT a FROM t WHERE i = '24 hours' ORDER BY a", "1", "2", "SELECT 2");
}

TEST_F(KeyTypesTest, PartitionsThatCompareByValuesAreThereAfterwards) {
  EXPECT_RUNS(
      "CREATE TABLE t (k inet) PARTITION BY RANGE (k);"
      "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('10.0.0.2') TO ('10.0.0.10');"
      "CREATE TABLE h (k uuid) PARTITION BY HASH (k);"
      "CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (modulus 5, remainder 0)");
  Reopen();
  EXPECT_RUNS("INSERT INTO t VALUES ('10.0.0.9'); INSERT INTO h VALUES ('00000000-0000-0000-0000-000000000000')");
  EXPECT_ROWS("SELECT tableoid::regclass::text FROM t", "t_1", "SELECT 1");
  EXPECT_ROWS("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 't_1'",
              "FOR VALUES FROM ('10.0.0.2') TO ('10.0.0.10')", "SELECT 1");
}

TEST_F(KeyTypesTest, PartitionKeysOfTypesWhoseOrderIsNotKnownAreRefused) {
  EXPECT_SQL_ERROR(Run("CREATE TABLE t (k tsvector) PARTITION BY RANGE (k)"), "0A000",
                   "a partition key of type tsvector is not supported");
  EXPECT_SQL_ERROR(Run("CREATE TABLE t (k int[]) PARTITION BY LIST (k)"), "0A000",
                   "a partition key of type integer[] is not supported");
}

constexpr const char* kInets =
    R"({"id":20000,"columns":[{"name":"k","type":"inet"}],"partition_by":{"strategy":"range","parts":[{"column":"k"}]}})";

// A table that was made when all keys compared as they are held keeps its rows' places.
TEST(KeyDefinitionTest, WithoutByValueKeysCompareAsTheyAreHeld) {
  const Relation old = Get(ReadDefinition(kInets, nullptr));
  EXPECT_EQ(old.partition_key->parts[0].value_type, 0u);
  Relation fresh = old;
  fresh.partition_key->parts[0].value_type = 869;
  const std::string text = WriteDefinition(fresh, nullptr);
  EXPECT_EQ(Get(ReadDefinition(text, nullptr)).partition_key->parts[0].value_type, 869u);
}

TEST(KeyDefinitionTest, OrderedTextsAreKept) {
  const Relation parent = Get(ReadDefinition(kInets, nullptr));
  const Relation leaf = Get(ReadDefinition(
      R"({"id":20001,"bound":{"from":[[{"ordered":[869,"10.0.0.9"]}]],"to":[[{"ordered":[869,"10.0.0.10"]}]]}})",
      &parent));
  const auto& range = std::get<RangeBound>(leaf.bound);
  EXPECT_TRUE(CompareEdges(range.from, range.to) < 0);
  const Relation again = Get(ReadDefinition(WriteDefinition(leaf, &parent), &parent));
  EXPECT_EQ(std::get<OrderedText>(std::get<RangeBound>(again.bound).from[0].value).text, "10.0.0.9");
  EXPECT_FALSE(ReadDefinition(R"({"id":20001,"bound":{"in":[[{"ordered":[869,"no address"]}]]}})", &parent).ok());
}

TEST(KeyDefinitionTest, NumericOfBeforeHadNineDecimals) {
  const auto read = [](const std::string& column) {
    return Get(ReadDefinition(R"({"id":20000,"columns":[)" + column + "]}", nullptr)).columns[0];
  };
  const SqlColumn before = read(R"({"name":"n","type":"numeric"})");
  EXPECT_EQ(before.type, "numeric(38,9)");
  EXPECT_EQ(before.data_type, DataType::Decimal(38, 9));
  EXPECT_EQ(read(R"({"name":"n","type":"numeric[]"})").type, "numeric(38,9)[]");
  Relation now;
  now.columns.push_back({.name = "n", .type = "numeric", .data_type = DataType::String()});
  const Relation again = Get(ReadDefinition(WriteDefinition(now, nullptr), nullptr));
  EXPECT_EQ(again.columns[0].type, "numeric");
  EXPECT_EQ(again.columns[0].data_type, DataType::String());
}

TEST(KeyDefinitionTest, TimeOfBeforeHadThreeDecimals) {
  const auto read = [](const std::string& column) {
    return Get(ReadDefinition(R"({"id":20000,"columns":[)" + column + "]}", nullptr)).columns[0];
  };
  const SqlColumn before = read(R"({"name":"t","type":"time without time zone"})");
  EXPECT_EQ(before.type, "time(3) without time zone");
  EXPECT_EQ(before.data_type, DataType::Time(3));
  EXPECT_EQ(read(R"({"name":"t","type":"time(6) without time zone[]"})").type, "time(3) without time zone[]");
  EXPECT_EQ(read(R"({"name":"t","type":"time(0) without time zone"})").type, "time(0) without time zone");
  EXPECT_EQ(read(R"({"name":"t","type":"time with time zone"})").type, "time with time zone");
  Relation now;
  now.columns.push_back({.name = "t", .type = "time without time zone", .data_type = DataType::String()});
  const Relation again = Get(ReadDefinition(WriteDefinition(now, nullptr), nullptr));
  EXPECT_EQ(again.columns[0].type, "time without time zone");
  EXPECT_EQ(again.columns[0].data_type, DataType::String());
}

}  // namespace
}  // namespace weir::sql
