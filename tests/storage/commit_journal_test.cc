#include "storage/commit_journal.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "storage/log_check.h"
#include "tests/storage/log_testing.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// In memory where that can be had: these tests copy directories thousands of times.
class FastDirectory {
 public:
  FastDirectory() {
    const fs::path parent = fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string name = parent / "weir_journal_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~FastDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Two logs and the journal of the commits over both.
class Store {
 public:
  explicit Store(std::string root, int64_t file_bytes = 1 << 20) : root_(std::move(root)), file_bytes_(file_bytes) {
    fs::create_directories(root_ + "/journal");
  }

  Status Open() {
    CommitJournal::Options options;
    options.sync = false;
    options.file_bytes = file_bytes_;
    options.log_end = [this](const TableBucket& bucket) -> Result<int64_t> {
      WEIR_ASSIGN_OR_RETURN(const LogReport report, InspectLog(LogPath(bucket.bucket_id), false));
      return report.end_offset;
    };
    WEIR_ASSIGN_OR_RETURN(journal_, CommitJournal::Open(root_ + "/journal", options));
    for (int i = 0; i < 2; ++i) {
      LogOptions log_options;
      log_options.sync = false;
      log_options.now_ms = [] { return int64_t{1000}; };
      WEIR_ASSIGN_OR_RETURN(log_options.journaled, journal_->Journaled(Bucket(i)));
      WEIR_ASSIGN_OR_RETURN(logs_[i], Log::Open(LogPath(i), log_options, nullptr));
      if (log_options.journaled) WEIR_RETURN_NOT_OK(journal_->Redo(Bucket(i), logs_[i].get()));
    }
    return Status::OK();
  }

  static TableBucket Bucket(int i) { return {7, {}, i}; }
  std::string LogPath(int i) const { return root_ + "/log" + std::to_string(i); }
  Log& log(int i) { return *logs_[i]; }
  CommitJournal& journal() { return *journal_; }
  std::vector<std::string> JournalFiles() const { return FilesOf(root_ + "/journal", ".journal"); }

  /// A commit of two batches with three records in all to each log.
  void Prepare() {
    for (int i = 0; i < 2; ++i) {
      const std::string batches = MakeBatch({.records = 2, .payload = 30}) + MakeBatch({.payload = 20});
      auto append = logs_[i]->Prepare(BufferOf(batches));
      ASSERT_TRUE(append.ok()) << append.status().ToString();
      appends_.push_back(append.MoveValue());
      ASSERT_TRUE(appends_.back()->Write().ok());
    }
  }
  std::vector<JournaledAppend> Journaled() const {
    std::vector<JournaledAppend> journaled;
    for (size_t i = 0; i < appends_.size(); ++i) {
      const LogAppendResult& place = appends_[i]->result();
      journaled.push_back({Bucket(static_cast<int>(i)), place.base_offset, place.end_offset, appends_[i]->batches()});
    }
    return journaled;
  }
  void Commit() {
    Prepare();
    ASSERT_TRUE(journal_->Write(Journaled()).ok());
    for (const auto& append : appends_) ASSERT_TRUE(append->Seal().ok());
    for (const auto& append : appends_) append->Publish();
    appends_.clear();
  }

  std::vector<std::unique_ptr<LogAppend>>& appends() { return appends_; }
  void TakeBack() { appends_.clear(); }
  std::vector<int64_t> Ends() const { return {logs_[0]->end_offset(), logs_[1]->end_offset()}; }

 private:
  const std::string root_;
  const int64_t file_bytes_;
  std::unique_ptr<CommitJournal> journal_;
  std::unique_ptr<Log> logs_[2];
  std::vector<std::unique_ptr<LogAppend>> appends_;
};

class CommitJournalTest : public ::testing::Test {
 protected:
  /// What the disk would hold if the process ended now.
  std::string Image(const std::string& name) {
    const std::string to = directory_.path() + "/" + name;
    fs::remove_all(to);
    fs::copy(Root(), to, fs::copy_options::recursive);
    return to;
  }
  std::string Root() const { return directory_.path() + "/store"; }
  static std::string OnlyJournal(const std::string& image) { return FilesOf(image + "/journal", ".journal").at(0); }

  /// Two commits of three records, the second left at a stage: 0 written, 1 journaled, 2 and 3 with as many logs
  /// sealed less one, 4 published.
  std::string ImageAtStage(int stage) {
    fs::remove_all(Root());
    Store store(Root());
    EXPECT_TRUE(store.Open().ok());
    store.Commit();
    store.Prepare();
    EXPECT_TRUE(stage < 1 || store.journal().Write(store.Journaled()).ok());
    for (int i = 0; i < std::min(stage - 1, 2); ++i) EXPECT_TRUE(store.appends()[i]->Seal().ok());
    if (stage == 4) {
      for (const auto& append : store.appends()) append->Publish();
    }
    return Image("stage" + std::to_string(stage));
  }

  std::string CopyOf(const std::string& image) {
    const std::string to = directory_.path() + "/copy";
    fs::remove_all(to);
    fs::copy(image, to, fs::copy_options::recursive);
    return to;
  }

  /// All or nothing of the second commit, or an error that says that the journal is damaged.
  static testing::AssertionResult IsAtomic(const std::string& image, bool may_fail, bool* committed = nullptr) {
    Store store(image);
    const Status opened = store.Open();
    if (!opened.ok()) {
      if (may_fail && opened.code() == ErrorCode::kCorruptMessage) return testing::AssertionSuccess();
      return testing::AssertionFailure() << opened.ToString();
    }
    const std::vector<int64_t> ends = store.Ends();
    if (committed != nullptr) *committed = ends[0] == 6;
    if (ends == std::vector<int64_t>{3, 3} || ends == std::vector<int64_t>{6, 6}) {
      for (int i = 0; i < 2; ++i) {
        if (Status sound = store.log(i).Verify(); !sound.ok()) return testing::AssertionFailure() << sound.ToString();
      }
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "the logs end at " << ends[0] << " and " << ends[1];
  }

  FastDirectory directory_;
};

TEST_F(CommitJournalTest, ACommitThatEndsAtAnyStageIsThereOrNot) {
  for (int stage = 0; stage <= 4; ++stage) {
    bool committed = false;
    EXPECT_TRUE(IsAtomic(ImageAtStage(stage), false, &committed)) << stage;
    EXPECT_EQ(committed, stage >= 1) << stage;
  }
}

TEST_F(CommitJournalTest, RecoveringAgainChangesNothing) {
  const std::string image = ImageAtStage(2);
  for (int i = 0; i < 3; ++i) {
    bool committed = false;
    EXPECT_TRUE(IsAtomic(image, false, &committed));
    EXPECT_TRUE(committed);
  }
}

TEST_F(CommitJournalTest, ATornJournalNeverGivesHalfACommit) {
  const std::string image = ImageAtStage(1);
  const auto size = static_cast<int64_t>(fs::file_size(OnlyJournal(image)));
  int with = 0;
  int without = 0;
  for (int64_t length = size / 2; length < size; ++length) {  // the second of two records
    const std::string copy = CopyOf(image);
    fs::resize_file(OnlyJournal(copy), static_cast<uintmax_t>(length));
    bool committed = false;
    ASSERT_TRUE(IsAtomic(copy, false, &committed)) << length;
    ++(committed ? with : without);
  }
  EXPECT_GT(with, 0);
  EXPECT_GT(without, with);
}

TEST_F(CommitJournalTest, ADamagedJournalNeverGivesHalfACommit) {
  for (int stage = 1; stage <= 4; ++stage) {
    const std::string image = ImageAtStage(stage);
    const std::string bytes = ReadBytes(OnlyJournal(image));
    for (size_t at = 0; at < bytes.size(); ++at) {
      const std::string copy = CopyOf(image);
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
      WriteBytes(OnlyJournal(copy), flipped);
      ASSERT_TRUE(IsAtomic(copy, true)) << "stage " << stage << ", byte " << at;
    }
  }
}

TEST_F(CommitJournalTest, ARecordThatIsBrokenBeforeASoundOneIsDamage) {
  const std::string image = ImageAtStage(4);
  std::string bytes = ReadBytes(OnlyJournal(image));
  bytes[140] ^= 1;  // in the first record's batches
  WriteBytes(OnlyJournal(image), bytes);
  Store store(image);
  const Status opened = store.Open();
  EXPECT_EQ(opened.code(), ErrorCode::kCorruptMessage);
  EXPECT_THAT(opened.message(), HasSubstr(OnlyJournal(image) + "' at position 0: a record is broken, and "));
  EXPECT_EQ(ReadBytes(OnlyJournal(image)), bytes);
}

TEST_F(CommitJournalTest, ATornRecordIsCutOffSoThatLaterOnesFollow) {
  const std::string image = ImageAtStage(1);
  fs::resize_file(OnlyJournal(image), fs::file_size(OnlyJournal(image)) - 150);
  {
    Store store(image);
    ASSERT_TRUE(store.Open().ok());
    EXPECT_EQ(store.Ends(), (std::vector<int64_t>{3, 3}));
    store.Commit();
    store.Commit();
  }
  Store store(image);
  ASSERT_TRUE(store.Open().ok());
  EXPECT_EQ(store.Ends(), (std::vector<int64_t>{9, 9}));
}

TEST_F(CommitJournalTest, WhatIsFilledAheadOfRecordsIsNoneOfThem) {
  const std::string image = ImageAtStage(1);
  const auto size = fs::file_size(OnlyJournal(image));
  {
    fs::resize_file(OnlyJournal(image), size + 3000);
    Store store(image);
    ASSERT_TRUE(store.Open().ok());
    EXPECT_EQ(store.Ends(), (std::vector<int64_t>{6, 6}));
  }
  // A file that was full when its process was killed, and the next one.
  const std::string full = ImageAtStage(1);
  {
    const std::string copy = CopyOf(full);
    Store store(copy);
    ASSERT_TRUE(store.Open().ok());
    store.Commit();
    fs::copy(store.JournalFiles().at(0), full + "/journal", fs::copy_options::overwrite_existing);
  }
  ASSERT_EQ(FilesOf(full + "/journal", ".journal").size(), 2u);
  fs::resize_file(OnlyJournal(full), size + 3000);
  {
    Store store(CopyOf(full));
    ASSERT_TRUE(store.Open().ok());
    EXPECT_EQ(store.Ends(), (std::vector<int64_t>{9, 9}));
  }
  // Zeros in place of its last record.
  std::string bytes = ReadBytes(OnlyJournal(full));
  bytes.replace(size / 2, size / 2, size / 2, '\0');
  WriteBytes(OnlyJournal(full), bytes);
  Store store(full);
  EXPECT_EQ(store.Open().code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(ReadBytes(OnlyJournal(full)), bytes);
}

TEST_F(CommitJournalTest, RecordsAreWrittenOverZeros) {
  const std::string root = directory_.path() + "/synced";
  fs::create_directories(root);
  CommitJournal::Options options;
  options.file_bytes = 1 << 20;
  options.log_end = [](const TableBucket&) -> Result<int64_t> { return 0; };
  const auto journal = CommitJournal::Open(root, options).MoveValue();
  const auto batch = BufferOf(MakeBatch({.payload = 900}));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(journal->Write(std::vector<JournaledAppend>{{{7, {}, 0}, i, i + 1, batch}}).ok());
    ASSERT_EQ(fs::file_size(FilesOf(root, ".journal").at(0)) % 4096, 0u);
  }
  const std::string copy = directory_.path() + "/copy";
  fs::copy(root, copy);
  const auto again = CommitJournal::Open(copy, options).MoveValue();
  ASSERT_EQ(again->Pending().size(), 1u);
  EXPECT_EQ((*again->Journaled({7, {}, 0}))->end, 20);
  const auto report = CommitJournal::Inspect(copy, options);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->damage.empty());
  EXPECT_EQ(report->records.size(), 20u);
}

TEST_F(CommitJournalTest, RestoresInOrderWhatLogsHaveLost) {
  {
    Store store(Root());
    ASSERT_TRUE(store.Open().ok());
    for (int i = 0; i < 3; ++i) store.Commit();
    Image("before");
  }
  // A machine that fails leaves the pages of logs that were not synced in any state.
  const std::string image = directory_.path() + "/before";
  const std::string segment = FilesOf(image + "/log0", ".log").at(0);
  const std::string bytes = ReadBytes(segment);
  const size_t commit = bytes.size() / 3;
  for (const size_t broken : {size_t{0}, size_t{60}, commit + 40, 2 * commit + 50}) {
    const std::string copy = CopyOf(image);
    std::string lost = bytes;
    lost.replace(broken, 16, 16, '\0');
    WriteBytes(FilesOf(copy + "/log0", ".log").at(0), lost);
    fs::resize_file(FilesOf(copy + "/log1", ".log").at(0), broken);
    Store store(copy);
    ASSERT_TRUE(store.Open().ok());
    EXPECT_EQ(store.Ends(), (std::vector<int64_t>{9, 9}));
    EXPECT_TRUE(store.log(0).Verify().ok());
    EXPECT_EQ(ReadBytes(FilesOf(copy + "/log0", ".log").at(0)), bytes);
    EXPECT_TRUE(store.JournalFiles().empty());
  }
}

TEST_F(CommitJournalTest, BrokenDataBeforeASoundBatchThatNoJournalHoldsIsDamage) {
  {
    Store store(Root());
    ASSERT_TRUE(store.Open().ok());
    store.Commit();
    ASSERT_TRUE(store.log(0).Append(BufferOf(MakeBatch({}))).ok());
    Image("image");
  }
  const std::string image = directory_.path() + "/image";
  const std::string segment = FilesOf(image + "/log0", ".log").at(0);
  std::string bytes = ReadBytes(segment);
  bytes[60] ^= 1;
  WriteBytes(segment, bytes);
  Store store(image);
  EXPECT_EQ(store.Open().code(), ErrorCode::kCorruptMessage);
}

TEST_F(CommitJournalTest, AFullFileIsLeftForTheNext) {
  Store store(Root(), 1);
  ASSERT_TRUE(store.Open().ok());
  EXPECT_FALSE(store.journal().Rotate().has_value());
  store.Commit();
  const auto first = store.journal().Rotate();
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(store.journal().Rotate().has_value());
  store.Commit();
  EXPECT_EQ(store.JournalFiles().size(), 2u);
  ASSERT_TRUE(store.journal().Remove(*first).ok());
  EXPECT_EQ(store.JournalFiles().size(), 1u);
  ASSERT_TRUE(store.journal().RemoveAll().ok());
  EXPECT_TRUE(store.JournalFiles().empty());
  store.Commit();
  EXPECT_EQ(store.Ends(), (std::vector<int64_t>{9, 9}));
}

TEST_F(CommitJournalTest, AFullDiskCommitsNothing) {
  Store store(Root());
  ASSERT_TRUE(store.Open().ok());
  store.Commit();
  store.Prepare();
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlim_t full = fs::file_size(store.JournalFiles().at(0)) + 100;
  const rlimit small{full, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const Status written = store.journal().Write(store.Journaled());
  ::setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_EQ(written.code(), ErrorCode::kLogStorageException);
  EXPECT_THAT(written.message(), HasSubstr(store.JournalFiles().at(0)));
  EXPECT_FALSE(store.journal().in_doubt());
  store.TakeBack();
  EXPECT_EQ(store.Ends(), (std::vector<int64_t>{3, 3}));
  EXPECT_TRUE(IsAtomic(Image("full"), false));
  store.Commit();
  EXPECT_EQ(store.Ends(), (std::vector<int64_t>{6, 6}));
}

TEST_F(CommitJournalTest, AnAppendThatIsTakenBackLeavesNothing) {
  Store store(Root());
  ASSERT_TRUE(store.Open().ok());
  store.Commit();
  const auto size = fs::file_size(FilesOf(store.LogPath(0), ".log").at(0));
  store.Prepare();
  EXPECT_GT(fs::file_size(FilesOf(store.LogPath(0), ".log").at(0)), size);
  EXPECT_EQ(store.log(0).end_offset(), 3);
  store.TakeBack();
  EXPECT_EQ(fs::file_size(FilesOf(store.LogPath(0), ".log").at(0)), size);
  ASSERT_TRUE(store.log(0).Append(BufferOf(MakeBatch({}))).ok());
  EXPECT_EQ(store.log(0).end_offset(), 4);
  EXPECT_TRUE(store.log(0).Verify().ok());
}

TEST_F(CommitJournalTest, ADuplicateHoldsUpNothing) {
  Store store(Root());
  ASSERT_TRUE(store.Open().ok());
  const auto batch = BufferOf(MakeBatch({.writer_id = 5, .sequence = 0}));
  const LogAppendResult first = *store.log(0).Append(batch);
  const auto again = store.log(0).Prepare(batch).MoveValue();
  EXPECT_TRUE(again->result().duplicate);
  EXPECT_EQ(again->result().base_offset, first.base_offset);
  EXPECT_TRUE(again->Write().ok());
  EXPECT_TRUE(store.log(0).Append(BufferOf(MakeBatch({}))).ok());
  again->Publish();
  EXPECT_EQ(store.log(0).end_offset(), 2);
}

TEST_F(CommitJournalTest, AnAbandonedAppendStopsItsLog) {
  Store store(Root());
  ASSERT_TRUE(store.Open().ok());
  store.Prepare();
  store.appends()[0]->Abandon({ErrorCode::kLogStorageException, "the disk is gone"});
  store.TakeBack();
  const auto refused = store.log(0).Append(BufferOf(MakeBatch({})));
  EXPECT_THAT(refused.status().message(), HasSubstr("the disk is gone; the log takes no more writes"));
  EXPECT_TRUE(store.log(1).Append(BufferOf(MakeBatch({}))).ok());
}

TEST_F(CommitJournalTest, ABarredBucketCannotBeOpened) {
  Store store(Root());
  ASSERT_TRUE(store.Open().ok());
  store.Prepare();
  store.journal().Bar(store.Journaled(), {ErrorCode::kLogStorageException, "in doubt"});
  EXPECT_EQ(store.journal().Journaled(Store::Bucket(1)).status().message(), "in doubt");
  EXPECT_TRUE(store.journal().Journaled(Store::Bucket(2)).ok());
}

}  // namespace
}  // namespace weir
