#include "client/client_threads.h"

#include <condition_variable>
#include <deque>
#include <map>

#include "types/mutex.h"

namespace weir {
namespace {
using Clock = std::chrono::steady_clock;
using Task = std::function<void()>;
}  // namespace

struct ClientThreads::State {
  Mutex mutex;
  std::condition_variable work;
  std::condition_variable due;
  std::deque<Task> tasks WEIR_GUARDED_BY(mutex);
  std::multimap<Clock::time_point, Task> timers WEIR_GUARDED_BY(mutex);
  bool stopping WEIR_GUARDED_BY(mutex) = false;

  void RunWorker() {
    MutexLock lock(mutex);
    while (true) {
      work.wait(lock.native(), [this]() WEIR_REQUIRES(mutex) { return stopping || !tasks.empty(); });
      if (stopping) return;
      Task task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;  // what it held may end this connection: not under the lock
      lock.lock();
    }
  }

  void RunTimer() {
    MutexLock lock(mutex);
    while (!stopping) {
      if (timers.empty()) {
        due.wait(lock.native());
        continue;
      }
      const Clock::time_point next = timers.begin()->first;
      if (Clock::now() < next) {
        due.wait_until(lock.native(), next);
        continue;
      }
      tasks.push_back(std::move(timers.begin()->second));
      timers.erase(timers.begin());
      work.notify_one();
    }
  }
};

ClientThreads::ClientThreads() : state_(std::make_shared<State>()) {
  for (int i = 0; i < 2; ++i) threads_.emplace_back([state = state_] { state->RunWorker(); });
  threads_.emplace_back([state = state_] { state->RunTimer(); });
}

ClientThreads::~ClientThreads() {
  std::deque<Task> tasks;
  std::multimap<Clock::time_point, Task> timers;
  {
    MutexLock lock(state_->mutex);
    state_->stopping = true;
    tasks.swap(state_->tasks);
    timers.swap(state_->timers);
  }
  state_->work.notify_all();
  state_->due.notify_all();
  // The last owner of a connection may be one of its own tasks.
  for (std::thread& thread : threads_) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

void ClientThreads::Post(Task task) {
  {
    MutexLock lock(state_->mutex);
    if (state_->stopping) return;
    state_->tasks.push_back(std::move(task));
  }
  state_->work.notify_one();
}

void ClientThreads::After(std::chrono::milliseconds delay, Task task) {
  // Clock arithmetic must not overflow for a delay that stands for "never".
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
  const Clock::time_point when = Clock::now() + std::min(delay, kLongest);
  bool earliest = false;
  {
    MutexLock lock(state_->mutex);
    if (state_->stopping) return;
    const auto timer = state_->timers.emplace(when, std::move(task));
    earliest = timer == state_->timers.begin();
  }
  if (earliest) state_->due.notify_one();
}

}  // namespace weir
