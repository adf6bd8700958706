#include "core.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "sql/error.h"

namespace weir::python {
namespace {

std::atomic<uint32_t> fork_generation{0};
std::atomic<bool> threads_started{false};

/// Ends a forked child without the destructors of statics, some of which (RocksDB's) would join
/// threads of the parent. Python has finished by then.
void EndForkedChild(int status, void*) {
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace

Hooks& GetHooks() {
  static Hooks hooks;
  return hooks;
}

uint32_t ForkGeneration() { return fork_generation.load(std::memory_order_relaxed); }
void CountFork() {
  fork_generation.fetch_add(1, std::memory_order_relaxed);
  if (threads_started.exchange(false)) on_exit(&EndForkedChild, nullptr);
}
void ThreadsStarted() { threads_started = true; }

namespace {

nb::object MakeSqlError(const Status& status) {
  const sql::ErrorFields fields = sql::FieldsOf(status);
  const nb::object names = nb::make_tuple(ToPyStr(fields.schema), ToPyStr(fields.table), ToPyStr(fields.column),
                                          ToPyStr(fields.constraint));
  const nb::object message = ToPyStr(fields.message), sqlstate = ToPyStr(fields.sqlstate);
  const nb::object detail = ToPyStr(fields.detail), hint = ToPyStr(fields.hint);
  return Steal(PyObject_CallFunction(GetHooks().make_sql_error, "OOOOiO", message.ptr(), sqlstate.ptr(), detail.ptr(),
                                     hint.ptr(), fields.position, names.ptr()));
}

}  // namespace

nb::object MakeError(const Status& status) {
  if (status.detail() != nullptr) return MakeSqlError(status);
  const nb::object message = ToPyStr(status.message());
  return Steal(PyObject_CallFunction(GetHooks().make_error, "iO", static_cast<int>(status.code()), message.ptr()));
}

void Raise(const Status& status) {
  const nb::object error = MakeError(status);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  nb::raise_python_error();
}

void Seal(nb::object cls) {
  const std::string name = nb::str(cls.attr("__name__")).c_str();
  const auto refuse = [&](const char* method, const std::string& message) {
    cls.attr(method) = nb::cpp_function([message](nb::args, nb::kwargs) { throw nb::type_error(message.c_str()); });
  };
  refuse("__reduce__", "cannot pickle 'fluss." + name + "' object");
  refuse("__init_subclass__", "type 'fluss." + name + "' is not an acceptable base type");
  cls.attr("__module__") = "fluss";
}

}  // namespace weir::python
