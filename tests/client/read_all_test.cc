#include "client_testing.h"

namespace weir {
namespace {

using testing::ElementsAre;

Predicate Compare(Predicate::Op op, const std::string& column, Predicate::Literal literal) {
  Predicate predicate;
  predicate.op = op;
  predicate.column = column;
  predicate.literals = {std::move(literal)};
  return predicate;
}

int64_t Count(const Table& table, const Table::ScanOptions& options = {},
              std::optional<std::vector<int64_t>> partitions = {}) {
  return ReadTable(Get(table.ReadAll(options, std::move(partitions))))->num_rows();
}

TEST(ReadAll, LogTablesOverAllBuckets) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(20));
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int i = 0; i < 100; ++i) EXPECT_OK(writer.AppendBatch(IdBatch(i * 50, 50)));
  EXPECT_OK(writer.Flush());
  const auto rows = ReadTable(Get(table.ReadAll({})));
  EXPECT_EQ(rows->num_rows(), 5000);
  std::set<std::string> ids;
  for (const std::string& id : TextsOf(*rows, "id")) ids.insert(id);
  EXPECT_EQ(ids.size(), 5000u);
  EXPECT_TRUE(rows->schema()->Equals(*table.arrow_schema()));
}

TEST(ReadAll, RowsThatWereWrittenOneByOneComeTogether) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.AppendBatch(IdBatch(0, 300))).Send());
  for (int i = 0; i < 200; ++i) EXPECT_OK(Get(writer.AppendBatch(IdBatch(300 + i, 1))).Send());
  const auto reader = Get(table.ReadAll({}));
  int64_t rows = 0;
  int batches = 0;
  for (std::shared_ptr<arrow::RecordBatch> batch; reader->ReadNext(&batch).ok() && batch != nullptr; ++batches) {
    const auto& ids = static_cast<const arrow::Int32Array&>(*batch->column(0));
    for (int64_t i = 0; i < ids.length(); ++i) EXPECT_EQ(ids.Value(i), rows++);
  }
  EXPECT_EQ(rows, 500);
  EXPECT_LT(batches, 100);
}

TEST(ReadAll, IsBoundedByWhatWasThereAtTheCall) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.AppendBatch(IdBatch(0, 10))).Send());
  const auto reader = Get(table.ReadAll({}));
  EXPECT_OK(Get(writer.AppendBatch(IdBatch(10, 10))).Send());
  EXPECT_EQ(ReadTable(reader)->num_rows(), 10);
  EXPECT_EQ(Count(table), 20);
}

TEST(ReadAll, EmptyTablesHaveTheirSchema) {
  const Connection connection = OpenMemory();
  int number = 0;
  for (const TableDescriptor& descriptor : {LogTable(2), PkTable(2), DailyLog(), DailyPk()}) {
    const Table table = MakeTable(connection, "t" + std::to_string(number++), descriptor);
    const auto rows = ReadTable(Get(table.ReadAll({.projection = {{1}}})));
    EXPECT_EQ(rows->num_rows(), 0);
    EXPECT_EQ(rows->num_columns(), 1);
  }
}

TEST(ReadAll, PkTablesGiveTheirLiveRows) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable(5));
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(writer.UpsertBatch(IdBatch(0, 3000)));
  EXPECT_OK(writer.Upsert(Row(5, "five")));
  EXPECT_OK(writer.Delete(Row(6, nullptr)));
  EXPECT_OK(writer.Flush());
  const auto rows = ReadTable(Get(table.ReadAll({.projection = {{1, 0}}})));
  EXPECT_EQ(rows->num_rows(), 2999);
  EXPECT_EQ(rows->schema()->field_names(), (std::vector<std::string>{"name", "id"}));
  const auto names = TextsOf(*rows, "name");
  EXPECT_EQ(std::count(names.begin(), names.end(), "five"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "n6"), 0);
}

TEST(ReadAll, LargePkTablesComeInSteps) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable(3));
  UpsertWriter writer = Get(table.NewUpsertWriter());
  const std::string text(1000, 'x');
  for (int id = 0; id < 20000; ++id) EXPECT_OK(writer.Upsert(Row(id, text.c_str())));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(Count(table), 20000);
  const auto reader = Get(table.ReadAll({}));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE(reader->ReadNext(&batch).ok());
  EXPECT_LT(batch->num_rows(), 20000);
  EXPECT_TRUE(reader->Close().ok());
  ASSERT_TRUE(reader->ReadNext(&batch).ok());
  EXPECT_EQ(batch, nullptr);
  // Abandoned readers leave no scan open in the engine, which allows few of them.
  for (int i = 0; i < 30; ++i) {
    const auto abandoned = Get(table.ReadAll({}));
    ASSERT_TRUE(abandoned->ReadNext(&batch).ok());
  }
  EXPECT_EQ(Count(table), 20000);
}

