// What a Gateway is, whatever stands behind it: the embedded engine, or a `weir server` by the Fluss protocol.
// What one of them alone does is tested in tests/gateway and in cluster_gateway_test.cc.
#include "gateway/gateway.h"

#include "gateway/cluster/cluster_gateway.h"
#include "server/fluss/fluss_server.h"
#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

enum class Behind { kEmbeddedEngine, kWeirServer };

class AnyGatewayTest : public testing::TestWithParam<Behind> {
 protected:
  void SetUp() override {
    if (GetParam() == Behind::kWeirServer) {
      FlussServerOptions options;
      options.listen = {"127.0.0.1", 0};
      options.threads = 2;
      auto server = FlussServer::Start(OpenOrDie(directory_ / "db"), options);
      ASSERT_TRUE(server.ok()) << server.status().ToString();
      server_ = server.MoveValue();
    }
    gateway_ = Another();
    ASSERT_NE(gateway_, nullptr);
  }

  /// A gateway of its own to the same database.
  std::shared_ptr<Gateway> Another() const {
    if (GetParam() == Behind::kEmbeddedEngine) return OpenOrDie(directory_ / "db");
    ClusterOptions options;
    options.bootstrap.push_back({"127.0.0.1", server_->address().port});
    Result<std::shared_ptr<Gateway>> gateway = OpenCluster(options);
    EXPECT_TRUE(gateway.ok()) << gateway.status().ToString();
    return gateway.ok() ? *gateway : nullptr;
  }

  TempDirectory directory_;
  std::unique_ptr<FlussServer> server_;
  std::shared_ptr<Gateway> gateway_;
};

TEST_P(AnyGatewayTest, Databases) {
  EXPECT_OK(gateway_->CreateDatabase("shop", {.comment = "c", .custom_properties = {{"k", "v"}}}, false));
  EXPECT_CODE(gateway_->CreateDatabase("shop", {}, false), kDatabaseAlreadyExist);
  EXPECT_EQ(MessageOf(gateway_->CreateDatabase("shop", {}, false)), "database 'shop' exists already");
  EXPECT_OK(gateway_->CreateDatabase("shop", {}, true));
  EXPECT_THAT(Get(gateway_->ListDatabases()), testing::UnorderedElementsAre("fluss", "shop"));
  EXPECT_TRUE(Get(gateway_->DatabaseExists("shop")));
  EXPECT_FALSE(Get(gateway_->DatabaseExists("nowhere")));
  const DatabaseInfo info = Get(gateway_->GetDatabaseInfo("shop"));
  EXPECT_EQ(info.name, "shop");
  EXPECT_EQ(info.descriptor.comment, "c");
  EXPECT_EQ(info.descriptor.custom_properties.at("k"), "v");
  EXPECT_GT(info.created_time, 0);
  EXPECT_CODE(gateway_->GetDatabaseInfo("nowhere"), kDatabaseNotExist);
  EXPECT_OK(gateway_->CreateTable({"shop", "t"}, LogTable(), false));
  EXPECT_CODE(gateway_->DropDatabase("shop", false, false), kDatabaseNotEmpty);
  EXPECT_OK(gateway_->DropDatabase("shop", false, true));
  EXPECT_CODE(gateway_->DropDatabase("shop", false, true), kDatabaseNotExist);
  EXPECT_OK(gateway_->DropDatabase("shop", true, true));
}

