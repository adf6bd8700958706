#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::python {

namespace nb = nanobind;

inline constexpr int64_t kMillisPerDay = 86'400'000;

/// Python callables that the package registers when it is imported. Borrowed for the life of the
/// process: native code may still hold errors when the interpreter goes down.
struct Hooks {
  PyObject* make_error = nullptr;      // (code, message) -> FlussError
  PyObject* make_sql_error = nullptr;  // (message, sqlstate, detail, hint, position, names) -> SqlError
  PyObject* make_bucket = nullptr;     // (table_id, partition_id, bucket_id) -> TableBucket
  PyObject* change_types = nullptr;    // tuple of the five ChangeType members
  PyObject* start = nullptr;           // (Operation) -> Pending
  PyObject* normalise_row = nullptr;   // object -> dict, list, tuple or None
  PyObject* normalise_value = nullptr; // (kind, object) -> plain value or None
  PyObject* log = nullptr;             // (level as of `logging`, message) -> None
};
Hooks& GetHooks();

/// Sends the messages of native code to the hook `log`, which must be set.
void LogToPython();

/// Raises the FlussError that stands for `status`.
[[noreturn]] void Raise(const Status& status);
/// The same error as an instance, not raised.
nb::object MakeError(const Status& status);

inline void Check(const Status& status) {
  if (!status.ok()) Raise(status);
}
template <typename T>
T Check(Result<T> result) {
  if (!result.ok()) Raise(result.status());
  return result.MoveValue();
}

/// How often this process was forked off: native threads do not survive a fork, so a handle works
/// only in the process that made it.
uint32_t ForkGeneration();
void CountFork();
/// Says that there are native threads from now on, in this process.
void ThreadsStarted();

/// A native handle that knows its process. In a forked child it is leaked instead of destroyed,
/// since its threads are gone, and using it raises. Destroyed without the GIL, which native threads
/// may need to let go of Arrow buffers that Python owns.
template <typename T>
class Owned {
 public:
  explicit Owned(T value) : value_(new T(std::move(value))), generation_(ForkGeneration()) {}
  Owned(Owned&& other) noexcept : value_(std::exchange(other.value_, nullptr)), generation_(other.generation_) {}
  Owned& operator=(Owned&&) = delete;
  ~Owned() {
    if (value_ == nullptr || generation_ != ForkGeneration()) return;
    nb::gil_scoped_release release;
    delete value_;
  }
  T& operator*() const {
    CheckProcess();
    return *value_;
  }
  T* operator->() const { return &**this; }

 private:
  void CheckProcess() const {
    if (generation_ == ForkGeneration()) return;
    nb::gil_scoped_acquire gil;  // handles are used without it
    Raise(Status::Invalid("this object was made before the process was forked and does not work in the child; "
                          "open a new connection there"));
  }
  T* value_;
  uint32_t generation_;
};

/// New reference or the pending Python error.
inline nb::object Steal(PyObject* object) {
  if (object == nullptr) nb::raise_python_error();
  return nb::steal(object);
}

/// Makes a class final, and its objects refuse to be pickled.
void Seal(nb::object cls);

inline nb::object ToPyStr(std::string_view text) {
  return Steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

}  // namespace weir::python
