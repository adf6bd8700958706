#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <thread>

#include "types/mutex.h"

namespace weir::sql {

/// Interrupts a statement that runs for too long, until it has ended.
class StatementTimer {
 public:
  StatementTimer(std::chrono::milliseconds limit, std::function<void()> interrupt)
      : thread_([this, limit, stop = std::move(interrupt)] { Watch(limit, stop); }) {}
  ~StatementTimer() {
    {
      MutexLock lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  StatementTimer(const StatementTimer&) = delete;
  StatementTimer& operator=(const StatementTimer&) = delete;

  bool expired() const { return expired_; }

 private:
  void Watch(std::chrono::milliseconds limit, const std::function<void()>& interrupt) {
    MutexLock lock(mutex_);
    const auto ended = [this]() WEIR_REQUIRES(mutex_) { return ended_; };
    if (wake_.wait_for(lock.native(), limit, ended)) return;
    expired_ = true;
    // Again and again: what is between two steps does not hear of it.
    do {
      interrupt();
    } while (!wake_.wait_for(lock.native(), std::chrono::milliseconds(20), ended));
  }

  Mutex mutex_;
  std::condition_variable wake_;
  bool ended_ WEIR_GUARDED_BY(mutex_) = false;
  std::atomic<bool> expired_ = false;
  std::thread thread_;
};

}  // namespace weir::sql
