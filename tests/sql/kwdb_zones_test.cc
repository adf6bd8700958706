#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDefaults =
    "ALTER RANGE default CONFIGURE ZONE USING\n\trange_min_bytes = 134217728,\n\trange_max_bytes = 536870912,\n\t"
    "gc.ttlseconds = 90000,\n\tnum_replicas = 3,\n\tconstraints = '[]',\n\tlease_preferences = '[]'";

/// KWDB's zones, and what its SHOW says.
class KwdbZonesTest : public SessionTest {
 protected:
  void MakeOrders() {
    EXPECT_RUNS(
        "CREATE DATABASE shop; CREATE TABLE shop.orders (id BIGINT, region INT, note VARCHAR(20), created_at TIMESTAMP "
        "DEFAULT NOW(), PRIMARY KEY (region, id)) PARTITION BY LIST (region) (PARTITION north VALUES IN (1), "
        "PARTITION east VALUES IN (2), PARTITION south VALUES IN (3))");
  }
  std::string Shown(const std::string& what) {
    const auto rows = Get(Run("SHOW ZONE CONFIGURATION FOR " + what));
    return rows.size() == 2 ? rows[0] : "not one row";
  }
};

TEST_F(KwdbZonesTest, AreSetAndTakenAway) {
  EXPECT_RUNS("CREATE TABLE a (id int PRIMARY KEY)");
  EXPECT_EQ(Shown("RANGE default"), std::string("RANGE default|") + kDefaults);
  EXPECT_EQ(Shown("TABLE a"), std::string("RANGE default|") + kDefaults);
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE USING range_min_bytes = 20000000 + 1, range_max_bytes = 30000000 + 1, "
              "gc.ttlseconds = 3000 + 600, num_replicas = floor(1.2)::int", "CONFIGURE ZONE 1");
  EXPECT_EQ(Shown("TABLE a"), "TABLE a|ALTER TABLE a CONFIGURE ZONE USING\n\trange_min_bytes = 20000001,\n\t"
                              "range_max_bytes = 30000001,\n\tgc.ttlseconds = 3600,\n\tnum_replicas = 1,\n\t"
                              "constraints = '[]',\n\tlease_preferences = '[]'");
  EXPECT_RUNS("ALTER TABLE a CONFIGURE ZONE USING range_max_bytes = 40000000");
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("range_max_bytes = 40000000"));
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("range_min_bytes = 20000001"));
  Reopen();
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("range_max_bytes = 40000000"));
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE USING DEFAULT", "CONFIGURE ZONE 1");
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("TABLE a|ALTER TABLE a CONFIGURE ZONE USING\n\trange_min_bytes = 134217728"));
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE DISCARD", "CONFIGURE ZONE 1");
  EXPECT_EQ(Shown("TABLE a"), std::string("RANGE default|") + kDefaults);
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE DISCARD", "CONFIGURE ZONE 0");
}

