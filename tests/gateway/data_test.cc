#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::AnyOf;
using testing::ElementsAre;

constexpr auto kLong = std::chrono::seconds(60);

class DataTest : public testing::TestWithParam<SyncMode> {
 protected:
  TempDirectory directory_;
  std::shared_ptr<Gateway> gateway_ = OpenOrDie(directory_ / "db", TestOptions(GetParam()));
};

INSTANTIATE_TEST_SUITE_P(Sync, DataTest, testing::Values(SyncMode::kGroup, SyncMode::kNone),
                         [](const auto& mode) { return mode.param == SyncMode::kGroup ? "Group" : "None"; });

TEST_P(DataTest, ProducedRowsAreFetched) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable(2));
  const TableBucket bucket{table.table_id, {}, 1};
  for (const int acks : {-1, 1, 0}) {
    const auto produced = Get(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 3 * acks, 3), acks)));
    ASSERT_EQ(produced.size(), 1u);
    EXPECT_TRUE(produced[0].status.ok()) << produced[0].status.ToString();
    EXPECT_EQ(produced[0].bucket, bucket);
    EXPECT_EQ(produced[0].base_offset, 3 * (acks == -1 ? 0 : acks == 1 ? 1 : 2));
  }
  FetchLogRequest wait_for_all = Fetch(bucket, 0, 60000);
  wait_for_all.min_bytes = 2 * static_cast<int>(LogBatch(table.schema(), 0, 3)->size()) + 1;
  const auto fetched = Get(gateway_->FetchLog(wait_for_all));
  ASSERT_EQ(fetched.size(), 1u);
  EXPECT_THAT(IdsIn(fetched[0].records, table.schema()), ElementsAre(-3, -2, -1, 3, 4, 5, 0, 1, 2));
  EXPECT_EQ(fetched[0].high_watermark, 9);
  EXPECT_EQ(fetched[0].log_start_offset, 0);
}

TEST_P(DataTest, ReadingAnEmptyTableMakesNoFiles) {
  for (const TableDescriptor& descriptor : {LogTable(), PkTable()}) {
    const TableInfo table = MakeTable(*gateway_, descriptor.has_primary_key() ? "k" : "t", descriptor);
    const TableBucket bucket{table.table_id, {}, 0};
    for (const OffsetSpec& spec : {OffsetSpec::Earliest(), OffsetSpec::Latest(), OffsetSpec::Timestamp(1)}) {
      EXPECT_EQ(Get(Get(gateway_->ListOffsets(table.table_id, {}, {0}, spec)).at(0)), 0);
    }
    EXPECT_EQ(Get(gateway_->GetTableStats(table.table_id, {bucket}))[0].row_count, 0);
    EXPECT_EQ(Get(gateway_->FetchLog(Fetch(bucket, 0)))[0].high_watermark, 0);
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "db/log")) EXPECT_EQ(entry.path().filename(), "ENDS");
}

TEST_P(DataTest, TheNextReadSeesAnAcknowledgedWrite) {
  const TableInfo log = MakeTable(*gateway_, "t", LogTable());
  const TableInfo rows = MakeTable(*gateway_, "k", PkTable());
  const auto latest = [&](const TableInfo& table) {
    return Get(Get(gateway_->ListOffsets(table.table_id, {}, {0}, OffsetSpec::Latest())).at(0));
  };
  for (int i = 0; i < 20; ++i) {
    const int acks = i % 2 == 0 ? 1 : -1;
    EXPECT_OK(gateway_->ProduceLog(Produce({log.table_id, {}, 0}, LogBatch(log.schema(), i, 1), acks)));
    EXPECT_EQ(latest(log), i + 1);
    PutKvRequest put = Put({rows.table_id, {}, 0}, i, 1, "x");
    put.acks = acks;
    EXPECT_OK(gateway_->PutKv(put));
    EXPECT_EQ(latest(rows), i + 1);
  }
}

