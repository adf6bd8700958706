#include <gtest/gtest.h>

#include "model/table_json.h"
#include "model/table_options.h"
#include "model/table_rules.h"

namespace weir {
namespace {

constexpr const char* kExample = R"({"version":1,"schema":{"version":1,"columns":[
 {"name":"a","data_type":{"type":"INTEGER","nullable":false},"id":0},
 {"name":"c","data_type":{"type":"CHAR","length":5},"comment":"cm","id":1},
 {"name":"d","data_type":{"type":"DECIMAL","precision":10,"scale":2},"id":2},
 {"name":"t","data_type":{"type":"TIME_WITHOUT_TIME_ZONE","precision":3},"id":3},
 {"name":"ts","data_type":{"type":"TIMESTAMP_WITHOUT_TIME_ZONE","precision":6},"id":4},
 {"name":"tz","data_type":{"type":"TIMESTAMP_WITH_LOCAL_TIME_ZONE","precision":3},"id":5},
 {"name":"bi","data_type":{"type":"BINARY","length":4},"id":6},
 {"name":"by","data_type":{"type":"BYTES"},"id":7},
 {"name":"ar","data_type":{"type":"ARRAY","element_type":{"type":"INTEGER"}},"id":8},
 {"name":"m","data_type":{"type":"MAP","key_type":{"type":"STRING","nullable":false},"value_type":{"type":"INTEGER"}},"id":9},
 {"name":"r","data_type":{"type":"ROW","fields":[
   {"name":"x","field_type":{"type":"INTEGER"},"field_id":11},
   {"name":"y","field_type":{"type":"STRING"},"description":"desc","field_id":12}]},"id":10}],
 "primary_key":["a"],"highest_field_id":12},
 "comment":"tc","partition_key":[],"bucket_key":["a"],"bucket_count":3,
 "properties":{"table.log.ttl":"1d"},"custom_properties":{"u":"v"}})";

std::string WithoutLayout(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
  return text;
}

TEST(TableJson, ExampleRoundTripsByteForByte) {
  const auto descriptor = TableDescriptorFromJson(kExample);
  ASSERT_TRUE(descriptor.ok()) << descriptor.status().ToString();
  EXPECT_EQ(TableDescriptorToJson(*descriptor), WithoutLayout(kExample));
  EXPECT_EQ(descriptor->schema.highest_field_id(), 12);
}

TEST(TableJson, HostileDocumentsAreErrors) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += R"({"type":"ARRAY","element_type":)";
  const std::string arrays(1000000, '[');
  for (const std::string& json : {std::string(), std::string("{"), std::string("[]"), std::string("null"), arrays,
                                  deep + R"({"type":"STRING"})" + std::string(100000, '}'),
                                  std::string(R"({"type":"STRING","nullable":1})"), std::string(R"({"type":"NOPE"})"),
                                  std::string(R"({"type":"CHAR","length":1e99})"), std::string(R"({"type":"CHAR"})"),
                                  std::string(R"({"type":"CHAR","length":18446744073709551615})"),
                                  std::string(R"({"type":"CHAR","length":-9223372036854775808})"),
                                  std::string(R"({"type":"DECIMAL","precision":5,"scale":6})"),
                                  std::string("{\"type\":\"\xff\"}")}) {
    EXPECT_EQ(DataTypeFromJson(json).status().code(), ErrorCode::kInvalidTable) << json.substr(0, 60);
  }
  for (const char* json : {R"({"version":2,"columns":[]})", R"({"columns":[]})", R"({"version":1})",
                           R"({"version":1,"columns":[{"name":"a","data_type":{"type":"INTEGER"},"id":2147483647}]})",
                           R"({"version":1,"columns":[],"highest_field_id":2147483647})",
                           R"({"version":1,"columns":[{"name":"a","data_type":{"type":"INTEGER"},"id":0},
                              {"name":"b","data_type":{"type":"INTEGER"}}]})"}) {
    EXPECT_EQ(SchemaFromJson(json).status().code(), ErrorCode::kInvalidTable) << json;
  }
  EXPECT_EQ(DatabaseDescriptorFromJson("{}").status().code(), ErrorCode::kInvalidDatabase);
}

