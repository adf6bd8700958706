#pragma once

#include <condition_variable>
#include <mutex>

namespace weir {

/// A mutex that one thread may lock and another unlock.
class HandoverMutex {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [&] { return !held_; });
    held_ = true;
  }
  void unlock() {
    std::lock_guard lock(mutex_);
    held_ = false;
    free_.notify_one();  // within the lock: the next holder may destroy this
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool held_ = false;
};

}  // namespace weir
