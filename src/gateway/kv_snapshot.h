#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/table.h"

namespace weir {

/// Names a snapshot: ids ascend within a bucket and are not used again.
struct KvSnapshotId {
  TableBucket bucket;
  int64_t snapshot_id = -1;
  auto operator<=>(const KvSnapshotId&) const = default;
};

/// All live rows of a PK bucket in files that readers copy for themselves. Its changelog goes on at `log_offset`.
struct KvSnapshot {
  KvSnapshotId id;
  int64_t log_offset = 0;
};

/// The files of a snapshot: together a RocksDB database (storage/kv_snapshot.h).
struct KvSnapshotFiles {
  struct File {
    std::string uri;   // where it is, e.g. "file:///data/remote/…/000008.sst"
    std::string name;  // what a copy must be called for RocksDB to know it
  };
  int64_t log_offset = 0;
  std::vector<File> files;
};

/// Keeps snapshots, and the changelogs from their offsets on, until it expires.
struct KvSnapshotLease {
  std::string lease_id;  // the holder's choice
  int64_t duration_ms = 0;  // from now on
  std::vector<KvSnapshotId> snapshots;
};

}  // namespace weir