TEST(TableJson, ColumnsWithoutIdsAndFunctionSpellings) {
  const auto schema = SchemaFromJson(R"({"extra":[1],"version":1,"primary_key":["a"],"columns":[
    {"name":"a","data_type":{"type":"INTEGER"}},
    {"name":"b","data_type":{"type":"STRING"},"agg_function":{"type":"String-Agg","parameters":{"delimiter":";"}}},
    {"name":"c","data_type":{"type":"STRING"},"agg_function":{"type":"whatever"}}]})");
  ASSERT_TRUE(schema.ok()) << schema.status().ToString();
  EXPECT_EQ(schema->column(2).id, 2);
  EXPECT_FALSE(schema->column(0).type.nullable());
  EXPECT_EQ(schema->column(1).agg_function->type, "listagg");
  EXPECT_EQ(schema->column(1).agg_function->parameters.at("delimiter"), ";");
  EXPECT_FALSE(schema->column(2).agg_function.has_value());
}

TEST(TableJson, KeepsInitialDefaults) {
  Column column{"c", DataType::Int()};
  column.initial_default = std::string("\x00\xff\x07", 3);
  const Schema schema = *Schema::Make({{"id", DataType::Int()}, column});
  EXPECT_EQ(*SchemaFromJson(SchemaToJson(schema)), schema);
  EXPECT_FALSE(*Schema::Make({{"id", DataType::Int()}, {"c", DataType::Int()}}) == schema);
}

TEST(TableJson, DatabaseRoundTrip) {
  const DatabaseDescriptor database{"c", {{"k", "v"}}};
  const std::string json = DatabaseDescriptorToJson(database);
  EXPECT_EQ(json, R"({"version":1,"comment":"c","custom_properties":{"k":"v"}})");
  EXPECT_EQ(DatabaseDescriptorFromJson(json)->custom_properties, database.custom_properties);
}

TEST(TableOptions, Durations) {
  const std::pair<const char*, int64_t> rows[] = {{"7d", 604800000}, {"100 ms", 100}, {"3min", 180000}, {"2000", 2000},
                                                  {"1 H", 3600000},  {"5s", 5000},    {"0 ms", 0}};
  for (const auto& [text, millis] : rows) EXPECT_EQ(*ParseDurationMs(text), millis) << text;
  for (const char* bad : {"", "d", "-1s", "1x", "9223372036854775807d", "99999999999999999999"}) {
    EXPECT_EQ(ParseDurationMs(bad).status().code(), ErrorCode::kInvalidConfig) << bad;
  }
}

TEST(TableOptions, ParsesAndNamesBadOptions) {
  const auto options = TableOptions::Parse({{"table.log.format", "indexed"},
                                            {"table.merge-engine", "first_row"},
                                            {"table.log.arrow.compression.type", "lz4_frame"},
                                            {"table.statistics.columns", "a, b"},
                                            {"table.log.ttl", "1d"}});
  ASSERT_TRUE(options.ok()) << options.status().ToString();
  EXPECT_EQ(options->log_format, LogFormat::kIndexed);
  EXPECT_EQ(options->delete_behavior, DeleteBehavior::kIgnore);
  EXPECT_EQ(options->statistics_columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options->log_ttl_ms, 86400000);
  const std::pair<const char*, const char*> bad[] = {{"table.nope", "1"},
                                                     {"mine", "1"},
                                                     {"table.log.format", "orc"},
                                                     {"table.kv.format-version", "3"},
                                                     {"table.log.arrow.compression.zstd.level", "23"},
                                                     {"table.log.ttl", "soon"},
                                                     {"table.datalake.enabled", "yes"},
                                                     {"table.auto-partition.num-precreate", "-1"},
                                                     {"table.statistics.columns", "a,"}};
  for (const auto& [key, value] : bad) {
    const Status status = TableOptions::Parse({{key, value}}).status();
    EXPECT_EQ(status.code(), ErrorCode::kInvalidConfig) << key;
    EXPECT_NE(status.message().find(key), std::string::npos) << status.message();
  }
}

TableDescriptor Table(std::vector<std::string> primary_key, std::vector<std::string> partition_keys = {},
                      Properties properties = {}) {
  TableDescriptor table;
  table.schema = *Schema::Make({{"id", DataType::Int()}, {"dt", DataType::String()}, {"region", DataType::String()},
                                {"day", DataType::Date()}, {"tags", DataType::Array(DataType::Int())}},
                               std::move(primary_key));
  table.partition_keys = std::move(partition_keys);
  table.properties = std::move(properties);
  return table;
}