TEST_P(AnyGatewayTest, Tables) {
  const TablePath path{"fluss", "t"};
  const TableInfo made = MakeTable(*gateway_, "t", LogTable(3));
  EXPECT_EQ(made.num_buckets(), 3);
  EXPECT_EQ(made.schema().columns().size(), 2u);
  EXPECT_CODE(gateway_->CreateTable(path, LogTable(), false), kTableAlreadyExist);
  EXPECT_OK(gateway_->CreateTable(path, LogTable(), true));
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), ElementsAre("t"));
  EXPECT_CODE(gateway_->ListTables("nowhere"), kDatabaseNotExist);
  EXPECT_TRUE(Get(gateway_->TableExists(path)));
  EXPECT_FALSE(Get(gateway_->TableExists({"fluss", "none"})));
  EXPECT_CODE(gateway_->GetTableInfo({"fluss", "none"}), kTableNotExist);

  TableChange properties;
  properties.set_properties["team"] = "a";
  EXPECT_OK(gateway_->AlterTable(path, properties, false));
  TableChange columns;
  columns.add_columns.push_back(
      {.name = "price", .type = DataType::Double(), .comment = "in cents", .agg_function = {}});
  EXPECT_OK(gateway_->AlterTable(path, columns, false));
  TableChange reset;
  reset.reset_properties = {"team"};
  EXPECT_EQ(Get(gateway_->GetTableInfo(path)).descriptor.custom_properties.at("team"), "a");
  EXPECT_OK(gateway_->AlterTable(path, reset, false));
  const TableInfo altered = Get(gateway_->GetTableInfo(path));
  EXPECT_TRUE(altered.descriptor.custom_properties.empty());
  EXPECT_EQ(altered.schema_id, 2);
  EXPECT_EQ(Get(gateway_->GetSchema(path, 1)).columns().size(), 2u);
  EXPECT_EQ(Get(gateway_->GetSchema(path, 2)).columns().back().comment, "in cents");
  EXPECT_CODE(gateway_->GetSchema(path, 9), kSchemaNotExist);
  EXPECT_CODE(gateway_->AlterTable({"fluss", "none"}, properties, false), kTableNotExist);
  EXPECT_OK(gateway_->AlterTable({"fluss", "none"}, properties, true));

  EXPECT_EQ(Get(gateway_->GetTableInfoById(made.table_id)).path, path);
  EXPECT_CODE(gateway_->GetTableInfoById(4711), kUnknownTableOrBucket);
  const auto stranger = Another();  // has to look for it
  EXPECT_EQ(Get(stranger->GetTableInfoById(made.table_id)).path, path);

  EXPECT_OK(gateway_->DropTable(path, false));
  EXPECT_CODE(gateway_->DropTable(path, false), kTableNotExist);
  EXPECT_OK(gateway_->DropTable(path, true));
  EXPECT_CODE(gateway_->GetTableInfoById(made.table_id), kUnknownTableOrBucket);
}

TEST_P(AnyGatewayTest, ManyTablesAndPartitionsAtOnce) {
  EXPECT_OK(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "p"}, PartitionedTable()}}, false));
  EXPECT_CODE(gateway_->CreateTables({{{"fluss", "b"}, LogTable()}, {{"fluss", "a"}, LogTable()}}, false),
              kTableAlreadyExist);
  EXPECT_FALSE(Get(gateway_->TableExists({"fluss", "b"})));
  EXPECT_OK(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"fluss", "b"}, LogTable()}}, true));
  EXPECT_THAT(Get(gateway_->ListTables("fluss")), testing::UnorderedElementsAre("a", "b", "p"));
  EXPECT_CODE(gateway_->CreateTables({{{"fluss", "a"}, LogTable()}, {{"nowhere", "c"}, LogTable()}}, true),
              kDatabaseNotExist);
  EXPECT_TRUE(Get(gateway_->TableExists({"fluss", "a"})));  // it was there before

  const TablePath path{"fluss", "p"};
  EXPECT_OK(gateway_->CreatePartitions(path, {{{"day", "1"}}, {{"day", "2"}}}, false));
  EXPECT_CODE(gateway_->CreatePartitions(path, {{{"day", "3"}}, {{"day", "1"}}}, false), kPartitionAlreadyExists);
  EXPECT_EQ(Get(gateway_->ListPartitionInfos(path, {})).size(), 2u);
  EXPECT_OK(gateway_->CreatePartitions(path, {{{"day", "3"}}, {{"day", "1"}}}, true));
  EXPECT_EQ(Get(gateway_->ListPartitionInfos(path, {})).size(), 3u);
}

