// The gateway to clusters: against a server of Weir's own, and against servers that misbehave.
#include "gateway/cluster/cluster_gateway.h"

#include <filesystem>
#include <fstream>
#include <future>

#include "format/wire/records.h"
#include "gateway/lake_snapshots.h"
#include "server/fluss/fluss_server.h"
#include "tests/gateway/gateway_testing.h"
#include "tests/server/fake_server.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using wire::ApiKey;
using Say = FakeServer::Say;

ClusterOptions OptionsFor(std::vector<int> ports) {
  ClusterOptions options;
  for (const int port : ports) options.bootstrap.push_back({"127.0.0.1", port});
  options.connect_timeout = std::chrono::seconds(20);
  return options;
}

std::shared_ptr<Gateway> ConnectOrDie(const ClusterOptions& options) {
  Result<std::shared_ptr<Gateway>> gateway = OpenCluster(options);
  EXPECT_TRUE(gateway.ok()) << gateway.status().ToString();
  return gateway.ok() ? *gateway : nullptr;
}

// --- a whole server ---

class ClusterGatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    Serve(0);
    gateway_ = ConnectOrDie(OptionsFor({port_}));
    ASSERT_NE(gateway_, nullptr);
  }
  void Serve(int port) {
    FlussServerOptions options;
    options.listen = {"127.0.0.1", port};
    options.threads = 2;
    auto server = FlussServer::Start(OpenOrDie(directory_ / "db"), options);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = server.MoveValue();
    port_ = server_->address().port;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  TempDirectory directory_;
  std::unique_ptr<FlussServer> server_;
  int port_ = 0;
  std::shared_ptr<Gateway> gateway_;
};

TEST_F(ClusterGatewayTest, NamesItsTarget) {
  EXPECT_EQ(gateway_->target(), "Fluss cluster at '" + address() + "'");
  EXPECT_FALSE(gateway_->is_embedded());
  EXPECT_TRUE(gateway_->CheckCallsOfSql().ok());
  const auto nodes = Get(gateway_->GetServerNodes());
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].type, ServerNode::Type::kCoordinator);
  EXPECT_EQ(nodes[1].type, ServerNode::Type::kTablet);
  EXPECT_EQ(nodes[1].port, port_);
}

TEST_F(ClusterGatewayTest, FiltersLeaveOutBatches) {
  TableDescriptor described = LogTable();
  described.properties["table.statistics.columns"] = "*";
  const TableInfo table = MakeTable(*gateway_, "t", described);
  const TableBucket bucket{table.table_id, {}, 0};
  for (const int first : {0, 100, 200}) {
    (void)Get(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), first, 10))));
  }
  const auto fetch = [&](Predicate filter) {
    FetchLogRequest request = Fetch(bucket, 0);
    request.filter = std::make_shared<const FetchFilter>(FetchFilter{std::move(filter), table.schema(), 1});
    return Get(gateway_->FetchLog(request))[0];
  };
  const auto compare = [](Predicate::Op op, int64_t value) {
    return Predicate{.op = op, .column = "id", .literals = {value}, .children = {}};
  };
  const FetchedBucket one = fetch(compare(Predicate::Op::kEqual, 105));
  EXPECT_EQ(IdsIn(one.records, table.schema()).front(), 100);
  EXPECT_EQ(IdsIn(one.records, table.schema()).size(), 10u);
  EXPECT_EQ(one.filtered_end_offset, 30);
  const Predicate negated{
      .op = Predicate::Op::kNot, .column = "", .literals = {}, .children = {compare(Predicate::Op::kLess, 200)}};
  EXPECT_EQ(IdsIn(fetch(negated).records, table.schema()).size(), 30u) << "which the protocol cannot say";
}

TEST_F(ClusterGatewayTest, TablesHaveNoSnapshotInALake) {
  MakeTable(*gateway_, "t", LogTable());
  LakeSnapshots* const lake = LakeSnapshots::Of(gateway_.get());
  ASSERT_NE(lake, nullptr);
  EXPECT_CODE(lake->GetLatestLakeSnapshot({"fluss", "t"}), kLakeSnapshotNotExist);
  EXPECT_CODE(lake->GetLatestLakeSnapshot({"fluss", "no"}), kTableNotExist);
}

