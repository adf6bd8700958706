#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "storage/file.h"
#include "storage/log.h"
#include "storage/log_check.h"
#include "tests/storage/log_testing.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

LogOptions TestOptions(int64_t segment_bytes) {
  LogOptions options;
  options.segment_bytes = segment_bytes;
  options.index_interval_bytes = 300;
  options.now_ms = [] { return int64_t{1000}; };
  return options;
}

class LogRecoveryTest : public ::testing::Test {
 protected:
  LogRecoveryTest() : path_(directory_.path() + "/log") {}

  Result<std::unique_ptr<Log>> TryOpen() { return Log::Open(path_, options_, syncer_); }
  std::unique_ptr<Log> Open() {
    auto log = TryOpen();
    EXPECT_TRUE(log.ok()) << log.status().ToString();
    return log.MoveValue();
  }
  // Writes `count` batches of one record and 148 bytes, the last of writer 5.
  void Fill(int count) {
    auto log = Open();
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(log->Append(BufferOf(MakeBatch({.writer_id = 5, .sequence = i}))).ok());
    }
    ASSERT_TRUE(log->Close().ok());
  }
  // As after a crash: no snapshot of a clean end, no index entries past the first `entries`.
  void ForgetClose(size_t entries) {
    for (const auto& file : FilesOf(path_, ".writers")) std::filesystem::remove(file);
    ForgetIndexes(entries);
  }
  void ForgetIndexes(size_t entries) {
    for (const auto& [suffix, size] : {std::pair{".index", 12}, std::pair{".timeindex", 16}}) {
      for (const auto& file : FilesOf(path_, suffix)) {
        if (std::filesystem::file_size(file) > entries * static_cast<size_t>(size)) {
          std::filesystem::resize_file(file, entries * static_cast<size_t>(size));
        }
      }
    }
  }
  static int64_t CountBatches(Log* log) {
    int64_t batches = 0;
    for (int64_t offset = 0; offset < log->high_watermark();) {
      auto read = log->Read(offset, 1 << 20);
      EXPECT_TRUE(read.ok()) << read.status().ToString();
      if (!read.ok()) return -1;
      for (const auto& header : HeadersOf(read->records)) {
        EXPECT_EQ(header.base_offset, offset);
        offset = header.next_offset();
        ++batches;
      }
    }
    return batches;
  }

  TempDirectory directory_;
  std::string path_;
  LogOptions options_ = TestOptions(1 << 20);
  std::shared_ptr<LogSyncer> syncer_ = MakeLogSyncer(1);
};

TEST_F(LogRecoveryTest, TornTailIsCutAtEveryByte) {
  Fill(6);
  const std::string file = FilesOf(path_, ".log").at(0);
  const std::string bytes = ReadBytes(file);
  ASSERT_EQ(bytes.size(), 6u * 148);
  for (size_t size = 5 * 148; size < bytes.size(); ++size) {
    ForgetClose(0);
    WriteBytes(file, std::string_view(bytes).substr(0, size));
    {
      auto log = Open();
      ASSERT_EQ(log->end_offset(), 5) << size;
      ASSERT_EQ(std::filesystem::file_size(file), 5u * 148);
      ASSERT_EQ(CountBatches(log.get()), 5);
      // The cut batch comes again: its writer is told to send it, not that it is a duplicate.
      auto again = log->Append(BufferOf(MakeBatch({.writer_id = 5, .sequence = 5})));
      ASSERT_TRUE(again.ok()) << again.status().ToString();
      ASSERT_FALSE(again->duplicate);
    }
    ASSERT_EQ(ReadBytes(file), bytes);
  }
}

TEST_F(LogRecoveryTest, BrokenBytesOfTheLastBatchAreCut) {
  Fill(6);
  const std::string file = FilesOf(path_, ".log").at(0);
  const std::string bytes = ReadBytes(file);
  for (size_t at = 5 * 148 + 8; at < bytes.size(); ++at) {
    const size_t field = at - 5 * 148;
    if (field >= 13 && field < 21) continue;  // the timestamp is not covered by the CRC
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    ForgetClose(0);
    WriteBytes(file, broken);
    auto log = Open();
    ASSERT_EQ(log->end_offset(), 5) << field;
    ASSERT_EQ(std::filesystem::file_size(file), 5u * 148);
  }
  // Zeros that a file system leaves where data never came.
  ForgetClose(0);
  WriteBytes(file, bytes + std::string(5000, '\0'));
  EXPECT_EQ(Open()->end_offset(), 6);
  EXPECT_EQ(std::filesystem::file_size(file), 6u * 148);
}