TEST_F(KwdbZonesTest, AreReadAsYaml) {
  MakeOrders();
  EXPECT_RUNS("CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a CONFIGURE ZONE USING num_replicas = 5");
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE = 'gc: {ttlseconds: 42}'", "CONFIGURE ZONE 1");
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("gc.ttlseconds = 42,\n\tnum_replicas = 5"));
  EXPECT_RUNS("ALTER TABLE a CONFIGURE ZONE TO '\n  # sizes\n  range_min_bytes: 20000000\n  range_max_bytes: 30000000\n"
              "  gc:\n    ttlseconds: 700\n  num_replicas: 1  # one\n'");
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("range_min_bytes = 20000000,\n\trange_max_bytes = 30000000,\n\t"
                                          "gc.ttlseconds = 700,\n\tnum_replicas = 1"));
  EXPECT_RUNS("ALTER PARTITION north OF TABLE shop.orders CONFIGURE ZONE = 'num_replicas: 3' || "
              "e'\\nconstraints: {+region=NODE1: 1}\\nlease_preferences: [[+region=NODE1]]'");
  EXPECT_THAT(Shown("PARTITION north OF TABLE shop.orders"),
              HasSubstr("constraints = '{+region=NODE1: 1}',\n\tlease_preferences = '[[+region=NODE1]]'"));
  const auto expect = [&](const std::string& value, const char* state, const char* message) {
    EXPECT_SQL_ERROR(Run("ALTER TABLE a CONFIGURE ZONE = " + value), state, message);
  };
  expect("'nonsense'", "23514",
         "could not parse zone config: yaml: line 1: cannot unmarshal !!str `nonsense` into a zone");
  expect("'num_replicas: many'", "23514",
         "could not parse zone config: yaml: line 1: cannot unmarshal !!str `many` into int64");
  expect("e'num_replicas: 3\\nreplicas: 3'", "23514",
         "could not parse zone config: yaml: line 2: field replicas not found");
  expect("e'gc:\\n  foo: 3'", "23514", "could not parse zone config: yaml: line 2: field gc.foo not found");
  expect("e'num_replicas: 3\\n  gc: 3'", "23514",
         "could not parse zone config: yaml: line 2: did not find expected key");
  expect("'num_replicas:'", "23514", "could not parse zone config: yaml: line 1: field num_replicas has no value");
  expect("'num_replicas: 2'", "23514", "at least 3 replicas are required for multi-replica configurations");
  expect("'constraints: [+region=NODE1]'", "0A000",
         "set zone config constraints and lease_preferences is not supported");
  expect("42", "22023", "zone config must be of type string or bytes, not int");
  EXPECT_ROWS("ALTER TABLE a CONFIGURE ZONE = NULL", "CONFIGURE ZONE 1");
  EXPECT_EQ(Shown("TABLE a"), std::string("RANGE default|") + kDefaults);
}

TEST_F(KwdbZonesTest, AreInherited) {
  MakeOrders();
  EXPECT_RUNS("ALTER DATABASE shop CONFIGURE ZONE USING gc.ttlseconds = 1000;"
              "ALTER TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 2000;"
              "ALTER INDEX shop.orders@primary CONFIGURE ZONE USING gc.ttlseconds = 3000;"
              "ALTER PARTITION north OF INDEX shop.orders@primary CONFIGURE ZONE USING gc.ttlseconds = 4000");
  const std::string partition = "PARTITION north OF INDEX shop.orders@primary";
  const auto look = [&](const std::string& target, int seconds) {
    const std::string shown = Shown(partition);
    EXPECT_THAT(shown, HasSubstr("gc.ttlseconds = " + std::to_string(seconds)));
    EXPECT_THAT(shown, testing::StartsWith(target + "|"));
  };
  look("PARTITION north OF INDEX shop.public.orders@primary", 4000);
  EXPECT_THAT(Shown("PARTITION north OF TABLE shop.orders"), HasSubstr("PARTITION north OF TABLE shop.public.orders|"));
  EXPECT_RUNS("ALTER PARTITION north OF TABLE shop.orders CONFIGURE ZONE DISCARD");
  look("INDEX shop.public.orders@primary", 3000);
  EXPECT_RUNS("ALTER INDEX shop.orders@primary CONFIGURE ZONE DISCARD");
  look("TABLE shop.public.orders", 2000);
  EXPECT_RUNS("ALTER TABLE shop.orders CONFIGURE ZONE DISCARD");
  look("DATABASE shop", 1000);
  EXPECT_RUNS("ALTER DATABASE shop CONFIGURE ZONE DISCARD");
  look("RANGE default", 90000);
}

