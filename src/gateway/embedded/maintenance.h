#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <thread>

#include "types/mutex.h"

namespace weir {

/// The thread behind retention, auto partitioning and the removal of dropped data.
class MaintenanceThread {
 public:
  /// `round` runs every `interval_ms` (0: never), `sweep` at the start and after each RequestSweep.
  MaintenanceThread(int64_t interval_ms, std::function<void()> round, std::function<void()> sweep);
  ~MaintenanceThread();

  void Start();
  void RequestSweep();
  /// Waits for what runs now. Idempotent.
  void Close();
  /// Whether Close was called: long work asks and stops early.
  bool closing() const;

 private:
  void Run();

  const int64_t interval_ms_;
  const std::function<void()> round_;
  const std::function<void()> sweep_;
  mutable Mutex mutex_;
  std::condition_variable wake_;
  bool sweep_requested_ WEIR_GUARDED_BY(mutex_) = true;
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace weir