TEST_P(DataTest, AFetchBeginsWithTheBatchThatHoldsTheOffset) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  for (int i = 0; i < 3; ++i) EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 10 * i, 10))));
  const auto from_middle = Get(gateway_->FetchLog(Fetch(bucket, 15)));
  EXPECT_EQ(IdsIn(from_middle[0].records, table.schema()).front(), 10);
  EXPECT_EQ(IdsIn(from_middle[0].records, table.schema()).back(), 29);
  const auto at_end = Get(gateway_->FetchLog(Fetch(bucket, 30)));
  EXPECT_TRUE(at_end[0].status.ok());
  EXPECT_EQ(at_end[0].high_watermark, 30);
  EXPECT_TRUE(at_end[0].records == nullptr || at_end[0].records->size() == 0);
  for (const int64_t outside : {int64_t{31}, int64_t{-1}}) {
    EXPECT_EQ(Get(gateway_->FetchLog(Fetch(bucket, outside)))[0].status.code(), ErrorCode::kLogOffsetOutOfRange);
  }
}

TEST_P(DataTest, BudgetsBoundAFetchButNeverItsFirstBatch) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable(3));
  const auto batch = LogBatch(table.schema(), 0, 100);
  FetchLogRequest request;
  request.max_wait_ms = 0;
  request.max_bytes = 1;
  for (int b = 0; b < 3; ++b) {
    const TableBucket bucket{table.table_id, {}, b};
    for (int i = 0; i < 3; ++i) EXPECT_OK(gateway_->ProduceLog(Produce(bucket, batch)));
    request.buckets.push_back({bucket, 0, 1});
  }
  auto fetched = Get(gateway_->FetchLog(request));
  ASSERT_EQ(fetched.size(), 3u);
  EXPECT_EQ(fetched[0].records->size(), batch->size());
  EXPECT_EQ(fetched[1].records, nullptr);
  EXPECT_EQ(fetched[2].records, nullptr);
  EXPECT_EQ(fetched[2].high_watermark, 300);
  request.max_bytes = static_cast<int32_t>(2 * batch->size());
  fetched = Get(gateway_->FetchLog(request));
  EXPECT_EQ(fetched[0].records->size(), batch->size());
  EXPECT_EQ(fetched[1].records->size(), batch->size());
  EXPECT_EQ(fetched[2].records, nullptr);
}

TEST_P(DataTest, WhatIsUnknownIsCode21InItsBucket) {
  const TableInfo log = MakeTable(*gateway_, "t", LogTable(2));
  const TableInfo parts = MakeTable(*gateway_, "p", PartitionedTable());
  const TableInfo others = MakeTable(*gateway_, "q", PartitionedTable());
  EXPECT_OK(gateway_->CreatePartition({"fluss", "q"}, {{"day", "a"}}, false));
  const int64_t others_partition = Get(gateway_->GetPartition({"fluss", "q"}, "a")).partition_id;
  const TableBucket unknown[] = {{99, {}, 0},
                                 {log.table_id, {}, 2},
                                 {log.table_id, {}, -1},
                                 {log.table_id, 0, 0},
                                 {parts.table_id, {}, 0},
                                 {parts.table_id, 77, 0},
                                 {parts.table_id, others_partition, 0}};
  const auto batch = LogBatch(log.schema(), 0, 1);
  for (const TableBucket& bucket : unknown) {
    EXPECT_EQ(Get(gateway_->ProduceLog(Produce(bucket, batch)))[0].status.code(), ErrorCode::kUnknownTableOrBucket);
    EXPECT_EQ(Get(gateway_->FetchLog(Fetch(bucket, 0)))[0].status.code(), ErrorCode::kUnknownTableOrBucket);
    EXPECT_EQ(Get(gateway_->PutKv(Put(bucket, 0, 1, "x")))[0].status.code(), ErrorCode::kUnknownTableOrBucket);
    const auto offsets =
        Get(gateway_->ListOffsets(bucket.table_id, bucket.partition_id, {bucket.bucket_id}, OffsetSpec::Latest()));
    EXPECT_EQ(offsets.at(bucket.bucket_id).status().code(), ErrorCode::kUnknownTableOrBucket);
  }
  // One bad bucket leaves the others alone.
  ProduceLogRequest mixed = Produce({log.table_id, {}, 0}, batch);
  mixed.buckets.push_back({{log.table_id, {}, 5}, batch});
  const auto produced = Get(gateway_->ProduceLog(mixed));
  EXPECT_TRUE(produced[0].status.ok());
  EXPECT_EQ(produced[1].status.code(), ErrorCode::kUnknownTableOrBucket);
}

