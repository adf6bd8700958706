#include <thread>

#include "client_testing.h"

namespace weir {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

void Append(const Table& table, int first, int count) {
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.AppendBatch(IdBatch(first, count))).Send());
}

LogScanner ScanFrom(const Table& table, int64_t offset, const Table::ScanOptions& options = {}) {
  LogScanner scanner = Get(table.NewLogScanner(options));
  std::map<int32_t, int64_t> starts;
  for (int32_t bucket = 0; bucket < table.info().num_buckets(); ++bucket) starts[bucket] = offset;
  Get(scanner.Subscribe(starts));
  return scanner;
}

TableBucket Bucket(const Table& table, int32_t id = 0) { return {table.info().table_id, {}, id}; }

std::vector<ScannedBatch> PollNow(LogScanner& scanner, const LogScanner::PollLimits& limits = {}) {
  return Get(scanner.Poll(milliseconds(0), limits));
}

TEST(LogScan, GivesWhatWasAppendedWithItsOffsets) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  Append(table, 10, 5);
  LogScanner scanner = ScanFrom(table, kEarliestOffset);
  const auto batches = PollNow(scanner);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(IdsIn(batches), Numbers(0, 15));
  EXPECT_EQ(batches[1].bucket, Bucket(table));
  EXPECT_EQ(batches[1].base_offset, 10);
  EXPECT_EQ(batches[1].last_offset, 14);
  EXPECT_EQ(batches[1].offset_of(2), 12);
  EXPECT_GT(batches[1].timestamp, 0);
  EXPECT_TRUE(batches[1].change_types.empty());
  EXPECT_TRUE(batches[0].rows->schema()->Equals(*table.arrow_schema()));
  EXPECT_TRUE(PollNow(scanner).empty());
  Append(table, 15, 1);
  EXPECT_THAT(IdsIn(PollNow(scanner)), ElementsAre(15));
}

TEST(LogScan, StartsInTheMiddleOfABatch) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  LogScanner scanner = ScanFrom(table, 7);
  const auto batches = PollNow(scanner);
  EXPECT_THAT(IdsIn(batches), ElementsAre(7, 8, 9));
  EXPECT_EQ(batches[0].base_offset, 7);
}

TEST(LogScan, LatestIsWhereTheLogEndsNow) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  LogScanner scanner = ScanFrom(table, kLatestOffset);
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 10);
  Append(table, 10, 2);
  EXPECT_THAT(IdsIn(PollRecords(scanner, 2)), ElementsAre(10, 11));
}

TEST(LogScan, ManyBucketsEachInOrder) {
  const Connection connection = OpenMemory();
  TableDescriptor descriptor = LogTable(5);
  descriptor.bucket_keys = {"id"};
  const Table table = MakeTable(connection, "t", descriptor);
  for (int i = 0; i < 10; ++i) Append(table, i * 500, 500);
  LogScanner scanner = ScanFrom(table, 0);
  std::map<TableBucket, int64_t> next;
  std::map<TableBucket, int> last;
  size_t count = 0;
  for (const ScannedBatch& batch : PollRecords(scanner, 5000)) {
    EXPECT_EQ(batch.base_offset, next[batch.bucket]);
    next[batch.bucket] = batch.last_offset + 1;
    for (const int id : IntsIn(*batch.rows, "id")) {
      EXPECT_GE(id, last[batch.bucket]);
      last[batch.bucket] = id;
      ++count;
    }
  }
  EXPECT_EQ(count, 5000u);
  EXPECT_EQ(next.size(), 5u);
  EXPECT_EQ(scanner.Positions(), next);
}

TEST(LogScan, ALongPollEndsWhenDataComes) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_FALSE(poll.done());
  Append(table, 0, 3);
  EXPECT_THAT(IdsIn(Get(poll)), ElementsAre(0, 1, 2));
}

TEST(LogScan, APollIsEmptyAtItsTimeout) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  EXPECT_TRUE(PollNow(scanner).empty());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(Get(scanner.Poll(milliseconds(30), {})).empty());
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(30));
}

