#include <thread>

#include "faulty_gateway.h"

namespace weir {
namespace {

using Fault = FaultyGateway::Fault;
using testing::ElementsAre;

std::vector<int> AllIds(const Table& table) {
  const auto rows = ReadTable(Get(table.ReadAll({})));
  std::vector<int> ids;
  for (const auto& chunk : rows->GetColumnByName("id")->chunks()) {
    const auto& values = static_cast<const arrow::Int32Array&>(*chunk);
    for (int64_t i = 0; i < values.length(); ++i) ids.push_back(values.Value(i));
  }
  return ids;
}

/// Waits for what another thread does soon.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 12000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return false;
}

/// One batch a row.
Properties SmallBatches() { return {{"writer.batch-size", "1"}, {"writer.dynamic-batch-size-min", "1"}}; }

TEST(Retry, FailuresThatMayPassAreTriedAgain) {
  for (const Fault fault : {Fault::kFailBucket, Fault::kFailRequest}) {
    FaultyConnection faulty = OpenFaulty();
    const Table table = MakeTable(faulty.connection, "t", LogTable());
    faulty.gateway->Produce({{fault, ErrorCode::kNetworkException}, {fault, ErrorCode::kNotLeaderOrFollower}});
    EXPECT_OK(Get(Get(table.NewAppendWriter()).AppendBatch(IdBatch(0, 3))).Send());
    EXPECT_EQ(faulty.gateway->produced(), 3);
    EXPECT_THAT(AllIds(table), ElementsAre(0, 1, 2));
  }
}

TEST(Retry, AnAnswerThatGotLostWritesNothingTwice) {
  FaultyConnection faulty = OpenFaulty(SmallBatches());
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce(
      {{Fault::kLoseAnswer, ErrorCode::kRequestTimeOut}, {}, {Fault::kLoseAnswer, ErrorCode::kNetworkException}});
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 20; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(AllIds(table), Numbers(0, 20));
  EXPECT_GT(faulty.gateway->produced(), 20);
}

TEST(Retry, OrderIsKeptWhenAnEarlierBatchFails) {
  FaultyConnection faulty = OpenFaulty(SmallBatches());
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  std::vector<FaultyGateway::Plan> plans;
  for (int i = 0; i < 30; ++i) {
    plans.push_back(i % 3 == 0 ? FaultyGateway::Plan{Fault::kFailBucket, ErrorCode::kNetworkException}
                               : FaultyGateway::Plan{});
  }
  faulty.gateway->Produce(plans);
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 30; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(AllIds(table), Numbers(0, 30));
}

TEST(Retry, ADuplicateIsASuccess) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce({{Fault::kFailBucket, ErrorCode::kDuplicateSequence}});
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "x"))).Send());
}

TEST(Retry, AnUnknownWriterStartsAfresh) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.Append(Row(0, "x"))).Send());
  faulty.gateway->Produce({{Fault::kFailBucket, ErrorCode::kUnknownWriterId}});
  EXPECT_OK(Get(writer.Append(Row(1, "x"))).Send());
  EXPECT_OK(Get(writer.Append(Row(2, "x"))).Send());
  EXPECT_EQ(faulty.gateway->writers(), 2);
  EXPECT_EQ(AllIds(table), Numbers(0, 3));
}

TEST(Retry, AFinalFailureIsThatOfItsRowsAlone) {
  FaultyConnection faulty = OpenFaulty(SmallBatches());
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  EXPECT_OK(Get(writer.Append(Row(0, "x"))).Send());
  faulty.gateway->Produce({{Fault::kFailBucket, ErrorCode::kRecordTooLarge}});
  std::vector<WriteHandle> handles;
  for (int id = 1; id < 10; ++id) handles.push_back(Get(writer.Append(Row(id, "x"))));
  EXPECT_ERROR(writer.Flush(), kRecordTooLarge, "told to fail");
  EXPECT_OK(writer.Flush());
  int failed = 0;
  for (const WriteHandle& handle : handles) failed += handle.future().Wait().ok() ? 0 : 1;
  EXPECT_EQ(failed, 1);
  EXPECT_ERROR(handles[0].future(), kRecordTooLarge, "told to fail");
  std::vector<int> expected = Numbers(2, 8);
  expected.insert(expected.begin(), 0);
  EXPECT_EQ(AllIds(table), expected) << "what follows is written, in order";
}