TEST_P(DataTest, BadRequestsFailAsAWhole) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  EXPECT_CODE(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 0, 1), 2)), kInvalidRequiredAcks);
  PutKvRequest put = Put(bucket, 0, 1, "x");
  put.acks = -2;
  EXPECT_CODE(gateway_->PutKv(put), kInvalidRequiredAcks);
  for (const std::vector<int>& projection : {std::vector<int>{}, {1, 0}, {0, 0}, {2}, {-1}}) {
    FetchLogRequest fetch = Fetch(bucket, 0);
    fetch.projection = projection;
    EXPECT_CODE(gateway_->FetchLog(fetch), kInvalidColumnProjection);
  }
  EXPECT_CODE(gateway_->LimitScan({bucket, 0}), kClientError);
}

TEST_P(DataTest, LogAndPkTablesRefuseEachOthersWrites) {
  const TableInfo log = MakeTable(*gateway_, "t", LogTable());
  const TableInfo pk = MakeTable(*gateway_, "k", PkTable());
  const auto batch = LogBatch(log.schema(), 0, 1);
  EXPECT_EQ(Get(gateway_->ProduceLog(Produce({pk.table_id, {}, 0}, batch)))[0].status.code(), ErrorCode::kInvalidTable);
  EXPECT_EQ(Get(gateway_->PutKv(Put({log.table_id, {}, 0}, 0, 1, "x")))[0].status.code(),
            ErrorCode::kNonPrimaryKeyTable);
  LookupRequest lookup{.table_id = log.table_id, .buckets = {{{log.table_id, {}, 0}, {KeyOf(1)}}}};
  EXPECT_EQ(Get(gateway_->Lookup(lookup))[0].status.code(), ErrorCode::kNonPrimaryKeyTable);
  ScanKvRequest scan;
  scan.bucket = {log.table_id, {}, 0};
  EXPECT_CODE(gateway_->ScanKv(scan), kNonPrimaryKeyTable);
}

TEST_P(DataTest, CorruptBatchesAreRefused) {
  const TableInfo log = MakeTable(*gateway_, "t", LogTable());
  const TableInfo pk = MakeTable(*gateway_, "k", PkTable());
  const auto garbage = arrow::Buffer::FromString(std::string(100, 'x'));
  EXPECT_FALSE(Get(gateway_->ProduceLog(Produce({log.table_id, {}, 0}, garbage)))[0].status.ok());
  EXPECT_EQ(Get(gateway_->ProduceLog(Produce({log.table_id, {}, 0}, nullptr)))[0].status.code(),
            ErrorCode::kCorruptMessage);
  PutKvRequest put = Put({pk.table_id, {}, 0}, 0, 1, "x");
  put.buckets[0].records = garbage;
  EXPECT_EQ(Get(gateway_->PutKv(put))[0].status.code(), ErrorCode::kCorruptMessage);
}