TEST(LogScan, APollWithoutTimeoutSeesWhatIsThereWhileAnotherFetchWaits) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(Get(scanner.Poll(milliseconds(1), {})).empty());
    Append(table, i, 1);
    EXPECT_THAT(IdsIn(PollNow(scanner)), ElementsAre(i));
  }
}

TEST(LogScan, PollsAreServedInTurn) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  std::vector<Future<std::vector<ScannedBatch>>> polls;
  LogScanner::PollLimits one;
  one.max_records = 1;
  for (int i = 0; i < 3; ++i) polls.push_back(scanner.Poll(std::chrono::hours(1), one));
  Append(table, 0, 3);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(IdsIn(Get(polls[i])), ElementsAre(i));
}

TEST(LogScan, LimitsCutBatchesAndKeepTheRest) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  Append(table, 10, 10);
  LogScanner scanner = ScanFrom(table, 0);
  LogScanner::PollLimits seven;
  seven.max_records = 7;
  EXPECT_EQ(IdsIn(PollNow(scanner, seven)), Numbers(0, 7));
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 7);
  const auto second = PollNow(scanner, seven);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(IdsIn(second), Numbers(7, 7));
  EXPECT_EQ(second[1].base_offset, 10);
  EXPECT_EQ(second[1].last_offset, 13);
  LogScanner::PollLimits whole;
  whole.cut_batches = false;
  whole.max_records = 1;
  EXPECT_EQ(IdsIn(PollNow(scanner, whole)), Numbers(14, 6));
}

TEST(LogScan, BatchesAndBytesAreLimited) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  for (int i = 0; i < 5; ++i) Append(table, i * 10, 10);
  LogScanner scanner = ScanFrom(table, 0);
  LogScanner::PollLimits limits;
  limits.max_batches = 2;
  EXPECT_EQ(IdsIn(PollNow(scanner, limits)), Numbers(0, 20));
  limits = {};
  limits.max_bytes = 1;
  EXPECT_EQ(IdsIn(PollNow(scanner, limits)), Numbers(20, 10)) << "one batch is handed out whatever its size";
  EXPECT_EQ(IdsIn(PollNow(scanner)), Numbers(30, 20));
}

TEST(LogScan, ReturnedBatchesComeAgain) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  for (int i = 0; i < 3; ++i) Append(table, i * 10, 10);
  LogScanner scanner = ScanFrom(table, 0);
  LogScanner::PollLimits limits;
  limits.max_records = 12;
  const auto first = PollNow(scanner, limits);
  const auto second = PollNow(scanner, limits);
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 24);
  scanner.Return(second);
  scanner.Return(first);
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 0);
  EXPECT_EQ(IdsIn(PollNow(scanner)), Numbers(0, 30));
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 30);
}

TEST(LogScan, WhatWasPolledBeforeASubscriptionCannotBeReturned) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(2));
  AppendWriter writer = Get(table.NewAppendWriter());
  Append(table, 0, 10);
  LogScanner scanner = ScanFrom(table, 0);
  const auto polled = PollNow(scanner);
  const int32_t bucket = polled.at(0).bucket.bucket_id;
  EXPECT_OK(scanner.Subscribe({{bucket, 5}}));
  scanner.Return(polled);
  EXPECT_EQ(IdsIn(PollNow(scanner)), Numbers(5, 5));
  EXPECT_OK(scanner.Unsubscribe(bucket));
  scanner.Return(polled);
  EXPECT_TRUE(PollNow(scanner).empty());
}

