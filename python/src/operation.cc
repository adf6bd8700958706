#include "operation.h"

#include <condition_variable>
#include <deque>
#include <limits>
#include <thread>

#include "notifier.h"
#include "types/mutex.h"

namespace weir::python {
namespace {

/// Threads for native calls that block, at most so many. Started as needed, gone after a while without work.
template <int kMaxThreads>
class Workers {
 public:
  void Run(std::function<void()> work) {
    MutexLock lock(mutex_);
    queue_.push_back(std::move(work));
    if (idle_ < static_cast<int>(queue_.size()) && threads_ < kMaxThreads) {
      ++threads_;
      std::thread([this] { Loop(); }).detach();
    }
    wake_.notify_one();
  }

 private:
  void Loop() {
    MutexLock lock(mutex_);
    while (true) {
      ++idle_;
      const auto has_work = [&]() WEIR_REQUIRES(mutex_) { return !queue_.empty(); };
      const bool found = wake_.wait_for(lock.native(), std::chrono::seconds(2), has_work);
      --idle_;
      if (!found) break;
      std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
    --threads_;
  }

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_ WEIR_GUARDED_BY(mutex_);
  int threads_ WEIR_GUARDED_BY(mutex_) = 0;
  int idle_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace

bool Operation::Wait(double timeout_s) const {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kSignalCheck(100);
  const bool bounded = timeout_s >= 0;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(bounded ? std::min(timeout_s, 1e9) : 0));
  while (!done()) {
    auto slice = kSignalCheck;
    if (bounded) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) return false;
      slice = std::min(slice, left);
    }
    {
      nb::gil_scoped_release release;
      if (WaitFor(slice)) return true;
    }
    if (PyErr_CheckSignals() != 0) nb::raise_python_error();
  }
  return true;
}

void Operation::Notify(nb::object loop_object, nb::object callback_object) const {
  // Owned, and dropped with the GIL held.
  PyObject* const loop = loop_object.release().ptr();
  PyObject* const callback = callback_object.release().ptr();
  nb::gil_scoped_release release;
  Then([loop, callback] {
    RunWithGil([loop, callback] {
      PyObject* result = PyObject_CallMethod(loop, "call_soon_threadsafe", "O", callback);
      if (result == nullptr) PyErr_Clear();  // the loop was closed: nobody waits any more
      Py_XDECREF(result);
      Py_DECREF(loop);
      Py_DECREF(callback);
    });
  });
}

Future<Unit> Join(std::vector<Future<Unit>> futures) {
  if (futures.empty()) return Future<Unit>::Ready(Unit{});
  struct State {
    std::vector<Future<Unit>> futures;
    std::atomic<size_t> left;
    Promise<Unit> promise;
  };
  auto state = std::make_shared<State>();
  state->futures = std::move(futures);
  state->left = state->futures.size();
  for (const Future<Unit>& future : state->futures) {
    future.Then([state](const Result<Unit>&) {
      if (state->left.fetch_sub(1) != 1) return;
      Result<Unit> joined = Unit{};
      for (const Future<Unit>& done : state->futures) {
        if (joined.ok()) joined = done.Wait();
      }
      state->futures.clear();
      state->promise.Complete(std::move(joined));
    });
  }
  return state->promise.future();
}

void Reads::Add(const Future<Unit>& read) {
  MutexLock lock(mutex_);
  std::erase_if(reads_, [](const Future<Unit>& other) { return other.done(); });
  reads_.push_back(read);
}

Future<Unit> Reads::Done() {
  MutexLock lock(mutex_);
  std::erase_if(reads_, [](const Future<Unit>& read) { return read.done(); });
  return Join(reads_);
}

void RunInBackground(std::function<void()> work) { PerProcess<Workers<8>>().Run(std::move(work)); }

void RunUnbounded(std::function<void()> work) {
  PerProcess<Workers<std::numeric_limits<int>::max()>>().Run(std::move(work));
}

void BindOperation(nb::module_& m) {
  nb::class_<Operation>(m, "Operation")
      .def("done", &Operation::done)
      .def("wait", &Operation::Wait, nb::arg("timeout") = -1.0)
      .def("notify", &Operation::Notify, nb::arg("loop"), nb::arg("callback"))
      .def("take", &Operation::Take)
      .def_prop_ro("progress", &Operation::progress);
}

}  // namespace weir::python
