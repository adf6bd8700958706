#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir {

/// The value that an asynchronous call will have: a handle to shared state, cheap to copy.
/// Thread-safe. A callback runs on the thread that completes the promise, or at once on the
/// caller's thread when the result is there already; it must not block.
template <typename T>
class Future {
 public:
  using Callback = std::function<void(const Result<T>&)>;

  Future() = default;

  /// A future that is complete from the start.
  static Future Ready(Result<T> result) {
    Future future(std::make_shared<State>());
    future.state_->result.emplace(std::move(result));
    return future;
  }

  bool valid() const { return state_ != nullptr; }

  bool done() const {
    std::lock_guard lock(state_->mutex);
    return state_->result.has_value();
  }

  /// Blocks until the result is there. It belongs to the future.
  const Result<T>& Wait() const& {
    std::unique_lock lock(state_->mutex);
    state_->completed.wait(lock, [&] { return state_->result.has_value(); });
    return *state_->result;
  }
  /// The same of a future that goes away with the expression: `gateway.GetTable(path).Wait()`.
  Result<T> Wait() && { return std::as_const(*this).Wait(); }

  /// Blocks for at most `timeout`; false when the result is still missing then.
  template <typename Rep, typename Period>
  bool WaitFor(std::chrono::duration<Rep, Period> timeout) const {
    std::unique_lock lock(state_->mutex);
    return state_->completed.wait_for(lock, timeout, [&] { return state_->result.has_value(); });
  }

  void Then(Callback callback) const {
    {
      std::lock_guard lock(state_->mutex);
      if (!state_->result.has_value()) {
        state_->callbacks.push_back(std::move(callback));
        return;
      }
    }
    callback(*state_->result);
  }

 private:
  template <typename U>
  friend class Promise;

  struct State {
    mutable std::mutex mutex;
    std::condition_variable completed;
    std::optional<Result<T>> result;
    std::vector<Callback> callbacks;
  };
  explicit Future(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

/// The writing end of a Future. Only the first Complete counts.
template <typename T>
class Promise {
 public:
  Promise() : state_(std::make_shared<typename Future<T>::State>()) {}

  Future<T> future() const { return Future<T>(state_); }

  void Complete(Result<T> result) const {
    std::vector<typename Future<T>::Callback> callbacks;
    {
      std::lock_guard lock(state_->mutex);
      if (state_->result.has_value()) return;
      state_->result.emplace(std::move(result));
      callbacks.swap(state_->callbacks);
    }
    state_->completed.notify_all();
    for (auto& callback : callbacks) callback(*state_->result);
  }

 private:
  std::shared_ptr<typename Future<T>::State> state_;
};

}  // namespace weir
