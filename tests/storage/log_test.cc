#include "storage/log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "storage/log_segment.h"
#include "storage/log_syncer.h"
#include "storage/writer_state.h"
#include "tests/storage/log_testing.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kDay = 24LL * 60 * 60 * 1000;

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    options_.segment_bytes = 2000;
    options_.index_interval_bytes = 300;
    options_.now_ms = [this] { return now_.load(); };
    path_ = directory_.path() + "/log";
  }

  void Open() {
    log_.reset();
    auto log = Log::Open(path_, options_, syncer_);
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    log_ = log.MoveValue();
  }

  LogAppendResult Append(const TestBatch& batch) { return AppendBytes(MakeBatch(batch)); }
  LogAppendResult AppendBytes(std::string bytes) {
    auto result = log_->Append(BufferOf(std::move(bytes)));
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    return result.ok() ? *result : LogAppendResult{};
  }
  ErrorCode AppendError(const TestBatch& batch) { return log_->Append(BufferOf(MakeBatch(batch))).status().code(); }

  // Base offsets of all batches, read through from `offset`.
  std::vector<int64_t> ReadAll(int64_t offset, int64_t max_bytes = 1 << 20) {
    std::vector<int64_t> offsets;
    while (offset < log_->high_watermark()) {
      auto read = log_->Read(offset, max_bytes);
      EXPECT_TRUE(read.ok()) << read.status().ToString();
      if (!read.ok()) break;
      const auto headers = HeadersOf(read->records);
      EXPECT_FALSE(headers.empty());
      if (headers.empty()) break;
      for (const auto& header : headers) offsets.push_back(header.base_offset);
      offset = headers.back().next_offset();
    }
    return offsets;
  }
  static std::vector<int64_t> Range(int64_t from, int64_t to) {
    std::vector<int64_t> all;
    for (int64_t i = from; i < to; ++i) all.push_back(i);
    return all;
  }

  TempDirectory directory_;
  std::string path_;
  std::atomic<int64_t> now_{1000};
  LogOptions options_;
  std::shared_ptr<LogSyncer> syncer_ = MakeLogSyncer(2);
  std::unique_ptr<Log> log_;
};

TEST_F(LogTest, AppendsRollsReadsAndReopens) {
  Open();
  EXPECT_EQ(log_->end_offset(), 0);
  EXPECT_EQ(log_->Read(kEarliestOffset, 100)->records->size(), 0);
  for (int i = 0; i < 100; ++i) {
    const auto result = Append({.fill = static_cast<char>('a' + i % 26)});
    EXPECT_EQ(result.base_offset, i);
    EXPECT_EQ(result.end_offset, i + 1);
  }
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->high_watermark(), 100);
  EXPECT_EQ(log_->size_bytes(), 100 * 148);
  EXPECT_EQ(FilesOf(path_, ".log").size(), 8u);  // 13 batches a segment
  EXPECT_TRUE(log_->Verify().ok());
  for (const bool closed : {false, true}) {
    EXPECT_EQ(ReadAll(0), Range(0, 100)) << closed;
    EXPECT_EQ(ReadAll(57, 300), Range(57, 100)) << closed;
    const auto one = log_->Read(27, 1);
    EXPECT_EQ(ViewOf(one->records).substr(48), std::string(100, 'b'));
    Open();
    EXPECT_EQ(log_->high_watermark(), 100);
  }
  EXPECT_EQ(Append({}).base_offset, 100);
}

TEST_F(LogTest, MapsNothingOnceItIsClosed) {
  const auto is_mapped = [&] {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.find(path_) != std::string::npos) return true;
    }
    return false;
  };
  Open();
  Append({.records = 3});
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(ReadAll(0).size(), 1u);
  EXPECT_TRUE(is_mapped());
  EXPECT_TRUE(log_->Close().ok());
  EXPECT_FALSE(is_mapped());
}