TEST_F(LogRecoveryTest, DamageToWhatACleanCloseLeftIsAnErrorAndCutsNothing) {
  Fill(6);
  const std::string file = FilesOf(path_, ".log").at(0);
  const std::string bytes = ReadBytes(file);
  std::string flipped = bytes;
  flipped[5 * 148 + 60] ^= 1;
  for (const std::string& damaged : {flipped, bytes.substr(0, 5 * 148), bytes.substr(0, 5 * 148 + 20)}) {
    ForgetIndexes(0);
    WriteBytes(file, damaged);
    auto log = TryOpen();
    ASSERT_EQ(log.status().code(), ErrorCode::kCorruptMessage);
    ASSERT_THAT(log.status().message(), HasSubstr("'" + file + "' at position 740"));
    ASSERT_THAT(log.status().message(), HasSubstr("up to offset 6 was on disk"));
    ASSERT_EQ(ReadBytes(file), damaged);
  }
}

TEST_F(LogRecoveryTest, DamageBeforeASoundBatchIsAnErrorAndCutsNothing) {
  Fill(6);
  ForgetClose(0);
  const std::string file = FilesOf(path_, ".log").at(0);
  const std::string bytes = ReadBytes(file);
  for (size_t at = 2 * 148; at < 3 * 148; ++at) {
    const size_t field = at - 2 * 148;
    if (field >= 13 && field < 21) continue;
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x10);
    WriteBytes(file, broken);
    auto log = TryOpen();
    ASSERT_EQ(log.status().code(), ErrorCode::kCorruptMessage) << field;
    ASSERT_THAT(log.status().message(), HasSubstr("'" + file + "' at position 296"));
    ASSERT_EQ(ReadBytes(file), broken);
  }
}

TEST_F(LogRecoveryTest, DamageInAnEarlierSegmentIsFoundWhenItIsRead) {
  options_ = TestOptions(1000);
  Fill(20);
  const std::string file = FilesOf(path_, ".log").at(1);
  std::string bytes = ReadBytes(file);
  bytes[148 + 60] ^= 1;
  WriteBytes(file, bytes);
  {
    auto log = Open();
    EXPECT_EQ(log->end_offset(), 20);
    const Status damage = log->Verify();
    EXPECT_EQ(damage.code(), ErrorCode::kCorruptMessage);
    EXPECT_THAT(damage.message(), HasSubstr("'" + file + "' at position 148"));
  }
  std::filesystem::resize_file(file, 200);
  auto log = Open();
  EXPECT_EQ(HeadersOf(log->Read(6, 1)->records).front().base_offset, 6);
  const auto missing = log->Read(8, 1);
  EXPECT_EQ(missing.status().code(), ErrorCode::kCorruptMessage);
  EXPECT_THAT(missing.status().message(), HasSubstr(file));
  EXPECT_EQ(log->Verify().code(), ErrorCode::kCorruptMessage);
}

