#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <semaphore>
#include <thread>

#include "storage/file_system_sync.h"
#include "storage/log.h"
#include "tests/storage/log_testing.h"

namespace {

// What the disk under the log does.
struct Disk {
  std::atomic<bool> failing{false};
  std::atomic<bool> slow{false};
  std::atomic<int> syncs{0};
  std::counting_semaphore<> started{0};
  std::counting_semaphore<> go_on{0};
};

Disk& TheDisk() {
  static Disk disk;
  return disk;
}

}  // namespace

// Stands before the C library's.
extern "C" int fdatasync(int fd) {
  Disk& disk = TheDisk();
  ++disk.syncs;
  if (disk.slow) {
    disk.started.release();
    disk.go_on.acquire();
  }
  if (disk.failing) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace weir {
namespace {

using ::testing::HasSubstr;

class LogSyncTest : public ::testing::Test {
 protected:
  LogSyncTest() {
    options_.segment_bytes = 2000;
    options_.now_ms = [] { return int64_t{1000}; };
  }
  ~LogSyncTest() override { TheDisk().failing = false; }

  std::unique_ptr<Log> Open() { return Log::Open(directory_.path() + "/log", options_, syncer_).MoveValue(); }
  static Result<LogAppendResult> Append(Log* log) { return log->Append(BufferOf(MakeBatch({}))); }

  TempDirectory directory_;
  LogOptions options_;
  std::shared_ptr<LogSyncer> syncer_ = MakeLogSyncer(2);
};

TEST_F(LogSyncTest, AppendsDuringASyncShareTheNextOne) {
  auto log = Open();
  Disk& disk = TheDisk();
  disk.syncs = 0;
  disk.slow = true;
  ASSERT_TRUE(Append(log.get()).ok());
  disk.started.acquire();
  std::vector<Future<Unit>> waiting = {log->WhenDurable(1)};
  for (int i = 2; i <= 10; ++i) {
    ASSERT_TRUE(Append(log.get()).ok());
    waiting.push_back(log->WhenDurable(i));
  }
  EXPECT_EQ(log->high_watermark(), 0);
  EXPECT_EQ(log->Read(0, 1000)->records->size(), 0);
  EXPECT_EQ(log->Read(0, 1, true)->records->size(), 148);
  for (const auto& future : waiting) EXPECT_FALSE(future.done());
  disk.go_on.release();
  EXPECT_TRUE(waiting[0].Wait().ok());
  disk.started.acquire();
  EXPECT_EQ(log->high_watermark(), 1);
  EXPECT_FALSE(waiting[1].done());
  disk.slow = false;
  disk.go_on.release();
  for (const auto& future : waiting) EXPECT_TRUE(future.Wait().ok());
  EXPECT_EQ(disk.syncs, 2);
  EXPECT_EQ(log->high_watermark(), 10);
}

TEST_F(LogSyncTest, AfterAFailedSyncNothingIsWrittenUntilTheLogIsOpenedAgain) {
  {
    auto log = Open();
    ASSERT_TRUE(log->WhenDurable(Append(log.get())->end_offset).Wait().ok());
    TheDisk().failing = true;
    ASSERT_TRUE(Append(log.get()).ok());
    const auto lost = log->WhenDurable(2).Wait();
    EXPECT_EQ(lost.status().code(), ErrorCode::kLogStorageException);
    EXPECT_THAT(lost.status().message(), HasSubstr(".log'"));
    EXPECT_THAT(lost.status().message(), HasSubstr("Input/output error"));
    TheDisk().failing = false;
    EXPECT_EQ(Append(log.get()).status().code(), ErrorCode::kLogStorageException);
    EXPECT_EQ(log->WhenDurable(2).Wait().status().code(), ErrorCode::kLogStorageException);
    EXPECT_EQ(log->Sync().code(), ErrorCode::kLogStorageException);
    EXPECT_TRUE(log->WhenDurable(1).Wait().ok());
    EXPECT_EQ(log->high_watermark(), 1);
    EXPECT_EQ(log->Read(0, 1000)->records->size(), 148);
    EXPECT_EQ(log->Close().code(), ErrorCode::kLogStorageException);
  }
  auto log = Open();
  const auto result = Append(log.get());
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(log->WhenDurable(result->end_offset).Wait().ok());
}

TEST_F(LogSyncTest, ADroppedLogNeedsNoFiles) {
  auto log = Open();
  ASSERT_TRUE(log->WhenDurable(Append(log.get())->end_offset).Wait().ok());
  log->Drop();
  const int syncs = TheDisk().syncs;
  ASSERT_TRUE(Append(log.get()).ok());
  log->ReleaseIdle();
  std::filesystem::remove_all(directory_.path() + "/log");
  EXPECT_TRUE(log->Sync().ok());
  EXPECT_TRUE(log->WhenDurable(2).Wait().ok());
  EXPECT_EQ(TheDisk().syncs, syncs);
  EXPECT_TRUE(log->Close().ok());
}

TEST_F(LogSyncTest, AFailedSyncBeforeARollStopsTheLog) {
  auto log = Open();
  for (int i = 0; i < 13; ++i) ASSERT_TRUE(Append(log.get()).ok());
  TheDisk().failing = true;
  // Whoever syncs first, this append or the syncer, meets the error.
  Status status;
  for (int i = 0; i < 2 && status.ok(); ++i) status = Append(log.get()).status();
  if (status.ok()) status = log->WhenDurable(log->end_offset()).Wait().status();
  EXPECT_EQ(status.code(), ErrorCode::kLogStorageException);
  TheDisk().failing = false;
  EXPECT_EQ(Append(log.get()).status().code(), ErrorCode::kLogStorageException);
}

TEST_F(LogSyncTest, CallbacksRunWithoutLocks) {
  auto log = Open();
  std::binary_semaphore done{0};
  ASSERT_TRUE(Append(log.get()).ok());
  std::atomic<int64_t> end{0};
  log->WhenDurable(1).Then([&](const Result<Unit>& durable) {
    EXPECT_TRUE(durable.ok());
    end = Append(log.get())->end_offset;
    EXPECT_TRUE(log->Sync().ok());
    EXPECT_EQ(log->Read(1, 1)->records->size(), 148);
    done.release();
  });
  done.acquire();
  EXPECT_EQ(end, 2);
}

TEST_F(LogSyncTest, ManyLogsAreSyncedWithTheirFileSystem) {
  // As commits leave them: readers see what is not synced yet.
  const auto commit = [](Log* log) {
    const auto append = log->Prepare(BufferOf(MakeBatch({}))).MoveValue();
    EXPECT_TRUE(append->Write().ok() && append->Seal().ok());
    append->Publish();
  };
  std::vector<std::unique_ptr<Log>> logs;
  std::vector<Log*> all;
  for (int i = 0; i < 3; ++i) {
    logs.push_back(Log::Open(directory_.path() + "/log" + std::to_string(i), options_, syncer_).MoveValue());
    all.push_back(logs.back().get());
    commit(all.back());
  }
  FileSystemSync together(directory_.path(), 3);
  TheDisk().syncs = 0;
  together.Start(all);
  for (Log* const log : all) {
    EXPECT_FALSE(log->UnsyncedEnd());
    EXPECT_TRUE(log->Sync().ok());
  }
  EXPECT_EQ(TheDisk().syncs, 0);

  for (Log* const log : all) commit(log);
  const auto before = all[0]->UnsyncedEnd();
  ASSERT_TRUE(before);
  for (int i = 0; i < 20; ++i) commit(all[0]);  // in other segments, too
  all[0]->SyncedWithAll(*before);
  EXPECT_TRUE(all[0]->UnsyncedEnd()) << "that was before";
  together.Start(std::span(all).first(2));
  for (Log* const log : all) EXPECT_TRUE(log->Sync().ok());
  EXPECT_EQ(TheDisk().syncs, 4) << "each by itself, of the first one two segments";
}

}  // namespace
}  // namespace weir