TEST_F(LogTest, SeveralBatchesOfOneAppendGetConsecutiveOffsetsAndOneTimestamp) {
  Open();
  const auto result = AppendBytes(MakeBatch({.records = 3}) + MakeBatch({.records = 0, .payload = 0}) +
                                  MakeBatch({.records = 2}));
  EXPECT_EQ(result.base_offset, 0);
  EXPECT_EQ(result.end_offset, 6);  // an empty batch takes one offset
  ASSERT_TRUE(log_->Sync().ok());
  const auto headers = HeadersOf(log_->Read(0, 1 << 20)->records);
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[1].base_offset, 3);
  EXPECT_EQ(headers[2].base_offset, 4);
  for (const auto& header : headers) EXPECT_EQ(header.commit_timestamp, 1000);
}

TEST_F(LogTest, ReadsStartWithTheBatchThatHoldsTheOffsetAndKeepToTheBudget) {
  options_.segment_bytes = 1 << 20;
  Open();
  for (int i = 0; i < 40; ++i) Append({.records = 10});
  ASSERT_TRUE(log_->Sync().ok());
  auto headers = HeadersOf(log_->Read(57, 1 << 20)->records);
  EXPECT_EQ(headers.front().base_offset, 50);
  EXPECT_EQ(headers.back().base_offset, 390);
  EXPECT_EQ(log_->Read(57, 0)->records->size(), 148);
  EXPECT_EQ(log_->Read(57, -5)->records->size(), 148);
  EXPECT_EQ(log_->Read(57, 147)->records->size(), 148);
  EXPECT_EQ(log_->Read(57, 295)->records->size(), 148);
  EXPECT_EQ(log_->Read(57, 296)->records->size(), 296);
  for (int64_t budget = 148; budget < 40 * 148; budget += 61) {
    EXPECT_EQ(log_->Read(0, budget)->records->size(), budget / 148 * 148);
  }
  EXPECT_EQ(log_->Read(0, std::numeric_limits<int64_t>::max())->records->size(), 40 * 148);
  EXPECT_EQ(log_->Read(400, 100)->records->size(), 0);
  EXPECT_EQ(log_->Read(401, 100).status().code(), ErrorCode::kLogOffsetOutOfRange);
  EXPECT_EQ(log_->Read(-1, 100).status().code(), ErrorCode::kLogOffsetOutOfRange);
}

TEST_F(LogTest, LastBatchesComeFromTheEndAcrossSegments) {
  Open();
  for (int i = 0; i < 60; ++i) Append({.records = 2});
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(log_->ReadLast(0).MoveValue()->size(), 0);
  for (int64_t wanted = 1; wanted <= 130; ++wanted) {
    const auto headers = HeadersOf(log_->ReadLast(wanted).MoveValue());
    ASSERT_EQ(static_cast<int64_t>(headers.size()), std::min<int64_t>(60, (wanted + 1) / 2));
    EXPECT_EQ(headers.back().next_offset(), 120);
    EXPECT_EQ(headers.front().base_offset, 120 - 2 * static_cast<int64_t>(headers.size()));
  }
}

TEST_F(LogTest, TimestampsNeverGoDownAndFindTheirOffsets) {
  Open();
  for (int i = 0; i < 80; ++i) {
    now_ = i == 50 ? 5 : 1000 + 10 * (i / 3);
    Append({});
  }
  ASSERT_TRUE(log_->Sync().ok());
  for (int round = 0; round < 2; ++round) {
    std::vector<int64_t> timestamps;
    for (int64_t i = 0; i < 80; ++i) {
      timestamps.push_back(HeadersOf(log_->Read(i, 1)->records).front().commit_timestamp);
    }
    EXPECT_TRUE(std::is_sorted(timestamps.begin(), timestamps.end()));
    EXPECT_EQ(timestamps[50], timestamps[49]);
    for (int64_t t = 990; t < 1300; ++t) {
      const auto first = std::lower_bound(timestamps.begin(), timestamps.end(), t) - timestamps.begin();
      EXPECT_EQ(*log_->OffsetForTimestamp(t), first) << t;
    }
    for (const auto& index : FilesOf(path_, ".timeindex")) std::filesystem::remove(index);
    Open();
  }
}