TEST_F(LogRecoveryTest, IndexesAreBuiltAgain) {
  options_ = TestOptions(5000);
  Fill(120);
  std::vector<std::string> indexes = FilesOf(path_, "index");  // both kinds
  std::vector<std::string> originals;
  for (const auto& file : indexes) originals.push_back(ReadBytes(file));
  ASSERT_EQ(indexes.size(), 8u);
  const std::vector<std::function<std::string(std::string)>> damages = {
      [](std::string) { return std::string(); },
      [](std::string s) { return s.substr(0, s.size() - 5); },
      [](std::string s) { return s + "abc"; },
      [](std::string s) { return s + std::string(48, '\0'); },
      [](std::string s) { return std::string(s.size(), '\0'); },
      [](std::string s) { return s[0] ^= 1, s; },
      [](std::string s) { return s[s.size() / 2] ^= 0x40, s; },
      [](std::string s) { return s.substr(s.size() / 2) + s; },
  };
  const auto check = [&](const std::string& what) {
    auto log = Open();
    EXPECT_EQ(log->end_offset(), 120) << what;
    for (int64_t offset = 0; offset < 120; ++offset) {
      auto read = log->Read(offset, 1);
      ASSERT_TRUE(read.ok()) << what << read.status().ToString();
      ASSERT_EQ(HeadersOf(read->records).front().base_offset, offset) << what;
    }
    EXPECT_EQ(*log->OffsetForTimestamp(1000), 0);
    EXPECT_EQ(*log->OffsetForTimestamp(1001), 120);
    EXPECT_EQ(HeadersOf(log->ReadLast(70).MoveValue()).size(), 70u);
  };
  for (size_t i = 0; i < indexes.size(); ++i) {
    for (size_t d = 0; d < damages.size(); ++d) {
      for (size_t j = 0; j < indexes.size(); ++j) WriteBytes(indexes[j], originals[j]);
      WriteBytes(indexes[i], damages[d](originals[i]));
      check(indexes[i] + " damage " + std::to_string(d) + " ");
    }
    std::filesystem::remove(indexes[i]);
    check(indexes[i] + " removed ");
  }
  for (const auto& file : FilesOf(path_, "index")) std::filesystem::remove(file);
  check("all removed ");
  // A sealed segment's index is written again once it has been needed.
  EXPECT_EQ(ReadBytes(indexes[0]), originals[0]);
}

TEST_F(LogRecoveryTest, WriterStatesComeBackWithoutGoodSnapshots) {
  options_ = TestOptions(1000);
  Fill(20);
  const auto snapshots = FilesOf(path_, ".writers");
  ASSERT_EQ(snapshots.size(), 2u);
  const auto check = [&] {
    auto log = Open();
    EXPECT_FALSE(log->CheckSequence(5, 20)->has_value());
    EXPECT_EQ((*log->CheckSequence(5, 15))->base_offset, 15);
    EXPECT_EQ(log->CheckSequence(5, 14).status().code(), ErrorCode::kOutOfOrderSequence);
  };
  check();
  for (const auto& snapshot : snapshots) {
    for (size_t at = 0; at < ReadBytes(snapshots[0]).size(); ++at) {
      std::string bytes = ReadBytes(snapshot);
      bytes[at] ^= 1;
      WriteBytes(snapshot, bytes);
      check();
    }
  }
  for (const auto& snapshot : FilesOf(path_, ".writers")) std::filesystem::remove(snapshot);
  check();
  // One of batches that are not there.
  std::filesystem::copy_file(FilesOf(path_, ".writers").back(), path_ + "/00000000000000000030.writers");
  check();
  EXPECT_FALSE(std::filesystem::exists(path_ + "/00000000000000000030.writers"));
}

TEST_F(LogRecoveryTest, LeftoversOfInterruptedWorkDoNoHarm) {
  options_ = TestOptions(1000);
  Fill(12);
  WriteBytes(path_ + "/00000000000000000012.log", "");  // rolled, never written
  WriteBytes(path_ + "/00000000000000000099.index", "orphan");
  WriteBytes(path_ + "/00000000000000000012.writers.tmp", "half");
  WriteBytes(path_ + "/notes.log", "not a segment");
  auto log = Open();
  EXPECT_EQ(log->end_offset(), 12);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/00000000000000000099.index"));
  EXPECT_EQ(log->Append(BufferOf(MakeBatch({.writer_id = 5, .sequence = 12})))->base_offset, 12);
  ASSERT_TRUE(log->Close().ok());
  EXPECT_EQ(CountBatches(Open().get()), 13);
}

// The thread sanitizer does not follow threads that a forked child starts.
#if defined(__SANITIZE_THREAD__)
constexpr bool kCanForkThreads = false;
#else
constexpr bool kCanForkThreads = true;
#endif