TEST_F(ClusterGatewayTest, CommitsOfOneBucketOnly) {
  const TableInfo log = MakeTable(*gateway_, "log", LogTable(2));
  const TableInfo rows = MakeTable(*gateway_, "rows", PkTable());
  const TableBucket log_bucket{log.table_id, {}, 0};
  const TableBucket row_bucket{rows.table_id, {}, 0};
  CommitRequest append;
  append.log.push_back(Produce(log_bucket, LogBatch(log.schema(), 0, 3), 0));
  EXPECT_EQ(Get(gateway_->Commit(append)).log[0].base_offset, 0);
  CommitRequest upsert;
  upsert.kv.push_back(Put(row_bucket, 1, 2, "n"));
  EXPECT_EQ(Get(gateway_->Commit(upsert)).kv[0].log_end_offset, 2);
  CommitRequest both = append;
  both.kv = upsert.kv;
  EXPECT_CODE(gateway_->Commit(both), kUnsupportedVersion);
  EXPECT_THAT(MessageOf(gateway_->Commit(both)),
              HasSubstr(gateway_->target() + " cannot commit writes to several buckets atomically"));
  EXPECT_EQ(Get(Get(gateway_->ListOffsets(log.table_id, {}, {0}, OffsetSpec::Latest())).at(0)), 3);
  EXPECT_OK(gateway_->Commit({}));
  CommitRequest nowhere;
  nowhere.log.push_back(Produce({log.table_id, {}, 9}, LogBatch(log.schema(), 0, 3)));
  EXPECT_CODE(gateway_->Commit(nowhere), kUnknownTableOrBucket);
}

TEST_F(ClusterGatewayTest, WhatIsDroppedIsNotTriedForLong) {
  const auto other = ConnectOrDie(OptionsFor({port_}));
  const TableInfo table = MakeTable(*gateway_, "t", PartitionedTable());
  for (const char* day : {"1", "2"}) EXPECT_OK(gateway_->CreatePartition(table.path, {{"day", day}}, false));
  const int64_t first = Get(gateway_->GetPartition(table.path, "1")).partition_id;
  const int64_t second = Get(gateway_->GetPartition(table.path, "2")).partition_id;
  const TableBucket dropped{table.table_id, first, 0};
  const TableBucket kept{table.table_id, second, 0};
  const auto batch = LogBatch(table.schema(), 0, 1);
  EXPECT_OK(other->DropPartition(table.path, {{"day", "1"}}, false));

  ProduceLogRequest produce = Produce(dropped, batch);
  produce.buckets.push_back({kept, batch});
  const auto produced = Get(gateway_->ProduceLog(produce));
  EXPECT_EQ(produced[0].status.code(), ErrorCode::kPartitionNotExists);
  EXPECT_TRUE(produced[1].status.ok()) << produced[1].status.ToString();
  EXPECT_EQ(Get(gateway_->FetchLog(Fetch(dropped, 0)))[0].status.code(), ErrorCode::kUnknownTableOrBucket);
  EXPECT_EQ(Get(gateway_->ListOffsets(table.table_id, first, {0}, OffsetSpec::Latest())).at(0).status().code(),
            ErrorCode::kUnknownTableOrBucket);

  EXPECT_OK(other->DropTable(table.path, false));
  EXPECT_EQ(Get(gateway_->ProduceLog(Produce(kept, batch)))[0].status.code(), ErrorCode::kTableNotExist);
  EXPECT_THAT(Get(gateway_->ProduceLog(Produce(kept, batch)))[0].status.message(), HasSubstr("table 'fluss.t'"));
  EXPECT_CODE(gateway_->LimitScan({kept, 1}), kTableNotExist);
  const TableBucket never{4711, {}, 0};
  EXPECT_EQ(Get(gateway_->ProduceLog(Produce(never, batch)))[0].status.code(), ErrorCode::kTableNotExist);
}

TEST_F(ClusterGatewayTest, ATableInThePlaceOfADroppedOneIsAnotherOne) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const auto produce = [&](int64_t table_id) {
    return Get(gateway_->ProduceLog(Produce({table_id, {}, 0}, LogBatch(table.schema(), 0, 1))))[0].status;
  };
  EXPECT_TRUE(produce(table.table_id).ok());
  EXPECT_OK(gateway_->DropTable(table.path, false));
  const TableInfo again = MakeTable(*gateway_, "t", LogTable());
  ASSERT_NE(again.table_id, table.table_id);
  EXPECT_EQ(produce(table.table_id).code(), ErrorCode::kTableNotExist);
  EXPECT_TRUE(produce(again.table_id).ok());
}

TEST_F(ClusterGatewayTest, ComesBackAfterTheServer) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 0, 1))));
  ASSERT_TRUE(server_->Stop().ok());
  server_.reset();
  const auto waiting = gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 1, 1)));
  const auto listing = gateway_->ListTables("fluss");
  Serve(port_);
  EXPECT_TRUE(Get(waiting)[0].status.ok()) << Get(waiting)[0].status.ToString();
  EXPECT_THAT(Get(listing), ElementsAre("t"));
  EXPECT_EQ(AllIds(*gateway_, bucket, table.schema()), (std::vector<int>{0, 1}));
}

TEST_F(ClusterGatewayTest, Closing) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const auto poll = gateway_->FetchLog(Fetch({table.table_id, {}, 0}, 0, 60000));
  EXPECT_TRUE(gateway_->Close().ok());
  EXPECT_TRUE(gateway_->Close().ok());
  const auto& polled = poll.Wait();
  EXPECT_TRUE(!polled.ok() || !(*polled)[0].status.ok());
  EXPECT_CODE(gateway_->ListDatabases(), kClientError);
}