TEST(ReadAll, SomePartitions) {
  const Connection connection = OpenMemory({{"writer.dynamic-create-partition.enabled", "true"}});
  const Table log = MakeTable(connection, "log", DailyLog(2));
  const Table pk = MakeTable(connection, "pk", DailyPk(2));
  for (const char* day : {"mon", "tue", "wed"}) {
    for (int id = 0; id < 10; ++id) {
      EXPECT_OK(Get(log.NewAppendWriter()).Append(Row(id, day)));
      EXPECT_OK(Get(pk.NewUpsertWriter()).Upsert(Row(day, id, 1)));
    }
  }
  EXPECT_OK(connection.Flush());
  for (const Table& table : {log, pk}) {
    const int64_t monday = Get(connection.gateway().GetPartition(table.info().path, "mon")).partition_id;
    const int64_t wednesday = Get(connection.gateway().GetPartition(table.info().path, "wed")).partition_id;
    EXPECT_EQ(Count(table), 30);
    EXPECT_EQ(Count(table, {}, {{monday, wednesday}}), 20);
    EXPECT_EQ(Count(table, {}, {{}}), 0);
    EXPECT_ERROR(table.ReadAll({}, {{99}}), kPartitionNotExists, "99");
    const auto days = TextsOf(*ReadTable(Get(table.ReadAll({}, {{monday}}))), "day");
    EXPECT_EQ(std::set<std::string>(days.begin(), days.end()), (std::set<std::string>{"mon"}));
  }
  const Table plain = MakeTable(connection, "plain", LogTable());
  EXPECT_ERROR(plain.ReadAll({}, {{1}}), kClientError, "not partitioned");
}

TEST(ReadAll, APartitionDroppedMeanwhileEnds) {
  const Connection connection = OpenMemory({{"writer.dynamic-create-partition.enabled", "true"}});
  const Table log = MakeTable(connection, "log", DailyLog());
  for (const char* day : {"mon", "tue"}) EXPECT_OK(Get(log.NewAppendWriter()).Append(Row(1, day)));
  EXPECT_OK(connection.Flush());
  const auto reader = Get(log.ReadAll({}));
  DropPartition(log, "day", "tue");
  const int64_t rows = ReadTable(reader)->num_rows();
  EXPECT_GE(rows, 1);
  EXPECT_EQ(Count(log), 1);
}

TEST(Filter, ExactOnesRemoveRowsAndKeepOffsets) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int i = 0; i < 3; ++i) EXPECT_OK(Get(writer.AppendBatch(IdBatch(i * 10, 10))).Send());
  Predicate odd;
  odd.op = Predicate::Op::kIn;
  odd.column = "id";
  odd.literals = {int64_t{3}, int64_t{5}, int64_t{21}};
  LogScanner scanner = Get(table.NewLogScanner({.projection = {{1, 0}}, .filter = odd, .exact_filter = true}));
  EXPECT_OK(scanner.Subscribe({{0, 0}}));
  const auto batches = PollRecords(scanner, 3);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_THAT(IdsIn(batches), ElementsAre(3, 5, 21));
  EXPECT_EQ(batches[0].base_offset, 3);
  EXPECT_EQ(batches[0].last_offset, 5);
  EXPECT_EQ(batches[0].offset_of(1), 5);
  EXPECT_EQ(batches[1].offset_of(0), 21);
  EXPECT_TRUE(Get(scanner.Poll(milliseconds(0), {})).empty());
  EXPECT_EQ(scanner.Positions().begin()->second, 30) << "rows that do not match are passed";

  LogScanner::PollLimits one;
  one.max_records = 1;
  EXPECT_OK(scanner.Subscribe({{0, 4}}));
  EXPECT_THAT(IdsIn(Get(scanner.Poll(milliseconds(0), one))), ElementsAre(5));
  EXPECT_THAT(IdsIn(Get(scanner.Poll(milliseconds(0), one))), ElementsAre(21));

  LogScanner coarse = Get(table.NewLogScanner({.filter = odd}));
  EXPECT_OK(coarse.Subscribe({{0, 0}}));
  EXPECT_EQ(IdsIn(PollRecords(coarse, 30)).size(), 30u) << "without statistics no batch can be skipped";
}