// Runs `body` in a child process and gives its exit status.
int InChild(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(LogRecoveryTest, FullDiskLeavesTheLogUsable) {
  if (!kCanForkThreads) GTEST_SKIP() << "forks";
  syncer_.reset();  // no threads across a fork
  const int failed_step = InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto log = Log::Open(path_, options_, MakeLogSyncer(1)).MoveValue();
    for (int i = 0; i < 10; ++i) {
      if (!log->Append(BufferOf(MakeBatch({}))).ok()) return 1;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{2000, limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto full = log->Append(BufferOf(MakeBatch({.payload = 3000})));
    if (full.status().code() != ErrorCode::kLogStorageException) return 2;
    if (full.status().message().find("File too large") == std::string::npos) return 3;
    if (full.status().message().find(".log'") == std::string::npos) return 4;
    if (log->end_offset() != 10 || log->size_bytes() != 1480) return 5;
    if (std::filesystem::file_size(FilesOf(path_, ".log").at(0)) != 1480) return 6;
    for (int i = 10; i < 13; ++i) {
      if (!log->Append(BufferOf(MakeBatch({}))).ok()) return 7;
    }
    if (log->Append(BufferOf(MakeBatch({}))).ok()) return 8;
    if (!log->WhenDurable(13).Wait().ok()) return 9;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!log->Append(BufferOf(MakeBatch({.payload = 3000}))).ok()) return 10;
    if (CountBatches(log.get()) < 13) return 11;
    if (!log->Close().ok()) return 12;
    return 0;
  });
  EXPECT_EQ(failed_step, 0);
  syncer_ = MakeLogSyncer(1);
  auto log = Open();
  EXPECT_EQ(log->end_offset(), 14);
  EXPECT_EQ(CountBatches(log.get()), 14);
  EXPECT_TRUE(log->Verify().ok());
}

// Of the disk, past the end of what the file holds.
int64_t SpareBytes(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return int64_t{info.st_blocks} * 512 - int64_t{info.st_size};
}

class LogSpaceTest : public LogRecoveryTest {
 protected:
  void SetUp() override {
    options_ = TestOptions(8 << 20);
    const auto file = File::Open(directory_ / "probe", File::Mode::kCreate);
    if (!(*file)->Reserve(0, 1 << 20).ok()) GTEST_SKIP() << "the file system sets no space aside";
  }
  static bool AppendLarge(Log* log, int count) {
    for (int i = 0; i < count; ++i) {
      if (!log->Append(BufferOf(MakeBatch({.payload = 1 << 20}))).ok()) return false;
    }
    return true;
  }
  std::string Segment(size_t i) { return FilesOf(path_, ".log").at(i); }
};

TEST_F(LogSpaceTest, ALargeSegmentTakesSpaceAheadAndGivesItBack) {
  auto log = Open();
  ASSERT_TRUE(log->Append(BufferOf(MakeBatch({}))).ok());
  EXPECT_LT(SpareBytes(Segment(0)), 64 << 10);
  ASSERT_TRUE(AppendLarge(log.get(), 4));
  EXPECT_GT(SpareBytes(Segment(0)), 512 << 10);
  EXPECT_EQ(static_cast<int64_t>(std::filesystem::file_size(Segment(0))), log->size_bytes());
  ASSERT_TRUE(AppendLarge(log.get(), 5));
  ASSERT_EQ(FilesOf(path_, ".log").size(), 2u);
  EXPECT_LT(SpareBytes(Segment(0)), 64 << 10) << "a full segment";
  EXPECT_GT(SpareBytes(Segment(1)), 512 << 10);
  ASSERT_TRUE(log->Close().ok());
  EXPECT_LT(SpareBytes(Segment(1)), 64 << 10) << "a closed log";
  log = Open();
  EXPECT_EQ(CountBatches(log.get()), 10);
  EXPECT_TRUE(log->Verify().ok());
}

TEST_F(LogSpaceTest, NoneIsTakenWhereItIsNotWanted) {
  options_.reserve_space = false;
  auto log = Open();
  ASSERT_TRUE(AppendLarge(log.get(), 4));
  EXPECT_LT(SpareBytes(Segment(0)), 64 << 10);
}