TEST_P(DataTest, ALongPollWakesWhenDataComes) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable(2));
  FetchLogRequest request = Fetch({table.table_id, {}, 0}, 0, 600000);
  request.buckets.push_back({{table.table_id, {}, 1}, 0, 1 << 20});
  const auto poll = gateway_->FetchLog(request);
  EXPECT_FALSE(poll.done());
  EXPECT_OK(gateway_->ProduceLog(Produce({table.table_id, {}, 1}, LogBatch(table.schema(), 7, 2))));
  ASSERT_TRUE(poll.WaitFor(kLong));
  const auto fetched = Get(poll);
  EXPECT_THAT(IdsIn(fetched[1].records, table.schema()), ElementsAre(7, 8));
  EXPECT_EQ(fetched[0].high_watermark, 0);
}

TEST_P(DataTest, AnIdlePollEndsEmptyWhenItsTimeIsUp) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const auto fetched = Get(gateway_->FetchLog(Fetch({table.table_id, {}, 0}, 0, 20)));
  ASSERT_EQ(fetched.size(), 1u);
  EXPECT_TRUE(fetched[0].status.ok());
  EXPECT_TRUE(fetched[0].records == nullptr || fetched[0].records->size() == 0);
}

TEST_P(DataTest, ManyPollsAndAppendsMeet) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  std::thread producer([&] {
    for (int i = 0; i < 200; ++i) EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), i, 1))));
  });
  int64_t offset = 0;
  while (offset < 200) {
    const auto poll = gateway_->FetchLog(Fetch(bucket, offset, 600000));
    ASSERT_TRUE(poll.WaitFor(kLong)) << "no wake-up at offset " << offset;
    const std::vector<int> ids = IdsIn(Get(poll)[0].records, table.schema());
    ASSERT_FALSE(ids.empty());
    EXPECT_EQ(ids.front(), offset);
    offset = ids.back() + 1;
  }
  producer.join();
}

TEST_P(DataTest, DroppingATableEndsItsPolls) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 0, 3))));
  const auto held = Get(gateway_->FetchLog(Fetch(bucket, 0)));
  const auto poll = gateway_->FetchLog(Fetch(bucket, 3, 600000));
  EXPECT_OK(gateway_->DropTable({"fluss", "t"}, false));
  ASSERT_TRUE(poll.WaitFor(kLong));
  EXPECT_THAT(Get(poll)[0].status.code(), AnyOf(ErrorCode::kNotLeaderOrFollower, ErrorCode::kUnknownTableOrBucket));
  ASSERT_TRUE(RunMaintenance(*gateway_, TestNowMs()).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "db/log/0/0"));
  EXPECT_THAT(IdsIn(held[0].records, table.schema()), ElementsAre(0, 1, 2));
}

TEST_P(DataTest, DroppingATableUnderWritersAndReadersIsClean) {
  const TableInfo table = MakeTable(*gateway_, "k", PkTable());
  const TableBucket bucket{table.table_id, {}, 0};
  std::vector<std::thread> threads;
  std::atomic<int> put{0};
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      while (true) {
        const auto answer = Get(gateway_->PutKv(Put(bucket, 100 * t, 10, "x")))[0];
        if (!answer.status.ok()) {
          EXPECT_EQ(answer.status.code(), ErrorCode::kUnknownTableOrBucket) << answer.status.ToString();
          return;
        }
        ++put;
        (void)gateway_->FetchLog(Fetch(bucket, kEarliestOffset)).Wait();
      }
    });
  }
  while (put < 20) std::this_thread::yield();
  EXPECT_OK(gateway_->DropTable({"fluss", "k"}, false));
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(RunMaintenance(*gateway_, TestNowMs()).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "db/log/0/0"));
}

