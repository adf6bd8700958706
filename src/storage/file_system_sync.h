#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "storage/file.h"
#include "storage/log.h"
#include "types/mutex.h"

namespace weir {

/// Brings many logs to disk at once, by one sync of the file system that they lie on. Thread-safe.
class FileSystemSync {
 public:
  /// Of so many logs on a sync of all that the system holds is the cheaper one.
  static constexpr size_t kWorthIt = 256;

  /// What cannot be opened syncs nothing.
  explicit FileSystemSync(const std::string& directory, size_t worth_it = kWorthIt);

  /// Starts the sync of all, as StartSync does; what is many of them is synced when it comes back.
  void Start(std::span<Log* const> logs);

 private:
  bool SyncAll();

  const size_t worth_it_;
  Mutex mutex_;
  // Open from the start on: an error that is older than the descriptor would not be told. Each is told once, so that
  // after one of them logs are synced by themselves, which tells them theirs. Null: there was one.
  std::shared_ptr<File> directory_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