ErrorCode CompleteCode(TableDescriptor table) { return CompleteDescriptor(std::move(table), {}).status().code(); }

TEST(TableRules, Names) {
  EXPECT_TRUE(ValidateTableName("a-B_9").ok());
  EXPECT_TRUE(ValidateTableName(std::string(200, 'a')).ok());
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("__a"),
                                 std::string("a.b"), std::string("\xc3\xa9"), std::string(201, 'a')}) {
    EXPECT_EQ(ValidateTableName(bad).code(), ErrorCode::kInvalidTable) << bad;
    EXPECT_EQ(ValidateDatabaseName(bad).code(), ErrorCode::kInvalidDatabase) << bad;
  }
}

TEST(TableRules, NormalizesKeys) {
  EXPECT_EQ(NormalizeDescriptor(Table({"dt", "id"}, {"dt"}))->bucket_keys, std::vector<std::string>{"id"});
  EXPECT_TRUE(NormalizeDescriptor(Table({}, {"dt"}))->bucket_keys.empty());
  const auto code = [](TableDescriptor t, std::vector<std::string> bucket_keys) {
    t.bucket_keys = std::move(bucket_keys);
    return NormalizeDescriptor(std::move(t)).status().code();
  };
  EXPECT_EQ(code(Table({"id"}, {"dt"}), {}), ErrorCode::kInvalidTable);  // partition key outside of the primary key
  EXPECT_EQ(code(Table({"dt"}, {"dt"}), {}), ErrorCode::kInvalidTable);        // nothing left to identify a row
  EXPECT_EQ(code(Table({"id"}), {"region"}), ErrorCode::kInvalidTable);        // bucket key outside of the primary key
  EXPECT_EQ(code(Table({"id", "dt"}, {"dt"}), {"dt"}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({}, {"dt"}), {"dt"}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({}, {"nope"}), {}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({}, {"dt", "dt"}), {}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({}, {"tags"}), {}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({}), {"tags"}), ErrorCode::kInvalidTable);
  EXPECT_EQ(code(Table({"id", "dt"}), {"dt"}), ErrorCode::kNone);
}

TEST(TableRules, CompletesDefaults) {
  const auto table = CompleteDescriptor(
      Table({"id"}, {}, {{"table.merge-engine", "first_row"}, {"table.log.arrow.compression.type", "zstd"}}), {});
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  EXPECT_EQ(table->bucket_count, 1);
  EXPECT_EQ(table->properties, (Properties{{"table.delete.behavior", "IGNORE"},
                                           {"table.kv.format-version", "2"},
                                           {"table.kv.standby-replica.enabled", "true"},
                                           {"table.log.arrow.compression.type", "ZSTD"},
                                           {"table.merge-engine", "first_row"},
                                           {"table.replication.factor", "1"}}));
  const auto log = CompleteDescriptor(
      Table({}, {"dt", "region"}, {{"table.auto-partition.enabled", "true"}, {"table.auto-partition.key", "dt"}}), {});
  ASSERT_TRUE(log.ok()) << log.status().ToString();
  EXPECT_EQ(log->properties.at("table.auto-partition.num-precreate"), "0");
}

