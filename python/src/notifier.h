#pragma once

#include <functional>
#include <mutex>

#include "core.h"

namespace weir::python {

/// One of a kind per process. Leaked on purpose: threads may outlast static destruction, and a
/// forked child gets a fresh one.
template <typename T>
T& PerProcess() {
  static std::mutex mutex;
  static T* instance = nullptr;
  static uint32_t generation = 0;
  std::lock_guard lock(mutex);
  if (instance == nullptr || generation != ForkGeneration()) {
    instance = new T();
    generation = ForkGeneration();
  }
  return *instance;
}

/// Calls `call` with the GIL held, soon, from a thread that holds no native lock; in the order of the
/// calls of this function. May be called under any lock. A call after StopNotifying is dropped.
void RunWithGil(std::function<void()> call);

/// Runs what is still to be called and ends the thread. With the GIL held, before the interpreter ends.
void StopNotifying();

}  // namespace weir::python