TEST_P(DataTest, UpsertsAreLookedUp) {
  const TableInfo table = MakeTable(*gateway_, "k", PkTable());
  const TableBucket bucket{table.table_id, {}, 0};
  auto put = Get(gateway_->PutKv(Put(bucket, 1, 2, "old")));
  ASSERT_TRUE(put[0].status.ok()) << put[0].status.ToString();
  EXPECT_EQ(put[0].log_end_offset, 2);
  put = Get(gateway_->PutKv(Put(bucket, 2, 1, "new")));
  EXPECT_EQ(put[0].log_end_offset, 4);  // -U and +U
  LookupRequest lookup{.table_id = table.table_id, .buckets = {{bucket, {KeyOf(2), KeyOf(9), KeyOf(1)}}}};
  const auto found = Get(gateway_->Lookup(lookup));
  ASSERT_TRUE(found[0].status.ok()) << found[0].status.ToString();
  EXPECT_THAT(found[0].values, ElementsAre(ValueOf(2, "new"), std::nullopt, ValueOf(1, "old")));

  lookup.insert_if_not_exists = true;
  const auto inserted = Get(gateway_->Lookup(lookup));
  ASSERT_TRUE(inserted[0].status.ok()) << inserted[0].status.ToString();
  EXPECT_TRUE(inserted[0].values[1].has_value());
  const auto stats = Get(gateway_->GetTableStats(table.table_id, {bucket}));
  EXPECT_EQ(stats[0].row_count, 3);
}

TEST_P(DataTest, ARowThatALookupInsertsHasItsPartitionsValue) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"day", DataType::String()}}, {"id", "day"});
  descriptor.partition_keys = {"day"};
  descriptor.bucket_count = 1;
  const TableInfo table = MakeTable(*gateway_, "k", descriptor);
  Get(gateway_->CreatePartition(table.path, {{"day", "monday"}}, false));
  const int64_t partition = Get(gateway_->GetPartition(table.path, "monday")).partition_id;
  LookupRequest lookup{.table_id = table.table_id, .buckets = {{{table.table_id, partition, 0}, {KeyOf(7)}}}};
  lookup.insert_if_not_exists = true;
  const auto found = Get(gateway_->Lookup(lookup));
  ASSERT_TRUE(found[0].status.ok()) << found[0].status.ToString();
  EXPECT_THAT(found[0].values, ElementsAre(ValueOf(7, "monday")));
}

TEST_P(DataTest, PrefixLookupsGiveKeyOrder) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"a", DataType::Int()}, {"b", DataType::Int()}}, {"a", "b"});
  descriptor.bucket_keys = {"a"};
  descriptor.bucket_count = 1;
  const TableInfo table = MakeTable(*gateway_, "k", descriptor);
  const TableBucket bucket{table.table_id, {}, 0};
  const std::vector<DataType> types = table.schema().types();
  const auto encode = [&](const std::vector<int>& columns, int a, int b) {
    std::string key;
    const std::vector<Datum> row{Datum::Int(a), Datum::Int(b)};
    EXPECT_TRUE(EncodeKey(KeyEncoding::kCompacted, types, columns, row, &key).ok());
    return key;
  };
  KvBatchBuilder builder;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 4; ++b) {
      std::string row;
      const std::vector<Datum> values{Datum::Int(a), Datum::Int(b)};
      ASSERT_TRUE(EncodeRow(RowFormat::kCompacted, types, values, &row).ok());
      builder.Upsert(encode({0, 1}, a, b), row);
    }
  }
  PutKvRequest put{.table_id = table.table_id};
  put.buckets.push_back({bucket, arrow::Buffer::FromString(builder.Finish(1, -1, -1))});
  ASSERT_TRUE(Get(gateway_->PutKv(put))[0].status.ok());
  const PrefixLookupRequest lookup{table.table_id, {{bucket, {encode({0}, 1, 0), encode({0}, 7, 0)}}}};
  const auto found = Get(gateway_->PrefixLookup(lookup));
  ASSERT_TRUE(found[0].status.ok()) << found[0].status.ToString();
  ASSERT_EQ(found[0].values.size(), 2u);
  EXPECT_EQ(found[0].values[0].size(), 4u);
  EXPECT_TRUE(found[0].values[1].empty());
}

