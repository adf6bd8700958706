#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sql/transaction/deleted_rows.h"
#include "sql/transaction/key_index.h"
#include "sql/transaction/leaf.h"

namespace weir::sql {

using DeletedRows = std::shared_ptr<const OffsetSet>;  // never null

/// Rows of a PK bucket as they were before a commit changed them.
struct ReplacedRows {
  KeyIndex keys;
  std::vector<std::optional<std::string>> values;  // by the key's number; absent: there was none
};

/// What a commit has done to one bucket.
struct BucketChange {
  std::optional<int64_t> base_offset;            // of the log rows it has added
  DeletedRows deleted_before;
  DeletedRows deleted;                           // from now on; both null: no change
  std::shared_ptr<const ReplacedRows> replaced;  // null when no snapshot needs it
};

/// The order of a target's SQL commits and what each has changed, as long as a statement's snapshot
/// is older: so a statement sees all of a commit or nothing, whenever it comes to read a bucket. Also
/// the cache of deleted rows. Thread-safe.
class CommitHistory {
 public:
  using Snapshot = int64_t;  // the number of the last commit that it sees
  static constexpr Snapshot kLatest = INT64_MAX;

  explicit CommitHistory(std::shared_ptr<DeletedRowsTable> table) : table_(std::move(table)) {}

  /// A snapshot of now. Notices, too, what other programs have done to the table of deleted rows.
  Result<Snapshot> Open();
  void Close(Snapshot snapshot);

  /// What a snapshot sees, of buckets of log leaves. Waits for a commit to them that is under way, so
  /// a high watermark read before the call is covered.
  int64_t EndOffset(const TableBucket& bucket, Snapshot snapshot, int64_t high_watermark);
  Result<std::vector<DeletedRows>> Deleted(const std::vector<TableBucket>& buckets, Snapshot snapshot);
  /// What later commits have replaced in a PK bucket, the earliest first.
  std::vector<std::shared_ptr<const ReplacedRows>> Replaced(const TableBucket& bucket, Snapshot snapshot);

  /// Whether a commit that an open snapshot does not see has written to a bucket.
  bool HasChanged(const TableBucket& bucket, Snapshot snapshot);

  /// One committer at a time: held from the check for conflicts to the end of the commit.
  std::mutex& commit_mutex() { return commit_mutex_; }
  /// Tells that these buckets are being written; every Begin is followed by an End. Says whether there are snapshots,
  /// which will need to know what rows the commit replaces.
  bool BeginCommit(std::set<TableBucket> buckets);
  /// What was written, by one transaction or by several that are one commit for everybody else; none: nothing was.
  /// `unknown`: perhaps there is more.
  void EndCommit(const std::vector<std::pair<TableBucket, BucketChange>>& changes, bool unknown);

 private:
  struct Version {
    Snapshot commit = 0;
    std::optional<int64_t> base_offset;
    DeletedRows deleted_before;
    std::shared_ptr<const ReplacedRows> replaced;
  };
  struct Bucket {
    DeletedRows deleted;  // null: not loaded
    std::vector<Version> versions;
  };
  using Lock = std::unique_lock<std::mutex>;

  void WaitForCommit(Lock* lock, const TableBucket& bucket);
  DeletedRows FindDeleted(const TableBucket& bucket, Snapshot snapshot) const;
  Status Load(const std::vector<TableBucket>& buckets);
  void Prune();
  void DropDeleted();

  const std::shared_ptr<DeletedRowsTable> table_;
  std::mutex commit_mutex_;

  std::mutex mutex_;
  std::condition_variable committed_;
  Snapshot last_commit_ = 0;
  std::multiset<Snapshot> snapshots_;
  std::optional<std::set<TableBucket>> writing_;
  bool keeps_replaced_ = true;  // what is being written
  int64_t writes_begun_ = 0;
  std::unordered_map<TableBucket, Bucket> buckets_;
  std::deque<std::pair<Snapshot, TableBucket>> versions_;  // in the order of commits
  int64_t deleted_epoch_ = 0;                              // goes up when the cache is dropped
  std::optional<int64_t> table_version_;                   // that the cache stands for
};

}  // namespace weir::sql