TEST(Retry, AFlushIsToldOfItsTablesFailuresAlone) {
  FaultyConnection faulty = OpenFaulty();
  const Table bad = MakeTable(faulty.connection, "bad", LogTable());
  const Table good = MakeTable(faulty.connection, "good", LogTable());
  AppendWriter bad_writer = Get(bad.NewAppendWriter());
  AppendWriter good_writer = Get(good.NewAppendWriter());
  const auto fail_once = [&] {
    faulty.gateway->Produce({{Fault::kFailBucket, ErrorCode::kRecordTooLarge}});
    EXPECT_ERROR(Get(bad_writer.Append(Row(1, "x"))).Send(), kRecordTooLarge, "told to fail");
  };
  fail_once();
  EXPECT_OK(good_writer.Append(Row(2, "x")));
  EXPECT_OK(good_writer.Flush());
  EXPECT_THAT(AllIds(good), ElementsAre(2));
  EXPECT_ERROR(bad_writer.Flush(), kRecordTooLarge, "told to fail");
  EXPECT_OK(bad_writer.Flush());
  fail_once();
  EXPECT_ERROR(faulty.connection.Flush(), kRecordTooLarge, "told to fail");
  EXPECT_OK(bad_writer.Flush());
}

TEST(Retry, AMissingPartitionHoldsUpItsTableAlone) {
  FaultyConnection faulty = OpenFaulty();
  const Table days = MakeTable(faulty.connection, "days", DailyLog());
  const Table other = MakeTable(faulty.connection, "other", LogTable());
  AppendWriter day_writer = Get(days.NewAppendWriter());
  AppendWriter other_writer = Get(other.NewAppendWriter());
  EXPECT_OK(day_writer.Append(Row(1, "sun")));
  for (int id = 2; id < 5; ++id) {
    EXPECT_OK(other_writer.Append(Row(id, "x")));
    EXPECT_OK(other_writer.Flush());
  }
  EXPECT_EQ(AllIds(other), Numbers(2, 3));
  const Future<Unit> flushed = day_writer.Flush();
  const Future<Unit> all_flushed = faulty.connection.Flush();
  EXPECT_FALSE(flushed.done());
  EXPECT_FALSE(all_flushed.done());
  AddPartition(days, "day", "sun");
  EXPECT_OK(flushed);
  EXPECT_OK(all_flushed);
  EXPECT_THAT(AllIds(days), ElementsAre(1));
}

TEST(Retry, EndsAfterSoManyTimes) {
  FaultyConnection faulty = OpenFaulty({{"writer.retries", "2"}});
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce(std::vector<FaultyGateway::Plan>(10, {Fault::kFailBucket, ErrorCode::kNetworkException}));
  EXPECT_ERROR(Get(Get(table.NewAppendWriter()).Append(Row(1, "x"))).Send(), kNetworkException, "told to fail");
  EXPECT_EQ(faulty.gateway->produced(), 3);
}

TEST(Retry, EndsAtTheDeliveryTimeout) {
  FaultyConnection faulty = OpenFaulty({{"writer.delivery-timeout-ms", "150"}});
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce(std::vector<FaultyGateway::Plan>(1000, {Fault::kFailBucket, ErrorCode::kNetworkException}));
  EXPECT_ERROR(Get(Get(table.NewAppendWriter()).Append(Row(1, "x"))).Send(), kNetworkException, "told to fail");
}