TEST_F(ClusterGatewayTest, TheLastUserMayBeACallback) {
  auto gateway = ConnectOrDie(OptionsFor({port_}));
  std::promise<void> gone;
  gateway->ListDatabases().Then([held = gateway, &gone](const auto&) mutable {
    held.reset();
    gone.set_value();
  });
  gateway.reset();
  gone.get_future().wait();
}

// --- servers that are not what they should be ---

/// A node that says how it is called and which calls it takes.
void Introduce(FakeServer* server, const std::vector<ApiKey>& apis) {
  wire::ApiVersionsResponse versions;
  for (const ApiKey key : apis) {
    wire::ApiVersion* api = versions.add_api_versions();
    api->set_api_key(static_cast<int32_t>(key));
    api->set_min_version(0);
    api->set_max_version(0);
  }
  server->On(ApiKey::kApiVersions, versions);
}

void SetNode(int32_t id, int port, wire::ServerNode* node) {
  node->set_node_id(id);
  node->set_host("127.0.0.1");
  node->set_port(port);
}

constexpr int64_t kTable = 5;

/// The answer to GET_METADATA of a cluster whose bucket i is led by `leaders[i]`.
wire::MetadataResponse MakeMetadata(const std::vector<const FakeServer*>& servers,
                                    const std::vector<int32_t>& leaders) {
  wire::MetadataResponse response;
  SetNode(0, servers[0]->port(), response.mutable_coordinator_server());
  for (size_t i = 0; i < servers.size(); ++i) {
    SetNode(static_cast<int32_t>(i), servers[i]->port(), response.add_tablet_servers());
  }
  wire::TableMetadata* table = response.add_table_metadata();
  table->mutable_table_path()->set_database_name("fluss");
  table->mutable_table_path()->set_table_name("t");
  table->set_table_id(kTable);
  table->set_schema_id(1);
  table->set_table_json("{}");
  table->set_created_time(0);
  table->set_modified_time(0);
  for (size_t i = 0; i < leaders.size(); ++i) {
    wire::BucketMetadata* bucket = table->add_bucket_metadata();
    bucket->set_bucket_id(static_cast<int32_t>(i));
    if (leaders[i] >= 0) bucket->set_leader_id(leaders[i]);
  }
  return response;
}

const char kTableJson[] =
    R"({"version":1,"schema":{"version":1,"columns":[{"name":"id","data_type":{"type":"INTEGER"},"id":0}],)"
    R"("highest_field_id":0},"partition_key":[],"bucket_count":2,"properties":{},"custom_properties":{}})";

/// Two nodes of a cluster with the table fluss.t of two buckets.
class FakeClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    for (FakeServer* server : {&first_, &second_}) {
      Introduce(server, {ApiKey::kGetMetadata, ApiKey::kGetTableInfo, ApiKey::kListDatabases, ApiKey::kProduceLog,
                         ApiKey::kFetchLog, ApiKey::kLookup, ApiKey::kLimitScan, ApiKey::kListOffsets,
                         ApiKey::kDropTable});
      wire::GetTableInfoResponse info;
      info.set_table_id(kTable);
      info.set_schema_id(1);
      info.set_table_json(kTableJson);
      info.set_created_time(0);
      info.set_modified_time(0);
      server->On(ApiKey::kGetTableInfo, info);
    }
    Lead({0, 1});
    first_.Start();
    second_.Start();
  }
  void TearDown() override {
    ASSERT_NE(gateway_, nullptr);
    EXPECT_TRUE(gateway_->Close().ok());
  }
  void Lead(const std::vector<int32_t>& leaders) {
    const auto metadata = MakeMetadata({&first_, &second_}, leaders);
    first_.On(ApiKey::kGetMetadata, metadata);
    second_.On(ApiKey::kGetMetadata, metadata);
  }
  void Connect(ClusterOptions options = {}) {
    options.bootstrap = {{"127.0.0.1", first_.port()}};
    gateway_ = ConnectOrDie(options);
    ASSERT_NE(gateway_, nullptr);
    EXPECT_OK(gateway_->GetTableInfo({"fluss", "t"}));
  }
  /// Says that each bucket was written at `offset`, or has an error.
  static FakeServer::Handler Produced(int64_t offset, ErrorCode error = ErrorCode::kNone) {
    return [=](const wire::Request& request) {
      const auto parsed = wire::ParseProduceLogRequest(request.message);
      EXPECT_TRUE(parsed.ok());
      wire::ProduceLogResponse response;
      for (const wire::BucketRecords& bucket : parsed->buckets) {
        wire::ProduceLogRespForBucket* part = response.add_buckets_resp();
        part->set_bucket_id(bucket.bucket_id);
        part->set_base_offset(offset);
        part->set_error_code(static_cast<int32_t>(error));
      }
      return Say::Answer(response);
    };
  }
  static ProduceLogRequest ToBoth() {
    ProduceLogRequest request;
    request.table_id = kTable;
    for (int32_t i = 0; i < 2; ++i) request.buckets.push_back({{kTable, {}, i}, arrow::Buffer::FromString("records")});
    return request;
  }
  static LookupRequest LookFor(const std::string& key) { return {kTable, {{{kTable, {}, 0}, {key}}}}; }

  FakeServer first_;
  FakeServer second_;
  std::shared_ptr<Gateway> gateway_;
};

