#pragma once

#include <nanobind/stl/unique_ptr.h>

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>

#include "client/chain.h"
#include "core.h"
#include "types/mutex.h"
#include "weir/client.h"
#include "weir/future.h"

namespace weir::python {

/// A native call under way, as Python sees it. The result is converted to Python by the thread that
/// asks for it, with the GIL held.
class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  virtual bool done() const = 0;
  /// Blocks without the GIL; false at the timeout (seconds, negative: none). Signals are served.
  bool Wait(double timeout_s) const;
  /// Calls loop.call_soon_threadsafe(callback) once the operation is done.
  void Notify(nb::object loop, nb::object callback) const;
  /// The converted result; raises its error.
  virtual nb::object Take() = 0;
  /// Rows read so far by a long read; -1 for other operations.
  virtual int64_t progress() const { return -1; }

 protected:
  virtual bool WaitFor(std::chrono::milliseconds timeout) const = 0;
  virtual void Then(std::function<void()> callback) const = 0;
};

template <typename T>
class FutureOperation : public Operation {
 public:
  using Convert = std::function<nb::object(const T&)>;
  FutureOperation(Future<T> future, Convert convert) : future_(std::move(future)), convert_(std::move(convert)) {}
  ~FutureOperation() override {
    if constexpr (std::is_same_v<T, Connection> || std::is_same_v<T, Table>) {  // see Owned
      nb::gil_scoped_release release;
      future_ = {};
    }
  }

  bool done() const override { return future_.done(); }
  nb::object Take() override {
    const Result<T>& result = future_.Wait();
    if (!result.ok()) Raise(result.status());
    return convert_(*result);
  }

 protected:
  bool WaitFor(std::chrono::milliseconds timeout) const override { return future_.WaitFor(timeout); }
  void Then(std::function<void()> callback) const override {
    future_.Then([callback = std::move(callback)](const Result<T>&) { callback(); });
  }
  Future<T> future_;

 private:
  Convert convert_;
};

using OperationPtr = std::unique_ptr<Operation>;

template <typename T, typename F>
OperationPtr MakeOperation(Future<T> future, F&& convert) {
  return std::make_unique<FutureOperation<T>>(std::move(future), std::forward<F>(convert));
}
/// An operation whose result is None.
inline OperationPtr MakeOperation(Future<Unit> future) {
  return MakeOperation(std::move(future), [](const Unit&) { return nb::none(); });
}

/// Complete when all are; the first error in their order wins.
Future<Unit> Join(std::vector<Future<Unit>> futures);

/// Runs `f` without the GIL: no native lock is ever waited for with the GIL held.
template <typename F>
auto Unlocked(F&& f) {
  nb::gil_scoped_release release;
  return f();
}

/// Runs blocking native work on a few shared threads that end when they are idle.
void RunInBackground(std::function<void()> work);
/// For work that may wait until other such work is done, as SQL statements wait for each other's locks: it never waits
/// for a thread.
void RunUnbounded(std::function<void()> work);

template <typename T>
Future<T> Background(std::function<Result<T>()> work) {
  Promise<T> promise;
  RunInBackground([promise, work = std::move(work)] { promise.Complete(work()); });
  return promise.future();
}

/// Bounded reads of a connection that are under way. Code that does not await them counts on their
/// having read what is there, so closing and dropping wait for them.
class Reads {
 public:
  void Add(const Future<Unit>& read);
  /// Complete when the reads of now are.
  Future<Unit> Done();

 private:
  Mutex mutex_;
  std::vector<Future<Unit>> reads_ WEIR_GUARDED_BY(mutex_);
};
using ReadsPtr = std::shared_ptr<Reads>;

void BindOperation(nb::module_& m);

}  // namespace weir::python