TEST(Retry, AWriterIdThatIsRefusedFailsTheWrites) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  AppendWriter writer = Get(table.NewAppendWriter());
  faulty.gateway->InitWriters({ErrorCode::kNetworkException, ErrorCode::kAuthorization, ErrorCode::kNone});
  EXPECT_ERROR(Get(writer.Append(Row(1, "x"))).Send(), kAuthorization, "told to fail");
  EXPECT_OK(Get(writer.Append(Row(2, "x"))).Send());
  EXPECT_THAT(AllIds(table), ElementsAre(2));
}

TEST(Retry, NoMoreBatchesAreUnderWayThanAllowed) {
  Properties properties = SmallBatches();
  properties["writer.max-inflight-requests-per-bucket"] = "2";
  FaultyConnection faulty = OpenFaulty(properties);
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce({{Fault::kHold}, {Fault::kHold}});
  AppendWriter writer = Get(table.NewAppendWriter());
  for (int id = 0; id < 10; ++id) EXPECT_OK(writer.Append(Row(id, "x")));
  const auto flushed = writer.Flush();
  ASSERT_TRUE(Eventually([&] { return faulty.gateway->held() == 2; }));
  EXPECT_EQ(faulty.gateway->produced(), 2);
  EXPECT_FALSE(flushed.done());
  faulty.gateway->Release();
  EXPECT_OK(flushed);
  EXPECT_EQ(AllIds(table), Numbers(0, 10));
}

TEST(Memory, WritersWaitForAFullBuffer) {
  FaultyConnection faulty = OpenFaulty({{"writer.buffer.memory-size", "2000"},
                                        {"writer.batch-size", "1000"},
                                        {"writer.dynamic-batch-size-min", "1000"},
                                        {"writer.buffer.wait-timeout-ms", "50"}});
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  faulty.gateway->Produce(std::vector<FaultyGateway::Plan>(5, {Fault::kHold}));
  AppendWriter writer = Get(table.NewAppendWriter());
  const std::string text(500, 'x');
  int written = 0;
  Status status;
  while (status.ok() && written < 100) {
    status = writer.Append(Row(written, text.c_str())).status();
    written += status.ok() ? 1 : 0;
  }
  EXPECT_ERROR(status, kClientError, "buffer exhausted");
  EXPECT_LT(written, 10);
  ASSERT_TRUE(Eventually([&] { return faulty.gateway->held() > 0; }));
  faulty.gateway->Produce({});
  faulty.gateway->Release();
  EXPECT_OK(writer.Flush());
  EXPECT_OK(writer.Append(Row(written++, text.c_str())));
  EXPECT_OK(writer.Flush());
  EXPECT_EQ(AllIds(table), Numbers(0, written));
}

TEST(MissingPartition, IsWaitedForOnAServer) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", DailyLog());
  const WriteHandle handle = Get(Get(table.NewAppendWriter()).Append(Row(1, "mon")));
  handle.Send();
  EXPECT_FALSE(handle.future().done());
  AddPartition(table, "day", "mon");
  EXPECT_OK(handle.future());
  EXPECT_THAT(AllIds(table), ElementsAre(1));
}

TEST(MissingPartition, FailsAtTheDeliveryTimeout) {
  FaultyConnection faulty = OpenFaulty({{"writer.delivery-timeout-ms", "50"}});
  const Table table = MakeTable(faulty.connection, "t", DailyLog());
  EXPECT_ERROR(Get(Get(table.NewAppendWriter()).Append(Row(1, "mon"))).future(), kPartitionNotExists, "mon");
}

TEST(FetchRetry, FailuresThatMayPassAreHidden) {
  for (const Fault fault : {Fault::kFailBucket, Fault::kFailRequest}) {
    FaultyConnection faulty = OpenFaulty();
    const Table table = MakeTable(faulty.connection, "t", LogTable());
    EXPECT_OK(Get(Get(table.NewAppendWriter()).AppendBatch(IdBatch(0, 3))).Send());
    LogScanner scanner = Get(table.NewLogScanner({}));
    EXPECT_OK(scanner.Subscribe({{0, 0}}));
    faulty.gateway->Fetch({{fault, ErrorCode::kNetworkException}, {fault, ErrorCode::kLeaderNotAvailable}});
    EXPECT_THAT(IdsIn(PollRecords(scanner, 3)), ElementsAre(0, 1, 2));
    faulty.gateway->Fetch({{fault, ErrorCode::kAuthorization}});
    EXPECT_ERROR(scanner.Poll(milliseconds(20000), {}), kAuthorization, "told to fail");
    EXPECT_TRUE(Get(scanner.Poll(milliseconds(1), {})).empty());
  }
}