TEST_F(FakeClusterTest, EachServerGetsItsBuckets) {
  Connect();
  first_.On(ApiKey::kProduceLog, Produced(10));
  second_.On(ApiKey::kProduceLog, Produced(20));
  const auto produced = Get(gateway_->ProduceLog(ToBoth()));
  EXPECT_EQ(produced[0].base_offset, 10);
  EXPECT_EQ(produced[1].base_offset, 20);
}

TEST_F(FakeClusterTest, FollowsALeaderThatMoves) {
  Connect();
  first_.On(ApiKey::kProduceLog, Produced(10));
  second_.On(ApiKey::kProduceLog, Produced(20));
  EXPECT_OK(gateway_->ProduceLog(ToBoth()));
  first_.On(ApiKey::kProduceLog, [&](const wire::Request& request) {
    Lead({1, 1});
    return Produced(0, ErrorCode::kNotLeaderOrFollower)(request);
  });
  const auto produced = Get(gateway_->ProduceLog(ToBoth()));
  EXPECT_TRUE(produced[0].status.ok()) << produced[0].status.ToString();
  EXPECT_EQ(produced[0].base_offset, 20);
}

TEST_F(FakeClusterTest, WaitsForALeader) {
  Lead({-1, 1});
  Connect();
  std::atomic<int> asked{0};
  first_.On(ApiKey::kGetMetadata, [&](const wire::Request&) {
    return Say::Answer(MakeMetadata({&first_, &second_}, {++asked < 3 ? -1 : 1, 1}));
  });
  second_.On(ApiKey::kProduceLog, Produced(20));
  EXPECT_EQ(Get(gateway_->ProduceLog(ToBoth()))[0].base_offset, 20);
}

TEST_F(FakeClusterTest, GivesUpWithTheLastError) {
  ClusterOptions options;
  options.retry_timeout = milliseconds(500);
  Connect(options);
  first_.On(ApiKey::kProduceLog, Produced(0, ErrorCode::kNotLeaderOrFollower));
  second_.On(ApiKey::kProduceLog, Produced(20));
  const auto produced = Get(gateway_->ProduceLog(ToBoth()));
  EXPECT_EQ(produced[0].status.code(), ErrorCode::kNotLeaderOrFollower);
  EXPECT_TRUE(produced[1].status.ok());
  EXPECT_GT(first_.Count(ApiKey::kProduceLog), 1);
}

TEST_F(FakeClusterTest, ReadsAreRepeatedAfterALostConnectionAndWritesAreNot) {
  Connect();
  std::atomic<int> lookups{0};
  wire::LookupResponse response;
  wire::LookupRespForBucket* part = response.add_buckets_resp();
  part->set_bucket_id(0);
  part->add_values()->set_values("v");
  first_.On(ApiKey::kLookup,
            [&](const wire::Request&) { return ++lookups == 1 ? Say::HangUp() : Say::Answer(response); });
  EXPECT_THAT(Get(gateway_->Lookup(LookFor("k")))[0].values, ElementsAre("v"));

  first_.On(ApiKey::kProduceLog, [](const wire::Request&) { return Say::HangUp(); });
  second_.On(ApiKey::kProduceLog, Produced(20));
  const auto produced = Get(gateway_->ProduceLog(ToBoth()));
  EXPECT_EQ(produced[0].status.code(), ErrorCode::kNetworkException);
  EXPECT_THAT(produced[0].status.message(), HasSubstr(gateway_->target()));
  EXPECT_EQ(first_.Count(ApiKey::kProduceLog), 1);
  EXPECT_TRUE(produced[1].status.ok());
  first_.On(ApiKey::kDropTable, [](const wire::Request&) { return Say::HangUp(); });
  EXPECT_CODE(gateway_->DropTable({"fluss", "t"}, false), kNetworkException);
  EXPECT_EQ(first_.Count(ApiKey::kDropTable), 1);

  CommitRequest commit;
  commit.log.push_back(ToBoth());
  commit.log[0].buckets.pop_back();
  EXPECT_CODE(gateway_->Commit(commit), kUnknownServerError);  // who knows whether it was written
}

