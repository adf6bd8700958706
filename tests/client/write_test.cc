#include <thread>

#include "client_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// All of a log table's buckets, from their start; the rows of each in order.
std::map<TableBucket, std::vector<int>> IdsByBucket(const Table& table, size_t count) {
  LogScanner scanner = Get(table.NewLogScanner({}));
  if (table.info().descriptor.is_partitioned()) {
    std::map<std::pair<int64_t, int32_t>, int64_t> starts;
    for (const auto& info : Get(table.connection().gateway().ListPartitionInfos(table.info().path, {}))) {
      for (int32_t b = 0; b < table.info().num_buckets(); ++b) starts[{info.partition_id, b}] = kEarliestOffset;
    }
    Get(scanner.SubscribePartitions(starts));
  } else {
    std::map<int32_t, int64_t> starts;
    for (int32_t b = 0; b < table.info().num_buckets(); ++b) starts[b] = kEarliestOffset;
    Get(scanner.Subscribe(starts));
  }
  std::map<TableBucket, std::vector<int>> ids;
  for (const ScannedBatch& batch : PollRecords(scanner, count)) {
    for (const int id : IntsIn(*batch.rows, "id")) ids[batch.bucket].push_back(id);
  }
  return ids;
}

TEST(Append, RowsKeepTheirOrder) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 1000; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  EXPECT_OK(writer.Flush());
  const auto ids = IdsByBucket(table, 1000);
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_EQ(ids.begin()->second, Numbers(0, 1000));
}

TEST(Append, AHandleTellsWhenItsRowIsThere) {
  const Connection connection = OpenMemory({{"writer.batch-timeout-ms", "100000"}});
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  const WriteHandle first = Get(writer.Append(Row(1, "a")));
  const WriteHandle second = Get(writer.Append(Row(2, "b")));
  EXPECT_FALSE(first.future().done());
  EXPECT_OK(first.Send());
  EXPECT_TRUE(second.future().done()) << "both rows are in the batch that was sent";
  EXPECT_EQ(Get(connection.gateway().ListOffsets(table.info().table_id, {}, {0}, OffsetSpec::Latest())).at(0).ok(),
            true);
}

TEST(Append, ABatchIsSentWhenItsTimeIsUp) {
  const Connection connection = OpenMemory({{"writer.batch-timeout-ms", "1"}});
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.Append(Row(1, "a"))).future());
}

TEST(Append, RowsWithAKeyGoToItsBucket) {
  const Connection connection = OpenMemory();
  TableDescriptor descriptor = LogTable(4);
  descriptor.bucket_keys = {"id"};
  const Table table = MakeTable(connection, "t", descriptor);
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 200; ++id) EXPECT_OK(writer.Append(Row(id % 50, "x")));
  EXPECT_OK(writer.AppendBatch(IdBatch(0, 50)));
  EXPECT_OK(writer.Flush());
  const auto ids = IdsByBucket(table, 250);
  EXPECT_GT(ids.size(), 1u);
  std::map<int, std::set<TableBucket>> buckets_of;
  size_t count = 0;
  for (const auto& [bucket, values] : ids) {
    for (const int id : values) buckets_of[id].insert(bucket);
    count += values.size();
  }
  EXPECT_EQ(count, 250u);
  for (const auto& [id, buckets] : buckets_of) EXPECT_EQ(buckets.size(), 1u) << id;
}

TEST(Append, RoundRobinSpreadsRows) {
  const Connection connection = OpenMemory({{"writer.bucket.no-key-assigner", "round_robin"}});
  const Table table = MakeTable(connection, "t", LogTable(3));
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 9; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  EXPECT_OK(writer.Flush());
  const auto ids = IdsByBucket(table, 9);
  ASSERT_EQ(ids.size(), 3u);
  for (const auto& [bucket, values] : ids) EXPECT_EQ(values.size(), 3u);
}

