#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/file_damage.h"
#include "weir/status.h"

namespace weir {

/// What the files of a RocksDB and of the catalog's copy hold, looked at without changing them.
struct KvReport {
  bool opens = false;  // whether KvStore::Open would take it
  std::vector<FileDamage> damage;
  /// The catalog's records as opening would have them, from the copy where RocksDB does not open; empty when both fail.
  std::map<std::string, std::string> catalog;
};

/// Checks every block of every file of the RocksDB in `directory`, its write-ahead log, and the copy in `catalog_copy`.
Result<KvReport> InspectKv(const std::string& directory, const std::string& catalog_copy);

}  // namespace weir