TEST_F(LogTest, RefusesWhatIsNoBatch) {
  Open();
  EXPECT_EQ(log_->Append(BufferOf("")).status().code(), ErrorCode::kCorruptMessage);
  std::string cut = MakeBatch({});
  cut.pop_back();
  EXPECT_EQ(log_->Append(BufferOf(cut)).status().code(), ErrorCode::kCorruptMessage);
  std::string flipped = MakeBatch({});
  flipped[60] ^= 1;
  EXPECT_EQ(log_->Append(BufferOf(MakeBatch({}) + flipped)).status().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(log_->end_offset(), 0);
  EXPECT_EQ(Append({}).base_offset, 0);
}

TEST_F(LogTest, BatchesLargerThanASegmentGetTheirOwn) {
  Open();
  Append({});
  Append({.payload = 10000});
  Append({.payload = 5000});
  Append({});
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(FilesOf(path_, ".log").size(), 4u);
  EXPECT_EQ(ReadAll(0), Range(0, 4));
  Open();
  EXPECT_EQ(ReadAll(0, 10), Range(0, 4));
}

TEST_F(LogTest, WritersFollowTheSequenceRules) {
  Open();
  EXPECT_EQ(AppendError({.writer_id = 7, .sequence = 5}), ErrorCode::kOutOfOrderSequence);
  for (int i = 0; i < 8; ++i) Append({.records = 2, .writer_id = 7, .sequence = i});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(AppendError({.writer_id = 7, .sequence = 2}), ErrorCode::kOutOfOrderSequence);  // the sixth last
    for (int sequence = 3; sequence < 8; ++sequence) {
      const auto again = Append({.records = 2, .writer_id = 7, .sequence = sequence});
      EXPECT_TRUE(again.duplicate);
      EXPECT_EQ(again.base_offset, 2 * sequence);
      EXPECT_EQ(again.end_offset, 2 * sequence + 2);
      EXPECT_EQ(again.commit_timestamp, 1000);
      EXPECT_TRUE((*log_->CheckSequence(7, sequence))->duplicate);
    }
    EXPECT_EQ(AppendError({.writer_id = 7, .sequence = 9}), ErrorCode::kOutOfOrderSequence);
    EXPECT_FALSE(log_->CheckSequence(7, 8)->has_value());
    EXPECT_EQ(log_->CheckSequence(7, 9).status().code(), ErrorCode::kOutOfOrderSequence);
    EXPECT_FALSE(log_->CheckSequence(8, 0)->has_value());
    EXPECT_EQ(log_->end_offset(), 16);
    if (round == 1) {
      log_.reset();
      for (const auto& snapshot : FilesOf(path_, ".writers")) WriteBytes(snapshot, "garbage");
    }
    Open();
  }
  EXPECT_EQ(Append({.writer_id = 7, .sequence = 8}).base_offset, 16);
  EXPECT_EQ(Append({}).base_offset, 17);  // no writer: no rules
}

TEST_F(LogTest, SequencesOfOneRequestAreCheckedTogether) {
  Open();
  AppendBytes(MakeBatch({.writer_id = 1, .sequence = 0}) + MakeBatch({.writer_id = 1, .sequence = 1}));
  auto gap =
      log_->Append(BufferOf(MakeBatch({.writer_id = 1, .sequence = 2}) + MakeBatch({.writer_id = 1, .sequence = 4})));
  EXPECT_EQ(gap.status().code(), ErrorCode::kOutOfOrderSequence);
  auto again = AppendBytes(MakeBatch({.writer_id = 1, .sequence = 1}) + MakeBatch({.writer_id = 1, .sequence = 2}));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.base_offset, 1);
  EXPECT_EQ(log_->end_offset(), 2);
}

TEST_F(LogTest, SequencesWrapAndWritersExpire) {
  Open();
  WriterStates states;
  states.Add({.base_offset = 4, .commit_timestamp = 1000, .writer_id = 3,
              .sequence = std::numeric_limits<int32_t>::max()});
  EXPECT_FALSE(states.Check(3, 0, 1000)->has_value());
  EXPECT_EQ(states.Check(3, 1, 1000).status().code(), ErrorCode::kOutOfOrderSequence);
  states.Add({.base_offset = 5, .commit_timestamp = 1000, .writer_id = 3, .sequence = 0});
  EXPECT_TRUE(states.Check(3, std::numeric_limits<int32_t>::max(), 1000)->has_value());
  EXPECT_FALSE(states.Check(3, 1, 1000)->has_value());

  Append({.writer_id = 9, .sequence = 0});
  now_ = 1000 + 7 * kDay;
  EXPECT_EQ(AppendError({.writer_id = 9, .sequence = 2}), ErrorCode::kOutOfOrderSequence);
  EXPECT_TRUE(Append({.writer_id = 9, .sequence = 0}).duplicate);
  now_ = 1001 + 7 * kDay;
  EXPECT_EQ(AppendError({.writer_id = 9, .sequence = 1}), ErrorCode::kOutOfOrderSequence);
  EXPECT_FALSE(Append({.writer_id = 9, .sequence = 0}).duplicate);
}

