// Keys that a client sends to, or looks up in, another bucket than the one they belong into.
#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr int kBuckets = 8;

int BucketOfId(int id) { return Get(BucketOf(BucketHash::kFluss, KeyOf(id), kBuckets)); }

/// What a row of (INT, BIGINT) is stored as.
std::string SumRow(int id, int64_t value) {
  const std::vector<DataType> types{DataType::Int().NotNull(), DataType::BigInt()};
  const std::vector<Datum> row{Datum::Int(id), Datum::Int(value)};
  std::string bytes;
  const Status encoded = EncodeRow(RowFormat::kCompacted, types, row, &bytes);
  EXPECT_TRUE(encoded.ok()) << encoded.ToString();
  return bytes;
}

std::string Stored(const std::string& row) {
  std::string value;
  AppendSchemaId(1, &value);
  return value + row;
}

class PlacementTest : public testing::Test {
 protected:
  void Reopen(SyncMode sync = SyncMode::kNone) {
    if (gateway_ != nullptr) {
      EXPECT_TRUE(gateway_->Close().ok());
    }
    gateway_ = OpenOrDie(directory_ / "db", TestOptions(sync));
  }
  void SetUp() override { Reopen(); }
  void TearDown() override { (void)gateway_->Close(); }

  PutBucket PutInto(const TableBucket& bucket, std::string batch, std::vector<int> target_columns = {}) {
    PutKvRequest request;
    request.table_id = bucket.table_id;
    request.target_columns = std::move(target_columns);
    request.buckets.push_back({bucket, arrow::Buffer::FromString(std::move(batch))});
    const std::vector<PutBucket> answers = Get(gateway_->PutKv(request));
    EXPECT_THAT(answers, SizeIs(1));
    return answers.empty() ? PutBucket{} : answers[0];
  }
  std::vector<std::optional<std::string>> LookUp(const TableBucket& bucket, const std::vector<std::string>& keys,
                                                 bool insert = false) {
    LookupRequest request;
    request.table_id = bucket.table_id;
    request.buckets = {{bucket, keys}};
    request.insert_if_not_exists = insert;
    const std::vector<LookedUpBucket> answers = Get(gateway_->Lookup(request));
    EXPECT_THAT(answers, SizeIs(1));
    if (answers.empty()) return {};
    EXPECT_TRUE(answers[0].status.ok()) << answers[0].status.ToString();
    EXPECT_EQ(answers[0].bucket, bucket);
    return answers[0].values;
  }
  std::vector<int64_t> RowCounts(const TableInfo& table, std::optional<int64_t> partition = {}) {
    std::vector<TableBucket> buckets;
    for (int bucket = 0; bucket < table.num_buckets(); ++bucket) buckets.push_back({table.table_id, partition, bucket});
    std::vector<int64_t> counts;
    for (const BucketStats& stats : Get(gateway_->GetTableStats(table.table_id, buckets))) {
      EXPECT_TRUE(stats.status.ok()) << stats.status.ToString();
      counts.push_back(stats.row_count);
    }
    return counts;
  }
  static std::vector<int64_t> RightCounts(int first_id, int count) {
    std::vector<int64_t> counts(kBuckets);
    for (int id = first_id; id < first_id + count; ++id) ++counts[BucketOfId(id)];
    return counts;
  }

  TempDirectory directory_;
  std::shared_ptr<Gateway> gateway_;
};

TEST_F(PlacementTest, RowsGoWhereTheirKeysBelongAndAreFoundFromEverywhere) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable(kBuckets));
  const TableBucket sent{table.table_id, {}, 3};
  const std::vector<PutBucket> put = Get(gateway_->PutKv(Put(sent, 0, 100, "v")));
  ASSERT_THAT(put, SizeIs(1));
  EXPECT_TRUE(put[0].status.ok()) << put[0].status.ToString();
  EXPECT_EQ(put[0].bucket, sent);
  EXPECT_EQ(RowCounts(table), RightCounts(0, 100));
  std::vector<std::string> keys;
  for (int id = 101; id >= 0; --id) keys.push_back(KeyOf(id));
  const auto found = LookUp(sent, keys);
  ASSERT_THAT(found, SizeIs(102));
  EXPECT_EQ(found[0], std::nullopt);
  EXPECT_EQ(found[1], std::nullopt);
  for (int id = 0; id < 100; ++id) {
    EXPECT_THAT(found[101 - id], Optional(ValueOf(id, "v"))) << id;
    EXPECT_THAT(LookUp({table.table_id, {}, BucketOfId(id)}, {KeyOf(id)}), ElementsAre(Optional(ValueOf(id, "v"))));
  }
}

