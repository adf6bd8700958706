#include <ctime>

#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::Contains;
using testing::Not;
using testing::SizeIs;

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

std::vector<std::string> PartitionNames(Gateway& gateway, const TablePath& path) {
  std::vector<std::string> names;
  for (const PartitionInfo& info : Get(gateway.ListPartitionInfos(path, {}))) names.push_back(info.partition_name);
  return names;
}

std::string DayOf(int64_t epoch_ms) {
  const time_t seconds = epoch_ms / 1000;
  char text[16];
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::strftime(text, sizeof text, "%Y%m%d", &utc);
  return text;
}

TableDescriptor AutoPartitioned() {
  TableDescriptor descriptor = PartitionedTable();
  descriptor.properties = {{"table.auto-partition.enabled", "true"},
                           {"table.auto-partition.time-unit", "DAY"},
                           {"table.auto-partition.time-zone", "UTC"},
                           {"table.auto-partition.num-precreate", "3"},
                           {"table.auto-partition.num-retention", "2"}};
  return descriptor;
}

class MaintenanceTest : public testing::Test {
 protected:
  TempDirectory directory_;
};

TEST_F(MaintenanceTest, AutoPartitionsComeWithTheTableAndGoWithTime) {
  const auto gateway = OpenOrDie(directory_ / "db");
  const TablePath path{"fluss", "p"};
  const int64_t before = TestNowMs();
  MakeTable(*gateway, "p", AutoPartitioned());
  const std::vector<std::string> created = PartitionNames(*gateway, path);
  ASSERT_THAT(created, SizeIs(3));
  EXPECT_TRUE(created[0] == DayOf(before) || created[0] == DayOf(TestNowMs()));

  // Ten days on, three new ones stand there and the first three are past their time.
  const int64_t later = before + 10 * kDayMs;
  ASSERT_TRUE(RunMaintenance(*gateway, later).ok());
  const std::vector<std::string> names = PartitionNames(*gateway, path);
  EXPECT_THAT(names, SizeIs(3));
  EXPECT_THAT(names, Contains(DayOf(later)));
  EXPECT_THAT(names, Contains(DayOf(later + 2 * kDayMs)));
  EXPECT_THAT(names, Not(Contains(created[0])));
}

TEST_F(MaintenanceTest, AutoPartitionedTablesRefuseOtherValues) {
  const auto gateway = OpenOrDie(directory_ / "db");
  MakeTable(*gateway, "p", AutoPartitioned());
  const TablePath path{"fluss", "p"};
  EXPECT_CODE(gateway->CreatePartition(path, {{"day", "tomorrow"}}, false), kPartitionSpecInvalid);
  EXPECT_CODE(gateway->CreatePartition(path, {{"day", "20010101"}}, false), kPartitionSpecInvalid);
  EXPECT_OK(gateway->CreatePartition(path, {{"day", DayOf(TestNowMs() + 20 * kDayMs)}}, false));
}

TEST_F(MaintenanceTest, AutoPartitioningCanBeSwitchedOn) {
  const auto gateway = OpenOrDie(directory_ / "db");
  TableDescriptor descriptor = AutoPartitioned();
  descriptor.properties["table.auto-partition.enabled"] = "false";
  MakeTable(*gateway, "p", descriptor);
  const TablePath path{"fluss", "p"};
  ASSERT_TRUE(RunMaintenance(*gateway, TestNowMs()).ok());
  EXPECT_THAT(PartitionNames(*gateway, path), SizeIs(0));
  EXPECT_OK(gateway->AlterTable(path, {.set_properties = {{"table.auto-partition.enabled", "true"}}}, false));
  EXPECT_THAT(PartitionNames(*gateway, path), SizeIs(3));
}

TEST_F(MaintenanceTest, RetentionDropsOldSegmentsOfOpenAndOfClosedBuckets) {
  EmbeddedOptions options = TestOptions();
  options.segment_bytes = 4096;
  auto gateway = OpenOrDie(directory_ / "db", options);
  TableDescriptor descriptor = LogTable(2);
  descriptor.properties["table.log.ttl"] = "1d";
  const TableInfo table = MakeTable(*gateway, "t", descriptor);
  TableDescriptor forever = LogTable();
  forever.properties["table.log.ttl"] = "0ms";
  const TableInfo kept = MakeTable(*gateway, "kept", forever);
  const auto fill = [&](const TableBucket& bucket) {
    for (int i = 0; i < 20; ++i)
      EXPECT_OK(gateway->ProduceLog(Produce(bucket, LogBatch(table.schema(), 100 * i, 100))));
  };
  const auto start = [&](const TableBucket& bucket) {
    return Get(Get(gateway->ListOffsets(bucket.table_id, {}, {bucket.bucket_id}, OffsetSpec::Earliest()))
                   .at(bucket.bucket_id));
  };
  const TableBucket first{table.table_id, {}, 0};
  const TableBucket second{table.table_id, {}, 1};
  const TableBucket unlimited{kept.table_id, {}, 0};
  for (const TableBucket& bucket : {first, second, unlimited}) fill(bucket);
  const auto held = Get(gateway->FetchLog(Fetch(first, 0)));
  ASSERT_TRUE(RunMaintenance(*gateway, TestNowMs()).ok());
  EXPECT_EQ(start(first), 0);

  ASSERT_TRUE(gateway->Close().ok());
  gateway = OpenOrDie(directory_ / "db", options);
  EXPECT_EQ(start(first), 0);  // opens it; the second bucket stays closed
  ASSERT_TRUE(RunMaintenance(*gateway, TestNowMs() + 2 * kDayMs).ok());
  EXPECT_GT(start(first), 0);
  EXPECT_GT(start(second), 0);
  EXPECT_EQ(start(unlimited), 0);
  EXPECT_EQ(Get(gateway->FetchLog(Fetch(first, 0)))[0].status.code(), ErrorCode::kLogOffsetOutOfRange);
  EXPECT_EQ(IdsIn(held[0].records, table.schema()).front(), 0);
}


TEST(Producers, WhatTheyPutDownLastsUntilItExpires) {
  const TempDirectory directory;
  auto gateway = OpenOrDie(directory / "db");
  const int64_t now_ms = TestNowMs();
  const ProducerOffsets offsets{now_ms + 3600 * 1000, {{{1, {}, 0}, 5}, {{2, 7, 3}, 0}}};
  EXPECT_TRUE(Get(gateway->RegisterProducerOffsets("job", offsets)));
  EXPECT_TRUE(Get(gateway->RegisterProducerOffsets("other", {now_ms + 7200 * 1000, {}})));
  EXPECT_TRUE(gateway->Close().ok());
  gateway = OpenOrDie(directory / "db");
  EXPECT_FALSE(Get(gateway->RegisterProducerOffsets("job", {now_ms + 9 * 3600 * 1000, {}})));
  const std::optional<ProducerOffsets> kept = Get(gateway->GetProducerOffsets("job"));
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->expires_ms, offsets.expires_ms);
  EXPECT_EQ(kept->log_ends, offsets.log_ends);
  EXPECT_TRUE(RunMaintenance(*gateway, offsets.expires_ms).ok());
  EXPECT_EQ(Get(gateway->GetProducerOffsets("job")), std::nullopt);
  EXPECT_NE(Get(gateway->GetProducerOffsets("other")), std::nullopt);
  EXPECT_CODE(gateway->DeleteProducerOffsets(""), kInvalidProducerId);
  EXPECT_TRUE(gateway->Close().ok());
}

}  // namespace
}  // namespace weir
