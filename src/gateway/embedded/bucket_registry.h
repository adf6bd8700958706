#pragma once

#include <arrow/type_fwd.h>

#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <vector>

#include "gateway/embedded/quiet_logs.h"
#include "storage/bucket.h"
#include "storage/commit_journal.h"
#include "storage/durable_ends.h"
#include "storage/file.h"
#include "storage/file_system_sync.h"
#include "types/mutex.h"

namespace weir {

/// The open buckets of a data directory: opened when first used, closed again when they are many
/// and others are used more. Thread-safe; opening or dropping one bucket holds up no other.
class BucketRegistry {
 public:
  struct Options {
    std::filesystem::path directory;  // of all logs
    LogOptions log;
    std::shared_ptr<LogSyncer> syncer;
    KvStore* kv = nullptr;
    DurableEnds* ends = nullptr;
    CommitJournal* journal = nullptr;  // restores what a log lacks of commits, before anybody sees it
    size_t max_open = 8192;
    int64_t max_quiet_bytes = 0;
    std::filesystem::path quiet_file;  // of QuietLogs; empty: none
    /// The bucket's table; code 21 when table, partition or bucket do not exist.
    std::function<Result<std::shared_ptr<const TableContext>>(const TableBucket&)> find_table;
    /// Runs when a bucket has new data; any thread, brief.
    std::function<void(const TableBucket&)> on_append;
  };
  explicit BucketRegistry(Options options);

 private:
  struct Entry {
    explicit Entry(const TableBucket& bucket_id) : id(bucket_id) {}
    const TableBucket id;
    std::shared_mutex gate;  // shared: in use; exclusive: being opened or closed
    std::shared_ptr<Bucket> bucket;  // changed under the gate and the registry's mutex
    bool has_changelog = false;
    bool gone = false;  // no longer in the registry
    std::list<TableBucket>::iterator position;
  };

 public:
  /// A bucket in use: it is neither closed nor dropped while this lives. Keep it short.
  class Lease {
   public:
    Bucket* operator->() const { return entry_->bucket.get(); }
    Bucket& operator*() const { return *entry_->bucket; }
    /// For a write that is prepared: closing the bucket waits for its end.
    const std::shared_ptr<Bucket>& bucket() const { return entry_->bucket; }

   private:
    friend class BucketRegistry;
    Lease(std::shared_ptr<Entry> entry, std::shared_lock<std::shared_mutex> lock)
        : entry_(std::move(entry)), lock_(std::move(lock)) {}
    std::shared_ptr<Entry> entry_;
    std::shared_lock<std::shared_mutex> lock_;
  };
  Result<Lease> Acquire(const TableBucket& bucket);
  /// Several at once: ids ascend and differ, so that nobody waits for each other.
  Result<std::vector<Lease>> AcquireAll(std::span<const TableBucket> buckets);

  /// Whether nothing was ever written to a bucket: it has no log, and asking makes none. Code 21 as above.
  Result<bool> IsUnwritten(const TableBucket& bucket);

  /// What a log table's small bucket holds that was closed because there were too many, or by the process before:
  /// readers of many leaves would open each of them again. Null where that is not known.
  std::shared_ptr<const QuietLog> FindQuiet(const TableBucket& bucket);

  /// Whether a bucket of the table is open, or is being opened.
  bool HasAny(int64_t table_id) const;
  /// Tells the open buckets of a table that it was altered.
  void SetTable(const std::shared_ptr<const TableContext>& table);
  /// Closes the open buckets of a table or partition whose metadata is gone; gives their ids.
  std::vector<TableBucket> Drop(int64_t table_id, std::optional<int64_t> partition_id);
  /// Waits until everything appended to open PK buckets is on disk.
  Status SyncChangelogs();
  /// Joins the small batches of open buckets of log tables; the first error, when all were tried.
  Status Compact(const std::function<bool()>& stop);
  size_t num_open() const;
  /// Has the logs of buckets synced.
  void StartSync(std::span<const std::shared_ptr<Bucket>> buckets);
  /// Closes the buckets that are too many: those of a commit to many are open until somebody comes by.
  void CloseLeastUsed();

  /// Syncs and closes all, and leaves behind what makes the next process' reads of many small logs quick.
  Status Close();

  /// Where the log of a bucket lies below the directory, and that of all of a table's or partition's.
  static std::filesystem::path TableDirectory(int64_t table_id, std::optional<int64_t> partition_id);
  static std::filesystem::path BucketDirectory(const TableBucket& bucket);

 private:
  std::shared_ptr<Entry> FindOrAdd(const TableBucket& id);
  Result<Lease> AcquireOne(const TableBucket& bucket, bool make_room);
  Status Open(Entry& entry);
  Result<std::unique_ptr<Log>> OpenLog(const TableBucket& id, const std::filesystem::path& directory);
  /// The caller holds the entry's gate exclusively.
  Status CloseEntry(Entry& entry, bool keep_quiet = false);
  struct Quiet {
    std::shared_ptr<const QuietLog> log;
    bool checked = true;  // else it is another process' word, and its file may have been changed by others since
  };
  using QuietMap = std::map<TableBucket, Quiet>;
  void KeepQuiet(const TableBucket& id, std::shared_ptr<const QuietLog> log) WEIR_REQUIRES(mutex_);
  void ForgetQuiet(QuietMap::iterator place) WEIR_REQUIRES(mutex_);
  std::filesystem::path SegmentOf(const TableBucket& id, const QuietLog& log) const;
  /// `earlier`: others may have written since.
  bool IsAsLeft(const TableBucket& id, const QuietLog& log, bool earlier) const;
  void LoadQuiet() WEIR_REQUIRES(mutex_);
  void SaveQuiet();
  std::vector<std::shared_ptr<Entry>> EntriesOf(int64_t table_id, std::optional<int64_t> partition_id) const;

  const Options options_;
  mutable Mutex mutex_;
  std::map<TableBucket, std::shared_ptr<Entry>> entries_ WEIR_GUARDED_BY(mutex_);
  std::list<TableBucket> recently_used_ WEIR_GUARDED_BY(mutex_);  // newest first
  std::set<TableBucket> unwritten_ WEIR_GUARDED_BY(mutex_);       // as they were found; none is in entries_
  QuietMap quiet_ WEIR_GUARDED_BY(mutex_);                        // none is in entries_
  std::shared_ptr<File> left_quiet_ WEIR_GUARDED_BY(mutex_);      // what the process before has left, until it is read
  bool left_earlier_ WEIR_GUARDED_BY(mutex_) = false;             // by one before that: logs may be newer
  int64_t quiet_bytes_ WEIR_GUARDED_BY(mutex_) = 0;
  FileSystemSync many_at_once_;
  uint64_t changes_ WEIR_GUARDED_BY(mutex_) = 0;  // goes up before one of them may be written, or is dropped
};

}  // namespace weir