TEST_F(FakeClusterTest, ASilentServerIsNotWaitedForForever) {
  ClusterOptions options;
  options.request_timeout = options.read_retry_timeout = milliseconds(500);
  Connect(options);
  first_.On(ApiKey::kLookup, [](const wire::Request&) { return Say::Nothing(); });
  const auto looked_up = Get(gateway_->Lookup(LookFor("k")));
  EXPECT_EQ(looked_up[0].status.code(), ErrorCode::kRequestTimeOut);
  EXPECT_THAT(looked_up[0].status.message(), HasSubstr("LOOKUP"));
}

TEST_F(FakeClusterTest, ReadsFollowTheLeaderAwayFromASilentServer) {
  ClusterOptions options;
  options.request_timeout = milliseconds(500);
  Connect(options);
  first_.On(ApiKey::kLookup, [&](const wire::Request&) {
    Lead({1, 1});  // the cluster has missed it
    return Say::Nothing();
  });
  wire::LookupResponse response;
  wire::LookupRespForBucket* part = response.add_buckets_resp();
  part->set_bucket_id(0);
  part->add_values()->set_values("v");
  second_.On(ApiKey::kLookup, response);
  EXPECT_THAT(Get(gateway_->Lookup(LookFor("k")))[0].values, ElementsAre("v"));

  options.lookup_retries = 0;
  Lead({0, 1});
  const auto impatient = ConnectOrDie([&] {
    options.bootstrap = {{"127.0.0.1", first_.port()}};
    return options;
  }());
  EXPECT_OK(impatient->GetTableInfo({"fluss", "t"}));
  EXPECT_EQ(Get(impatient->Lookup(LookFor("k")))[0].status.code(), ErrorCode::kRequestTimeOut);
  EXPECT_TRUE(impatient->Close().ok());
}

TEST_F(FakeClusterTest, WhatATargetLacksIsNamed) {
  Connect();
  const auto stats = Get(gateway_->GetTableStats(kTable, {{kTable, {}, 0}}));
  EXPECT_EQ(stats[0].status.code(), ErrorCode::kUnsupportedVersion);
  EXPECT_THAT(stats[0].status.message(), HasSubstr(gateway_->target()));
  EXPECT_THAT(stats[0].status.message(), HasSubstr("GET_TABLE_STATS"));
  EXPECT_CODE(gateway_->CreateDatabase("d", {}, false), kUnsupportedVersion);
}

TEST_F(FakeClusterTest, LakeSnapshotsAreRead) {
  Introduce(&first_, {ApiKey::kGetMetadata, ApiKey::kGetTableInfo, ApiKey::kGetLakeSnapshot});
  Connect();
  wire::GetLakeSnapshotResponse response;
  response.set_table_id(kTable);
  response.set_snapshot_id(7);
  for (int32_t i = 0; i < 3; ++i) {
    wire::LakeSnapshotForBucket* const bucket = response.add_bucket_snapshots();
    bucket->set_bucket_id(i);
    if (i == 1) bucket->set_partition_id(12);
    if (i < 2) bucket->set_log_offset(100 + i);
  }
  first_.On(ApiKey::kGetLakeSnapshot, response);
  const LakeSnapshot snapshot = Get(LakeSnapshots::Of(gateway_.get())->GetLatestLakeSnapshot({"fluss", "t"}));
  EXPECT_EQ(snapshot.snapshot_id, 7);
  const std::map<TableBucket, int64_t> expected{{{kTable, {}, 0}, 100}, {{kTable, 12, 1}, 101}};
  EXPECT_EQ(snapshot.offsets, expected);
}

TEST_F(FakeClusterTest, CallsThatSqlNeedsAreLookedForAtOnce) {
  Connect();
  const Status old = gateway_->CheckCallsOfSql();
  EXPECT_EQ(old.code(), ErrorCode::kUnsupportedVersion);
  EXPECT_THAT(old.message(), HasSubstr("SQL on a cluster wants Apache Fluss 0.9.1 or a later one"));
  const std::string server = "127.0.0.1:" + std::to_string(first_.port());
  EXPECT_THAT(old.message(), HasSubstr(server + " does not offer CREATE_DATABASE"));
  EXPECT_EQ(first_.Count(ApiKey::kCreateDatabase), 0);
}

TEST_F(FakeClusterTest, FullScansDoWithoutTheirOwnCall) {
  Connect();
  wire::ListOffsetsResponse offsets;
  offsets.add_buckets_resp()->set_bucket_id(0);
  offsets.mutable_buckets_resp(0)->set_offset(42);
  first_.On(ApiKey::kListOffsets, offsets);
  wire::LimitScanResponse rows;
  rows.set_is_log_table(false);
  rows.set_records("rows");
  first_.On(ApiKey::kLimitScan, rows);
  ScanKvRequest scan;
  scan.bucket = {kTable, {}, 0};
  const ScanKvResult result = Get(gateway_->ScanKv(scan));
  EXPECT_FALSE(result.has_more);
  EXPECT_EQ(result.log_offset, 42);
  EXPECT_EQ(result.records->ToString(), "rows");
}

