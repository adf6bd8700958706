#include "notifier.h"
#include "types/mutex.h"

#include <condition_variable>
#include <deque>
#include <thread>

namespace weir::python {
namespace {

/// The thread that enters Python for native ones. Whoever completes a future or logs may hold native
/// locks; this thread holds none when it takes the GIL, and one GIL entry serves all that is waiting.
class Notifier {
 public:
  void Add(std::function<void()> call) {
    MutexLock lock(mutex_);
    if (stopped_) return;
    queue_.push_back(std::move(call));
    if (!running_) {
      running_ = true;
      ThreadsStarted();
      thread_ = std::thread([this] { Run(); });
    }
    wake_.notify_one();
  }

  void Stop() {
    std::thread thread;
    {
      MutexLock lock(mutex_);
      stopped_ = true;
      wake_.notify_one();
      thread.swap(thread_);
    }
    if (thread.joinable()) thread.join();
  }

 private:
  void Run() {
    MutexLock lock(mutex_);
    while (true) {
      wake_.wait(lock.native(), [&]() WEIR_REQUIRES(mutex_) { return stopped_ || !queue_.empty(); });
      if (queue_.empty()) return;
      std::deque<std::function<void()>> batch;
      batch.swap(queue_);
      lock.unlock();
      {
        const nb::gil_scoped_acquire gil;
        for (const std::function<void()>& call : batch) call();
      }
      lock.lock();
    }
  }

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_ WEIR_GUARDED_BY(mutex_);
  std::thread thread_ WEIR_GUARDED_BY(mutex_);
  bool running_ WEIR_GUARDED_BY(mutex_) = false;
  bool stopped_ WEIR_GUARDED_BY(mutex_) = false;
};

}  // namespace

void RunWithGil(std::function<void()> call) { PerProcess<Notifier>().Add(std::move(call)); }

void StopNotifying() {
  nb::gil_scoped_release release;
  PerProcess<Notifier>().Stop();
}

}  // namespace weir::python
