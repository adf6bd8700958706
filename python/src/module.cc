#include "arrow_exchange.h"
#include "core.h"
#include "metadata.h"
#include "notifier.h"
#include "operation.h"

namespace nb = nanobind;
using namespace weir::python;

NB_MODULE(_core, m) {
  nb::set_leak_warnings(false);  // objects that live when the interpreter ends are no leaks
  m.attr("__version__") = WEIR_VERSION;
  m.def(
      "set_hooks",
      [](nb::object make_error, nb::object make_sql_error, nb::object make_bucket, nb::tuple change_types,
         nb::object start, nb::object normalise_row, nb::object normalise_value, nb::object log) {
        Hooks& hooks = GetHooks();
        hooks.make_error = make_error.release().ptr();
        hooks.make_sql_error = make_sql_error.release().ptr();
        hooks.make_bucket = make_bucket.release().ptr();
        hooks.change_types = change_types.release().ptr();
        hooks.start = start.release().ptr();
        hooks.normalise_row = normalise_row.release().ptr();
        hooks.normalise_value = normalise_value.release().ptr();
        hooks.log = log.release().ptr();
        LogToPython();
      },
      nb::arg("make_error"), nb::arg("make_sql_error"), nb::arg("make_bucket"), nb::arg("change_types"),
      nb::arg("start"), nb::arg("normalise_row"), nb::arg("normalise_value"), nb::arg("log"));
  m.def("count_fork", &CountFork);
  m.def("stop_notifying", &StopNotifying);
  BindOperation(m);
  BindArrow(m);
  BindMetadata(m);
  BindPredicate(m);
  BindConnection(m);
  BindWriters(m);
  BindScans(m);
}