TEST_F(LogSpaceTest, WhatAKilledProcessLeftIsGivenBack) {
  if (!kCanForkThreads) GTEST_SKIP() << "forks";
  for (const int torn_bytes : {0, 5000}) {
    path_ = directory_.path() + "/log" + std::to_string(torn_bytes);
    syncer_.reset();  // no threads across a fork
    const pid_t child = ::fork();
    if (child == 0) {
      auto log = Log::Open(path_, options_, MakeLogSyncer(1)).MoveValue();
      if (AppendLarge(log.get(), 4) && log->WhenDurable(4).Wait().ok()) ::kill(::getpid(), SIGKILL);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto size = std::filesystem::file_size(Segment(0));
    EXPECT_GT(SpareBytes(Segment(0)), 512 << 10);
    std::filesystem::resize_file(Segment(0), size + static_cast<size_t>(torn_bytes));

    syncer_ = MakeLogSyncer(1);
    auto log = Open();
    EXPECT_EQ(log->end_offset(), 4);
    EXPECT_EQ(std::filesystem::file_size(Segment(0)), size);
    EXPECT_LT(SpareBytes(Segment(0)), 64 << 10);
    ASSERT_TRUE(AppendLarge(log.get(), 3));
    ASSERT_TRUE(log->WhenDurable(7).Wait().ok());
    EXPECT_EQ(CountBatches(log.get()), 7);
    EXPECT_TRUE(log->Verify().ok());
    ASSERT_TRUE(log->Close().ok());
  }
}

class LogSizeTest : public LogRecoveryTest {
 protected:
  std::string Segment(size_t i) { return FilesOf(path_, ".log").at(i); }
  /// What the disk would hold if the process ended now, with a log of `count` batches of 148 bytes that are synced.
  std::string ImageOf(int count) {
    auto log = Open();
    for (int i = 0; i < count; ++i) EXPECT_TRUE(log->Append(BufferOf(MakeBatch({}))).ok());
    EXPECT_TRUE(log->WhenDurable(count).Wait().ok());
    std::string bytes = ReadBytes(Segment(0));
    EXPECT_EQ(bytes.size(), 4096u) << "one block, filled ahead";
    EXPECT_TRUE(log->Close().ok());
    EXPECT_EQ(std::filesystem::file_size(Segment(0)), static_cast<size_t>(count) * 148);
    ForgetClose(0);
    return bytes;
  }
};

TEST_F(LogSizeTest, SmallAppendsAreWrittenOverZeros) {
  const std::string image = ImageOf(6);
  WriteBytes(Segment(0), image);
  const auto report = InspectLog(path_, /*verify=*/true, /*durable_end=*/6);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->end_offset, 6);
  EXPECT_EQ(report->torn_bytes, 0);
  EXPECT_TRUE(report->damage.empty());
  options_.durable_end = 6;
  auto log = Open();
  EXPECT_EQ(log->end_offset(), 6);
  EXPECT_EQ(std::filesystem::file_size(Segment(0)), 6u * 148);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(log->Append(BufferOf(MakeBatch({}))).ok());
    const auto size = static_cast<int64_t>(std::filesystem::file_size(Segment(0)));
    ASSERT_EQ(size % 4096, 0);
    ASSERT_GE(size, log->size_bytes());
  }
  ASSERT_TRUE(log->WhenDurable(66).Wait().ok());
  EXPECT_EQ(CountBatches(log.get()), 66);
  EXPECT_TRUE(log->Verify().ok());
}

TEST_F(LogSizeTest, ATornBatchAmongZerosIsCut) {
  const std::string image = ImageOf(6);
  for (const size_t whole : {size_t{1}, size_t{60}, size_t{147}}) {
    std::string torn = image;
    torn.replace(5 * 148 + whole, 148 - whole, 148 - whole, '\0');
    WriteBytes(Segment(0), torn);
    ForgetClose(0);
    auto log = Open();
    EXPECT_EQ(log->end_offset(), 5) << whole;
    EXPECT_EQ(std::filesystem::file_size(Segment(0)), 5u * 148);
  }
}

TEST_F(LogSizeTest, ZerosInPlaceOfWhatWasOnDiskAreDamage) {
  const std::string image = ImageOf(6);
  std::string lost = image;
  lost.replace(5 * 148, 148, 148, '\0');  // the last batch
  WriteBytes(Segment(0), lost);
  options_.durable_end = 6;
  EXPECT_THAT(TryOpen().status().message(), HasSubstr("all up to offset 6 was on disk"));
  EXPECT_EQ(ReadBytes(Segment(0)), lost);
  const auto report = InspectLog(path_, /*verify=*/true, /*durable_end=*/6);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->damage.size(), 1u);
  options_.durable_end = 0;
  lost = image;
  lost.replace(2 * 148, 148, 148, '\0');  // one before others
  WriteBytes(Segment(0), lost);
  EXPECT_THAT(TryOpen().status().message(), HasSubstr("a sound batch follows"));
  EXPECT_EQ(ReadBytes(Segment(0)), lost);
}