TEST_F(PlacementTest, ClientsThatDisagreeChangeTheSameRow) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable(kBuckets));
  const int id = 128;
  const TableBucket right{table.table_id, {}, BucketOfId(id)};
  const TableBucket wrong{table.table_id, {}, (BucketOfId(id) + 1) % kBuckets};
  EXPECT_OK(gateway_->PutKv(Put(wrong, id, 1, "first")));
  EXPECT_OK(gateway_->PutKv(Put(right, id, 1, "second")));
  EXPECT_THAT(LookUp(wrong, {KeyOf(id)}), ElementsAre(Optional(ValueOf(id, "second"))));
  EXPECT_OK(gateway_->PutKv(Put(wrong, id, 1, "third")));
  EXPECT_THAT(LookUp(right, {KeyOf(id)}), ElementsAre(Optional(ValueOf(id, "third"))));
  EXPECT_EQ(RowCounts(table), RightCounts(id, 1));
  KvBatchBuilder builder;
  builder.Delete(KeyOf(id));
  EXPECT_TRUE(PutInto(wrong, builder.Finish(1, -1, -1)).status.ok());
  EXPECT_THAT(LookUp(right, {KeyOf(id)}), ElementsAre(Eq(std::nullopt)));
  EXPECT_THAT(RowCounts(table), Each(0));
}

TEST_F(PlacementTest, ABatchThatIsSentAgainIsAppliedOnce) {
  Reopen(SyncMode::kGroup);
  TableDescriptor descriptor;
  Column summed{"v", DataType::BigInt()};
  summed.agg_function = AggFunction{"sum", {}};
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, summed}, {"id"});
  descriptor.bucket_count = kBuckets;
  descriptor.properties = {{"table.merge-engine", "aggregation"}};
  const TableInfo table = MakeTable(*gateway_, "t", descriptor);
  const TableBucket sent{table.table_id, {}, 5};
  const int64_t writer = Get(gateway_->InitWriter({table.path}));
  const auto batch = [&](int32_t sequence) {
    KvBatchBuilder builder;
    for (int id = 0; id < 40; ++id) builder.Upsert(KeyOf(id), SumRow(id, 7));
    return builder.Finish(1, writer, sequence);
  };
  std::vector<std::string> keys;
  for (int id = 0; id < 40; ++id) keys.push_back(KeyOf(id));
  const auto expect_sums = [&](int64_t sum) {
    const auto found = LookUp(sent, keys);
    ASSERT_THAT(found, SizeIs(40));
    for (int id = 0; id < 40; ++id) EXPECT_THAT(found[id], Optional(Stored(SumRow(id, sum)))) << id;
  };
  const PutBucket first = PutInto(sent, batch(0));
  EXPECT_TRUE(first.status.ok()) << first.status.ToString();
  const PutBucket again = PutInto(sent, batch(0));
  EXPECT_TRUE(again.status.ok()) << again.status.ToString();
  EXPECT_EQ(again.log_end_offset, first.log_end_offset);
  expect_sums(7);
  EXPECT_EQ(PutInto(sent, batch(2)).status.code(), ErrorCode::kOutOfOrderSequence);
  EXPECT_TRUE(PutInto(sent, batch(1)).status.ok());
  expect_sums(14);
  Reopen(SyncMode::kGroup);
  EXPECT_TRUE(PutInto(sent, batch(1)).status.ok());
  expect_sums(14);
  EXPECT_TRUE(PutInto(sent, batch(2)).status.ok());
  expect_sums(21);
}

