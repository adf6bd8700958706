#include "storage/log_salvage.h"

#include <gmock/gmock.h>

#include "storage/log_syncer.h"
#include "tests/storage/log_testing.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kSalvageBatches = 20;
constexpr int kBatchRecords = 3;

/// A log of several segments that was closed.
class LogSalvageTest : public testing::Test {
 protected:
  void SetUp() override {
    auto log = Open();
    for (int i = 0; i < kSalvageBatches; ++i) {
      ASSERT_TRUE(log->Append(BufferOf(MakeBatch({.records = kBatchRecords}))).ok());
    }
    ASSERT_TRUE(log->Sync().ok());
    log.reset();
    known_ = 1;
    segments_ = FilesOf(path_, ".log");
    ASSERT_GE(segments_.size(), 3u);
  }

  /// What the list of durable ends says: a log of which it knows nothing may have been cut before starts had files.
  int64_t known_ = 0;

  Result<std::unique_ptr<Log>> TryOpen(bool read_only = false) {
    LogOptions options;
    options.segment_bytes = 1000;
    options.now_ms = [] { return int64_t{1000}; };
    options.read_only = read_only;
    options.durable_end = known_;
    return Log::Open(path_, options, syncer_);
  }
  std::unique_ptr<Log> Open() {
    auto log = TryOpen();
    EXPECT_TRUE(log.ok()) << log.status().ToString();
    return log.MoveValue();
  }

  LogReport Inspect() {
    auto report = InspectLog(path_, /*verify=*/true, known_);
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.MoveValue();
  }

  /// Salvages, and checks that `lost` batches are gaps and that all others are there.
  void ExpectLost(const std::vector<int>& lost) {
    const LogReport report = Inspect();
    int64_t offsets = 0;
    for (const LogDamage& damage : report.damage) offsets += damage.to_offset - damage.from_offset;
    EXPECT_EQ(offsets, kBatchRecords * static_cast<int64_t>(lost.size()));
    const Status salvaged = SalvageLog(path_, report, /*append_only=*/true, directory_ / "aside");
    ASSERT_TRUE(salvaged.ok()) << salvaged.ToString();
    EXPECT_THAT(Inspect().damage, IsEmpty());
    auto log = Open();
    EXPECT_EQ(log->start_offset(), 0);
    EXPECT_EQ(log->end_offset(), kSalvageBatches * kBatchRecords);
    EXPECT_TRUE(log->Verify().ok());
    std::vector<int> missing;
    for (int i = 0; i < kSalvageBatches; ++i) {
      auto read = log->Read(i * kBatchRecords, 1);
      ASSERT_TRUE(read.ok()) << read.status().ToString();
      if (HeadersOf(read->records).front().record_count == 0) missing.push_back(i);
    }
    EXPECT_EQ(missing, lost);
    EXPECT_EQ(log->Append(BufferOf(MakeBatch({})))->base_offset, kSalvageBatches * kBatchRecords);
  }

  TempDirectory directory_;
  const std::string path_ = directory_ / "log";
  const std::shared_ptr<LogSyncer> syncer_ = MakeLogSyncer(1);
  std::vector<std::string> segments_;
};

TEST_F(LogSalvageTest, ABrokenBatchBecomesAGap) {
  std::string bytes = ReadBytes(segments_[1]);
  bytes[148 + 60] ^= 1;
  WriteBytes(segments_[1], bytes);
  EXPECT_EQ(Open()->Read(Inspect().damage.at(0).from_offset, 1).status().code(), ErrorCode::kCorruptMessage);
  ExpectLost({7});
}

TEST_F(LogSalvageTest, AMissingFirstSegmentIsDamage) {
  std::filesystem::remove(segments_[0]);
  const auto log = TryOpen();
  ASSERT_EQ(log.status().code(), ErrorCode::kCorruptMessage);
  EXPECT_THAT(log.status().message(), HasSubstr("starts at offset 18"));
  ExpectLost({0, 1, 2, 3, 4, 5});
}

TEST_F(LogSalvageTest, AMissingSegmentInTheMiddleIsDamage) {
  std::filesystem::remove(segments_[1]);
  ExpectLost({6, 7, 8, 9, 10, 11});
}

TEST_F(LogSalvageTest, AMissingLastSegmentIsDamage) {
  std::filesystem::remove(segments_.back());
  EXPECT_EQ(TryOpen().status().code(), ErrorCode::kCorruptMessage);
  ExpectLost({18, 19});
}

TEST_F(LogSalvageTest, MissingSegmentsAreDamageAndOffsetsAreNotUsedAgain) {
  for (const std::string& segment : segments_) std::filesystem::remove(segment);
  const auto log = TryOpen();
  ASSERT_EQ(log.status().code(), ErrorCode::kCorruptMessage);
  EXPECT_THAT(log.status().message(), HasSubstr("up to offset 60"));
  const LogReport report = Inspect();
  ASSERT_TRUE(SalvageLog(path_, report, true, directory_ / "aside").ok());
  EXPECT_EQ(Open()->end_offset(), 60);
}

TEST_F(LogSalvageTest, AnEmptiedOrShortenedLastSegmentIsDamage) {
  const std::string whole = ReadBytes(segments_.back());
  for (const size_t size : {size_t{0}, whole.size() / 2, whole.size() - 1}) {
    WriteBytes(segments_.back(), whole.substr(0, size));
    EXPECT_EQ(TryOpen().status().code(), ErrorCode::kCorruptMessage) << size;
    EXPECT_EQ(Inspect().damage.at(0).to_offset, 60) << size;
  }
  ExpectLost({19});
}

TEST_F(LogSalvageTest, WhatIsOnDiskIsKnownFromOutside) {
  for (const auto& file : FilesOf(path_, ".writers")) std::filesystem::remove(file);
  std::filesystem::remove(segments_.back());
  EXPECT_EQ(Open()->end_offset(), 54);
  known_ = 60;
  EXPECT_EQ(TryOpen().status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(Inspect().damage.at(0).from_offset, 54);
}

TEST_F(LogSalvageTest, RetentionSaysWhereTheLogBegins) {
  {
    auto log = Open();
    ASSERT_TRUE(log->DropSegmentsBefore(2000, 40).ok());
    EXPECT_EQ(log->start_offset(), 36);
  }
  EXPECT_EQ(Open()->start_offset(), 36);
  EXPECT_THAT(Inspect().damage, IsEmpty());
  std::filesystem::remove(FilesOf(path_, ".log").at(0));
  EXPECT_EQ(TryOpen().status().code(), ErrorCode::kCorruptMessage);
}

TEST_F(LogSalvageTest, ClientsMakeNoGaps) {
  auto log = Open();
  const std::string gap = EncodeGap(0, 5, 1000, true);
  EXPECT_EQ(log->Append(BufferOf(gap)).status().code(), ErrorCode::kCorruptMessage);
}

TEST_F(LogSalvageTest, ReadingOnlyPassesOverATornTail) {
  for (const auto& file : FilesOf(path_, ".writers")) std::filesystem::remove(file);
  WriteBytes(segments_.back(), ReadBytes(segments_.back()) + std::string(100, 'x'));
  const std::string torn = ReadBytes(segments_.back());
  {
    auto log = TryOpen(/*read_only=*/true);
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    EXPECT_EQ((*log)->end_offset(), 60);
    EXPECT_FALSE((*log)->Append(BufferOf(MakeBatch({}))).ok());
  }
  EXPECT_EQ(ReadBytes(segments_.back()), torn);
  EXPECT_THAT(FilesOf(path_, ".writers"), IsEmpty());
}

}  // namespace
}  // namespace weir