TEST_F(LogTest, RetentionDropsOldSegmentsUnderReaders) {
  Open();
  for (int i = 0; i < 60; ++i) {
    now_ = 1000 + i;
    Append({.fill = static_cast<char>('a' + i % 26)});
  }
  ASSERT_TRUE(log_->Sync().ok());
  const auto held = log_->Read(2, 1)->records;
  ASSERT_TRUE(log_->DropSegmentsBefore(1013, 1000).ok());  // batches 0 to 12: all before 1013
  EXPECT_EQ(log_->start_offset(), 13);
  ASSERT_TRUE(log_->DropSegmentsBefore(1025, 1000).ok());  // the next ends with 1025
  EXPECT_EQ(log_->start_offset(), 13);
  ASSERT_TRUE(log_->DropSegmentsBefore(5000, 25).ok());
  EXPECT_EQ(log_->start_offset(), 13);
  ASSERT_TRUE(log_->DropSegmentsBefore(5000, 26).ok());
  EXPECT_EQ(log_->start_offset(), 26);
  ASSERT_TRUE(log_->DropSegmentsBefore(5000, 1000).ok());
  EXPECT_EQ(log_->start_offset(), 52);
  EXPECT_EQ(FilesOf(path_, ".log").size(), 1u);
  EXPECT_EQ(log_->Read(51, 1).status().code(), ErrorCode::kLogOffsetOutOfRange);
  EXPECT_EQ(HeadersOf(log_->Read(kEarliestOffset, 1)->records).front().base_offset, 52);
  EXPECT_EQ(*log_->OffsetForTimestamp(0), 52);
  EXPECT_EQ(ViewOf(held).substr(48), std::string(100, 'c'));
  Open();
  EXPECT_EQ(log_->start_offset(), 52);
  EXPECT_EQ(log_->end_offset(), 60);
  log_.reset();
  EXPECT_EQ(ViewOf(held).substr(48), std::string(100, 'c'));
}

TEST_F(LogTest, HighWatermarkFollowsTheDiskAndTellsListeners) {
  Open();
  std::atomic<int64_t> seen{0};
  log_->SetAppendListener([&] { seen = log_->high_watermark(); });
  EXPECT_EQ(log_->WhenDurable(1).Wait().status().code(), ErrorCode::kLogOffsetOutOfRange);
  for (int i = 0; i < 50; ++i) {
    const auto result = Append({});
    ASSERT_TRUE(log_->WhenDurable(result.end_offset).Wait().ok());
    EXPECT_GE(log_->high_watermark(), result.end_offset);
    EXPECT_GE(seen, result.end_offset);
  }
  log_->SetAppendListener(nullptr);
}

TEST_F(LogTest, WithoutSyncAppendedCountsAsDurable) {
  options_.sync = false;
  syncer_ = nullptr;
  Open();
  int calls = 0;
  log_->SetAppendListener([&] { ++calls; });
  for (int i = 0; i < 30; ++i) {
    Append({});
    EXPECT_EQ(log_->high_watermark(), i + 1);
    EXPECT_TRUE(log_->WhenDurable(i + 1).done());
  }
  EXPECT_EQ(calls, 30);
  EXPECT_EQ(ReadAll(0), Range(0, 30));
  EXPECT_TRUE(log_->Sync().ok());
  Open();
  EXPECT_EQ(log_->high_watermark(), 30);
}

TEST_F(LogTest, IdleLogsGiveTheirFilesBack) {
  Open();
  EXPECT_EQ(syncer_->files().size(), 0u);
  Append({});
  ASSERT_TRUE(log_->Sync().ok());
  EXPECT_EQ(syncer_->files().size(), 1u);
  log_->ReleaseIdle();
  EXPECT_EQ(syncer_->files().size(), 0u);
  EXPECT_EQ(ReadAll(0), Range(0, 1));
  EXPECT_EQ(Append({}).base_offset, 1);
  EXPECT_TRUE(log_->Close().ok());
  EXPECT_EQ(AppendError({}), ErrorCode::kLogStorageException);
}