TEST(LogScan, UnsubscribedBucketsAreNotReadAndSubscribingMoves) {
  const Connection connection = OpenMemory({{"writer.bucket.no-key-assigner", "round_robin"}});
  const Table table = MakeTable(connection, "t", LogTable(2));
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 20; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  EXPECT_OK(writer.Flush());
  LogScanner scanner = ScanFrom(table, 0);
  LogScanner::PollLimits one;
  one.max_records = 1;
  const auto first = PollNow(scanner, one);  // leaves the rest of both buckets in the scanner
  const int32_t bucket = first.at(0).bucket.bucket_id;
  EXPECT_OK(scanner.Unsubscribe(bucket));
  EXPECT_OK(scanner.Unsubscribe(bucket));
  const auto rest = PollRecords(scanner, 10);
  EXPECT_EQ(IdsIn(rest).size(), 10u);
  for (const ScannedBatch& batch : rest) EXPECT_NE(batch.bucket.bucket_id, bucket);
  EXPECT_OK(scanner.Subscribe({{bucket, 8}, {1 - bucket, 9}}));
  EXPECT_EQ(IdsIn(PollRecords(scanner, 3)).size(), 3u);
  EXPECT_TRUE(PollNow(scanner).empty());
  EXPECT_OK(scanner.Unsubscribe(0));
  EXPECT_OK(scanner.Unsubscribe(1));
  EXPECT_TRUE(PollNow(scanner).empty());
  EXPECT_TRUE(Get(scanner.Poll(milliseconds(20), {})).empty());
}

TEST(LogScan, UnsubscribingTheLastBucketEndsAPoll) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_OK(scanner.Unsubscribe(0));
  EXPECT_TRUE(Get(poll).empty());
}

TEST(LogScan, APollWithoutSubscriptionsWaitsForSome) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "a"))).Send());
  LogScanner scanner = Get(table.NewLogScanner({}));
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_OK(scanner.Subscribe({{0, 0}}));
  EXPECT_THAT(IdsIn(Get(poll)), ElementsAre(1));
}

TEST(LogScan, ASubscriptionJoinsAPollUnderWay) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog());
  const int64_t empty = AddPartition(table, "day", "mon");
  const int64_t full = AddPartition(table, "day", "tue");
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "tue"))).Send());
  LogScanner scanner = Get(table.NewLogScanner({}));
  EXPECT_OK(scanner.SubscribePartitions({{{empty, 0}, 0}}));
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_OK(scanner.SubscribePartitions({{{full, 0}, 0}}));
  EXPECT_THAT(IdsIn(Get(poll)), ElementsAre(1));
}

TEST(LogScan, BadSubscriptionsAreErrors) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(2));
  const Table daily = MakeTable(connection, "daily", DailyLog());
  LogScanner scanner = Get(table.NewLogScanner({}));
  LogScanner partitions = Get(daily.NewLogScanner({}));
  EXPECT_ERROR(scanner.Subscribe({}), kClientError, "Bucket offsets are empty.");
  EXPECT_ERROR(scanner.Subscribe({{2, 0}}), kClientError, "2 buckets");
  EXPECT_ERROR(scanner.Subscribe({{-1, 0}}), kClientError, "no bucket -1");
  EXPECT_ERROR(scanner.Subscribe({{0, -3}}), kClientError, "-3");
  EXPECT_ERROR(scanner.SubscribePartitions({{{1, 0}, 0}}), kClientError, "not partitioned: use Subscribe");
  EXPECT_ERROR(partitions.Subscribe({{0, 0}}), kClientError, "partitioned: use SubscribePartitions");
  EXPECT_ERROR(partitions.Unsubscribe(0), kClientError, "use UnsubscribePartition");
  EXPECT_ERROR(scanner.UnsubscribePartition(1, 0), kClientError, "use Unsubscribe");
  EXPECT_ERROR(partitions.SubscribePartitions({{{99, 0}, 0}}), kClientError, "no partition with id 99");
  EXPECT_ERROR(partitions.SubscribePartitions({{{98, 0}, 0}, {{99, 0}, 0}}), kClientError, "no partition with id 98");
  EXPECT_TRUE(PollNow(scanner).empty());
  EXPECT_TRUE(scanner.Positions().empty());
}

TEST(LogScan, AnOffsetThatIsNotThereIsAnError) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 3);
  LogScanner scanner = ScanFrom(table, 100);
  EXPECT_ERROR(scanner.Poll(std::chrono::hours(1), {}), kLogOffsetOutOfRange,
               "The fetching offset 100 is out of range");
  EXPECT_ERROR(scanner.Poll(milliseconds(0), {}), kLogOffsetOutOfRange, "100");
  EXPECT_OK(scanner.Subscribe({{0, 1}}));
  EXPECT_THAT(IdsIn(PollNow(scanner)), ElementsAre(1, 2));
}