TEST_P(DataTest, LimitScansGiveTheFirstRowsOrTheLastRecords) {
  const TableInfo pk = MakeTable(*gateway_, "k", PkTable());
  const TableInfo log = MakeTable(*gateway_, "t", LogTable());
  const TableBucket pk_bucket{pk.table_id, {}, 0};
  const TableBucket log_bucket{log.table_id, {}, 0};
  ASSERT_TRUE(Get(gateway_->PutKv(Put(pk_bucket, 0, 10, "x")))[0].status.ok());
  for (int i = 0; i < 5; ++i) EXPECT_OK(gateway_->ProduceLog(Produce(log_bucket, LogBatch(log.schema(), 2 * i, 2))));
  const LimitScanResult rows = Get(gateway_->LimitScan({pk_bucket, 3}));
  EXPECT_FALSE(rows.is_log_table);
  ASSERT_NE(rows.records, nullptr);
  EXPECT_EQ(Get(ParseValueBatch(std::string_view(*rows.records))).size(), 3u);
  const LimitScanResult records = Get(gateway_->LimitScan({log_bucket, 3}));
  EXPECT_TRUE(records.is_log_table);
  EXPECT_THAT(IdsIn(records.records, log.schema()), ElementsAre(6, 7, 8, 9));
}

TEST_P(DataTest, AKvScanSeesOneMoment) {
  const TableInfo table = MakeTable(*gateway_, "k", PkTable());
  const TableBucket bucket{table.table_id, {}, 0};
  ASSERT_TRUE(Get(gateway_->PutKv(Put(bucket, 0, 1000, "before")))[0].status.ok());
  ScanKvRequest request;
  request.bucket = bucket;
  request.batch_size_bytes = 1000;
  ScanKvResult step = Get(gateway_->ScanKv(request));
  EXPECT_EQ(step.log_offset, 1000);
  ASSERT_FALSE(step.scanner_id.empty());
  ASSERT_TRUE(Get(gateway_->PutKv(Put(bucket, 0, 2000, "after")))[0].status.ok());
  std::vector<std::string> values;
  while (true) {
    const std::string_view bytes(*step.records);
    for (const std::string_view value : Get(ParseValueBatch(bytes))) values.emplace_back(value);
    if (!step.has_more) break;
    request.scanner_id = step.scanner_id;
    step = Get(gateway_->ScanKv(request));
    EXPECT_EQ(step.log_offset, -1);
  }
  ASSERT_EQ(values.size(), 1000u);
  EXPECT_EQ(values.front(), ValueOf(0, "before"));
  EXPECT_CODE(gateway_->ScanKv(request), kUnknownScannerId);
}

TEST_P(DataTest, KvScansAreLimitedAndExpire) {
  const TableInfo table = MakeTable(*gateway_, "k", PkTable());
  ScanKvRequest open;
  open.bucket = {table.table_id, {}, 0};
  open.batch_size_bytes = 1;
  const ScanKvResult empty = Get(gateway_->ScanKv(open));
  EXPECT_FALSE(empty.has_more);
  EXPECT_TRUE(empty.scanner_id.empty());
  ASSERT_TRUE(Get(gateway_->PutKv(Put(open.bucket, 0, 3, "x")))[0].status.ok());
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(Get(gateway_->ScanKv(open)).scanner_id);
  EXPECT_CODE(gateway_->ScanKv(open), kTooManyScanners);
  ScanKvRequest step = open;
  step.scanner_id = ids[0];
  step.close = true;
  EXPECT_FALSE(Get(gateway_->ScanKv(step)).has_more);
  EXPECT_OK(gateway_->ScanKv(step));
  step.close = false;
  EXPECT_CODE(gateway_->ScanKv(step), kUnknownScannerId);
  step.scanner_id = ids[1];
  step.batch_size_bytes = 0;
  EXPECT_CODE(gateway_->ScanKv(step), kInvalidScanRequest);
  ASSERT_TRUE(RunMaintenance(*gateway_, TestNowMs() + 11 * 60 * 1000).ok());
  step.scanner_id = ids[2];
  step.batch_size_bytes = 1;
  EXPECT_CODE(gateway_->ScanKv(step), kScannerExpired);
}

