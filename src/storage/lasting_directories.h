#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include "types/mutex.h"
#include "weir/status.h"

namespace weir {

/// Brings names of directories below a root to disk, once each, and one sync of a parent for all that
/// wait for it. Thread-safe.
class LastingDirectories {
 public:
  /// The root's own name is on disk.
  explicit LastingDirectories(std::string root) : root_(std::move(root)) {}

  /// The names of `directory` and of its ancestors below the root.
  Status MakeLast(const std::string& directory);

 private:
  /// Calls that share a sync: those that come while one runs wait for the next.
  struct Queue {
    int64_t started = 0;
    int64_t finished = 0;
    bool running = false;
    size_t users = 0;
    Status failure;  // of the last sync
    std::condition_variable changed;
  };
  Status SyncShared(const std::string& directory);

  const std::string root_;
  Mutex mutex_;
  std::unordered_set<std::string> lasting_ WEIR_GUARDED_BY(mutex_);  // where one is, its ancestors are
  std::map<std::string, std::shared_ptr<Queue>> queues_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