TEST(Append, RowsAndBatchesOfOneBucketKeepTheirOrder) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  int next = 0;
  while (next < 3000) {
    EXPECT_OK(writer.Append(Row(next, "x")));
    EXPECT_OK(writer.AppendBatch(IdBatch(next + 1, 99)));
    next += 100;
  }
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(IdsByBucket(table, 3000).begin()->second, Numbers(0, 3000));
}

TEST(Append, ALargeBatchIsCut) {
  const Connection connection = OpenMemory({{"writer.batch-size", "16kb"}, {"writer.dynamic-batch-size-min", "8kb"}});
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  const WriteHandle handle = Get(writer.AppendBatch(IdBatch(0, 20000)));
  EXPECT_OK(handle.Send());
  EXPECT_EQ(IdsByBucket(table, 20000).begin()->second, Numbers(0, 20000));
}

TEST(Append, TypesMustBeTheTables) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_ERROR(writer.AppendBatch(Batch({"id", "name"}, {Longs({1}), Texts({"a"})})), kClientError,
               "column 'id' has type int64 but the table declares int32");
  EXPECT_ERROR(writer.AppendBatch(Batch({"id"}, {Ints({1})})), kClientError, "but the table declares 2");
  EXPECT_ERROR(writer.Append(Row(1)), kClientError, "has 2 columns");
  EXPECT_ERROR(writer.Append(Row("text", "x")), kClientError, "string");
  EXPECT_OK(writer.AppendBatch(Batch({"other", "names"}, {Ints({1}), Texts({"a"})})));
  EXPECT_OK(Get(writer.AppendBatch(IdBatch(0, 0))).future());
  EXPECT_OK(writer.Flush());
  EXPECT_THAT(IdsByBucket(table, 1).begin()->second, ElementsAre(1));
}

TEST(Append, NotNullIsHeld) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(
      connection, "t", Describe({{"id", DataType::Int().NotNull()}, {"name", DataType::String()}}, {}, 1));
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_ERROR(writer.Append(Row(nullptr, "x")), kClientError, "NOT NULL");
  arrow::Int32Builder ids;
  EXPECT_TRUE(ids.AppendNull().ok());
  EXPECT_ERROR(writer.AppendBatch(Batch({"id", "name"}, {*ids.Finish(), Texts({"a"})})), kClientError,
               "'id' is NOT NULL");
}

TEST(Append, OnlyForLogTables) {
  const Connection connection = OpenMemory();
  const Table log = MakeTable(connection, "log", LogTable());
  const Table pk = MakeTable(connection, "pk", PkTable());
  EXPECT_ERROR(pk.NewAppendWriter(), kClientError, "Append is only supported for log tables");
  EXPECT_ERROR(log.NewUpsertWriter(), kClientError, "Upsert is only supported for primary key tables");
  EXPECT_ERROR(log.NewLookuper(), kClientError, "Lookup is only supported for primary key tables");
  EXPECT_ERROR(log.NewPrefixLookuper({"id"}), kClientError, "Lookup is only supported for primary key tables");
}

TEST(Partitions, RowsFindTheirs) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog(2));
  const int64_t monday = AddPartition(table, "day", "mon");
  const int64_t tuesday = AddPartition(table, "day", "tue");
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(
      writer.AppendBatch(Batch({"id", "day"}, {Ints({1, 2, 3, 4, 5}), Texts({"mon", "tue", "mon", "tue", "tue"})})));
  EXPECT_OK(writer.Append(Row(6, "mon")));
  EXPECT_OK(writer.Flush());
  std::map<int64_t, std::vector<int>> ids;
  for (const auto& [bucket, values] : IdsByBucket(table, 6)) {
    auto& all = ids[*bucket.partition_id];
    all.insert(all.end(), values.begin(), values.end());
  }
  EXPECT_THAT(ids[monday], testing::UnorderedElementsAre(1, 3, 6));
  EXPECT_THAT(ids[tuesday], testing::UnorderedElementsAre(2, 4, 5));
}

