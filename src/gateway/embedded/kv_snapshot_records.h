#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/kv_snapshot.h"
#include "storage/kv_store.h"
#include "weir/status.h"

namespace weir {

/// A snapshot of a PK bucket as the catalog holds it.
struct KvSnapshotRecord {
  KvSnapshotId id;
  int64_t log_offset = 0;
  int64_t time_ms = 0;  // when it was made
  int64_t bytes = 0;
  std::string root;     // the directory of snapshots that it lies below, absolute; empty: the database's own
  std::vector<std::string> files;
};

struct KvLeaseRecord {
  std::string lease_id;
  int64_t expires_ms = 0;
  std::map<TableBucket, int64_t> snapshots;  // bucket → snapshot id
};

/// The catalog's records of snapshots and of leases on them (docs/storage-format-catalog.md). Keeps nothing itself.
class KvSnapshotRecords {
 public:
  explicit KvSnapshotRecords(KvStore* store) : store_(store) {}

  /// By bucket, then id.
  Result<std::vector<KvSnapshotRecord>> ListAll() const;
  Result<std::vector<KvSnapshotRecord>> ListOfTable(int64_t table_id) const;
  Result<std::vector<KvSnapshotRecord>> ListOfPartition(int64_t table_id, std::optional<int64_t> partition_id) const;
  Result<std::vector<KvSnapshotRecord>> ListOfBucket(const TableBucket& bucket) const;
  Result<std::optional<KvSnapshotRecord>> Find(const KvSnapshotId& id) const;
  Status Add(const KvSnapshotRecord& record);
  Status Remove(const std::vector<KvSnapshotRecord>& records);

  Result<std::vector<KvLeaseRecord>> ListLeases() const;
  Result<std::optional<KvLeaseRecord>> FindLease(const std::string& lease_id) const;
  Status PutLease(const KvLeaseRecord& lease);
  Status RemoveLeases(const std::vector<std::string>& lease_ids);

 private:
  Result<std::vector<KvSnapshotRecord>> List(const std::string& prefix) const;

  KvStore* const store_;
};

}  // namespace weir
