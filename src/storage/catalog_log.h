#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/file.h"
#include "storage/file_damage.h"
#include "storage/kv_change.h"

namespace weir {

/// A second copy of the catalog's records, apart from RocksDB (docs/storage-format-catalog.md, "The copy"): a base with
/// all of them, and a log of the changes since. It tells whether RocksDB has lost changes, and has them. Changes are
/// numbered without gaps. Not synced: RocksDB's write-ahead log is, before a change comes here. Not thread-safe.
class CatalogLog {
 public:
  using Change = KvChange;
  using Visit = std::function<void(int64_t number, const std::vector<Change>& changes)>;

  /// What is in a directory.
  struct State {
    int64_t base = 0;  // number of the last change that the base holds; 0: there is no base
    int64_t last = 0;  // number of the last change in the log, or the base
    int64_t base_bytes = 0;
    int64_t log_bytes = 0;  // of sound records
    int64_t broken = 0;     // number of the change whose record is broken; 0: none
    std::vector<FileDamage> damage;
  };
  /// Reads the newest base, when `read_base`, and its log: calls `visit` for each record, in order. A directory that is
  /// missing or empty has no base.
  static Result<State> Read(const std::string& directory, bool read_base, const Visit& visit);

  /// Goes on after what Read has found.
  static Result<std::unique_ptr<CatalogLog>> Open(const std::string& directory, const State& state);
  /// Begins anew with a base of `records`, which `number` is the last change of; removes what was there.
  static Result<std::unique_ptr<CatalogLog>> Make(const std::string& directory, int64_t number,
                                                  const std::vector<Change>& records);

  Status Append(int64_t number, const std::vector<Change>& changes);

 private:
  CatalogLog(std::shared_ptr<File> file, int64_t size) : file_(std::move(file)), size_(size) {}

  const std::shared_ptr<File> file_;
  int64_t size_;
};

/// All records of the catalog as the copy in `directory` has them; code 3 when it is not whole.
Result<std::map<std::string, std::string>> ReadCatalogCopy(const std::string& directory);

}  // namespace weir
