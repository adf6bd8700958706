#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>

#include "types/mutex.h"

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

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_ WEIR_GUARDED_BY(mutex_);
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace weir
