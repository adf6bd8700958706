#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "core.h"
#include "notifier.h"

namespace weir::python {
namespace {

/// Python's number of a level (the module `logging`).
int PythonLevel(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical: return 50;
    case spdlog::level::err: return 40;
    case spdlog::level::warn: return 30;
    case spdlog::level::info: return 20;
    default: return 10;
  }
}

/// Hands messages to Python's logger `fluss`. They wait in a queue of bounded length: who logs may hold
/// locks that a thread with the GIL waits for.
class PythonSink : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (waiting_->fetch_add(1) >= kMaxWaiting) {
      waiting_->fetch_sub(1);
      return;
    }
    RunWithGil([waiting = waiting_, level = PythonLevel(message.level),
                text = std::string(message.payload.data(), message.payload.size())] {
      waiting->fetch_sub(1);
      const nb::object line = ToPyStr(text);
      PyObject* result = PyObject_CallFunction(GetHooks().log, "iO", level, line.ptr());
      if (result == nullptr) PyErr_Print();  // a handler's own failure
      Py_XDECREF(result);
    });
  }
  void flush_() override {}

 private:
  static constexpr int kMaxWaiting = 10'000;
  std::shared_ptr<std::atomic<int>> waiting_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

void LogToPython() {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("weir", std::make_shared<PythonSink>()));
}

}  // namespace weir::python