TEST_F(FakeClusterTest, APollEndsWithTheFirstServerThatHasSomething) {
  Connect();
  const auto fetched = [](int32_t bucket, const std::string& records, bool answer_polls) {
    return [=](const wire::Request& request) {
      wire::FetchLogRequest parsed;
      EXPECT_TRUE(wire::ParseMessage(*request.message, &parsed).ok());
      const bool poll = parsed.has_min_bytes();
      if (poll && !answer_polls) return Say::Nothing();
      wire::FetchLogResponse response;
      wire::FetchLogRespForTable* table = response.add_tables_resp();
      table->set_table_id(kTable);
      wire::FetchLogRespForBucket* part = table->add_buckets_resp();
      part->set_bucket_id(bucket);
      part->set_high_watermark(7);
      part->set_records(poll ? records : "");
      return Say::Answer(response);
    };
  };
  first_.On(ApiKey::kFetchLog, fetched(0, "", false));
  second_.On(ApiKey::kFetchLog, fetched(1, "some", true));
  FetchLogRequest fetch = Fetch({kTable, {}, 0}, 7, 60000);
  fetch.buckets.push_back({{kTable, {}, 1}, 7, 1 << 20});
  const auto answers = Get(gateway_->FetchLog(fetch));
  EXPECT_TRUE(answers[0].status.ok());
  EXPECT_EQ(answers[0].high_watermark, 7);
  EXPECT_EQ(answers[1].records->ToString(), "some");
}

TEST_F(FakeClusterTest, ABatchThatIsCutOffIsLeftForTheNextFetch) {
  Connect();
  const Schema schema = *Schema::Make({{"id", DataType::Int()}, {"name", DataType::String()}});
  const std::string batch = LogBatch(schema, 0, 3)->ToString();
  for (const size_t cut : {size_t{1}, size_t{11}, size_t{12}, size_t{50}, batch.size() - 1, batch.size()}) {
    wire::FetchLogResponse response;
    wire::FetchLogRespForTable* table = response.add_tables_resp();
    table->set_table_id(kTable);
    table->add_buckets_resp()->set_bucket_id(0);
    table->mutable_buckets_resp(0)->set_records(batch + batch.substr(0, cut));
    first_.On(ApiKey::kFetchLog, response);
    const auto answers = Get(gateway_->FetchLog(Fetch({kTable, {}, 0}, 0)));
    const size_t whole = cut == batch.size() ? 2 : 1;
    EXPECT_EQ(static_cast<size_t>(answers[0].records->size()), whole * batch.size()) << cut;
    // Nor need a bucket have a whole one when another has.
    Lead({0, 0});
    table->add_buckets_resp()->set_bucket_id(1);
    table->mutable_buckets_resp(1)->set_records(batch.substr(0, cut));
    first_.On(ApiKey::kFetchLog, response);
    FetchLogRequest both = Fetch({kTable, {}, 0}, 0);
    both.buckets.push_back({{kTable, {}, 1}, 0, 1 << 20});
    second_.On(ApiKey::kFetchLog, [](const wire::Request&) { return Say::Error(ErrorCode::kNotLeaderOrFollower, ""); });
    (void)gateway_->FetchLog(both).Wait();  // learns of the new leader
    const auto of_both = Get(gateway_->FetchLog(both));
    EXPECT_EQ(static_cast<size_t>(of_both[1].records->size()), (whole - 1) * batch.size()) << cut;
    // But one of an answer is whole, so this one is broken.
    table->mutable_buckets_resp()->DeleteSubrange(1, 1);
    table->mutable_buckets_resp(0)->set_records(batch.substr(0, cut));
    first_.On(ApiKey::kFetchLog, response);
    EXPECT_EQ(static_cast<size_t>(Get(gateway_->FetchLog(Fetch({kTable, {}, 0}, 0)))[0].records->size()), cut);
  }
}

