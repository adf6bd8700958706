#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/embedded/bucket_registry.h"
#include "gateway/embedded/directory_lock.h"
#include "gateway/embedded/kv_snapshot_records.h"
#include "gateway/embedded/task_thread.h"
#include "types/mutex.h"
#include "weir/future.h"

namespace weir {

/// Snapshots of PK buckets in files, for readers that take rows from them and go on with the changelog, and what holds
/// them. Together with the changelog from its offset on, the latest snapshot of a bucket always has every live row: the
/// changelog is cut below the oldest snapshot that is there, and not at all as long as there is none.
///
/// A snapshot that is not the bucket's latest stays for as long as a lease holds it, and for kGraceMs after its
/// successor, for those who have just been told of it. Thread-safe.
class KvSnapshots {
 public:
  static constexpr int64_t kGraceMs = 10 * 60 * 1000;

  struct Options {
    std::filesystem::path directory;  // the database's, absolute
    std::filesystem::path remote;     // where new ones go, absolute; empty: below the database's
    bool read_only = false;           // none are made, and none go
    bool sync = true;
    KvStore* kv = nullptr;
    BucketRegistry* registry = nullptr;
  };
  /// Code -2 when `remote` cannot be made, or another process uses it.
  static Result<std::unique_ptr<KvSnapshots>> Open(Options options);
  ~KvSnapshots();

  /// One entry a bucket, as Gateway::GetLatestKvSnapshots; on another thread where one has to be made.
  Future<std::vector<std::optional<KvSnapshot>>> Latest(std::vector<TableBucket> buckets, int64_t now_ms);
  Result<std::vector<KvSnapshot>> List(int64_t table_id, std::optional<int64_t> partition_id) const;
  Result<KvSnapshotFiles> Files(const KvSnapshotId& id) const;

  Result<std::vector<KvSnapshotId>> Acquire(const KvSnapshotLease& lease, int64_t now_ms);
  Result<std::vector<KvSnapshotId>> Leased(const std::string& lease_id) const;
  Status Release(const std::string& lease_id, const std::vector<TableBucket>& buckets);
  Status DropLease(const std::string& lease_id);

  /// Drops segments of the changelog that are older than `timestamp` and that a snapshot covers. Makes one first when
  /// the segments that it frees are worth it: half of the bytes that the latest one has, so that a large table is not
  /// written again for every segment.
  Status CutChangelog(const TableBucket& bucket, int64_t timestamp, int64_t now_ms);
  /// Makes one, whatever there is: for a changelog that has lost records.
  Status Renew(const TableBucket& bucket, int64_t now_ms);
  /// Ends leases that have expired, and removes snapshots that nothing holds any more.
  Status Sweep(int64_t now_ms);
  /// Removes those of a dropped table or partition.
  Status Forget(int64_t table_id, std::optional<int64_t> partition_id);

  /// Gives up what is being made. Idempotent.
  void Close();

 private:
  KvSnapshots(Options options, std::optional<DirectoryLock> lock);

  /// What a reader of a bucket takes.
  struct Standing {
    bool whole = false;                        // the changelog has every row
    std::optional<KvSnapshotRecord> snapshot;  // neither: one has to be made
  };
  Result<Standing> Look(const TableBucket& bucket) const;
  Result<std::optional<KvSnapshot>> LookOrMake(const TableBucket& bucket, int64_t now_ms);

  // With making_ held.
  /// `earlier`: the bucket's.
  Result<KvSnapshotRecord> Make(const TableBucket& bucket, const std::vector<KvSnapshotRecord>& earlier,
                                int64_t now_ms);
  Result<Bucket::Snapshot> OpenRows(const TableBucket& bucket) const;
  Status RemoveUnknown(const std::filesystem::path& directory, const std::vector<KvSnapshotRecord>& known) const;

  Result<std::vector<KvLeaseRecord>> EndLeases(int64_t now_ms);
  Status RemoveFiles(const std::vector<KvSnapshotRecord>& records) const;
  bool HasFiles(const KvSnapshotRecord& record) const;
  /// As records name it.
  std::filesystem::path PathOfRoot(const std::string& root) const;
  std::filesystem::path DirectoryOf(const KvSnapshotRecord& record) const;

  const Options options_;
  const std::optional<DirectoryLock> lock_;  // of `remote`
  Mutex making_;           // one snapshot at a time; taken first
  mutable Mutex records_;  // guards changes of the catalog's records
  KvSnapshotRecords catalog_;
  std::atomic<bool> closing_{false};
  TaskThread thread_;
};

}  // namespace weir