TEST(FetchRetry, APollEndsAtItsTimeoutWhenTheTargetHangs) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  EXPECT_OK(Get(Get(table.NewAppendWriter()).AppendBatch(IdBatch(0, 3))).Send());
  LogScanner scanner = Get(table.NewLogScanner({}));
  EXPECT_OK(scanner.Subscribe({{0, 0}}));
  faulty.gateway->Fetch({{Fault::kHold}});
  EXPECT_TRUE(Get(scanner.Poll(milliseconds(20), {})).empty());
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  EXPECT_FALSE(poll.done());
  faulty.gateway->Release();
  EXPECT_THAT(IdsIn(Get(poll)), ElementsAre(0, 1, 2)) << "the answer counts when it comes at last";
}

TEST(FetchRetry, AnAnswerOfAnOldSubscriptionIsDiscarded) {
  FaultyConnection faulty = OpenFaulty();
  const Table table = MakeTable(faulty.connection, "t", LogTable());
  EXPECT_OK(Get(Get(table.NewAppendWriter()).AppendBatch(IdBatch(0, 10))).Send());
  LogScanner scanner = Get(table.NewLogScanner({}));
  EXPECT_OK(scanner.Subscribe({{0, 0}}));
  faulty.gateway->Fetch({{Fault::kHold}});
  EXPECT_TRUE(Get(scanner.Poll(milliseconds(10), {})).empty());
  EXPECT_OK(scanner.Subscribe({{0, 7}}));
  const auto poll = scanner.Poll(std::chrono::hours(1), {});
  faulty.gateway->Release();
  EXPECT_THAT(IdsIn(Get(poll)), ElementsAre(7, 8, 9));
  EXPECT_EQ(scanner.Positions().begin()->second, 10);
}

TEST(Projection, ThatTheTargetDoesIsUnderstood) {
  FaultyConnection faulty = OpenFaulty();
  faulty.gateway->project = true;
  Table table = MakeTable(
      faulty.connection, "t",
      Describe({{"id", DataType::Int()}, {"name", DataType::String()}, {"score", DataType::BigInt()}}, {}, 1));
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(1, "one", 10))).Send());
  Predicate filter;
  filter.op = Predicate::Op::kEqual;
  filter.column = "score";
  filter.literals = {int64_t{10}};
  Table::ScanOptions options{.projection = {{1, 0}}, .filter = filter, .exact_filter = false};
  EXPECT_THAT(TextsOf(*ReadTable(Get(table.ReadAll(options))), "name"), ElementsAre("one"));
  options.projection = {1};
  options.exact_filter = true;
  EXPECT_THAT(TextsOf(*ReadTable(Get(table.ReadAll(options))), "name"), ElementsAre("one"));

  // A column that older batches lack cannot be projected by the target.
  TableChange change;
  change.add_columns = {{"extra", DataType::Int()}};
  EXPECT_OK(faulty.connection.gateway().AlterTable(table.info().path, change, false));
  table = Get(faulty.connection.GetTable(table.info().path));
  EXPECT_OK(Get(Get(table.NewAppendWriter()).Append(Row(2, "two", 20, 200))).Send());
  const auto rows = ReadTable(Get(table.ReadAll({.projection = {{3, 0}}})));
  EXPECT_THAT(TextsOf(*rows, "extra"), ElementsAre("-", "200"));
  EXPECT_THAT(TextsOf(*rows, "id"), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace weir