TEST(Partitions, AMissingOneFailsItsRowsByName) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog());
  AddPartition(table, "day", "mon");
  AppendWriter writer = Get(table.NewAppendWriter());
  const WriteHandle good = Get(writer.Append(Row(1, "mon")));
  const WriteHandle bad = Get(writer.Append(Row(2, "sun")));
  EXPECT_ERROR(bad.Send(), kPartitionNotExists, "sun");
  EXPECT_OK(good.Send());
  EXPECT_ERROR(writer.Flush(), kPartitionNotExists, "sun");
  EXPECT_OK(writer.Flush());
  AddPartition(table, "day", "sun");
  EXPECT_OK(Get(writer.Append(Row(3, "sun"))).Send());
}

TEST(Partitions, AreCreatedWhenAskedFor) {
  const Connection connection = OpenMemory({{"writer.dynamic-create-partition.enabled", "true"}});
  const Table log = MakeTable(connection, "log", DailyLog());
  AppendWriter writer = Get(log.NewAppendWriter());
  EXPECT_OK(writer.AppendBatch(Batch({"id", "day"}, {Ints({1, 2, 3}), Texts({"mon", "tue", "mon"})})));
  EXPECT_OK(writer.Flush());
  std::vector<std::string> names;
  for (const auto& info : Get(connection.gateway().ListPartitionInfos(log.info().path, {})))
    names.push_back(info.partition_name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("mon", "tue"));
  size_t rows = 0;
  for (const auto& [bucket, ids] : IdsByBucket(log, 3)) rows += ids.size();
  EXPECT_EQ(rows, 3u);

  const Table pk = MakeTable(connection, "pk", DailyPk());
  UpsertWriter upserts = Get(pk.NewUpsertWriter());
  EXPECT_OK(upserts.Upsert(Row("wed", 1, 5)));
  EXPECT_OK(upserts.Flush());
  EXPECT_TRUE(Get(Get(pk.NewLookuper()).Lookup(Row("wed", 1))).has_value());
}

TEST(Partitions, OneThatComesBackTakesRowsAgain) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", DailyLog());
  AddPartition(table, "day", "mon");
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 3; ++id) EXPECT_OK(Get(writer.Append(Row(id, "mon"))).Send());
  DropPartition(table, "day", "mon");
  EXPECT_ERROR(Get(writer.Append(Row(3, "mon"))).Send(), kPartitionNotExists, "mon");
  EXPECT_ERROR(writer.Flush(), kPartitionNotExists, "mon");
  AddPartition(table, "day", "mon");
  EXPECT_OK(Get(writer.Append(Row(4, "mon"))).Send());
  EXPECT_THAT(IdsByBucket(table, 1).begin()->second, ElementsAre(4));

  // Dropped and created between two writes, unseen.
  DropPartition(table, "day", "mon");
  AddPartition(table, "day", "mon");
  EXPECT_OK(Get(writer.Append(Row(5, "mon"))).Send());
  EXPECT_OK(Get(writer.Append(Row(6, "mon"))).Send());
  EXPECT_THAT(IdsByBucket(table, 2).begin()->second, ElementsAre(5, 6));
}

TEST(Close, FlushesAndEndsWriting) {
  TempDirectory directory;
  {
    const Connection connection =
        Get(Connection::Open(TestConfig({{"writer.batch-timeout-ms", "100000"}}, directory.path())));
    const Table table = MakeTable(connection, "t", LogTable());
    AppendWriter writer = Get(table.NewAppendWriter());
    const WriteHandle handle = Get(writer.Append(Row(1, "a")));
    EXPECT_OK(connection.Close());
    EXPECT_TRUE(handle.future().done());
    EXPECT_OK(handle.future());
    EXPECT_OK(connection.Close());
    EXPECT_TRUE(connection.closed());
    EXPECT_ERROR(writer.Append(Row(2, "b")), kClientError, "closed");
    EXPECT_ERROR(writer.Flush(), kClientError, "closed");
    EXPECT_ERROR(table.NewAppendWriter(), kClientError, "closed");
    EXPECT_ERROR(table.NewLogScanner({}), kClientError, "closed");
    EXPECT_ERROR(table.ReadAll({}), kClientError, "closed");
    EXPECT_ERROR(connection.GetTable({"fluss", "t"}), kClientError, "closed");
  }
  const Connection connection = Get(Connection::Open(TestConfig({}, directory.path())));
  const Table table = Get(connection.GetTable({"fluss", "t"}));
  EXPECT_EQ(ReadTable(Get(table.ReadAll({})))->num_rows(), 1);
}