TEST_F(FakeClusterTest, RemoteRecordsAreReadFromWhereTheyAre) {
  Connect();
  const TempDirectory remote;
  const auto stored = [](int64_t base_offset, int rows) {
    std::string batch = LogBatch(LogTable().schema, static_cast<int>(base_offset), rows)->ToString();
    StampLogBatch(batch.data(), base_offset, 1);
    return batch;
  };
  const std::string batches[] = {stored(0, 2), stored(2, 1), stored(3, 2)};
  const auto write = [&](const std::string& segment, const std::string& file, const std::string& bytes) {
    std::filesystem::create_directories(remote / segment);
    std::ofstream(remote / (segment + "/" + file), std::ios::binary) << bytes;
  };
  write("a", "00000000000000000000.log", batches[0] + batches[1]);
  write("b", "00000000000000000003.log", batches[2]);
  wire::FetchLogResponse response;
  wire::FetchLogRespForTable* table = response.add_tables_resp();
  table->set_table_id(kTable);
  table->add_buckets_resp()->set_bucket_id(0);
  wire::RemoteLogFetchInfo* info = table->mutable_buckets_resp(0)->mutable_remote_log_fetch_info();
  const auto add = [&](const char* id, int64_t begin, int64_t end) {
    wire::RemoteLogSegment* segment = info->add_remote_log_segments();
    segment->set_remote_log_segment_id(id);
    segment->set_remote_log_start_offset(begin);
    segment->set_remote_log_end_offset(end);
    segment->set_segment_size_in_bytes(1);
  };
  add("a", 0, 3);
  add("b", 3, 5);
  const auto fetch = [&](int64_t offset) {
    first_.On(ApiKey::kFetchLog, response);
    return Get(gateway_->FetchLog(Fetch({kTable, {}, 0}, offset)))[0];
  };
  for (const std::string& directory : {"file://" + remote.path(), remote.path()}) {
    info->set_remote_log_tablet_dir(directory);
    EXPECT_EQ(fetch(1).records->ToString(), batches[0] + batches[1]) << directory;
    EXPECT_EQ(fetch(4).records->ToString(), batches[2]);
  }
  info->set_first_start_pos(static_cast<int32_t>(batches[0].size()));
  EXPECT_EQ(fetch(2).records->ToString(), batches[1]);

  EXPECT_EQ(fetch(5).status.code(), ErrorCode::kClientError) << "no segment has it";
  write("b", "00000000000000000003.log", batches[2].substr(0, 30));
  EXPECT_EQ(fetch(3).status.code(), ErrorCode::kClientError) << "it stays damaged: nobody need ask again";
  std::filesystem::remove_all(remote / "b");
  EXPECT_EQ(fetch(3).status.code(), ErrorCode::kLogStorageException);
  info->set_remote_log_tablet_dir("hdfs://there/x");
  const auto unknown = fetch(3);
  EXPECT_EQ(unknown.status.code(), ErrorCode::kUnsupportedVersion);
  EXPECT_THAT(unknown.status.message(), HasSubstr("remote storage"));
}