TEST(Filter, ExactOnesOfWholeTables) {
  const Connection connection = OpenMemory();
  const Table log = MakeTable(connection, "log", LogTable(3));
  const Table pk = MakeTable(connection, "pk", PkTable(3));
  EXPECT_OK(Get(log.NewAppendWriter()).AppendBatch(IdBatch(0, 1000)));
  EXPECT_OK(Get(pk.NewUpsertWriter()).UpsertBatch(IdBatch(0, 1000)));
  EXPECT_OK(connection.Flush());
  Table::ScanOptions options;
  options.projection = {1};
  options.filter = Compare(Predicate::Op::kLess, "id", int64_t{3});
  options.exact_filter = true;
  for (const Table& table : {log, pk}) {
    EXPECT_THAT(Sorted(TextsOf(*ReadTable(Get(table.ReadAll(options))), "name")), ElementsAre("n0", "n1", "n2"));
  }
  options.filter = Compare(Predicate::Op::kLess, "id", int64_t{-1});
  for (const Table& table : {log, pk}) EXPECT_EQ(Count(table, options), 0);
  options.filter = Compare(Predicate::Op::kLess, "nope", int64_t{3});
  EXPECT_ERROR(log.ReadAll(options), kClientError, "nope");
  EXPECT_ERROR(log.NewLogScanner(options), kClientError, "nope");
}

TEST(LimitScan, LogTablesGiveTheirNewestRows) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable());
  const TableBucket bucket{table.info().table_id, {}, 0};
  BatchScanner empty = Get(table.NewLimitScanner(bucket, 3));
  EXPECT_FALSE(Get(empty.Next()).has_value());
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int i = 0; i < 4; ++i) EXPECT_OK(Get(writer.AppendBatch(IdBatch(i * 10, 10))).Send());
  BatchScanner scanner = Get(table.NewLimitScanner(bucket, 15, {{1, 0}}));
  EXPECT_EQ(scanner.bucket(), bucket);
  const auto rows = Get(scanner.Next());
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(IdsIn(std::vector{*rows}), Numbers(25, 15));
  EXPECT_EQ(rows->base_offset, 25);
  EXPECT_EQ(rows->last_offset, 39);
  EXPECT_EQ(rows->offset_of(7), 32);
  EXPECT_TRUE(rows->rows->schema()->Equals(*scanner.arrow_schema()));
  EXPECT_FALSE(Get(scanner.Next()).has_value());
  EXPECT_EQ(Get(Get(table.NewLimitScanner(bucket, 1000)).Next())->rows->num_rows(), 40);
}

TEST(LimitScan, PkTablesGiveLiveRows) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", PkTable());
  UpsertWriter writer = Get(table.NewUpsertWriter());
  EXPECT_OK(writer.UpsertBatch(IdBatch(0, 100)));
  EXPECT_OK(writer.UpsertBatch(IdBatch(0, 100)));
  EXPECT_OK(writer.Flush());
  const TableBucket bucket{table.info().table_id, {}, 0};
  EXPECT_EQ(Get(Get(table.NewLimitScanner(bucket, 10)).Next())->rows->num_rows(), 10);
  EXPECT_EQ(Get(Get(table.NewLimitScanner(bucket, 1000)).Next())->rows->num_rows(), 100);
}

TEST(LimitScan, BadOnesAreErrors) {
  const Connection connection = OpenMemory();
  const Table table = MakeTable(connection, "t", LogTable(2));
  const Table daily = MakeTable(connection, "daily", DailyLog());
  const int64_t id = table.info().table_id;
  EXPECT_ERROR(table.NewLimitScanner({id, {}, 0}, 0), kClientError, "limit");
  EXPECT_ERROR(table.NewLimitScanner({id + 100, {}, 0}, 1), kClientError, "fluss.t");
  EXPECT_ERROR(table.NewLimitScanner({id, {}, 2}, 1), kClientError, "2 buckets");
  EXPECT_ERROR(table.NewLimitScanner({id, 1, 0}, 1), kClientError, "not partitioned");
  EXPECT_ERROR(daily.NewLimitScanner({daily.info().table_id, {}, 0}, 1), kClientError, "partitioned");
  EXPECT_ERROR(table.NewLimitScanner({id, {}, 0}, 1, {{5}}), kClientError, "out of range");
  BatchScanner missing = Get(daily.NewLimitScanner({daily.info().table_id, 77, 0}, 1));
  EXPECT_ERROR(missing.Next(), kUnknownTableOrBucket, "77");
  EXPECT_FALSE(Get(missing.Next()).has_value()) << "an error spends the scanner";
}

}  // namespace
}  // namespace weir