TEST_F(LogTest, OpenFilesAreLimited) {
  OpenFiles files(2);
  for (const char* name : {"a", "b", "c"}) WriteBytes(directory_.path() + "/" + name, name);
  int owners[3];
  const auto a = files.Get(&owners[0], directory_.path() + "/a").MoveValue();
  ASSERT_TRUE(files.Get(&owners[1], directory_.path() + "/b").ok());
  EXPECT_EQ(files.Get(&owners[0], directory_.path() + "/a").MoveValue(), a);
  ASSERT_TRUE(files.Get(&owners[2], directory_.path() + "/c").ok());
  EXPECT_EQ(files.size(), 2u);
  EXPECT_EQ(files.Get(&owners[0], directory_.path() + "/a").MoveValue(), a);
  ASSERT_TRUE(files.Get(&owners[1], directory_.path() + "/b").ok());
  EXPECT_TRUE(a->SyncData().ok());
}

TEST_F(LogTest, TheFirstAppendMakesTheDirectory) {
  for (int opened = 0; opened < 2; ++opened) {
    Open();
    EXPECT_EQ(log_->end_offset(), 0);
    EXPECT_TRUE(log_->Read(0, 1000).ok());
    EXPECT_TRUE(log_->Sync().ok());
    EXPECT_TRUE(log_->Close().ok());
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  Open();
  Append({});
  EXPECT_TRUE(log_->Sync().ok());
  Open();
  EXPECT_EQ(ReadAll(0), Range(0, 1));
}

TEST_F(LogTest, ErrorsOfTheDirectoryNameIt) {
  WriteBytes(directory_.path() + "/file", "x");
  auto file = Log::Open(directory_.path() + "/file", options_, syncer_);
  EXPECT_EQ(file.status().code(), ErrorCode::kLogStorageException);
  EXPECT_THAT(file.status().message(), HasSubstr("/file'"));
  path_ = "/proc/no_log_here";
  Open();
  const auto forbidden = log_->Append(BufferOf(MakeBatch({})));
  EXPECT_EQ(forbidden.status().code(), ErrorCode::kLogStorageException);
  EXPECT_THAT(forbidden.status().message(), HasSubstr("/proc/no_log_here"));
  options_.segment_bytes = 0;
  EXPECT_EQ(Log::Open(path_, options_, syncer_).status().code(), ErrorCode::kInvalidConfig);
  options_.segment_bytes = 2000;
  EXPECT_EQ(Log::Open(path_, options_, nullptr).status().code(), ErrorCode::kInvalidConfig);
  path_ = directory_.path() + "/deep/er/log";
  Open();
  Append({});
}

TEST_F(LogTest, AppendersReadersAndRetentionRunTogether) {
  options_.segment_bytes = 20000;
  Open();
  constexpr int kAppenders = 3;
  constexpr int kBatches = 300;
  std::atomic<int> left{kAppenders};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kAppenders; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kBatches; ++i) {
        auto result = log_->Append(BufferOf(MakeBatch({.records = 2, .writer_id = writer, .sequence = i})));
        ASSERT_TRUE(result.ok()) << result.status().ToString();
        if (i % 16 == 0) {
          ASSERT_TRUE(log_->WhenDurable(result->end_offset).Wait().ok());
        }
      }
      --left;
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&, reader] {
      std::vector<int32_t> next(kAppenders, 0);
      int64_t offset = 0;
      while (offset < 2 * kAppenders * kBatches) {
        auto read = log_->Read(offset, reader == 0 ? 1000 : 100000, reader == 1);
        ASSERT_TRUE(read.ok()) << read.status().ToString();
        for (const auto& header : HeadersOf(read->records)) {
          ASSERT_EQ(header.base_offset, offset);
          ASSERT_EQ(header.sequence, next[static_cast<size_t>(header.writer_id)]++);
          offset = header.next_offset();
        }
        if (reader == 0) {
          ASSERT_TRUE(log_->ReadLast(5).ok());
          ASSERT_TRUE(log_->OffsetForTimestamp(now_++).ok());
        }
      }
    });
  }
  threads.emplace_back([&] {
    while (left > 0) {
      ASSERT_TRUE(log_->DropSegmentsBefore(0, 0).ok());
      ASSERT_TRUE(log_->Verify().ok());
      log_->ReleaseIdle();
    }
  });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(log_->end_offset(), 2 * kAppenders * kBatches);
  Open();
  EXPECT_EQ(log_->end_offset(), 2 * kAppenders * kBatches);
  EXPECT_TRUE(log_->Verify().ok());
}

