#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <unordered_set>
#include <vector>

#include "gateway/embedded/catalog_change.h"
#include "gateway/embedded/task_thread.h"
#include "storage/bucket.h"
#include "storage/commit_journal.h"
#include "types/mutex.h"

namespace weir {

/// Ends commits whose writes are prepared and written: takes all that wait to the journal with one sync,
/// then publishes them. Meanwhile their buckets take no other writes. Thread-safe.
class Committer {
 public:
  struct Options {
    CommitJournal* journal = nullptr;  // null: commits need not outlive the process
    bool sync = true;
    TaskThread* completions = nullptr;  // runs users' callbacks
    /// Opens a bucket, which restores what the journal holds of it; code 21 when it is gone.
    std::function<Status(const TableBucket&)> open_bucket;
    /// Has the logs of buckets synced.
    std::function<void(std::span<const std::shared_ptr<Bucket>>)> start_sync;
  };
  explicit Committer(Options options);
  ~Committer();

  /// A write of a commit; the bucket lives as long as it.
  struct Write {
    TableBucket id;
    std::shared_ptr<Bucket> bucket;
    std::unique_ptr<BucketWrite> write;
  };
  /// Puts the bytes of prepared writes into their logs, which Submit needs: where there is no room for them shows here.
  static Status WriteLogs(const std::vector<Write>& writes);
  /// All of them and the catalog's change (null: none), or nothing. `done` hears the outcome, code -1 when it is in
  /// doubt. `waits`: the caller does nothing else meanwhile, so that the work may be done by its thread.
  void Submit(std::vector<Write> writes, std::shared_ptr<CatalogChange> change, bool waits,
              std::function<void(const Status&)> done);

  /// Code -1.
  static Status InDoubt(const Status& why);

  /// Waits for the commits under way. Nothing may be submitted any more.
  void Close();
  /// After Close and once all logs are closed: drops the journal where nothing needs it.
  Status Finish();

 private:
  struct Commit;
  using Group = std::vector<std::shared_ptr<Commit>>;

  /// `here`: by this thread, where none is at work.
  void Enqueue(std::shared_ptr<Commit> commit, bool here);
  void Run();
  /// All that are queued; gives the mutex up meanwhile. `own`: of this thread, told at once; null: there is none.
  void ProcessQueue(const Commit* own) WEIR_REQUIRES(mutex_);
  void Process(const Group& group, const Commit* own);
  /// What is left once the journal has it.
  Status MakeGood(Commit* commit);
  Status Seal(Commit* commit);
  Status Publish(Commit* commit);
  void Complete(const std::shared_ptr<Commit>& commit, bool own);
  void RotateJournal();
  void Retire(const std::string& file, const std::unordered_set<std::shared_ptr<Bucket>>& buckets);
  void Recover();

  const Options options_;
  Mutex mutex_;
  std::condition_variable wake_;
  Group queue_ WEIR_GUARDED_BY(mutex_);
  size_t in_flight_ WEIR_GUARDED_BY(mutex_) = 0;
  bool busy_ WEIR_GUARDED_BY(mutex_) = false;  // a thread is at work on what was queued
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;

  std::unordered_set<std::shared_ptr<Bucket>> journaled_;  // in the journal's file that takes records
  std::atomic<bool> retiring_ = false;
  std::atomic<bool> keep_journal_ = false;  // a log could not be synced, or the catalog not be written
  std::atomic<bool> closing_ = false;

  TaskThread upkeep_;
  std::thread thread_;
};

}  // namespace weir