TEST_F(LogSizeTest, FullSegmentsEndWithTheirBatches) {
  options_ = TestOptions(8192);
  auto log = Open();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(log->Append(BufferOf(MakeBatch({}))).ok());
    if (i % 7 != 0) continue;
    ASSERT_TRUE(log->WhenDurable(log->end_offset()).Wait().ok());
  }
  ASSERT_TRUE(log->WhenDurable(200).Wait().ok());
  const auto segments = FilesOf(path_, ".log");
  ASSERT_EQ(segments.size(), 4u);
  for (size_t i = 0; i + 1 < segments.size(); ++i) EXPECT_EQ(std::filesystem::file_size(segments[i]), 55u * 148);
  EXPECT_EQ(CountBatches(log.get()), 200);
  EXPECT_TRUE(log->Verify().ok());
}

TEST_F(LogSizeTest, WithoutSyncsNothingIsFilled) {
  options_.sync = false;
  auto log = Open();
  ASSERT_TRUE(log->Append(BufferOf(MakeBatch({}))).ok());
  EXPECT_EQ(std::filesystem::file_size(Segment(0)), 148u);
}

// Counters that the killed writer leaves to its parent.
struct Acknowledged {
  std::atomic<int64_t> batches{0};
};

TEST_F(LogRecoveryTest, AcknowledgedBatchesSurviveKillsExactlyOnce) {
  if (!kCanForkThreads) GTEST_SKIP() << "forks";
  syncer_.reset();
  options_ = TestOptions(40000);
  void* shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* acknowledged = new (shared) Acknowledged();
  std::mt19937 random(20240607);
  int64_t written = 0;
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = Log::Open(path_, options_, MakeLogSyncer(2));
      if (!opened.ok()) ::_exit(1);
      Log& log = **opened;
      // The batch that was cut off, or not told of, is sent again: the log knows which it was.
      for (int32_t sequence = static_cast<int32_t>(acknowledged->batches);; ++sequence) {
        const auto batch = MakeBatch({.records = 3, .payload = 50 + 997 * (static_cast<size_t>(sequence) % 13),
                                      .writer_id = 1, .sequence = sequence});
        auto result = log.Append(BufferOf(batch));
        if (!result.ok() || result->base_offset != 3 * static_cast<int64_t>(sequence)) ::_exit(2);
        if (!log.WhenDurable(result->end_offset).Wait().ok()) ::_exit(3);
        acknowledged->batches = sequence + 1;
      }
    }
    const int64_t target = acknowledged->batches + 1 + static_cast<int64_t>(random() % 120);
    int status = 0;
    while (acknowledged->batches < target && ::waitpid(child, &status, WNOHANG) == 0) ::usleep(20);
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    ASSERT_GE(acknowledged->batches, target) << "the writer ended by itself: " << status;

    syncer_ = MakeLogSyncer(1);
    {
      // Half of the rounds go on from a clean end, half from what the kill left: there a copy is checked.
      std::string checked = path_;
      if (round % 2 == 1) {
        checked = directory_.path() + "/copy" + std::to_string(round);
        std::filesystem::copy(path_, checked, std::filesystem::copy_options::recursive);
      }
      auto log = Log::Open(checked, options_, syncer_).MoveValue();
      written = CountBatches(log.get());
      ASSERT_GE(written, acknowledged->batches);
      ASSERT_LE(written, acknowledged->batches + 1);
      ASSERT_EQ(log->end_offset(), 3 * written);
      ASSERT_TRUE(log->Verify().ok());
      int32_t sequence = 0;
      for (int64_t offset = 0; offset < log->end_offset();) {
        for (const auto& header : HeadersOf(log->Read(offset, 1 << 20)->records)) {
          ASSERT_EQ(header.sequence, sequence++);
          offset = header.next_offset();
        }
      }
      ASSERT_TRUE(log->Close().ok());
    }
    syncer_.reset();
  }
  ::munmap(shared, 4096);
}

}  // namespace
}  // namespace weir