/// One batch for several, around a payload that no decoder looks at.
Result<std::shared_ptr<arrow::Buffer>> JoinTestBatches(std::span<const std::shared_ptr<arrow::Buffer>> batches) {
  const auto first = *ParseLogBatchHeader(ViewOf(batches.front()));
  const auto last = *ParseLogBatchHeader(ViewOf(batches.back()));
  std::string joined = MakeBatch({.records = static_cast<int32_t>(last.next_offset() - first.base_offset)});
  StampLogBatch(joined.data(), first.base_offset, last.commit_timestamp);
  return BufferOf(std::move(joined));
}

const std::function<bool()> kNeverStop = [] { return false; };

TEST_F(LogTest, SmallBatchesAreJoinedAndKeepTheirOffsets) {
  options_.small_batches_to_join = 10;
  options_.segment_bytes = 100000;
  Open();
  for (int i = 0; i < 9; ++i) Append({.writer_id = 5, .sequence = i});
  Append({.records = 300});  // is not small
  ASSERT_TRUE(log_->Compact(JoinTestBatches, kNeverStop).ok());
  EXPECT_EQ(FilesOf(path_, ".log").size(), 1u);
  now_ += 400;
  Append({.writer_id = 5, .sequence = 9});
  ASSERT_TRUE(log_->Sync().ok());
  const auto before = log_->Read(0, 1 << 20);
  ASSERT_TRUE(log_->Compact(JoinTestBatches, kNeverStop).ok());
  EXPECT_EQ(FilesOf(path_, ".log").size(), 2u);  // the active one was ended
  EXPECT_EQ(FilesOf(path_, ".compacted").size(), 0u);
  EXPECT_EQ(HeadersOf(before->records).size(), 11u);  // who reads goes on with what there was
  EXPECT_EQ(AppendError({.writer_id = 5, .sequence = 12}), ErrorCode::kOutOfOrderSequence);
  EXPECT_EQ(Append({.writer_id = 5, .sequence = 10}).base_offset, 310);
  ASSERT_TRUE(log_->Sync().ok());
  for (const bool again : {false, true}) {
    if (again) Open();
    EXPECT_EQ(ReadAll(0), (std::vector<int64_t>{0, 9, 309, 310}));
    EXPECT_EQ(ReadAll(4), (std::vector<int64_t>{0, 9, 309, 310}));
    EXPECT_TRUE(log_->Verify().ok());
    EXPECT_EQ(*log_->OffsetForTimestamp(1001), 309);
    EXPECT_EQ(log_->end_offset(), 311);
  }
}

TEST_F(LogTest, RowsOfDifferentSecondsAreNotJoined) {
  options_.small_batches_to_join = 5;
  Open();
  for (int i = 0; i < 6; ++i, now_ += 600) Append({});
  ASSERT_TRUE(log_->Compact(JoinTestBatches, kNeverStop).ok());
  EXPECT_EQ(ReadAll(0), (std::vector<int64_t>{0, 2, 4}));
  EXPECT_EQ(*log_->OffsetForTimestamp(1000 + 600 * 3), 2);
}

TEST_F(LogTest, ACompactionThatFailsLeavesTheSegment) {
  options_.small_batches_to_join = 5;
  Open();
  for (int i = 0; i < 6; ++i) Append({});
  const auto fail = [](auto) -> Result<std::shared_ptr<arrow::Buffer>> { return Status::Invalid("no"); };
  EXPECT_FALSE(log_->Compact(fail, kNeverStop).ok());
  EXPECT_EQ(FilesOf(path_, ".compacted").size(), 0u);
  EXPECT_EQ(ReadAll(0), Range(0, 6));
  WriteBytes(SegmentFilePath(path_, 0, kCompactedSuffix), "of a process that was killed");
  Open();
  EXPECT_EQ(FilesOf(path_, ".compacted").size(), 0u);
  EXPECT_EQ(ReadAll(0), Range(0, 6));
  ASSERT_TRUE(log_->Compact(JoinTestBatches, kNeverStop).ok());
  EXPECT_EQ(ReadAll(0), (std::vector<int64_t>{0}));
}