TEST_P(AnyGatewayTest, Partitions) {
  const TablePath path{"fluss", "p"};
  MakeTable(*gateway_, "p", PartitionedTable());
  MakeTable(*gateway_, "plain", LogTable());
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "2"}}, false));
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "1"}}, false));
  EXPECT_CODE(gateway_->CreatePartition(path, {{"day", "1"}}, false), kPartitionAlreadyExists);
  EXPECT_OK(gateway_->CreatePartition(path, {{"day", "1"}}, true));
  const auto infos = Get(gateway_->ListPartitionInfos(path, {}));
  ASSERT_EQ(infos.size(), 2u);
  EXPECT_EQ(infos[0].partition_name, "1");
  EXPECT_EQ(infos[0].spec.at("day"), "1");
  EXPECT_EQ(Get(gateway_->ListPartitionInfos(path, {{"day", "2"}}))[0].partition_id, infos[1].partition_id);
  EXPECT_CODE(gateway_->ListPartitionInfos({"fluss", "plain"}, {}), kTableNotPartitioned);

  EXPECT_EQ(Get(gateway_->GetPartition(path, "2")).partition_id, infos[1].partition_id);
  EXPECT_EQ(Get(gateway_->GetPartitionById(path, infos[0].partition_id)).partition_name, "1");
  EXPECT_CODE(gateway_->GetPartition(path, "9"), kPartitionNotExists);
  EXPECT_EQ(MessageOf(gateway_->GetPartition(path, "9")), "Table partition 'fluss.p(p=9)' does not exist.");
  EXPECT_CODE(gateway_->GetPartitionById(path, 99), kPartitionNotExists);
  EXPECT_CODE(gateway_->GetPartition({"fluss", "plain"}, "1"), kTableNotPartitioned);
  EXPECT_CODE(gateway_->GetPartition({"fluss", "none"}, "1"), kTableNotExist);
  const auto stranger = Another();
  EXPECT_EQ(Get(stranger->GetPartition(path, "2")).spec.at("day"), "2");

  EXPECT_OK(gateway_->DropPartition(path, {{"day", "1"}}, false));
  EXPECT_CODE(gateway_->DropPartition(path, {{"day", "1"}}, false), kPartitionNotExists);
  EXPECT_OK(gateway_->DropPartition(path, {{"day", "1"}}, true));
  EXPECT_CODE(gateway_->GetPartition(path, "1"), kPartitionNotExists);

  // A table of the same name whose partitions mean something else.
  EXPECT_OK(stranger->DropTable(path, false));
  TableDescriptor other = PartitionedTable();
  other.schema = *Schema::Make({{"id", DataType::Int()}, {"town", DataType::String()}});
  other.partition_keys = {"town"};
  EXPECT_OK(stranger->CreateTable(path, other, false));
  EXPECT_OK(stranger->CreatePartition(path, {{"town", "2"}}, false));
  EXPECT_EQ(Get(gateway_->GetPartition(path, "2")).spec.at("town"), "2");
}

TEST_P(AnyGatewayTest, ErrorsNameWhatTheyAreAbout) {
  EXPECT_EQ(MessageOf(gateway_->GetTableInfo({"fluss", "no"})), "table 'fluss.no' does not exist");
  MakeTable(*gateway_, "t", LogTable());
  EXPECT_EQ(MessageOf(gateway_->CreateTable({"fluss", "t"}, LogTable(), false)), "table 'fluss.t' exists already");
}

