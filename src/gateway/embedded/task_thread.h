#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace weir {

/// A thread that runs tasks one after another, in the order they came.
class TaskThread {
 public:
  TaskThread();
  ~TaskThread();

  void Post(std::function<void()> task);
  /// Runs what was posted, then ends. Idempotent.
  void Close();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace weir