TEST_F(LogTest, ACompactionStopsWhenItIsTold) {
  options_.small_batches_to_join = 5;
  Open();
  for (int i = 0; i < 6; ++i) Append({});
  int asked = 0;
  EXPECT_TRUE(log_->Compact(JoinTestBatches, [&] { return ++asked > 1; }).ok());
  EXPECT_EQ(FilesOf(path_, ".compacted").size(), 0u);
  EXPECT_EQ(ReadAll(0), Range(0, 6));
}

TEST_F(LogTest, ReadersAndWritersGoOnWhileSegmentsAreCompacted) {
  options_.small_batches_to_join = 20;
  options_.segment_bytes = 20000;
  options_.sync = false;
  Open();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      int64_t offset = 0;
      while (offset < log_->high_watermark()) {
        const auto read = log_->Read(offset, 1000);
        ASSERT_TRUE(read.ok()) << read.status().ToString();
        for (const auto& header : HeadersOf(read->records)) {
          ASSERT_LE(header.base_offset, offset);
          offset = std::max(offset, header.next_offset());
        }
      }
      log_->ReleaseIdle();
    }
  });
  for (int i = 0; i < 2000; ++i) {
    Append({});
    if (i % 50 != 0) continue;
    ASSERT_TRUE(log_->Compact(JoinTestBatches, kNeverStop).ok());
  }
  done = true;
  reader.join();
  EXPECT_TRUE(log_->Verify().ok());
  EXPECT_LT(ReadAll(0).size(), 400u);
}

TEST_F(LogTest, KeepsNoMoreSegmentsMappedThanItMay) {
  constexpr int kLogs = 6;
  const size_t before = FileMapping::num_mapped();
  syncer_ = MakeLogSyncer(1, before + 2);
  options_.segment_bytes = 1 << 20;
  std::vector<std::unique_ptr<Log>> logs;
  const auto read = [&](int i) {
    const auto records = logs[i]->Read(0, 1 << 20);
    EXPECT_TRUE(records.ok()) << records.status().ToString();
    return records.ok() ? records->records : nullptr;
  };
  const auto letter = [](int i) { return static_cast<char>('a' + i); };
  const auto append = [&](int i, size_t payload) {
    ASSERT_TRUE(logs[i]->Append(BufferOf(MakeBatch({.payload = payload, .fill = letter(i)}))).ok());
    ASSERT_TRUE(logs[i]->Sync().ok());
  };
  for (int i = 0; i < kLogs; ++i) {
    logs.push_back(Log::Open(path_ + std::to_string(i), options_, syncer_).MoveValue());
    append(i, 100);
  }
  // What readers hold stays as it is; those that come when enough is mapped get small logs as copies.
  std::vector<std::shared_ptr<arrow::Buffer>> held;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kLogs; ++i) held.push_back(read(i));
    EXPECT_EQ(FileMapping::num_mapped(), before + 2);
  }
  for (int i = 0; i < kLogs; ++i) append(i, 100);
  for (int i = 0; i < kLogs; ++i) {
    EXPECT_EQ(HeadersOf(read(i)).size(), 2u);
    EXPECT_EQ(ViewOf(held[i]).substr(48), std::string(100, letter(i)));
  }
  // Large ones are mapped, and the one that was used longest ago is given up.
  held.clear();
  for (int i = 0; i < kLogs; ++i) append(i, 100'000);
  for (int i = 0; i < kLogs; ++i) {
    const auto records = read(i);
    EXPECT_EQ(HeadersOf(records).size(), 3u);
    EXPECT_TRUE(ViewOf(records).ends_with(std::string(100'000, letter(i))));
  }
  EXPECT_LE(FileMapping::num_mapped(), 2 * before + 2);
  logs.clear();
  EXPECT_EQ(FileMapping::num_mapped(), before);
}

}  // namespace
}  // namespace weir