TEST_P(AnyGatewayTest, Logs) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable(2));
  const std::vector<TableBucket> buckets = {{table.table_id, {}, 0}, {table.table_id, {}, 1}};
  const int64_t writer = Get(gateway_->InitWriter({table.path}));
  EXPECT_GT(Get(gateway_->InitWriter({})), writer);
  ProduceLogRequest produce = Produce(buckets[0], LogBatch(table.schema(), 0, 10));
  produce.buckets.push_back({buckets[1], LogBatch(table.schema(), 100, 5)});
  produce.buckets.push_back({{table.table_id, {}, 7}, LogBatch(table.schema(), 0, 1)});
  auto produced = Get(gateway_->ProduceLog(produce));
  ASSERT_EQ(produced.size(), 3u);
  EXPECT_TRUE(produced[0].status.ok() && produced[1].status.ok());
  EXPECT_EQ(produced[2].status.code(), ErrorCode::kUnknownTableOrBucket);
  EXPECT_THAT(produced[2].status.message(), HasSubstr("bucket=7"));
  produced = Get(gateway_->ProduceLog(Produce(buckets[0], LogBatch(table.schema(), 10, 2))));
  EXPECT_EQ(produced[0].base_offset, 10);

  EXPECT_EQ(AllIds(*gateway_, buckets[1], table.schema()), (std::vector<int>{100, 101, 102, 103, 104}));
  FetchLogRequest fetch = Fetch(buckets[0], 10);
  fetch.buckets.push_back({buckets[1], 6, 1 << 20});
  const auto fetched = Get(gateway_->FetchLog(fetch));
  EXPECT_EQ(IdsIn(fetched[0].records, table.schema()), (std::vector<int>{10, 11}));
  EXPECT_EQ(fetched[0].high_watermark, 12);
  EXPECT_EQ(fetched[1].status.code(), ErrorCode::kLogOffsetOutOfRange);

  FetchLogRequest names = Fetch(buckets[0], 0);
  names.projection = std::vector<int>{1};
  const auto projected = Get(gateway_->FetchLog(names));
  // Embedded, whole batches cost nothing: who reads them projects.
  ASSERT_EQ(projected[0].projected, !gateway_->is_embedded());
  const Schema seen = projected[0].projected ? *Schema::Make({{"name", DataType::String()}}) : table.schema();
  const auto rows = Get(DecodeLogBatch(projected[0].records, seen, {.verify_crc = false})).rows;
  EXPECT_NE(rows->GetColumnByName("name"), nullptr);

  const auto latest = Get(gateway_->ListOffsets(table.table_id, {}, {0, 1, 7}, OffsetSpec::Latest()));
  EXPECT_EQ(Get(latest.at(0)), 12);
  EXPECT_EQ(Get(latest.at(1)), 5);
  EXPECT_FALSE(latest.at(7).ok());
  EXPECT_EQ(Get(Get(gateway_->ListOffsets(table.table_id, {}, {0}, OffsetSpec::Timestamp(1))).at(0)), 0);
  const auto future = OffsetSpec::Timestamp(TestNowMs() + 3600 * 1000);
  EXPECT_EQ(Get(gateway_->ListOffsets(table.table_id, {}, {0}, future)).at(0).status().code(),
            ErrorCode::kInvalidTimestamp);

  const LimitScanResult newest = Get(gateway_->LimitScan({buckets[1], 2}));
  EXPECT_TRUE(newest.is_log_table);
  EXPECT_EQ(IdsIn(newest.records, table.schema()).back(), 104);
  EXPECT_CODE(gateway_->LimitScan({{table.table_id, {}, 7}, 2}), kUnknownTableOrBucket);
  const auto stats = Get(gateway_->GetTableStats(table.table_id, buckets));
  EXPECT_EQ(stats[0].row_count + stats[1].row_count, 17);
  EXPECT_THAT(Get(gateway_->GetTableStats(table.table_id, {})), IsEmpty());
  EXPECT_THAT(Get(gateway_->FetchLog({})), IsEmpty());
}

TEST_P(AnyGatewayTest, LongPollsWakeWithData) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  const auto polled = gateway_->FetchLog(Fetch(bucket, 0, 60000));
  EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 1, 1))));
  EXPECT_EQ(IdsIn(Get(polled)[0].records, table.schema()), (std::vector<int>{1}));
}

TEST_P(AnyGatewayTest, LargeRecordsAndManyRequestsAtOnce) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  const std::string text(1 << 20, 'x');
  std::vector<Future<std::vector<ProducedBucket>>> produced;
  for (int i = 0; i < 20; ++i) {
    const auto batch = LogBatch(table.schema(), i, 1, i % 5 == 0 ? text : "small");
    produced.push_back(gateway_->ProduceLog(Produce(bucket, batch)));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(produced[static_cast<size_t>(i)])[0].base_offset, i);
  FetchLogRequest fetch = Fetch(bucket, 0);
  fetch.buckets[0].max_bytes = 64 << 20;
  fetch.max_bytes = 64 << 20;
  EXPECT_EQ(IdsIn(Get(gateway_->FetchLog(fetch))[0].records, table.schema()).size(), 20u);
}

TEST_P(AnyGatewayTest, PrimaryKeys) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable());
  const TableBucket bucket{table.table_id, {}, 0};
  const auto put = Get(gateway_->PutKv(Put(bucket, 1, 100, "n")));
  ASSERT_TRUE(put[0].status.ok()) << put[0].status.ToString();
  EXPECT_EQ(put[0].log_end_offset, 100);
  const auto found = Get(gateway_->Lookup({table.table_id, {{bucket, {KeyOf(7), KeyOf(700), KeyOf(8)}}}}));
  EXPECT_THAT(found[0].values, ElementsAre(ValueOf(7, "n"), std::nullopt, ValueOf(8, "n")));
  LookupRequest insert{table.table_id, {{bucket, {KeyOf(1000)}}}, true};
  EXPECT_TRUE(Get(gateway_->Lookup(insert))[0].values[0].has_value());
  EXPECT_TRUE(Get(gateway_->Lookup({table.table_id, {{bucket, {KeyOf(1000)}}}}))[0].values[0].has_value());

  const LimitScanResult some = Get(gateway_->LimitScan({bucket, 10}));
  EXPECT_FALSE(some.is_log_table);
  EXPECT_EQ(Get(ParseValueBatch(std::string_view(*some.records))).size(), 10u);
  EXPECT_EQ(Get(gateway_->GetTableStats(table.table_id, {bucket}))[0].row_count, 101);

  const TableInfo log = MakeTable(*gateway_, "log", LogTable());
  const TableBucket of_log{log.table_id, {}, 0};
  EXPECT_EQ(Get(gateway_->Lookup({log.table_id, {{of_log, {"k"}}}}))[0].status.code(), ErrorCode::kNonPrimaryKeyTable);
}