TEST(Close, WritesGoOnAfterReopening) {
  TempDirectory directory;
  for (int run = 0; run < 3; ++run) {
    const Connection connection = Get(Connection::Open(TestConfig({}, "file:" + directory.path())));
    const Table log = run == 0 ? MakeTable(connection, "log", LogTable(2)) : Get(connection.GetTable({"fluss", "log"}));
    const Table pk = run == 0 ? MakeTable(connection, "pk", PkTable(2)) : Get(connection.GetTable({"fluss", "pk"}));
    EXPECT_OK(Get(log.NewAppendWriter()).AppendBatch(IdBatch(run * 100, 100)));
    EXPECT_OK(Get(pk.NewUpsertWriter()).UpsertBatch(IdBatch(run * 50, 100)));
    EXPECT_OK(connection.Flush());
    EXPECT_EQ(ReadTable(Get(log.ReadAll({})))->num_rows(), (run + 1) * 100);
    EXPECT_EQ(ReadTable(Get(pk.ReadAll({})))->num_rows(), run * 50 + 100);
    EXPECT_OK(connection.Close());
  }
}

TEST(Close, ADroppedConnectionFailsWhatItNeverSent) {
  WriteHandle handle;
  {
    const Connection connection = Get(Connection::Open(TestConfig({{"writer.batch-timeout-ms", "100000"}})));
    const Table table = MakeTable(connection, "t", LogTable());
    handle = Get(Get(table.NewAppendWriter()).Append(Row(1, "a")));
  }
  EXPECT_ERROR(handle.Send(), kClientError, "dropped");
}

TEST(Connections, BadOnesAreRefused) {
  EXPECT_ERROR(Connection::Open(TestConfig({{"writer.batch-size", "0"}})), kClientError, "writer_batch_size");
  EXPECT_ERROR(OpenMemory().GetTable({"fluss", "nothing"}), kTableNotExist, "fluss.nothing");
}

TEST(Writers, ManyThreadsShareOne) {
  constexpr int kThreads = 4;
  constexpr int kRows = 500;
  const Connection connection = OpenMemory({{"writer.batch-size", "4kb"}, {"writer.dynamic-batch-size-min", "4kb"}});
  const Table log = MakeTable(connection, "log", LogTable());
  const Table pk = MakeTable(connection, "pk", PkTable(3));
  AppendWriter appends = Get(log.NewAppendWriter());
  UpsertWriter upserts = Get(pk.NewUpsertWriter());
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRows; ++i) {
        EXPECT_OK(appends.Append(Row(t * kRows + i, "x")));
        EXPECT_OK(upserts.Upsert(Row(t * kRows + i, "y")));
        if (i % 100 != 99) continue;
        EXPECT_OK(appends.Flush());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_OK(connection.Flush());
  std::vector<int> last(kThreads, -1);
  const auto ids = IdsByBucket(log, kThreads * kRows);
  ASSERT_EQ(ids.begin()->second.size(), static_cast<size_t>(kThreads * kRows));
  for (const int id : ids.begin()->second) {
    EXPECT_GT(id % kRows, last[id / kRows]) << "rows of one thread keep their order";
    last[id / kRows] = id % kRows;
  }
  EXPECT_EQ(ReadTable(Get(pk.ReadAll({})))->num_rows(), kThreads * kRows);
}

}  // namespace
}  // namespace weir
