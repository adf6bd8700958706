#include "server/fluss/service.h"

#include <gmock/gmock.h>

#include <map>

#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "model/table_json.h"
#include "tests/server/service_testing.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using wire::ApiKey;

// A KV batch as pyfluss sent it, for (id, name) rows: keys 1 to `count`.
std::string KvBatch(int count) {
  KvBatchBuilder builder;
  for (int i = 1; i <= count; ++i) {
    const auto key = static_cast<char>(i);
    builder.Upsert(std::string_view(&key, 1), std::string{0, key, 1, 'x'});
  }
  return builder.Finish(1, -1, -1);
}

class FlussServiceTest : public ServiceTest {
 protected:
  int64_t CreateTable(const std::string& name, TableDescriptor descriptor) {
    wire::CreateTableRequest request;
    SetPath(name, request.mutable_table_path());
    request.set_table_json(TableDescriptorToJson(descriptor));
    request.set_ignore_if_exists(false);
    const auto created = Call<wire::CreateTableResponse>(ApiKey::kCreateTable, request);
    EXPECT_TRUE(created.ok()) << created.status().ToString();
    return Info(name).table_id();
  }
  int64_t CreateTable(const std::string& name, std::vector<std::string> primary_key = {}) {
    return CreateTable(name, TableDescriptor{.schema = MakeSchema(std::move(primary_key)), .bucket_count = 2});
  }
  int64_t CreatePartitioned(const std::string& name) {
    return CreateTable(name, TableDescriptor{.schema = MakeSchema(), .partition_keys = {"name"}, .bucket_count = 2});
  }
  void CreatePartition(const std::string& table, const std::string& value) {
    wire::CreatePartitionRequest request;
    SetPath(table, request.mutable_table_path());
    wire::KeyValue* pair = request.mutable_partition_spec()->add_partition_key_values();
    pair->set_key("name");
    pair->set_value(value);
    request.set_ignore_if_exists(false);
    EXPECT_TRUE(Call<wire::CreatePartitionResponse>(ApiKey::kCreatePartition, request).ok());
  }

  static void SetPath(const std::string& name, wire::TablePath* path) {
    path->set_database_name("fluss");
    path->set_table_name(name);
  }

  wire::GetTableInfoResponse Info(const std::string& name) {
    wire::GetTableInfoRequest request;
    SetPath(name, request.mutable_table_path());
    return *Call<wire::GetTableInfoResponse>(ApiKey::kGetTableInfo, request);
  }

  wire::ProduceLogResponse Produce(int64_t table_id, int32_t bucket_id, const std::shared_ptr<arrow::Buffer>& batch) {
    wire::ProduceLogRequest request;
    request.set_acks(-1);
    request.set_table_id(table_id);
    request.set_timeout_ms(30000);
    wire::ProduceLogReqForBucket* bucket = request.add_buckets_req();
    bucket->set_bucket_id(bucket_id);
    bucket->set_records(batch->ToString());
    return *Call<wire::ProduceLogResponse>(ApiKey::kProduceLog, request);
  }
  wire::PutKvResponse Put(int64_t table_id, int32_t bucket_id, const std::string& batch, int16_t version = 2) {
    wire::PutKvRequest request;
    request.set_acks(-1);
    request.set_table_id(table_id);
    request.set_timeout_ms(30000);
    wire::PutKvReqForBucket* bucket = request.add_buckets_req();
    bucket->set_bucket_id(bucket_id);
    bucket->set_records(batch);
    return *Call<wire::PutKvResponse>(ApiKey::kPutKv, request, version);
  }
  static wire::FetchLogReqForTable* AddTable(wire::FetchLogRequest* request, int64_t table_id, int buckets) {
    request->set_follower_server_id(-1);
    request->set_max_bytes(1 << 20);
    wire::FetchLogReqForTable* table = request->add_tables_req();
    table->set_table_id(table_id);
    table->set_projection_pushdown_enabled(false);
    for (int32_t i = 0; i < buckets; ++i) {
      wire::FetchLogReqForBucket* bucket = table->add_buckets_req();
      bucket->set_bucket_id(i);
      bucket->set_fetch_offset(0);
      bucket->set_max_fetch_bytes(1 << 20);
    }
    return table;
  }
  wire::FetchLogResponse Fetch(const wire::FetchLogRequest& request) {
    return *Call<wire::FetchLogResponse>(ApiKey::kFetchLog, request);
  }
};

// --- connection ---

TEST_F(FlussServiceTest, ApiVersions) {
  wire::ApiVersionsRequest request;
  request.set_client_software_name("test");
  request.set_client_software_version("1");
  const auto response = Call<wire::ApiVersionsResponse>(ApiKey::kApiVersions, request);
  ASSERT_TRUE(response.ok());
  EXPECT_FALSE(response->has_server_type());
  std::map<int32_t, int32_t> versions;
  for (const wire::ApiVersion& api : response->api_versions()) versions[api.api_key()] = api.max_version();
  // What pyfluss 1.0.0 calls.
  for (const int32_t key : {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1014,
                            1015, 1021, 1025, 1026, 1032, 1033, 1035, 1036, 1037}) {
    EXPECT_TRUE(versions.contains(key)) << key;
  }
  EXPECT_EQ(versions[1016], 2);
  EXPECT_EQ(versions[1017], 1);
  EXPECT_EQ(versions[1034], 1);
}