TEST_P(AnyGatewayTest, PrefixLookups) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"a", DataType::Int()}, {"b", DataType::Int()}}, {"a", "b"});
  descriptor.bucket_keys = {"a"};
  descriptor.bucket_count = 1;
  const TableInfo table = MakeTable(*gateway_, "k", descriptor);
  const TableBucket bucket{table.table_id, {}, 0};
  const std::vector<DataType> types = table.schema().types();
  const auto key = [&](const std::vector<int>& columns, int a, int b) {
    std::string bytes;
    const std::vector<Datum> row{Datum::Int(a), Datum::Int(b)};
    EXPECT_TRUE(EncodeKey(KeyEncoding::kCompacted, types, columns, row, &bytes).ok());
    return bytes;
  };
  KvBatchBuilder builder;
  for (const auto& [a, b] : {std::pair(1, 1), std::pair(1, 2), std::pair(2, 1)}) {
    std::string row;
    ASSERT_TRUE(EncodeRow(RowFormat::kCompacted, types, std::vector<Datum>{Datum::Int(a), Datum::Int(b)}, &row).ok());
    builder.Upsert(key({0, 1}, a, b), row);
  }
  PutKvRequest put{.table_id = table.table_id};
  put.buckets.push_back({bucket, arrow::Buffer::FromString(builder.Finish(1, -1, -1))});
  ASSERT_TRUE(Get(gateway_->PutKv(put))[0].status.ok());
  const auto found = Get(gateway_->PrefixLookup({table.table_id, {{bucket, {key({0}, 1, 0), key({0}, 7, 0)}}}}));
  ASSERT_EQ(found[0].values.size(), 2u);
  EXPECT_EQ(found[0].values[0].size(), 2u);
  EXPECT_THAT(found[0].values[1], IsEmpty());
}

TEST_P(AnyGatewayTest, FullScansGoInSteps) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable());
  const TableBucket bucket{table.table_id, {}, 0};
  EXPECT_OK(gateway_->PutKv(Put(bucket, 0, 100, "n")));
  ScanKvRequest open;
  open.bucket = bucket;
  open.batch_size_bytes = 100;
  ScanKvResult step = Get(gateway_->ScanKv(open));
  EXPECT_EQ(step.log_offset, 100);
  EXPECT_TRUE(step.has_more);
  const std::string id = step.scanner_id;
  size_t rows = 0;
  int steps = 0;
  while (true) {
    if (step.records != nullptr) rows += Get(ParseValueBatch(std::string_view(*step.records))).size();
    ++steps;
    if (!step.has_more) break;
    ScanKvRequest next = open;
    next.scanner_id = step.scanner_id;
    step = Get(gateway_->ScanKv(next));
  }
  EXPECT_EQ(rows, 100u);
  EXPECT_GT(steps, 3);
  ScanKvRequest again = open;
  again.scanner_id = id;
  EXPECT_CODE(gateway_->ScanKv(again), kUnknownScannerId);

  ScanKvRequest close = open;
  close.scanner_id = Get(gateway_->ScanKv(open)).scanner_id;
  close.close = true;
  EXPECT_FALSE(Get(gateway_->ScanKv(close)).has_more);
  EXPECT_FALSE(Get(gateway_->ScanKv(close)).has_more);  // it is closed as it is
  close.close = false;
  EXPECT_CODE(gateway_->ScanKv(close), kUnknownScannerId);
}

INSTANTIATE_TEST_SUITE_P(Behind, AnyGatewayTest, testing::Values(Behind::kEmbeddedEngine, Behind::kWeirServer),
                         [](const auto& target) {
                           return target.param == Behind::kWeirServer ? "WeirServer" : "EmbeddedEngine";
                         });

}  // namespace
}  // namespace weir
