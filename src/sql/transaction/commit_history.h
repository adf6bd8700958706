#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sql/transaction/deleted_rows.h"
#include "sql/transaction/key_index.h"
#include "sql/transaction/leaf.h"
#include "types/mutex.h"

namespace weir::sql {

using DeletedRows = std::shared_ptr<const OffsetSet>;  // never null

/// Rows of a PK bucket as they were before a commit changed them.
struct ReplacedRows {
  KeyIndex keys;
  std::vector<std::optional<std::string>> values;  // by the key's number; absent: there was none
};

/// The batches of a log bucket that a commit has added, where it is a log of commits that numbers them.
struct NumberedBatches {
  int64_t writer_id = -1;
  int32_t first_sequence = 0;
};

/// What a commit has done to one bucket.
struct BucketChange {
  std::optional<int64_t> base_offset;            // of the log rows it has added
  std::optional<NumberedBatches> batches;        // that hold these rows, where their offset is not known
  DeletedRows deleted_before;
  DeletedRows deleted;                           // from now on; both null: no change, or as the next says
  DeletedRows deleted_also;                      // besides what was deleted before; null: nothing
  std::shared_ptr<const ReplacedRows> replaced;  // null when no snapshot needs it
};

/// Where the rows of a log bucket end for a snapshot.
struct LogEnd {
  int64_t offset = 0;                 // exclusive
  std::map<int64_t, int32_t> unseen;  // batches before it that it does not see: by writer, from a sequence on
};

/// The order of a target's SQL commits and what each has changed, as long as a statement's snapshot
/// is older: so a statement sees all of a commit or nothing, whenever it comes to read a bucket. Also
/// the cache of deleted rows. Thread-safe.
class CommitHistory {
 public:
  using Snapshot = int64_t;  // the number of the last commit that it sees
  static constexpr Snapshot kLatest = INT64_MAX;

  explicit CommitHistory(std::shared_ptr<DeletedRowsTable> table) : table_(std::move(table)) {}
  /// Others commit as well, and all commits are told by Begin and EndCommit: `catch_up` has those told that were made
  /// before it was called. To be set before anything else.
  void Follow(std::function<Status()> catch_up) { catch_up_ = std::move(catch_up); }
  /// Where others commit as well, all is told that was made before the call.
  Status CatchUp() const { return catch_up_ ? catch_up_() : Status::OK(); }

  /// A snapshot of now. Notices, too, what other programs have done to the table of deleted rows.
  Result<Snapshot> Open();
  void Close(Snapshot snapshot);

  /// What a snapshot sees, of buckets of log leaves. Waits for a commit to them that is under way, so
  /// a high watermark read before the call is covered; where others commit as well, one read before CatchUp.
  Result<LogEnd> EndOfLog(const TableBucket& bucket, Snapshot snapshot, int64_t high_watermark);
  Result<std::vector<DeletedRows>> Deleted(const std::vector<TableBucket>& buckets, Snapshot snapshot);
  /// What later commits have replaced in a PK bucket, the earliest first.
  using AllReplaced = std::vector<std::shared_ptr<const ReplacedRows>>;
  Result<AllReplaced> Replaced(const TableBucket& bucket, Snapshot snapshot);

  /// Whether a commit that an open snapshot does not see has written to a bucket.
  bool HasChanged(const TableBucket& bucket, Snapshot snapshot);

  /// One committer at a time. Tells that these buckets are being written; every Begin is followed by one of the others.
  /// Says whether what rows the commit replaces has to be noted: there are snapshots, or, where it is cheap as they are
  /// `few`, it is likely that there will be.
  bool BeginCommit(std::set<TableBucket> buckets, bool few = false);
  /// What one transaction has written, or several that are one commit for everybody else.
  using Changes = std::vector<std::pair<TableBucket, BucketChange>>;
  /// What is about to be written: where it is known what it replaces, nobody who reads has to wait for the disk.
  void Announce(const Changes& changes);
  void EndCommit(const Changes& changes);
  /// Nothing was written, or (`unknown`) perhaps everything.
  void AbortCommit(bool unknown);
  /// Commits were made that cannot be told any more: what asks for a snapshot of before gets 40001 from now on.
  void Lose();

 private:
  struct Version {
    Snapshot commit = 0;
    std::optional<int64_t> base_offset;
    std::optional<NumberedBatches> batches;
    DeletedRows deleted_before;
    DeletedRows deleted_also;
    std::shared_ptr<const ReplacedRows> replaced;
  };
  struct Bucket {
    DeletedRows deleted;  // null: not loaded
    std::vector<Version> versions;
  };
  /// 40001 for a snapshot that Lose was called after.
  Status WaitForCommit(MutexLock* lock, const TableBucket& bucket, Snapshot snapshot) WEIR_REQUIRES(mutex_);
  DeletedRows FindDeleted(const TableBucket& bucket, Snapshot snapshot) const WEIR_REQUIRES(mutex_);
  Status Load(const std::vector<TableBucket>& buckets);
  void AddVersion(Snapshot commit, const TableBucket& id, const BucketChange& change) WEIR_REQUIRES(mutex_);
  void Withdraw() WEIR_REQUIRES(mutex_);
  void Prune() WEIR_REQUIRES(mutex_);
  void DropDeleted() WEIR_REQUIRES(mutex_);

  const std::shared_ptr<DeletedRowsTable> table_;
  std::function<Status()> catch_up_;  // null: nobody else commits

  Mutex mutex_;
  std::condition_variable committed_;
  Snapshot last_commit_ WEIR_GUARDED_BY(mutex_) = 0;
  Snapshot lost_before_ WEIR_GUARDED_BY(mutex_) = 0;
  std::multiset<Snapshot> snapshots_ WEIR_GUARDED_BY(mutex_);
  std::optional<std::set<TableBucket>> writing_ WEIR_GUARDED_BY(mutex_);
  bool keeps_replaced_ WEIR_GUARDED_BY(mutex_) = true;  // what is being written
  // Commits to come that somebody is thought to read during, as they did before.
  int expecting_ WEIR_GUARDED_BY(mutex_) = 0;
  int64_t writes_begun_ WEIR_GUARDED_BY(mutex_) = 0;
  std::unordered_map<TableBucket, Bucket> buckets_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::pair<Snapshot, TableBucket>> versions_ WEIR_GUARDED_BY(mutex_);  // in the order of commits
  int64_t deleted_epoch_ WEIR_GUARDED_BY(mutex_) = 0;               // goes up when the cache is dropped
  std::optional<int64_t> table_version_ WEIR_GUARDED_BY(mutex_);  // that the cache stands for
};

}  // namespace weir::sql