TEST_F(KwdbZonesTest, ACopyDoesNotFollowItsParent) {
  EXPECT_RUNS("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);"
              "ALTER TABLE a CONFIGURE ZONE USING num_replicas = COPY FROM PARENT;"
              "ALTER RANGE default CONFIGURE ZONE USING num_replicas = 5");
  EXPECT_THAT(Shown("TABLE a"), HasSubstr("num_replicas = 3"));
  EXPECT_THAT(Shown("TABLE b"), HasSubstr("num_replicas = 5"));
  EXPECT_RUNS("ALTER RANGE default CONFIGURE ZONE USING DEFAULT");
  EXPECT_EQ(Shown("TABLE b"), std::string("RANGE default|") + kDefaults);
}

TEST_F(KwdbZonesTest, AreInTheTransaction) {
  MakeOrders();
  auto other = Connect();
  EXPECT_RUNS("BEGIN; ALTER TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 700; SAVEPOINT s;"
              "ALTER TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 800");
  EXPECT_THAT(Shown("TABLE shop.orders"), HasSubstr("gc.ttlseconds = 800"));
  EXPECT_THAT(Get(Run(*other, "SHOW ZONE CONFIGURATION FOR TABLE shop.orders"))[0], HasSubstr("RANGE default|"));
  EXPECT_RUNS("ROLLBACK TO s");
  EXPECT_THAT(Shown("TABLE shop.orders"), HasSubstr("gc.ttlseconds = 700"));
  EXPECT_RUNS("COMMIT");
  EXPECT_THAT(Get(Run(*other, "SHOW ZONE CONFIGURATION FOR TABLE shop.orders"))[0], HasSubstr("gc.ttlseconds = 700"));
  EXPECT_RUNS("BEGIN; ALTER TABLE shop.orders CONFIGURE ZONE DISCARD; ROLLBACK");
  EXPECT_THAT(Shown("TABLE shop.orders"), HasSubstr("gc.ttlseconds = 700"));
}