TEST(LogScan, ADroppedPartitionEndsWithOneError) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog());
  const int64_t monday = AddPartition(table, "day", "mon");
  const int64_t tuesday = AddPartition(table, "day", "tue");
  LogScanner scanner = Get(table.NewLogScanner({}));
  EXPECT_OK(scanner.SubscribePartitions({{{monday, 0}, 0}, {{tuesday, 0}, 0}}));
  const auto poll = scanner.Poll(std::chrono::seconds(20), {});
  DropPartition(table, "day", "mon");
  EXPECT_ERROR(poll, kPartitionNotExists, "partition");
  EXPECT_EQ(scanner.Positions().size(), 1u);
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "tue"))).Send());
  EXPECT_THAT(IdsIn(PollRecords(scanner, 1)), ElementsAre(1));
}

TEST(LogScan, ADroppedTableIsAnError) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  EXPECT_OK(connection.gateway().DropTable(table.info().path, false));
  EXPECT_ERROR(scanner.Poll(std::chrono::seconds(20), {}), kUnknownTableOrBucket, "");
}

TEST(LogScan, ProjectionsKeepTheirOrder) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(
      connection, "t",
      Describe({{"id", DataType::Int()}, {"name", DataType::String()}, {"score", DataType::BigInt()}}, {}, 1));
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "one", 10))).Send());
  LogScanner scanner = ScanFrom(table, 0, {.projection = {{2, 0}}});
  EXPECT_EQ(scanner.arrow_schema()->field_names(), (std::vector<std::string>{"score", "id"}));
  const auto batches = PollNow(scanner);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_TRUE(batches[0].rows->schema()->Equals(*scanner.arrow_schema()));
  EXPECT_EQ((*batches[0].rows->column(0)->GetScalar(0))->ToString(), "10");
  EXPECT_THAT(IdsIn(batches), ElementsAre(1));
  LogScanner twice = ScanFrom(table, 0, {.projection = {{1, 1}}});
  EXPECT_EQ(PollNow(twice).at(0).rows->num_columns(), 2);
  EXPECT_ERROR(table.NewLogScanner({.projection = {{}}}), kClientError, "empty");
  EXPECT_ERROR(table.NewLogScanner({.projection = {{0, 3}}}), kClientError, "out of range");
}

class RowFormats : public testing::TestWithParam<const char*> {};

TEST_P(RowFormats, AreScannedAsArrowIs) {
  const Connection connection = OpenMemory();
  TableDescriptor descriptor = LogTable();
  descriptor.properties["table.log.format"] = GetParam();
  const Table table = MakeTable(connection, "t", descriptor);
  Append(table, 0, 100);
  LogScanner all = ScanFrom(table, 0);
  EXPECT_EQ(IdsIn(PollNow(all)), Numbers(0, 100));
  Predicate filter;
  filter.op = Predicate::Op::kGreaterOrEqual;
  filter.column = "id";
  filter.literals = {int64_t{90}};
  LogScanner some = ScanFrom(table, 0, {.projection = {{1}}, .filter = filter, .exact_filter = true});
  const auto batches = PollNow(some);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].base_offset, 90);
  EXPECT_EQ(batches[0].rows->num_rows(), 10);
  EXPECT_EQ(batches[0].rows->num_columns(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, RowFormats, testing::Values("ARROW", "INDEXED", "COMPACTED"),
                         [](const auto& name) { return std::string(name.param); });

TEST(LogScan, CompressedBatches) {
  const Connection connection = OpenMemory();
  for (const char* codec : {"NONE", "LZ4_FRAME", "ZSTD"}) {
    TableDescriptor descriptor = LogTable();
    descriptor.properties["table.log.arrow.compression.type"] = codec;
    const Table table = MakeTable(connection, codec, descriptor);
    Append(table, 0, 1000);
    LogScanner scanner = ScanFrom(table, 0);
    EXPECT_EQ(IdsIn(PollRecords(scanner, 1000)), Numbers(0, 1000)) << codec;
  }
}

TEST(Changelog, TellsEveryChange) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable());
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(Get(writer.Upsert(Row(1, "a"))).Send());
  EXPECT_OK(Get(writer.Upsert(Row(1, "b"))).Send());
  EXPECT_OK(Get(writer.Delete(Row(1, nullptr))).Send());
  LogScanner scanner = ScanFrom(table, 0);
  std::vector<std::string> changes;
  for (const ScannedBatch& batch : PollRecords(scanner, 4)) {
    const auto& names = static_cast<const arrow::StringArray&>(*batch.rows->GetColumnByName("name"));
    for (int64_t i = 0; i < batch.rows->num_rows(); ++i) {
      changes.push_back(std::to_string(batch.offset_of(i)) + std::string(ChangeTypeShortString(batch.change_types[i])) +
                        names.GetString(i));
    }
  }
  EXPECT_THAT(changes, ElementsAre("0+Ia", "1-Ua", "2+Ub", "3-Db"));
  LogScanner cut = ScanFrom(table, 0);
  LogScanner::PollLimits two;
  two.max_records = 2;
  EXPECT_EQ(PollNow(cut, two).size(), 2u);
  const auto after = PollNow(cut, two);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after[0].change_types.at(0), ChangeType::kUpdateAfter);
  EXPECT_ERROR(cut.ReadToLatest(), kClientError, "primary key");
}

