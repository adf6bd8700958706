#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace weir {

/// Before what a server could not answer yet is asked again.
inline constexpr std::chrono::milliseconds kRetryBackoff{100};

/// The threads of one connection: two workers and a timer. Tasks that are due after the object is
/// gone are dropped.
class ClientThreads {
 public:
  ClientThreads();
  ~ClientThreads();
  ClientThreads(const ClientThreads&) = delete;
  ClientThreads& operator=(const ClientThreads&) = delete;

  void Post(std::function<void()> task);
  /// Runs `task` on a worker, not before `delay` has passed.
  void After(std::chrono::milliseconds delay, std::function<void()> task);

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

}  // namespace weir