TEST_F(KwdbZonesTest, GoWithWhatTheyAreOf) {
  MakeOrders();
  const std::string count = "SELECT count(*) FROM kwdb_internal.zones WHERE database_name = 'shop'";
  EXPECT_RUNS("ALTER PARTITION north OF TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 700;"
              "ALTER TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 800;"
              "ALTER DATABASE shop CONFIGURE ZONE USING gc.ttlseconds = 900");
  EXPECT_ROWS(count, "3", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE shop.orders PARTITION BY LIST (region) (PARTITION north VALUES IN (1), "
              "PARTITION east VALUES IN (2), PARTITION south VALUES IN (3)); TRUNCATE shop.orders");
  EXPECT_ROWS(count, "3", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE shop.orders PARTITION BY NOTHING");
  EXPECT_ROWS(count, "2", "SELECT 1");
  EXPECT_RUNS("DROP TABLE shop.orders");
  EXPECT_ROWS(count, "1", "SELECT 1");
  EXPECT_RUNS("DROP DATABASE shop; CREATE DATABASE shop");
  EXPECT_ROWS(count, "0", "SELECT 1");
}

TEST_F(KwdbZonesTest, AnswerMistakesAsKwdbDoes) {
  MakeOrders();
  EXPECT_RUNS("CREATE TABLE a (id int PRIMARY KEY)");
  const auto expect = [&](const std::string& text, const char* state, const char* message) {
    EXPECT_SQL_ERROR(Run("ALTER " + text), state, message);
  };
  for (const std::string target : {"TABLE a", "DATABASE shop", "INDEX a@primary", "RANGE default"}) {
    expect(target + " CONFIGURE ZONE USING constraints = '[+region=NODE1]'", "0A000",
           "set zone config constraints and lease_preferences is not supported");
    expect(target + " CONFIGURE ZONE USING lease_preferences = COPY FROM PARENT", "0A000",
           "set zone config constraints and lease_preferences is not supported");
  }
  const std::string a = "TABLE a CONFIGURE ZONE USING ";
  expect(a + "num_replicas = 0", "23514", "could not validate zone config: at least one replica is required");
  expect(a + "num_replicas = -1", "23514", "could not validate zone config: at least one replica is required");
  expect(a + "num_replicas = 2", "23514",
         "could not validate zone config: at least 3 replicas are required for multi-replica configurations");
  expect(a + "num_replicas = 3, num_replicas = 3", "22023", "duplicate zone config parameter: \"num_replicas\"");
  expect(a + "foo = 1", "22023", "unsupported zone config parameter: \"foo\"");
  expect(a + "num_replicas = NULL", "22023", "unsupported NULL value for \"num_replicas\"");
  expect(a + "num_replicas = 1.5", "42804", "argument of num_replicas must be type int, not type decimal");
  expect(a + "num_replicas = 'x'", "22P02", "could not parse \"x\" as type int");
  expect(a + "gc.ttlseconds = 0", "23514",
         "could not validate zone config: GC.TTLSeconds 0 less than minimum allowed 1");
  expect(a + "range_max_bytes = 100, range_min_bytes = 50", "23514",
         "could not validate zone config: RangeMaxBytes 100 less than minimum allowed 5242880");
  expect(a + "range_min_bytes = 6000000, range_max_bytes = 6000000", "23514",
         "could not validate zone config: RangeMinBytes 6000000 is greater than or equal to RangeMaxBytes 6000000");
  const auto incomplete = EXPECT_SQL_ERROR(
      Run("ALTER " + a + "range_max_bytes = 40000000000"), "22023",
      "could not validate zone config: range_min_bytes and range_max_bytes must be set together");
  EXPECT_THAT(incomplete.hint, HasSubstr("COPY FROM PARENT"));
  expect("PARTITION north OF TABLE shop.orders CONFIGURE ZONE USING constraints = '{\"+region=NODE1\": 1}'", "22023",
         "could not validate zone config: when per-replica constraints are set, num_replicas must be set as well");
  expect("PARTITION north OF TABLE shop.orders CONFIGURE ZONE USING constraints = '12'", "22023",
         "invalid constraints format");
  expect("PARTITION nope OF TABLE shop.orders CONFIGURE ZONE DISCARD", "42704",
         "partition \"nope\" does not exist on table \"orders\"");
  expect("PARTITION nope OF INDEX shop.orders@primary CONFIGURE ZONE DISCARD", "42704",
         "partition \"nope\" does not exist on index \"primary\"");
  expect("RANGE default CONFIGURE ZONE DISCARD", "23514", "cannot remove default zone");
  expect("RANGE foo CONFIGURE ZONE USING DEFAULT", "42704", "\"foo\" is not a built-in zone");
  expect("DATABASE foo CONFIGURE ZONE USING DEFAULT", "3D000", "database \"foo\" does not exist");
  expect("TABLE foo CONFIGURE ZONE USING DEFAULT", "42P01", "relation \"foo\" does not exist");
  expect("INDEX a@foo CONFIGURE ZONE USING DEFAULT", "42704", "index \"foo\" does not exist");
  EXPECT_EQ(Shown("TABLE a"), std::string("RANGE default|") + kDefaults);
  EXPECT_ROWS("ALTER PARTITION nope OF INDEX shop.orders@* CONFIGURE ZONE USING gc.ttlseconds = 700",
              "CONFIGURE ZONE 0");
}

TEST_F(KwdbZonesTest, ArePartitionsShownWith) {
  MakeOrders();
  EXPECT_RUNS("ALTER PARTITION east OF TABLE shop.orders CONFIGURE ZONE USING num_replicas = 3, "
              "lease_preferences = '[[+region=NODE2]]'");
  EXPECT_ROWS(
      "SELECT database_name, table_name, partition_name, parent_partition, column_names, index_name, "
      "partition_value, zone_config FROM [SHOW PARTITIONS FROM TABLE shop.orders] ORDER BY partition_value",
      "shop|orders|north|null|region|orders@primary|(1)|null",
      "shop|orders|east|null|region|orders@primary|(2)|num_replicas = 3,\nlease_preferences = '[[+region=NODE2]]'",
      "shop|orders|south|null|region|orders@primary|(3)|null", "SELECT 3");
  EXPECT_THAT(
      Get(Run("SELECT full_zone_config FROM [SHOW PARTITIONS FROM DATABASE shop] p WHERE partition_name = 'east'"))[0],
      HasSubstr("gc.ttlseconds = 90000,\nnum_replicas = 3,\nconstraints = '[]',\nlease_preferences = '[[+region"));
  EXPECT_ROWS(
      "SELECT target, raw_config_sql FROM kwdb_internal.zones WHERE partition_name = 'east'",
      "PARTITION east OF INDEX shop.public.orders@primary|ALTER PARTITION east OF INDEX shop.public.orders@primary "
      "CONFIGURE ZONE USING\n\tnum_replicas = 3,\n\tlease_preferences = '[[+region=NODE2]]'",
      "SELECT 1");
  EXPECT_SQL_ERROR(Run("SHOW PARTITIONS FROM DATABASE nosuch"), "3D000", "database \"nosuch\" does not exist");
  EXPECT_ROWS(
      "SELECT name, columns, column_names, list_value, range_value FROM kwdb_internal.partitions ORDER BY list_value",
      "north|1|region|(1)|null", "east|1|region|(2)|null", "south|1|region|(3)|null", "SELECT 3");
}

TEST_F(KwdbZonesTest, SplitTheTableIntoRanges) {
  MakeOrders();
  const std::string ranges = "SELECT start_key, end_key, lease_holder FROM [SHOW RANGES FROM TABLE shop.orders] r "
                             "ORDER BY range_id";
  EXPECT_ROWS(ranges, "null|null|1", "SELECT 1");
  EXPECT_RUNS("ALTER PARTITION north OF TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 3600");
  EXPECT_ROWS(ranges, "null|/1|1", "/1|/2|1", "/2|null|1", "SELECT 3");
  EXPECT_RUNS("ALTER PARTITION east OF TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 3600;"
              "ALTER PARTITION south OF TABLE shop.orders CONFIGURE ZONE USING gc.ttlseconds = 3600");
  EXPECT_ROWS(ranges, "null|/1|1", "/1|/2|1", "/2|/3|1", "/3|/4|1", "/4|null|1", "SELECT 5");
  EXPECT_THAT(Get(Run("SHOW RANGE FROM TABLE shop.orders FOR ROW (1, 2, 'x', now())"))[0],
              HasSubstr("/2|/3|3|0.000000000000000000000000|1|"));
  EXPECT_SQL_ERROR(Run("SHOW RANGE FROM TABLE shop.orders FOR ROW (1, 2)"), "42601", "expected 4 values, got 2");
  const auto rows = Get(Run("SELECT start_pretty, end_pretty, replicas::text FROM kwdb_internal.ranges "
                            "WHERE database_name = 'shop' AND table_name = 'orders' ORDER BY range_id"));
  EXPECT_EQ(rows.size(), 6u);
  EXPECT_THAT(rows[1], HasSubstr("/1/1|"));
  EXPECT_THAT(rows, Contains(HasSubstr("/Max|{1}")));
  EXPECT_ROWS("SELECT node_id, is_live, ranges FROM kwdb_internal.gossip_nodes", "1|true|5", "SELECT 1");
}

TEST_F(KwdbZonesTest, ARowLiesInTheRangeOfItsKey) {
  EXPECT_RUNS("CREATE TABLE words (w text PRIMARY KEY) PARTITION BY LIST (w) (PARTITION m VALUES IN ('m'));"
              "ALTER PARTITION m OF TABLE words CONFIGURE ZONE USING gc.ttlseconds = 3600");
  const auto start_of = [&](const std::string& word) {
    const std::string row = Get(Run("SHOW RANGE FROM TABLE words FOR ROW ('" + word + "')"))[0];
    return row.substr(0, row.find('|'));
  };
  EXPECT_EQ(start_of("l"), "null");
  EXPECT_EQ(start_of("m"), "/\"m\"");
  EXPECT_EQ(start_of("ma"), "/\"m\"/PrefixEnd");
}

TEST_F(KwdbZonesTest, ShowWhatATableIsMadeOf) {
  MakeOrders();
  const auto created = Get(Run("SELECT create_statement FROM [SHOW CREATE TABLE shop.orders] c"))[0];
  EXPECT_THAT(created,
              HasSubstr("CREATE TABLE orders (\n\tid INT8 NOT NULL,\n\tregion INT4 NOT NULL,\n\tnote VARCHAR(20) "
                        "NULL,\n\tcreated_at TIMESTAMP NULL DEFAULT "));
  EXPECT_THAT(created,
              HasSubstr("CONSTRAINT \"primary\" PRIMARY KEY (region ASC, id ASC)\n) PARTITION BY LIST (region) (\n"
                        "\tPARTITION north VALUES IN ((1)), \n\tPARTITION east VALUES IN ((2)), \n"
                        "\tPARTITION south VALUES IN ((3))\n)\n-- Warning: Partitioned table with no zone "
                        "configurations."));
  EXPECT_RUNS("DROP TABLE shop.orders");
  EXPECT_RUNS(created);
  EXPECT_RUNS("ALTER PARTITION south OF TABLE orders CONFIGURE ZONE USING gc.ttlseconds = 700;"
              "ALTER PARTITION east OF TABLE orders CONFIGURE ZONE USING gc.ttlseconds = 700");
  const auto zoned = Get(Run("SHOW CREATE TABLE orders"))[0];
  EXPECT_THAT(zoned, Not(HasSubstr("Warning")));
  EXPECT_LT(zoned.find("ALTER PARTITION east"), zoned.find("ALTER PARTITION south"));
  EXPECT_ROWS("SELECT column_name, data_type, is_nullable, indices::text FROM [SHOW COLUMNS FROM orders] c ORDER BY 1",
              "created_at|TIMESTAMP|true|{}", "id|INT8|false|{primary}", "note|VARCHAR(20)|true|{}",
              "region|INT4|false|{primary}", "SELECT 4");
  EXPECT_ROWS("SHOW CONSTRAINTS FROM orders", "orders|primary|PRIMARY KEY|PRIMARY KEY (region ASC, id ASC)|true",
              "SELECT 1");
  EXPECT_ROWS("SELECT index_name, index_type, is_unique FROM kwdb_internal.table_indexes", "primary|primary|true",
              "SELECT 1");
}

TEST_F(KwdbZonesTest, ShowUsersAndGrants) {
  EXPECT_RUNS("CREATE TABLE t (a int PRIMARY KEY); CREATE ROLE bob; CREATE USER ann; GRANT bob TO ann;"
              "GRANT SELECT, ZONECONFIG ON TABLE t TO bob; GRANT CREATE ON DATABASE fluss TO ann");
  EXPECT_ROWS("SELECT username, options, member_of::text FROM [SHOW USERS] u WHERE username IN ('ann', 'bob') "
              "ORDER BY 1", "ann||{bob}", "bob|NOLOGIN|{}", "SELECT 2");
  EXPECT_ROWS("SHOW GRANTS ON TABLE t FOR bob", "fluss|public|t|bob|SELECT", "fluss|public|t|bob|ZONECONFIG",
              "SELECT 2");
  EXPECT_ROWS("SHOW GRANTS ON DATABASE fluss FOR ann", "fluss|ann|CREATE", "SELECT 1");
}

TEST_F(KwdbZonesTest, PositionsAreThoseOfTheWrittenText) {
  const auto error = EXPECT_SQL_ERROR(Run("SELECT * FROM [SHOW USERS] AS u WHERE nosuch = 1"), "42703", "nosuch");
  EXPECT_EQ(error.position, 39);
}

}  // namespace
}  // namespace weir::sql
