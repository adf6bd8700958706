#include "core.h"

namespace weir::python {
namespace {

std::atomic<uint32_t> fork_generation{0};

}  // namespace

Hooks& GetHooks() {
  static Hooks hooks;
  return hooks;
}

uint32_t ForkGeneration() { return fork_generation.load(std::memory_order_relaxed); }
void CountFork() { fork_generation.fetch_add(1, std::memory_order_relaxed); }

nb::object MakeError(const Status& status) {
  const nb::object message = ToPyStr(status.message());
  return Steal(PyObject_CallFunction(GetHooks().make_error, "iO", static_cast<int>(status.code()), message.ptr()));
}

void Raise(const Status& status) {
  const nb::object error = MakeError(status);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  nb::raise_python_error();
}

void RefusePickling(nb::handle self) {
  const nb::object name = nb::borrow(self.type()).attr("__name__");
  PyErr_Format(PyExc_TypeError, "cannot pickle 'fluss.%U' object", name.ptr());
  nb::raise_python_error();
}

}  // namespace weir::python
