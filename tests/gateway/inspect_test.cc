#include <fstream>

#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

void FlipByte(const std::string& path, int64_t position) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(position);
  const char byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(position);
  file.put(byte);
}

EmbeddedOptions InspectOptions() {
  EmbeddedOptions options = TestOptions();
  options.maintenance_interval_ms = -1;
  return options;
}

class InspectTest : public testing::Test {
 protected:
  /// A log table with `batches` batches of ten rows in segments of about two batches.
  TableBucket WriteBatches(int batches) {
    EmbeddedOptions options = TestOptions(SyncMode::kGroup);
    options.segment_bytes = 2 * LogBatch(LogTable().schema, 0, 10)->size();
    const auto gateway = OpenOrDie(path_, options);
    const TableInfo table = MakeTable(*gateway, "t", LogTable());
    const TableBucket bucket{table.table_id, {}, 0};
    for (int i = 0; i < batches; ++i) {
      EXPECT_OK(gateway->ProduceLog(Produce(bucket, LogBatch(table.schema(), 10 * i, 10))));
    }
    EXPECT_TRUE(gateway->Close().ok());
    return bucket;
  }

  BucketReport Inspect(const TableBucket& bucket, bool verify) {
    const auto gateway = OpenOrDie(path_, InspectOptions());
    return Get(InspectBucket(*gateway, bucket, {.batches = verify}));
  }

  TempDirectory directory_;
  const std::string path_ = directory_ / "db";
};

TEST_F(InspectTest, TellsOffsetsRowsAndSegments) {
  const TableBucket bucket = WriteBatches(5);
  const BucketReport report = Inspect(bucket, true);
  EXPECT_EQ(report.log.start_offset, 0);
  EXPECT_EQ(report.log.end_offset, 50);
  EXPECT_EQ(report.rows, 50);
  EXPECT_EQ(report.log.segments, 3);
  EXPECT_EQ(report.log.checked_batches, 5);
  EXPECT_EQ(report.log.torn_bytes, 0);
  EXPECT_THAT(report.log.damage, IsEmpty());
  EXPECT_GE(report.log.bytes, 5 * LogBatch(LogTable().schema, 0, 10)->size());
  EXPECT_EQ(Inspect(bucket, false).log.end_offset, 50);
}

TEST_F(InspectTest, NamesEveryDamagedSegmentAndChangesNothing) {
  const TableBucket bucket = WriteBatches(6);
  const std::vector<std::string> files = LogFilesBelow(path_ + "/log");
  ASSERT_THAT(files, SizeIs(3));
  const int64_t batch = static_cast<int64_t>(std::filesystem::file_size(files[0])) / 2;
  FlipByte(files[0], 60);              // in the first batch
  FlipByte(files[2], batch + 60);      // in the last one, which a clean close left on disk
  const auto size_before = std::filesystem::file_size(files[2]);
  const BucketReport report = Inspect(bucket, true);
  ASSERT_THAT(report.log.damage, SizeIs(2));
  EXPECT_EQ(report.log.damage[0].path, files[0]);
  EXPECT_EQ(report.log.damage[0].position, 0);
  EXPECT_THAT(report.log.damage[0].what, HasSubstr("CRC"));
  EXPECT_EQ(report.log.damage[1].path, files[2]);
  EXPECT_EQ(report.log.damage[1].position, batch);
  EXPECT_EQ(report.log.end_offset, 60);
  EXPECT_EQ(std::filesystem::file_size(files[2]), size_before);
}

TEST_F(InspectTest, FindsMissingEndOfAnEarlierSegment) {
  const TableBucket bucket = WriteBatches(6);
  const std::vector<std::string> files = LogFilesBelow(path_ + "/log");
  std::filesystem::resize_file(files[0], std::filesystem::file_size(files[0]) / 2);
  const BucketReport report = Inspect(bucket, true);
  ASSERT_THAT(report.log.damage, SizeIs(1));
  EXPECT_EQ(report.log.damage[0].path, files[0]);
  EXPECT_THAT(report.log.damage[0].what, HasSubstr("offset 10"));
}

TEST_F(InspectTest, ATornTailIsNoDamage) {
  const TableBucket bucket = WriteBatches(5);
  const std::vector<std::string> files = LogFilesBelow(path_ + "/log");
  // As a killed process leaves it: half a batch, and no word of what was on disk.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_ + "/log")) {
    if (entry.path().extension() == ".writers") std::filesystem::remove(entry.path());
  }
  for (const char* list : {"/ENDS", "/log/ENDS"}) std::filesystem::remove(path_ + list);
  const auto size = std::filesystem::file_size(files.back());
  std::filesystem::resize_file(files.back(), size - 10);
  for (const bool verify : {false, true}) {
    const BucketReport report = Inspect(bucket, verify);
    EXPECT_THAT(report.log.damage, IsEmpty());
    EXPECT_EQ(report.log.torn_bytes, static_cast<int64_t>(size) - 10);
    EXPECT_EQ(report.log.end_offset, 40);
  }
}

TEST_F(InspectTest, CountsTheRowsOfPrimaryKeyBuckets) {
  TableBucket bucket;
  {
    const auto gateway = OpenOrDie(path_);
    bucket = {MakeTable(*gateway, "p", PkTable()).table_id, {}, 0};
    EXPECT_OK(gateway->PutKv(Put(bucket, 0, 10, "a")));
    EXPECT_OK(gateway->PutKv(Put(bucket, 5, 10, "b")));
  }
  const BucketReport report = Inspect(bucket, true);
  EXPECT_EQ(report.rows, 15);
  EXPECT_EQ(report.log.end_offset, 10 + 5 * 2 + 5);
  EXPECT_TRUE(report.status.ok());
}

TEST_F(InspectTest, MakesNothingForABucketThatWasNeverWritten) {
  TableBucket bucket;
  {
    const auto gateway = OpenOrDie(path_);
    bucket = {MakeTable(*gateway, "p", PkTable()).table_id, {}, 0};
  }
  EXPECT_EQ(Inspect(bucket, true).rows, 0);
  for (const auto& entry : std::filesystem::directory_iterator(path_ + "/log")) EXPECT_EQ(entry.path().filename(), "ENDS");
}

TEST_F(InspectTest, UnknownBucketsAreErrors) {
  const auto gateway = OpenOrDie(path_, InspectOptions());
  EXPECT_EQ(InspectBucket(*gateway, {99, {}, 0}, {}).status().code(), ErrorCode::kUnknownTableOrBucket);
}

TEST_F(InspectTest, DroppedDataStaysWithoutMaintenance) {
  WriteBatches(1);
  {
    const auto gateway = OpenOrDie(path_, InspectOptions());
    EXPECT_OK(gateway->DropTable({"fluss", "t"}, false));
  }
  { const auto gateway = OpenOrDie(path_, InspectOptions()); }
  EXPECT_THAT(LogFilesBelow(path_ + "/log"), SizeIs(1));
  {
    const auto gateway = OpenOrDie(path_);
    EXPECT_TRUE(RunMaintenance(*gateway, TestNowMs()).ok());
  }
  EXPECT_THAT(LogFilesBelow(path_ + "/log"), IsEmpty());
}

}  // namespace
}  // namespace weir