TEST_F(PlacementTest, APartThatIsRefusedRefusesTheBatch) {
  TableDescriptor descriptor = PkTable(kBuckets);
  descriptor.properties = {{"table.delete.behavior", "disable"}};
  const TableInfo table = MakeTable(*gateway_, "t", descriptor);
  KvBatchBuilder builder;
  for (int id = 0; id < 40; ++id) builder.Upsert(KeyOf(id), RowOf(id, "v"));
  builder.Delete(KeyOf(40));
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    std::string batch = builder.Finish(1, 9, 0);
    EXPECT_EQ(PutInto({table.table_id, {}, bucket}, batch).status.code(), ErrorCode::kDeletionDisabled);
    for (int id = 0; id < 40; ++id) builder.Upsert(KeyOf(id), RowOf(id, "v"));
    builder.Delete(KeyOf(40));
  }
  EXPECT_THAT(RowCounts(table), Each(0));
  const auto ends = Get(gateway_->ListOffsets(table.table_id, {}, {0, 1, 2, 3, 4, 5, 6, 7}, OffsetSpec::Latest()));
  for (const auto& [bucket, end] : ends) EXPECT_EQ(Get(end), 0) << bucket;
}

TEST_F(PlacementTest, PartialUpdatesMeetTheOldRow) {
  TableDescriptor descriptor;
  descriptor.schema =
      *Schema::Make({{"id", DataType::Int()}, {"a", DataType::String()}, {"b", DataType::String()}}, {"id"});
  descriptor.bucket_count = kBuckets;
  const TableInfo table = MakeTable(*gateway_, "t", descriptor);
  const auto row = [](int id, std::optional<std::string> a, std::optional<std::string> b) {
    const auto datum = [](const std::optional<std::string>& text) {
      return text ? Datum::Bytes(*text) : Datum::Null();
    };
    const std::vector<DataType> types{DataType::Int().NotNull(), DataType::String(), DataType::String()};
    const std::vector<Datum> datums{Datum::Int(id), datum(a), datum(b)};
    std::string bytes;
    EXPECT_TRUE(EncodeRow(RowFormat::kCompacted, types, datums, &bytes).ok());
    return bytes;
  };
  const int id = 200;
  const TableBucket right{table.table_id, {}, BucketOfId(id)};
  const TableBucket wrong{table.table_id, {}, (BucketOfId(id) + 3) % kBuckets};
  KvBatchBuilder builder;
  builder.Upsert(KeyOf(id), row(id, "a", {}));
  EXPECT_TRUE(PutInto(right, builder.Finish(1, -1, -1), {0, 1}).status.ok());
  builder.Upsert(KeyOf(id), row(id, {}, "b"));
  EXPECT_TRUE(PutInto(wrong, builder.Finish(1, -1, -1), {0, 2}).status.ok());
  EXPECT_THAT(LookUp(right, {KeyOf(id)}), ElementsAre(Optional(Stored(row(id, "a", "b")))));
}

TEST_F(PlacementTest, ALookupThatInsertsDoesSoWhereTheKeyBelongs) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable(kBuckets));
  std::vector<std::string> keys;
  for (int id = 100; id < 130; ++id) keys.push_back(KeyOf(id));
  for (const int bucket : {2, 6}) {
    const auto found = LookUp({table.table_id, {}, bucket}, keys, /*insert=*/true);
    ASSERT_THAT(found, SizeIs(30));
    for (const auto& value : found) EXPECT_TRUE(value.has_value());
  }
  EXPECT_EQ(RowCounts(table), RightCounts(100, 30));
}

