#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/file.h"
#include "types/mutex.h"
#include "weir/table.h"

namespace weir {

/// In a database's directory.
inline constexpr char kEndsFile[] = "ENDS";
inline constexpr char kEndsCopy[] = "log/ENDS";

/// Where the log of each bucket was on disk up to, when its last sync ended: a list beside the logs, which tells a log
/// that has lost its end from one that never was longer (docs/storage-format.md, "Durable ends"). It is kept twice, so
/// that losing it together with a log is no silent loss. It is not synced itself: what it says was on disk, but it may
/// not know the newest. Thread-safe.
class DurableEnds {
 public:
  /// Reads both files; what one lacks is taken from the other. One that is missing, or not as the other is, is made
  /// anew. `read_only`: what is set stays in memory.
  static Result<std::unique_ptr<DurableEnds>> Open(const std::string& path, const std::string& copy, bool read_only);

  /// Everything below was on disk; 0: nothing is known.
  int64_t Find(const TableBucket& bucket) const;
  /// Ends never go down. What cannot be written is not known later.
  void Set(const TableBucket& bucket, int64_t end);
  /// Of a table, or of one partition, that is dropped.
  void Forget(int64_t table_id, std::optional<int64_t> partition_id);

  struct Content {
    std::unordered_map<TableBucket, int64_t> ends;
    int64_t damaged_records = 0;
    bool missing = false;
  };
  /// What a file says, without changing it; a file that is missing says nothing.
  static Result<Content> Read(const std::string& path);

 private:
  struct Entry {
    int64_t end = 0;
    size_t slot = 0;
  };
  bool Take(std::string_view bytes, const std::string& path) WEIR_REQUIRES(mutex_);
  void PlaceAnew() WEIR_REQUIRES(mutex_);
  std::string Image() const WEIR_REQUIRES(mutex_);
  void WriteSlot(size_t slot, const std::string& record) WEIR_REQUIRES(mutex_);

  std::vector<std::shared_ptr<File>> files_;  // set before others see it; none: read only
  mutable Mutex mutex_;
  std::map<TableBucket, Entry> entries_ WEIR_GUARDED_BY(mutex_);
  std::vector<size_t> free_slots_ WEIR_GUARDED_BY(mutex_);
  size_t slots_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace weir
