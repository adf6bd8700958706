#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/kv_store.h"

namespace weir {

/// The rows of one bucket as a RocksDB database of their own, which a Fluss client copies and opens for itself: keys
/// are encoded primary keys, values schema id and row, all in the default column family (docs/storage-format-kv.md).
struct KvSnapshotContent {
  std::vector<std::string> files;  // names below the directory, in their order
  int64_t bytes = 0;               // of all of them
};

/// Writes the rows into `directory`, which is there and empty, and brings it to disk. Code 11 when that fails, or
/// `stop` says so, which is asked now and then; the directory is to be removed then.
Result<KvSnapshotContent> WriteKvSnapshot(KvRows* rows, const std::string& directory,
                                          const std::function<bool()>& stop);

}  // namespace weir