TEST(BoundedRead, EndsAtTheLatestOffsets) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  for (int i = 0; i < 20; ++i) Append(table, i * 100, 100);
  LogScanner scanner = ScanFrom(table, 50);
  const auto reader = Get(scanner.ReadToLatest());
  Append(table, 5000, 100);
  EXPECT_ERROR(scanner.Subscribe({{0, 0}}), kClientError, "RecordBatchLogReader is active");
  EXPECT_ERROR(scanner.Unsubscribe(0), kClientError, "RecordBatchLogReader is active");
  EXPECT_ERROR(scanner.Poll(milliseconds(0), {}), kClientError, "RecordBatchLogReader is active");
  EXPECT_ERROR(scanner.ReadToLatest(), kClientError, "Another RecordBatchLogReader is already active");
  const auto rows = ReadTable(reader);
  EXPECT_EQ(rows->num_rows(), 1950);
  EXPECT_TRUE(scanner.Positions().empty()) << "read buckets are unsubscribed";
  EXPECT_ERROR(scanner.ReadToLatest(), kClientError,
               "No buckets subscribed. Call subscribe() before creating a reader.");
  EXPECT_OK(scanner.Subscribe({{0, 2000}}));
  EXPECT_EQ(IdsIn(PollRecords(scanner, 100)), Numbers(5000, 100));
}

TEST(BoundedRead, StopsInsideOfABatchThatWasFetchedAlready) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  LogScanner scanner = ScanFrom(table, 0);
  LogScanner::PollLimits three;
  three.max_records = 3;
  const auto polled = PollNow(scanner, three);
  scanner.Return(polled);
  EXPECT_EQ(ReadTable(Get(scanner.ReadToLatest()))->num_rows(), 10);
}

TEST(BoundedRead, NothingToReadGivesTheSchemaOnly) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(2));
  LogScanner scanner = ScanFrom(table, kEarliestOffset, {.projection = {{1}}});
  const auto rows = ReadTable(Get(scanner.ReadToLatest()));
  EXPECT_EQ(rows->num_rows(), 0);
  EXPECT_EQ(rows->schema()->field_names(), (std::vector<std::string>{"name"}));
}

TEST(BoundedRead, DroppingItUnsubscribesTheRest) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  for (int i = 0; i < 3; ++i) Append(table, i * 300, 300);
  LogScanner scanner = ScanFrom(table, 0);
  {
    const auto reader = Get(scanner.ReadToLatest());
    std::shared_ptr<arrow::RecordBatch> batch;
    EXPECT_TRUE(reader->ReadNext(&batch).ok());
    EXPECT_EQ(batch->num_rows(), 300);
  }
  EXPECT_TRUE(scanner.Positions().empty());
  EXPECT_OK(scanner.Subscribe({{0, 899}}));
  EXPECT_THAT(IdsIn(PollRecords(scanner, 1)), ElementsAre(899));
}