TEST(TableRules, RefusesWhatDoesNotGoTogether) {
  TableDescriptor buckets = Table({});
  buckets.bucket_count = 0;
  EXPECT_EQ(CompleteCode(buckets), ErrorCode::kInvalidTable);
  buckets.bucket_count = 4097;
  EXPECT_EQ(CompleteCode(buckets), ErrorCode::kBucketMaxNum);
  EXPECT_EQ(CompleteCode(Table({}, {}, {{"table.replication.factor", "2"}})), ErrorCode::kInvalidReplicationFactor);
  EXPECT_EQ(CompleteCode(Table({}, {}, {{"table.replication.factor", "0"}})), ErrorCode::kInvalidReplicationFactor);
  for (const Properties& properties :
       {Properties{{"table.log.format", "INDEXED"}}, Properties{{"table.merge-engine", "versioned"}},
        Properties{{"table.merge-engine", "versioned"}, {"table.merge-engine.versioned.ver-column", "dt"}},
        Properties{{"table.merge-engine", "first_row"}, {"table.delete.behavior", "allow"}},
        Properties{{"table.merge-engine", "aggregation"}, {"table.changelog.image", "WAL"}},
        Properties{{"table.statistics.columns", "nope"}}}) {
    EXPECT_EQ(CompleteCode(Table({"id"}, {}, properties)), ErrorCode::kInvalidConfig) << properties.begin()->second;
  }
  EXPECT_EQ(CompleteCode(Table({}, {}, {{"table.merge-engine", "first_row"}})), ErrorCode::kInvalidConfig);
  EXPECT_EQ(CompleteCode(Table({}, {}, {{"table.delete.behavior", "allow"}})), ErrorCode::kInvalidConfig);
  const Properties automatic = {{"table.auto-partition.enabled", "true"}};
  EXPECT_EQ(CompleteCode(Table({}, {}, automatic)), ErrorCode::kInvalidTable);
  EXPECT_EQ(CompleteCode(Table({}, {"dt", "region"}, automatic)), ErrorCode::kInvalidTable);
  EXPECT_EQ(CompleteCode(Table({}, {"day"}, automatic)), ErrorCode::kInvalidConfig);
  EXPECT_EQ(CompleteCode(Table({}, {"dt"}, automatic)), ErrorCode::kNone);
  EXPECT_EQ(CompleteCode(Table({}, {"dt"}, {{"table.auto-partition.time-zone", "Mars/Base"}})),
            ErrorCode::kInvalidConfig);
}

TEST(TableRules, NoTableIsTieredToALake) {
  EXPECT_EQ(CompleteCode(Table({"id"}, {}, {{"table.datalake.enabled", "true"}})), ErrorCode::kInvalidTable);
  const auto table = CompleteDescriptor(Table({"id"}, {}, {{"table.datalake.enabled", "false"}}), {});
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  const auto code = [&](const TableChange& change) { return ApplyTableChange(*table, change).status().code(); };
  EXPECT_EQ(code({.set_properties = {{"table.datalake.enabled", "TRUE"}}}), ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.set_properties = {{"table.datalake.enabled", "maybe"}}}), ErrorCode::kInvalidConfig);
  EXPECT_EQ(code({.reset_properties = {"table.datalake.enabled"}}), ErrorCode::kNone);
  EXPECT_EQ(code({.set_properties = {{"table.datalake.freshness", "5min"}}}), ErrorCode::kNone);
}

TEST(TableRules, Changes) {
  const TableDescriptor table = *CompleteDescriptor(Table({"id"}), {});
  const auto added = ApplyTableChange(table, {.add_columns = {{"n", DataType::Row({{"x", DataType::Int(), "", 3}})}}});
  ASSERT_TRUE(added.ok()) << added.status().ToString();
  EXPECT_EQ(added->schema.columns().back().id, 5);
  EXPECT_EQ(added->schema.columns().back().type.fields()[0].field_id, 6);
  EXPECT_EQ(added->schema.highest_field_id(), 6);
  const auto code = [&](const TableChange& change) { return ApplyTableChange(table, change).status().code(); };
  EXPECT_EQ(code({.add_columns = {{"id", DataType::Int()}}}), ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.add_columns = {{"n", DataType::Int().NotNull()}}}), ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.set_properties = {{"k", "v"}}, .add_columns = {{"n", DataType::Int()}}}),
            ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.set_properties = {{"table.log.format", "ARROW"}}}), ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.reset_properties = {"table.kv.format-version"}}), ErrorCode::kInvalidAlterTable);
  EXPECT_EQ(code({.set_properties = {{"table.nope", "1"}}}), ErrorCode::kInvalidConfig);
  EXPECT_EQ(code({.set_properties = {{"table.log.ttl", "soon"}}}), ErrorCode::kInvalidConfig);
  const auto changed = ApplyTableChange(table, {.set_properties = {{"table.log.ttl", "1d"}, {"mine", "1"}}});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->properties.at("table.log.ttl"), "1d");
  EXPECT_EQ(changed->custom_properties.at("mine"), "1");
  EXPECT_FALSE(
      ApplyTableChange(*changed, {.reset_properties = {"table.log.ttl"}})->properties.contains("table.log.ttl"));
}

}  // namespace
}  // namespace weir
