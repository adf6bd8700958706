#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "storage/file_damage.h"
#include "weir/status.h"
#include "weir/table.h"

namespace weir {

/// What the files of a RocksDB and of the catalog's copy hold, looked at without changing them.
struct KvReport {
  bool opens = false;  // RocksDB does
  bool whole = false;  // it opens, and every block of its files can be read
  /// What CURRENT should name, which does not: with it the RocksDB is whole. Empty: CURRENT is right, or of no use.
  std::string manifest;
  bool copy_lacks_changes = false;  // the catalog has lost changes, and its copy has them neither
  std::vector<FileDamage> damage;
  /// The catalog's records as opening would have them, from the copy where RocksDB does not open; empty when both fail.
  std::map<std::string, std::string> catalog;
  std::map<TableBucket, int64_t> applied;  // changelog offsets that rows stand at, as KvStore::AppliedOffset gives them
};

/// Checks every block of every file of the RocksDB in `directory`, its write-ahead log, and the copy in `catalog_copy`.
Result<KvReport> InspectKv(const std::string& directory, const std::string& catalog_copy,
                           std::span<const TableBucket> buckets);

}  // namespace weir