TEST_F(FakeClusterTest, MalformedMessagesFailTheirCallAlone) {
  Connect();
  const std::string garbage = "\x0a\xff\xff\xff\x7f garbage";
  for (FakeServer* server : {&first_, &second_}) {
    for (const ApiKey key : {ApiKey::kListDatabases, ApiKey::kLookup, ApiKey::kFetchLog, ApiKey::kProduceLog,
                             ApiKey::kLimitScan, ApiKey::kListOffsets}) {
      server->On(key, [garbage](const wire::Request&) { return Say::Message(garbage); });
    }
  }
  EXPECT_CODE(gateway_->ListDatabases(), kCorruptMessage);
  EXPECT_THAT(MessageOf(gateway_->ListDatabases()), HasSubstr(gateway_->target()));
  EXPECT_EQ(Get(gateway_->Lookup(LookFor("k")))[0].status.code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(Get(gateway_->FetchLog(Fetch({kTable, {}, 0}, 0)))[0].status.code(), ErrorCode::kCorruptMessage);
  for (const ProducedBucket& bucket : Get(gateway_->ProduceLog(ToBoth()))) {
    EXPECT_EQ(bucket.status.code(), ErrorCode::kCorruptMessage);
  }
  EXPECT_CODE(gateway_->LimitScan({{kTable, {}, 0}, 1}), kCorruptMessage);
  const auto offsets = Get(gateway_->ListOffsets(kTable, {}, {0}, OffsetSpec::Latest()));
  EXPECT_EQ(offsets.at(0).status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(first_.connections(), 1);

  // Well-formed, and still not an answer to what was asked.
  wire::LookupResponse other;
  other.add_buckets_resp()->set_bucket_id(77);
  first_.On(ApiKey::kLookup, other);
  EXPECT_EQ(Get(gateway_->Lookup(LookFor("k")))[0].status.code(), ErrorCode::kUnknownServerError);
  wire::LookupResponse too_many;
  too_many.add_buckets_resp()->set_bucket_id(0);
  for (int i = 0; i < 3; ++i) too_many.mutable_buckets_resp(0)->add_values();
  first_.On(ApiKey::kLookup, too_many);
  EXPECT_EQ(Get(gateway_->Lookup(LookFor("k")))[0].status.code(), ErrorCode::kCorruptMessage);
}

TEST_F(FakeClusterTest, GarbageEndsTheConnectionAndTheNextOneIsTried) {
  Connect();
  const std::string frames[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", std::string(64, '\xff'), std::string("\0\0\0\0", 4),
                                std::string("\0\0\0\x05\0\x7f\xff\xff\xff", 9),   // a request that never was
                                std::string("\0\0\0\x05\x09\0\0\0\x01", 9),       // a type that there is not
                                std::string("\0\0\0\x03\x02\x08\x01", 7)};        // the server gives up
  for (const std::string& bytes : frames) {
    std::atomic<int> asked{0};
    wire::ListDatabasesResponse names;
    names.add_database_name("d");
    first_.On(ApiKey::kListDatabases, [&](const wire::Request&) {
      return asked++ == 0 ? Say::Raw(bytes) : Say::Answer(names);
    });
    second_.On(ApiKey::kListDatabases, names);
    EXPECT_THAT(Get(gateway_->ListDatabases()), ElementsAre("d"));
  }
}

TEST_F(FakeClusterTest, CodesThatAreUnknownAndStackTraces) {
  Connect();
  first_.On(ApiKey::kListDatabases, [](const wire::Request&) {
    return Say::Error(static_cast<ErrorCode>(9999), "org.apache.Broken: it broke\n\tat a.b.c(D.java:1)");
  });
  EXPECT_EQ(gateway_->ListDatabases().Wait().status().code(), static_cast<ErrorCode>(9999));
  EXPECT_EQ(MessageOf(gateway_->ListDatabases()), "org.apache.Broken: it broke");
}

// --- connecting ---

TEST(ClusterGatewayOpen, NobodyThere) {
  FakeServer closed;
  const int port = closed.port();
  closed.Stop();
  const auto gateway = OpenCluster(OptionsFor({port}));
  ASSERT_FALSE(gateway.ok());
  EXPECT_EQ(gateway.status().code(), ErrorCode::kNetworkException);
  EXPECT_THAT(gateway.status().message(), HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST(ClusterGatewayOpen, TheNextAddressIsTried) {
  FakeServer closed;
  closed.Stop();
  FakeServer server;
  Introduce(&server, {ApiKey::kGetMetadata});
  server.On(ApiKey::kGetMetadata, MakeMetadata({&server}, {0}));
  server.Start();
  const auto gateway = ConnectOrDie(OptionsFor({closed.port(), server.port()}));
  EXPECT_EQ(Get(gateway->GetServerNodes()).size(), 2u);
}

TEST(ClusterGatewayOpen, NotAFlussServer) {
  for (const Say& say : {Say::Raw("SSH-2.0-OpenSSH_9.2\r\n"), Say::Message("\xff\xff garbage"), Say::HangUp(),
                         Say::Error(ErrorCode::kUnknownServerError, "no")}) {
    FakeServer server;
    server.On(ApiKey::kApiVersions, [say](const wire::Request&) { return say; });
    server.Start();
    const auto gateway = OpenCluster(OptionsFor({server.port()}));
    ASSERT_FALSE(gateway.ok());
    EXPECT_THAT(gateway.status().message(), HasSubstr(std::to_string(server.port())));
  }
}

TEST(ClusterGatewayOpen, AServerThatSaysNothing) {
  FakeServer server;
  server.On(ApiKey::kApiVersions, [](const wire::Request&) { return Say::Nothing(); });
  server.Start();
  ClusterOptions options = OptionsFor({server.port()});
  options.connect_timeout = milliseconds(50);
  EXPECT_FALSE(OpenCluster(options).ok());
}

TEST(ClusterGatewayOpen, Passwords) {
  FakeServer server;
  Introduce(&server, {ApiKey::kGetMetadata, ApiKey::kAuthenticate});
  server.On(ApiKey::kGetMetadata, MakeMetadata({&server}, {0}));
  std::atomic<int> challenges{0};
  server.On(ApiKey::kAuthenticate, [&](const wire::Request& request) {
    wire::AuthenticateRequest parsed;
    EXPECT_TRUE(wire::ParseMessage(*request.message, &parsed).ok());
    EXPECT_EQ(parsed.protocol(), "PLAIN");
    wire::AuthenticateResponse response;
    if (parsed.token() == std::string("\0alice\0secret", 13)) {
      response.set_challenge("more");
      ++challenges;
      return Say::Answer(response);
    }
    if (parsed.token().empty()) return Say::Answer(response);
    return Say::Error(ErrorCode::kAuthenticate, "wrong password");
  });
  server.Start();
  ClusterOptions options = OptionsFor({server.port()});
  options.sasl = SaslPlain{"alice", "secret"};
  EXPECT_NE(ConnectOrDie(options), nullptr);
  EXPECT_EQ(challenges, 1);
  options.sasl->password = "guess";
  const auto refused = OpenCluster(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), ErrorCode::kAuthenticate);
}

TEST(ClusterOptionsTest, Endpoints) {
  const auto endpoints = Get(ParseEndpoints("a:1, [::1]:2"));
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0], (Endpoint{"a", 1}));
  EXPECT_EQ(endpoints[1], (Endpoint{"::1", 2}));
  EXPECT_EQ(endpoints[1].ToString(), "[::1]:2");
  for (const char* text : {"", "a", "a:", ":1", "a:0", "a:65536", "a:1,", "a:x"}) {
    EXPECT_EQ(ParseEndpoints(text).status().code(), ErrorCode::kClientError) << text;
  }
}

}  // namespace
}  // namespace weir
