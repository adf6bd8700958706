#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::sql {

/// Interrupts a statement that runs for too long, until it has ended.
class StatementTimer {
 public:
  StatementTimer(std::chrono::milliseconds limit, std::function<void()> interrupt)
      : thread_([this, limit, stop = std::move(interrupt)] { Watch(limit, stop); }) {}
  ~StatementTimer() {
    {
      std::lock_guard lock(mutex_);
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
    std::unique_lock lock(mutex_);
    const auto ended = [this] { return ended_; };
    if (wake_.wait_for(lock, limit, ended)) return;
    expired_ = true;
    // Again and again: what is between two steps does not hear of it.
    do {
      interrupt();
    } while (!wake_.wait_for(lock, std::chrono::milliseconds(20), ended));
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::atomic<bool> expired_ = false;
  std::thread thread_;
};

}  // namespace weir::sql