TEST_P(DataTest, OffsetsByKind) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable(2));
  const TableBucket bucket{table.table_id, {}, 0};
  const auto offset = [&](OffsetSpec spec) { return Get(gateway_->ListOffsets(table.table_id, {}, {0}, spec)).at(0); };
  EXPECT_EQ(Get(offset(OffsetSpec::Earliest())), 0);
  EXPECT_EQ(Get(offset(OffsetSpec::Latest())), 0);
  EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 0, 5))));
  EXPECT_EQ(Get(offset(OffsetSpec::Earliest())), 0);
  EXPECT_EQ(Get(offset(OffsetSpec::Latest())), 5);
  EXPECT_EQ(Get(offset(OffsetSpec::Timestamp(1))), 0);
  EXPECT_EQ(offset(OffsetSpec::Timestamp(TestNowMs() + 3600000)).status().code(), ErrorCode::kInvalidTimestamp);
}

TEST_P(DataTest, AnAlteredTableTakesBatchesOfBothSchemas) {
  const TableInfo before = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{before.table_id, {}, 0};
  EXPECT_OK(gateway_->ProduceLog(Produce(bucket, LogBatch(before.schema(), 0, 1))));
  LogBatchOptions second;
  second.schema_id = 2;
  const auto newer = Get(EncodeLogBatch(*Rows(1, 1), {}, before.schema(), second));
  EXPECT_EQ(Get(gateway_->ProduceLog(Produce(bucket, newer)))[0].status.code(), ErrorCode::kSchemaNotExist);
  EXPECT_OK(gateway_->AlterTable({"fluss", "t"}, {.add_columns = {{"score", DataType::Double()}}}, false));
  EXPECT_TRUE(Get(gateway_->ProduceLog(Produce(bucket, newer)))[0].status.ok());
  EXPECT_TRUE(Get(gateway_->ProduceLog(Produce(bucket, LogBatch(before.schema(), 2, 1))))[0].status.ok());
}

TEST_P(DataTest, AClosedGatewaySaysSo) {
  EXPECT_TRUE(gateway_->Close().ok());
  EXPECT_TRUE(gateway_->Close().ok());
  EXPECT_CODE(gateway_->ListDatabases(), kClientError);
  EXPECT_CODE(gateway_->CreateDatabase("x", {}, false), kClientError);
  EXPECT_CODE(gateway_->FetchLog({}), kClientError);
}

TEST_P(DataTest, ClosingEndsWaitingPolls) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const auto poll = gateway_->FetchLog(Fetch({table.table_id, {}, 0}, 0, 600000));
  EXPECT_TRUE(gateway_->Close().ok());
  ASSERT_TRUE(poll.WaitFor(kLong));
  EXPECT_TRUE(Get(poll)[0].status.ok());
}

TEST_P(DataTest, TheLastUserMayLetGoInACallback) {
  const TableInfo table = MakeTable(*gateway_, "t", LogTable());
  const TableBucket bucket{table.table_id, {}, 0};
  Promise<Unit> released;
  const auto poll = gateway_->FetchLog(Fetch(bucket, 0, 600000));
  poll.Then([gateway = gateway_, released](const auto&) mutable {
    gateway.reset();
    released.Complete(Unit{});
  });
  auto produced = gateway_->ProduceLog(Produce(bucket, LogBatch(table.schema(), 0, 1)));
  gateway_.reset();
  EXPECT_TRUE(produced.WaitFor(kLong));
  EXPECT_TRUE(released.future().WaitFor(kLong));
  // Whoever closes the engine, the directory is free in the end.
  const int lock = ::open((directory_ / "db/LOCK").c_str(), O_RDWR);
  ASSERT_GE(lock, 0);
  EXPECT_EQ(::flock(lock, LOCK_EX), 0);
  ::close(lock);
}

}  // namespace
}  // namespace weir