TEST_F(FlussServiceTest, WhatIsNotServed) {
  EXPECT_EQ(CallBytes(static_cast<ApiKey>(1013), 0, "").status().code(), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(CallBytes(static_cast<ApiKey>(-5), 0, "").status().code(), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(CallBytes(ApiKey::kListDatabases, 1, "").status().code(), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(CallBytes(ApiKey::kListDatabases, -1, "").status().code(), ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(CallBytes(ApiKey::kTableExists, 0, "\xff").status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(CallBytes(ApiKey::kProduceLog, 0, "\xff").status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(CallBytes(ApiKey::kFetchLog, 0, "\xff").status().code(), ErrorCode::kCorruptMessage);
}

TEST_F(FlussServiceTest, FrameWithoutHeaderIsNotAnswered) {
  bool replied = false;
  const Status handled =
      service_.Handle(arrow::Buffer::FromString("short"), context_, [&](const wire::Frame&) { replied = true; });
  EXPECT_EQ(handled.code(), ErrorCode::kCorruptMessage);
  EXPECT_FALSE(replied);
}

TEST_F(FlussServiceTest, Authenticate) {
  wire::AuthenticateRequest request;
  request.set_protocol("PLAINTEXT");
  request.set_token("");
  EXPECT_TRUE(Call<wire::AuthenticateResponse>(ApiKey::kAuthenticate, request).ok());
  request.set_protocol("PLAIN");
  EXPECT_EQ(CodeOf<wire::AuthenticateResponse>(ApiKey::kAuthenticate, request), ErrorCode::kAuthenticate);
}

// --- metadata ---

TEST_F(FlussServiceTest, MetadataOfTheCluster) {
  const auto response = Call<wire::MetadataResponse>(ApiKey::kGetMetadata, wire::MetadataRequest());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->coordinator_server().host(), "test.host");
  ASSERT_EQ(response->tablet_servers_size(), 1);
  EXPECT_EQ(response->tablet_servers(0).port(), 4711);
}

TEST_F(FlussServiceTest, MetadataOfTablesAndPartitions) {
  const int64_t plain = CreateTable("plain");
  const int64_t parts = CreatePartitioned("parts");
  CreatePartition("parts", "eu");
  wire::MetadataRequest request;
  SetPath("plain", request.add_table_path());
  SetPath("parts", request.add_table_path());
  wire::PhysicalTablePath* partition = request.add_partitions_path();
  partition->set_database_name("fluss");
  partition->set_table_name("parts");
  partition->set_partition_name("eu");
  const auto response = Call<wire::MetadataResponse>(ApiKey::kGetMetadata, request);
  ASSERT_TRUE(response.ok()) << response.status().ToString();
  ASSERT_EQ(response->table_metadata_size(), 2);
  EXPECT_EQ(response->table_metadata(0).table_id(), plain);
  ASSERT_EQ(response->table_metadata(0).bucket_metadata_size(), 2);
  for (const wire::BucketMetadata& bucket : response->table_metadata(0).bucket_metadata()) {
    EXPECT_EQ(bucket.leader_id(), response->tablet_servers(0).node_id());
    EXPECT_TRUE(bucket.has_leader_id());
  }
  EXPECT_EQ(response->table_metadata(1).bucket_metadata_size(), 0);  // those of its partitions
  ASSERT_EQ(response->partition_metadata_size(), 1);
  EXPECT_EQ(response->partition_metadata(0).table_id(), parts);
  EXPECT_EQ(response->partition_metadata(0).bucket_metadata_size(), 2);

  wire::MetadataRequest by_id;
  SetPath("parts", by_id.add_table_path());
  by_id.add_partitions_id(response->partition_metadata(0).partition_id());
  const auto again = Call<wire::MetadataResponse>(ApiKey::kGetMetadata, by_id);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->partition_metadata(0).partition_name(), "eu");

  by_id.add_partitions_id(4711);
  EXPECT_EQ(CodeOf<wire::MetadataResponse>(ApiKey::kGetMetadata, by_id), ErrorCode::kPartitionNotExists);
  request.mutable_partitions_path(0)->set_partition_name("us");
  EXPECT_EQ(CodeOf<wire::MetadataResponse>(ApiKey::kGetMetadata, request), ErrorCode::kPartitionNotExists);
  SetPath("missing", request.add_table_path());
  EXPECT_EQ(CodeOf<wire::MetadataResponse>(ApiKey::kGetMetadata, request), ErrorCode::kTableNotExist);
  wire::MetadataRequest of_missing;
  *of_missing.add_partitions_path() = request.partitions_path(0);
  of_missing.mutable_partitions_path(0)->set_table_name("missing");
  EXPECT_EQ(CodeOf<wire::MetadataResponse>(ApiKey::kGetMetadata, of_missing), ErrorCode::kPartitionNotExists);
}

TEST_F(FlussServiceTest, OffsetsOfProducers) {
  wire::RegisterProducerOffsetsRequest offsets;
  offsets.set_producer_id("job-1");
  const auto add = [](int32_t bucket, int64_t end, wire::ProducerTableOffsets* table) {
    wire::BucketOffset* of_bucket = table->add_bucket_offsets();
    of_bucket->set_bucket_id(bucket);
    of_bucket->set_log_end_offset(end);
    return of_bucket;
  };
  wire::ProducerTableOffsets* plain = offsets.add_table_offsets();
  plain->set_table_id(3);
  add(0, 17, plain);
  add(1, 0, plain);
  wire::ProducerTableOffsets* parts = offsets.add_table_offsets();
  parts->set_table_id(4);
  add(0, 5, parts)->set_partition_id(9);
  const auto put_down = [&] {
    const auto answer = Call<wire::RegisterProducerOffsetsResponse>(ApiKey::kRegisterProducerOffsets, offsets);
    EXPECT_TRUE(answer.ok()) << answer.status().ToString();
    return answer.ok() ? answer->result() : -1;
  };
  EXPECT_EQ(put_down(), 0);
  wire::GetProducerOffsetsRequest get;
  get.set_producer_id("job-1");
  const auto kept = Call<wire::GetProducerOffsetsResponse>(ApiKey::kGetProducerOffsets, get);
  ASSERT_TRUE(kept.ok()) << kept.status().ToString();
  EXPECT_EQ(kept->producer_id(), "job-1");
  EXPECT_GT(kept->expiration_time(), 0);
  ASSERT_EQ(kept->table_offsets_size(), 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(kept->table_offsets(i).SerializeAsString(), offsets.table_offsets(i).SerializeAsString());
  }
  plain->mutable_bucket_offsets(0)->set_log_end_offset(99);
  EXPECT_EQ(put_down(), 1) << "what is there stays";
  EXPECT_EQ(Call<wire::GetProducerOffsetsResponse>(ApiKey::kGetProducerOffsets, get)->SerializeAsString(),
            kept->SerializeAsString());

  wire::DeleteProducerOffsetsRequest remove;
  remove.set_producer_id("job-1");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Call<wire::DeleteProducerOffsetsResponse>(ApiKey::kDeleteProducerOffsets, remove).ok());
    const auto none = Call<wire::GetProducerOffsetsResponse>(ApiKey::kGetProducerOffsets, get);
    ASSERT_TRUE(none.ok()) << none.status().ToString();
    EXPECT_EQ(none->SerializeAsString(), "");
  }
  offsets.set_ttl_ms(0);
  EXPECT_EQ(put_down(), 0);
  EXPECT_EQ(put_down(), 0) << "it has expired";

  get.set_producer_id("a/b");
  EXPECT_EQ(CodeOf<wire::GetProducerOffsetsResponse>(ApiKey::kGetProducerOffsets, get), ErrorCode::kInvalidProducerId);
  plain->mutable_bucket_offsets(0)->clear_log_end_offset();
  EXPECT_EQ(CodeOf<wire::RegisterProducerOffsetsResponse>(ApiKey::kRegisterProducerOffsets, offsets),
            ErrorCode::kCorruptMessage);
}

TEST_F(FlussServiceTest, PartitionsNameTheirKeysInOrder) {
  std::vector<Column> columns;
  for (const char* name : {"z", "a"}) {
    columns.push_back({.name = name, .type = DataType::String(), .comment = {}, .agg_function = {}});
  }
  CreateTable("ordered", TableDescriptor{.schema = *Schema::Make(columns), .partition_keys = {"z", "a"}});
  wire::CreatePartitionRequest create;
  SetPath("ordered", create.mutable_table_path());
  for (const char* key : {"a", "z"}) {
    wire::KeyValue* pair = create.mutable_partition_spec()->add_partition_key_values();
    pair->set_key(key);
    pair->set_value(std::string("of_") + key);
  }
  create.set_ignore_if_exists(false);
  ASSERT_TRUE(Call<wire::CreatePartitionResponse>(ApiKey::kCreatePartition, create).ok());
  wire::ListPartitionInfosRequest list;
  SetPath("ordered", list.mutable_table_path());
  const auto infos = Call<wire::ListPartitionInfosResponse>(ApiKey::kListPartitionInfos, list);
  ASSERT_TRUE(infos.ok());
  ASSERT_EQ(infos->partitions_info_size(), 1);
  EXPECT_EQ(infos->partitions_info(0).partition_spec().partition_key_values(0).key(), "z");
  EXPECT_EQ(infos->partitions_info(0).partition_spec().partition_key_values(1).value(), "of_a");
}

TEST_F(FlussServiceTest, DatabaseSummaries) {
  CreateTable("one");
  CreateTable("two");
  wire::ListDatabasesRequest request;
  request.set_include_summary(true);
  const auto response = Call<wire::ListDatabasesResponse>(ApiKey::kListDatabases, request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->database_name_size(), 0);
  ASSERT_EQ(response->database_summary_size(), 1);
  EXPECT_EQ(response->database_summary(0).table_count(), 2);
}

TEST_F(FlussServiceTest, DatabasesAreAltered) {
  wire::CreateDatabaseRequest create;
  create.set_database_name("shop");
  create.set_ignore_if_exists(false);
  create.set_database_json(R"({"version":1,"comment":"old","custom_properties":{"a":"1","b":"2"}})");
  ASSERT_TRUE(Call<wire::CreateDatabaseResponse>(ApiKey::kCreateDatabase, create).ok());
  wire::AlterDatabaseRequest alter;
  alter.set_database_name("shop");
  alter.set_ignore_if_not_exists(false);
  const auto change = [&](const std::string& key, int32_t operation) {
    wire::AlterConfig* config = alter.add_config_changes();
    config->set_config_key(key);
    config->set_op_type(operation);
    return config;
  };
  change("c", 0)->set_config_value("3");
  change("a", 1);
  ASSERT_TRUE(Call<wire::AlterDatabaseResponse>(ApiKey::kAlterDatabase, alter).ok());
  EXPECT_EQ(gateway_->GetDatabaseInfo("shop").Wait()->descriptor.custom_properties,
            (Properties{{"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(gateway_->GetDatabaseInfo("shop").Wait()->descriptor.comment, "old");
  alter.clear_config_changes();
  alter.set_comment("new");
  ASSERT_TRUE(Call<wire::AlterDatabaseResponse>(ApiKey::kAlterDatabase, alter).ok());
  EXPECT_EQ(gateway_->GetDatabaseInfo("shop").Wait()->descriptor.comment, "new");
  change("a", 2);
  EXPECT_EQ(CodeOf<wire::AlterDatabaseResponse>(ApiKey::kAlterDatabase, alter), ErrorCode::kInvalidConfig);
  alter.clear_config_changes();
  for (const bool ignore : {false, true}) {
    alter.set_database_name("nowhere");
    alter.set_ignore_if_not_exists(ignore);
    EXPECT_EQ(CodeOf<wire::AlterDatabaseResponse>(ApiKey::kAlterDatabase, alter),
              ignore ? ErrorCode::kNone : ErrorCode::kDatabaseNotExist);
  }
}

TEST_F(FlussServiceTest, SettingsOfTheCluster) {
  const auto described = [&](const std::string& key) {
    const wire::DescribeClusterConfigsRequest all;
    const auto response = Call<wire::DescribeClusterConfigsResponse>(ApiKey::kDescribeClusterConfigs, all);
    for (const wire::DescribeConfig& config : response->configs()) {
      if (config.config_key() == key) return config.config_value() + " " + config.config_source();
    }
    return std::string();
  };
  const auto alter = [&](const std::string& key, int32_t operation, const std::string& value) {
    wire::AlterClusterConfigsRequest request;
    wire::AlterConfig* config = request.add_alter_configs();
    config->set_config_key(key);
    config->set_op_type(operation);
    config->set_config_value(value);
    return CodeOf<wire::AlterClusterConfigsResponse>(ApiKey::kAlterClusterConfigs, request);
  };
  EXPECT_EQ(described("default.bucket.number"), "1 INITIAL_SERVER_CONFIG");
  EXPECT_EQ(alter("default.bucket.number", 0, "3"), ErrorCode::kNone);
  EXPECT_EQ(described("default.bucket.number"), "3 DYNAMIC_SERVER_CONFIG");
  CreateTable("three", TableDescriptor{.schema = MakeSchema()});
  EXPECT_EQ(gateway_->GetTableInfo({"fluss", "three"}).Wait()->num_buckets(), 3);
  EXPECT_EQ(alter("default.bucket.number", 1, ""), ErrorCode::kNone);
  EXPECT_EQ(described("default.bucket.number"), "1 INITIAL_SERVER_CONFIG");

  EXPECT_EQ(alter("max.partition.num", 0, "1"), ErrorCode::kNone);
  CreatePartitioned("parts");
  CreatePartition("parts", "a");
  EXPECT_EQ(gateway_->CreatePartition({"fluss", "parts"}, {{"name", "b"}}, false).Wait().status().code(),
            ErrorCode::kPartitionMaxNum);
  for (const char* bad : {"0", "-1", "x", "", "99999999999"}) {
    EXPECT_EQ(alter("max.partition.num", 0, bad), ErrorCode::kInvalidConfig) << bad;
  }
  EXPECT_EQ(alter("max.partition.num", 2, "1"), ErrorCode::kInvalidConfig);
  EXPECT_EQ(alter("log.segment.file-size", 0, "1"), ErrorCode::kInvalidConfig);

  const auto health = Call<wire::GetClusterHealthResponse>(ApiKey::kGetClusterHealth, wire::GetClusterHealthRequest());
  ASSERT_TRUE(health.ok());
  EXPECT_EQ(health->num_replicas(), 3 + 2) << "of the table, and of its partition";
  EXPECT_EQ(health->active_leader_replicas(), 3 + 2);
  EXPECT_EQ(health->status(), 0);
}

TEST_F(FlussServiceTest, AlterTableAddsColumns) {
  CreateTable("altered");
  wire::AlterTableRequest request;
  SetPath("altered", request.mutable_table_path());
  request.set_ignore_if_not_exists(false);
  wire::AddColumn* column = request.add_add_columns();
  column->set_column_name("extra");
  column->set_data_type_json(R"({"type":"BIGINT"})");
  column->set_column_position_type(0);
  const auto altered = Call<wire::AlterTableResponse>(ApiKey::kAlterTable, request);
  ASSERT_TRUE(altered.ok()) << altered.status().ToString();
  EXPECT_EQ(Info("altered").schema_id(), 2);
  wire::GetTableSchemaRequest schema;
  SetPath("altered", schema.mutable_table_path());
  EXPECT_THAT(Call<wire::GetTableSchemaResponse>(ApiKey::kGetTableSchema, schema)->schema_json(), HasSubstr("extra"));
  schema.set_schema_id(1);
  EXPECT_THAT(Call<wire::GetTableSchemaResponse>(ApiKey::kGetTableSchema, schema)->schema_json(),
              Not(HasSubstr("extra")));
  schema.set_schema_id(3);
  EXPECT_EQ(CodeOf<wire::GetTableSchemaResponse>(ApiKey::kGetTableSchema, schema), ErrorCode::kSchemaNotExist);
  column->set_column_position_type(1);
  EXPECT_EQ(CodeOf<wire::AlterTableResponse>(ApiKey::kAlterTable, request), ErrorCode::kInvalidAlterTable);
  request.clear_add_columns();
  request.add_drop_columns()->set_column_name("name");
  EXPECT_EQ(CodeOf<wire::AlterTableResponse>(ApiKey::kAlterTable, request), ErrorCode::kInvalidAlterTable);
}

// --- log tables ---

TEST_F(FlussServiceTest, WhatIsProducedIsFetched) {
  const int64_t table = CreateTable("events");
  const auto batch = LogBatch({1, 2, 3});
  const auto produced = Produce(table, 0, batch);
  ASSERT_EQ(produced.buckets_resp_size(), 1);
  EXPECT_EQ(produced.buckets_resp(0).error_code(), 0);
  EXPECT_EQ(produced.buckets_resp(0).base_offset(), 0);
  EXPECT_EQ(Produce(table, 0, batch).buckets_resp(0).base_offset(), 3);
  EXPECT_EQ(Produce(table, 9, batch).buckets_resp(0).error_code(), 21);

  wire::FetchLogRequest request;
  AddTable(&request, table, 2);
  const wire::FetchLogResponse fetched = Fetch(request);
  ASSERT_EQ(fetched.tables_resp_size(), 1);
  ASSERT_EQ(fetched.tables_resp(0).buckets_resp_size(), 2);
  const wire::FetchLogRespForBucket& full = fetched.tables_resp(0).buckets_resp(0);
  EXPECT_EQ(full.high_watermark(), 6);
  EXPECT_EQ(full.records().size(), 2 * static_cast<size_t>(batch->size()));
  EXPECT_EQ(full.records().substr(25, 100), batch->ToString().substr(25, 100));  // past what the log stamps
  const wire::FetchLogRespForBucket& empty = fetched.tables_resp(0).buckets_resp(1);
  EXPECT_TRUE(empty.has_records());
  EXPECT_EQ(empty.high_watermark(), 0);
}

TEST_F(FlussServiceTest, FetchedBatchesAreProjected) {
  const int64_t table = CreateTable("events");
  const auto batch = LogBatch({7, 8});
  Produce(table, 0, batch);
  wire::FetchLogRequest request;
  wire::FetchLogReqForTable* of_table = AddTable(&request, table, 2);
  of_table->set_projection_pushdown_enabled(true);
  of_table->add_projected_fields(1);
  const wire::FetchLogResponse response = Fetch(request);
  const std::string& records = response.tables_resp(0).buckets_resp(0).records();
  EXPECT_LT(records.size(), static_cast<size_t>(batch->size()));
  DecodeLogBatchOptions options;
  options.verify_crc = false;
  options.server_projection = {1};
  const auto decoded = DecodeLogBatch(arrow::Buffer::FromString(records), MakeSchema(), options);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(decoded->header.base_offset, 0);
  ASSERT_EQ(decoded->rows->num_columns(), 1);
  const auto& names = static_cast<const arrow::StringArray&>(*decoded->rows->column(0));
  ASSERT_EQ(names.length(), 2);
  EXPECT_EQ(names.GetView(0), "n7");
  EXPECT_EQ(names.GetView(1), "n8");

  of_table->add_projected_fields(0);  // not ascending
  EXPECT_EQ(Fetch(request).tables_resp(0).buckets_resp(0).error_code(), 34);
  of_table->clear_projected_fields();
  EXPECT_EQ(Fetch(request).tables_resp(0).buckets_resp(0).error_code(), 34);
}

TEST_F(FlussServiceTest, BatchesWithStatisticsGoOutAsV0) {
  const int64_t table = CreateTable("events");
  LogBatchOptions with_statistics;
  with_statistics.statistics_columns = {0, 1};
  const auto batch = LogBatch({7, 8}, with_statistics);
  ASSERT_EQ(ParseLogBatchHeader(std::string_view(*batch))->magic, 1);
  Produce(table, 0, batch);
  wire::FetchLogRequest request;
  wire::FetchLogReqForTable* of_table = AddTable(&request, table, 1);
  const std::string whole = Fetch(request).tables_resp(0).buckets_resp(0).records();
  const auto header = ParseLogBatchHeader(whole);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->magic, 0);
  EXPECT_TRUE(VerifyLogBatchCrc(*header, whole).ok());
  EXPECT_EQ(whole.substr(25), LogBatch({7, 8})->ToString().substr(25));

  of_table->set_projection_pushdown_enabled(true);
  of_table->add_projected_fields(1);
  const std::string projected = Fetch(request).tables_resp(0).buckets_resp(0).records();
  EXPECT_EQ(ParseLogBatchHeader(projected)->magic, 0);

  wire::LimitScanRequest limit;
  limit.set_table_id(table);
  limit.set_bucket_id(0);
  limit.set_limit(1);
  const auto newest = Call<wire::LimitScanResponse>(ApiKey::kLimitScan, limit);
  ASSERT_TRUE(newest.ok());
  EXPECT_EQ(newest->records(), whole);
}

/// A comparison of the column `id`.
wire::PredicateNode Compares(int32_t field_id, int32_t function, int32_t value) {
  wire::PredicateNode node;
  node.set_type(0);
  node.mutable_leaf()->set_function(function);
  node.mutable_leaf()->set_field_id(field_id);
  wire::LiteralValue* literal = node.mutable_leaf()->add_literals();
  literal->set_literal_type(3);
  literal->set_is_null(false);
  literal->set_int_value(value);
  return node;
}

TEST_F(FlussServiceTest, BatchesThatAFilterExcludesAreLeftOut) {
  TableDescriptor described{.schema = MakeSchema(), .bucket_count = 1};
  described.properties["table.statistics.columns"] = "id";
  const int64_t table = CreateTable("events", described);
  for (const int32_t first : {1, 11, 21}) Produce(table, 0, LogBatch({first, first + 1}));  // V0, as clients write it
  wire::FetchLogRequest request;
  wire::FetchLogReqForTable* of_table = AddTable(&request, table, 1);
  of_table->set_filter_schema_id(1);
  const int32_t id = MakeSchema().column(0).id;
  const auto fetch = [&](const wire::PredicateNode& filter) {
    *of_table->mutable_filter_predicate() = filter;
    return Fetch(request).tables_resp(0).buckets_resp(0);
  };
  const auto greater = fetch(Compares(id, 5, 20));
  EXPECT_EQ(ParseLogBatchHeader(greater.records())->base_offset, 4);
  EXPECT_EQ(ParseLogBatchHeader(greater.records())->magic, 0);
  EXPECT_FALSE(greater.has_filtered_end_offset());
  const auto equal = fetch(Compares(id, 0, 12));
  EXPECT_EQ(ParseLogBatchHeader(equal.records())->base_offset, 2);
  EXPECT_EQ(equal.filtered_end_offset(), 6) << "what is behind it need not be asked for";
  const auto none = fetch(Compares(id, 5, 100));
  EXPECT_TRUE(none.records().empty());
  EXPECT_EQ(none.filtered_end_offset(), 6);
  of_table->mutable_buckets_req(0)->set_max_fetch_bytes(1);  // one batch at a time
  EXPECT_EQ(ParseLogBatchHeader(fetch(Compares(id, 5, 20)).records())->base_offset, 4);
  EXPECT_EQ(fetch(Compares(id, 5, 100)).filtered_end_offset(), 6);
  of_table->mutable_buckets_req(0)->set_max_fetch_bytes(1 << 20);

  wire::PredicateNode either;
  either.set_type(1);
  either.mutable_compound()->set_function(1);
  *either.mutable_compound()->add_children() = Compares(id, 0, 1);
  *either.mutable_compound()->add_children() = Compares(id, 0, 21);
  const auto both = fetch(either);
  const auto first = ParseLogBatchHeader(both.records());
  EXPECT_EQ(first->base_offset, 0);
  EXPECT_EQ(ParseLogBatchHeader(std::string_view(both.records()).substr(first->total_size()))->base_offset, 4);

  // What is not understood leaves nothing out.
  for (const auto& odd : {Compares(99, 5, 100), Compares(id, 77, 100)}) {
    EXPECT_EQ(ParseLogBatchHeader(fetch(odd).records())->base_offset, 0);
  }
  of_table->set_filter_schema_id(7);
  EXPECT_EQ(ParseLogBatchHeader(fetch(Compares(id, 5, 100)).records())->base_offset, 0);
}

TEST_F(FlussServiceTest, OneFetchReadsManyTables) {
  const int64_t first = CreateTable("first");
  const int64_t second = CreateTable("second");
  Produce(second, 1, LogBatch({1}));
  wire::FetchLogRequest request;
  AddTable(&request, first, 2);
  AddTable(&request, second, 2);
  request.set_min_bytes(1);
  request.set_max_wait_ms(60000);
  const wire::FetchLogResponse response = Fetch(request);
  ASSERT_EQ(response.tables_resp_size(), 2);
  EXPECT_EQ(response.tables_resp(0).table_id(), first);
  EXPECT_TRUE(response.tables_resp(0).buckets_resp(0).records().empty());
  EXPECT_FALSE(response.tables_resp(1).buckets_resp(1).records().empty());
}

TEST_F(FlussServiceTest, FetchErrorsAreTheBuckets) {
  const int64_t table = CreateTable("events");
  wire::FetchLogRequest request;
  AddTable(&request, table, 2)->mutable_buckets_req(1)->set_fetch_offset(5);
  AddTable(&request, 4711, 1);
  const wire::FetchLogResponse response = Fetch(request);
  EXPECT_EQ(response.tables_resp(0).buckets_resp(0).error_code(), 0);
  EXPECT_EQ(response.tables_resp(0).buckets_resp(1).error_code(), 19);
  EXPECT_EQ(response.tables_resp(1).buckets_resp(0).error_code(), 21);
}

TEST_F(FlussServiceTest, ListOffsets) {
  const int64_t table = CreateTable("events");
  Produce(table, 1, LogBatch({1, 2}));
  wire::ListOffsetsRequest request;
  request.set_follower_server_id(-1);
  request.set_table_id(table);
  request.set_offset_type(1);
  for (const int32_t bucket : {0, 1, 7}) request.add_bucket_id(bucket);
  const auto response = Call<wire::ListOffsetsResponse>(ApiKey::kListOffsets, request);
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response->buckets_resp_size(), 3);
  EXPECT_EQ(response->buckets_resp(0).offset(), 0);
  EXPECT_EQ(response->buckets_resp(1).offset(), 2);
  EXPECT_EQ(response->buckets_resp(2).error_code(), 21);
  request.set_offset_type(2);
  EXPECT_EQ(CodeOf<wire::ListOffsetsResponse>(ApiKey::kListOffsets, request), ErrorCode::kInvalidTimestamp);
  request.set_offset_type(9);
  EXPECT_EQ(CodeOf<wire::ListOffsetsResponse>(ApiKey::kListOffsets, request), ErrorCode::kUnknownServerError);
}

// --- primary key tables ---

TEST_F(FlussServiceTest, PutLookUpAndScan) {
  const int64_t table = CreateTable("users", TableDescriptor{.schema = MakeSchema({"id"}), .bucket_count = 1});
  const auto put = Put(table, 0, KvBatch(20));
  EXPECT_EQ(put.buckets_resp(0).error_code(), 0);
  EXPECT_EQ(put.buckets_resp(0).log_end_offset(), 20);

  wire::LookupRequest lookup;
  lookup.set_table_id(table);
  wire::LookupReqForBucket* keys = lookup.add_buckets_req();
  keys->set_bucket_id(0);
  keys->add_keys("\x05");
  keys->add_keys("\x63");
  const auto found = Call<wire::LookupResponse>(ApiKey::kLookup, lookup, 1);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->buckets_resp(0).values_size(), 2);
  EXPECT_EQ(found->buckets_resp(0).values(0).values(), std::string("\x01\x00\x00\x05\x01x", 6));
  EXPECT_FALSE(found->buckets_resp(0).values(1).has_values());

  wire::LimitScanRequest limit;
  limit.set_table_id(table);
  limit.set_bucket_id(0);
  limit.set_limit(3);
  const auto limited = Call<wire::LimitScanResponse>(ApiKey::kLimitScan, limit);
  ASSERT_TRUE(limited.ok());
  EXPECT_FALSE(limited->is_log_table());
  EXPECT_EQ(limited->records()[5], 3);  // record count
  limit.set_bucket_id(5);
  EXPECT_EQ(Call<wire::LimitScanResponse>(ApiKey::kLimitScan, limit)->error_code(), 21);

  wire::GetTableStatsRequest stats;
  stats.set_table_id(table);
  stats.add_buckets_req()->set_bucket_id(0);
  EXPECT_EQ(Call<wire::GetTableStatsResponse>(ApiKey::kGetTableStats, stats)->buckets_resp(0).row_count(), 20);
}

TEST_F(FlussServiceTest, ScanInSteps) {
  const int64_t table = CreateTable("users", TableDescriptor{.schema = MakeSchema({"id"}), .bucket_count = 1});
  Put(table, 0, KvBatch(20));
  wire::ScanKvRequest request;
  request.mutable_bucket_scan_req()->set_table_id(table);
  request.mutable_bucket_scan_req()->set_bucket_id(0);
  request.set_call_seq_id(0);
  request.set_batch_size_bytes(40);
  const auto step = [&] { return *Call<wire::ScanKvResponse>(ApiKey::kScanKv, request); };
  wire::ScanKvResponse response = step();
  EXPECT_EQ(response.error_code(), 0) << response.error_message();
  EXPECT_EQ(response.log_offset(), 20);
  EXPECT_TRUE(response.has_more_results());
  int rows = response.records()[5];
  request.clear_bucket_scan_req();
  request.set_scanner_id(response.scanner_id());
  for (int seq = 1; response.has_more_results(); ++seq) {
    request.set_call_seq_id(seq);
    response = step();
    ASSERT_EQ(response.error_code(), 0) << response.error_message();
    if (response.has_records()) rows += response.records()[5];
  }
  EXPECT_EQ(rows, 20);
  EXPECT_EQ(step().error_code(), 67);  // it has ended

  wire::ScanKvRequest again;
  again.mutable_bucket_scan_req()->set_table_id(table);
  again.mutable_bucket_scan_req()->set_bucket_id(0);
  again.set_batch_size_bytes(40);
  EXPECT_EQ(Call<wire::ScanKvResponse>(ApiKey::kScanKv, again)->error_code(), 68);  // no call_seq_id
  again.set_call_seq_id(0);
  const auto opened = Call<wire::ScanKvResponse>(ApiKey::kScanKv, again);
  request.set_scanner_id(opened->scanner_id());
  request.set_call_seq_id(2);
  EXPECT_EQ(step().error_code(), 68);  // out of order
  request.set_close_scanner(true);
  EXPECT_EQ(step().error_code(), 0);
  request.set_close_scanner(false);
  request.set_call_seq_id(1);
  EXPECT_EQ(step().error_code(), 67);
}

TEST_F(FlussServiceTest, OldCallsOnKeysTheyDoNotKnow) {
  TableDescriptor descriptor{.schema = MakeSchema({"id", "name"}), .bucket_keys = {"id"}, .bucket_count = 1};
  descriptor.properties["table.datalake.format"] = "paimon";
  const int64_t lake = CreateTable("lake", descriptor);
  EXPECT_EQ(Put(lake, 0, KvBatch(1), 0).buckets_resp(0).error_code(), 2);
  EXPECT_NE(Put(lake, 0, KvBatch(1), 1).buckets_resp(0).error_code(), 2);
  wire::LookupRequest lookup;
  lookup.set_table_id(lake);
  lookup.add_buckets_req()->set_bucket_id(0);
  EXPECT_EQ(Call<wire::LookupResponse>(ApiKey::kLookup, lookup, 0)->buckets_resp(0).error_code(), 2);
  EXPECT_EQ(Call<wire::LookupResponse>(ApiKey::kLookup, lookup, 1)->buckets_resp(0).error_code(), 0);
  const int64_t plain = CreateTable("plain", {"id"});
  EXPECT_EQ(Put(plain, 0, KvBatch(1), 0).buckets_resp(0).error_code(), 0);
}

// --- snapshots ---

TEST_F(FlussServiceTest, TablesWithoutSnapshots) {
  CreateTable("users", {"id"});
  CreateTable("events");
  wire::GetLatestKvSnapshotsRequest request;
  SetPath("users", request.mutable_table_path());
  const auto response = Call<wire::GetLatestKvSnapshotsResponse>(ApiKey::kGetLatestKvSnapshots, request);
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response->latest_snapshots_size(), 2);
  EXPECT_EQ(response->latest_snapshots(1).bucket_id(), 1);
  EXPECT_FALSE(response->latest_snapshots(1).has_snapshot_id());
  EXPECT_FALSE(response->latest_snapshots(1).has_log_offset());
  request.set_partition_name("eu");
  EXPECT_EQ(CodeOf<wire::GetLatestKvSnapshotsResponse>(ApiKey::kGetLatestKvSnapshots, request),
            ErrorCode::kTableNotPartitioned);
  SetPath("events", request.mutable_table_path());
  EXPECT_EQ(CodeOf<wire::GetLatestKvSnapshotsResponse>(ApiKey::kGetLatestKvSnapshots, request),
            ErrorCode::kNonPrimaryKeyTable);
  wire::GetLakeSnapshotRequest lake;
  SetPath("events", lake.mutable_table_path());
  EXPECT_EQ(CodeOf<wire::GetLakeSnapshotResponse>(ApiKey::kGetLakeSnapshot, lake), ErrorCode::kLakeSnapshotNotExist);
  SetPath("nowhere", lake.mutable_table_path());
  EXPECT_EQ(CodeOf<wire::GetLakeSnapshotResponse>(ApiKey::kGetLakeSnapshot, lake), ErrorCode::kTableNotExist);
}

}  // namespace
}  // namespace weir