TEST(BoundedRead, AnErrorEndsIt) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog());
  const int64_t monday = AddPartition(table, "day", "mon");
  for (int id = 0; id < 250; ++id) EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(id, "mon"))).Send());
  LogScanner scanner = Get(table.NewLogScanner({}));
  EXPECT_OK(scanner.SubscribePartitions({{{monday, 0}, 0}}));
  const auto reader = Get(scanner.ReadToLatest());
  EXPECT_OK(scanner.Close());
  std::shared_ptr<arrow::RecordBatch> batch;
  arrow::Status status;
  do {
    status = reader->ReadNext(&batch);
  } while (status.ok() && batch != nullptr);
  EXPECT_THAT(status.ToString(), HasSubstr("closed"));
}

TEST(LogScan, LagCountsWhatIsNotPolledYet) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  Append(table, 0, 10);
  LogScanner scanner = ScanFrom(table, kEarliestOffset);
  EXPECT_EQ(Get(scanner.Lag()).at(Bucket(table)), 10);
  LogScanner::PollLimits four;
  four.max_records = 4;
  EXPECT_EQ(IdsIn(PollNow(scanner, four)).size(), 4u);
  EXPECT_EQ(Get(scanner.Lag()).at(Bucket(table)), 6);
  EXPECT_EQ(scanner.Positions().at(Bucket(table)), 4);
}

TEST(LogScan, ClosingEndsPolls) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_OK(scanner.Close());
  EXPECT_ERROR(poll, kClientError, "closed");
  EXPECT_OK(scanner.Close());
  EXPECT_ERROR(scanner.Poll(milliseconds(0), {}), kClientError, "closed");
  EXPECT_ERROR(scanner.Subscribe({{0, 0}}), kClientError, "closed");
}

TEST(LogScan, ClosingTheConnectionEndsPolls) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  LogScanner scanner = ScanFrom(table, 0);
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_OK(connection.Close());
  EXPECT_ERROR(poll, kClientError, "closed");
  EXPECT_ERROR(scanner.Poll(milliseconds(0), {}), kClientError, "closed");
}

TEST(LogScan, SubscribingWhileOthersPoll) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(2));
  std::atomic<bool> done{false};
  LogScanner scanner = ScanFrom(table, 0);
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) Append(table, i * 10, 10);
    done = true;
  });
  std::thread mover([&] {
    do {
      EXPECT_OK(scanner.Subscribe({{0, 0}}));
      EXPECT_OK(scanner.Unsubscribe(0));
      (void)scanner.Positions();
      EXPECT_OK(scanner.Lag());
    } while (!done);
  });
  std::map<TableBucket, int64_t> next;
  size_t of_bucket_one = 0;
  while (!done) {
    const auto polled = Get(scanner.Poll(milliseconds(1), {}));
    for (const ScannedBatch& batch : polled) {
      if (batch.bucket.bucket_id != 1) continue;
      EXPECT_EQ(batch.base_offset, next[batch.bucket]);
      next[batch.bucket] = batch.last_offset + 1;
      of_bucket_one += batch.rows->num_rows();
    }
  }
  writer.join();
  mover.join();
  const auto latest = Get(connection.gateway().ListOffsets(table.info().table_id, {}, {1}, OffsetSpec::Latest()));
  while (next[Bucket(table, 1)] < *latest.at(1)) {
    const auto polled = Get(scanner.Poll(seconds(30), {}));
    ASSERT_FALSE(polled.empty()) << "rows of the bucket that stayed subscribed are missing";
    for (const ScannedBatch& batch : polled) {
      EXPECT_EQ(batch.base_offset, next[batch.bucket]);
      next[batch.bucket] = batch.last_offset + 1;
      of_bucket_one += batch.rows->num_rows();
    }
  }
  EXPECT_EQ(static_cast<int64_t>(of_bucket_one), *latest.at(1));
}

}  // namespace
}  // namespace weir