TEST_F(PlacementTest, ABucketKeyThatIsAPartOfThePrimaryKeyDecides) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"name", DataType::String()}}, {"id", "name"});
  descriptor.bucket_count = kBuckets;
  descriptor.bucket_keys = {"id"};
  const TableInfo table = MakeTable(*gateway_, "t", descriptor);
  const std::vector<DataType> types{DataType::Int().NotNull(), DataType::String().NotNull()};
  KvBatchBuilder builder;
  for (int id = 0; id < 20; ++id) {
    for (const char* name : {"a", "b"}) {
      const std::vector<Datum> row{Datum::Int(id), Datum::Bytes(name)};
      std::string key;
      std::string bytes;
      ASSERT_TRUE(EncodeKey(KeyEncoding::kCompacted, types, {0, 1}, row, &key).ok());
      ASSERT_TRUE(EncodeRow(RowFormat::kCompacted, types, row, &bytes).ok());
      builder.Upsert(key, bytes);
    }
  }
  EXPECT_TRUE(PutInto({table.table_id, {}, 0}, builder.Finish(1, -1, -1)).status.ok());
  std::vector<int64_t> counts = RightCounts(0, 20);
  for (int64_t& count : counts) count *= 2;
  EXPECT_EQ(RowCounts(table), counts);
  PrefixLookupRequest request;
  request.table_id = table.table_id;
  request.buckets = {{{table.table_id, {}, 1}, {KeyOf(19), KeyOf(20), KeyOf(0)}}};
  const std::vector<PrefixLookedUpBucket> found = Get(gateway_->PrefixLookup(request));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_TRUE(found[0].status.ok()) << found[0].status.ToString();
  EXPECT_THAT(found[0].values, ElementsAre(SizeIs(2), IsEmpty(), SizeIs(2)));
}

TEST_F(PlacementTest, PartitionsStayApart) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"day", DataType::String()}}, {"id", "day"});
  descriptor.partition_keys = {"day"};
  descriptor.bucket_count = kBuckets;
  const TableInfo table = MakeTable(*gateway_, "t", descriptor);
  EXPECT_OK(gateway_->CreatePartitions({"fluss", "t"}, {{{"day", "1"}}, {{"day", "2"}}}, false));
  const int64_t one = Get(gateway_->GetPartition({"fluss", "t"}, "1")).partition_id;
  const int64_t two = Get(gateway_->GetPartition({"fluss", "t"}, "2")).partition_id;
  EXPECT_OK(gateway_->PutKv(Put({table.table_id, one, 4}, 0, 50, "1")));
  EXPECT_EQ(RowCounts(table, one), RightCounts(0, 50));
  EXPECT_THAT(RowCounts(table, two), Each(0));
}

TEST_F(PlacementTest, RowsThatWereLeftElsewhereAreCounted) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable(kBuckets));
  const TableBucket bucket{table.table_id, {}, 3};
  // A commit says itself where its rows are.
  EXPECT_OK(gateway_->Commit({.log = {}, .kv = {Put(bucket, 0, 100, "v")}, .metadata = {}}));
  const BucketReport report = Get(InspectBucket(*gateway_, bucket, {.keys = true}));
  EXPECT_TRUE(report.status.ok()) << report.status.ToString();
  EXPECT_EQ(report.rows, 100);
  EXPECT_EQ(report.misplaced_rows, 100 - RightCounts(0, 100)[3]);
  EXPECT_EQ(Get(InspectBucket(*gateway_, bucket, {})).misplaced_rows, 0) << "nobody asked";
  EXPECT_OK(gateway_->PutKv(Put({table.table_id, {}, 5}, 100, 100, "v")));
  for (int other = 4; other < kBuckets; ++other) {
    EXPECT_EQ(Get(InspectBucket(*gateway_, {table.table_id, {}, other}, {.keys = true})).misplaced_rows, 0) << other;
  }
}

TEST_F(PlacementTest, ABucketThatIsNotThereAnswersForNobody) {
  const TableInfo table = MakeTable(*gateway_, "t", PkTable(kBuckets));
  const TableBucket none{table.table_id, {}, kBuckets};
  KvBatchBuilder builder;
  builder.Upsert(KeyOf(1), RowOf(1, "v"));
  EXPECT_EQ(PutInto(none, builder.Finish(1, -1, -1)).status.code(), ErrorCode::kUnknownTableOrBucket);
  const auto found = Get(gateway_->Lookup({.table_id = table.table_id, .buckets = {{none, {KeyOf(1)}}}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].status.code(), ErrorCode::kUnknownTableOrBucket);
  EXPECT_THAT(RowCounts(table), Each(0));
}

}  // namespace
}  // namespace weir
