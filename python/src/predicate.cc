#include <datetime.h>

#include "metadata.h"
#include "row_in.h"
#include "weir/predicate.h"

namespace weir::python {
namespace {

[[noreturn]] void RaiseUnsupported(PyObject* value) {
  PyErr_Format(PyExc_TypeError, "Unsupported filter literal of type '%s'", Py_TYPE(value)->tp_name);
  nb::raise_python_error();
}

Predicate::Literal IntLiteral(PyObject* value) {
  const nb::object index = Steal(PyNumber_Index(value));
  const long long number = PyLong_AsLongLong(index.ptr());
  if (number == -1 && PyErr_Occurred()) nb::raise_python_error();
  return static_cast<int64_t>(number);
}

Predicate::Literal DecimalLiteral(PyObject* value) {
  Predicate::DecimalLiteral literal{};
  if (!ReadDecimal(value, &literal.unscaled, &literal.scale)) {
    const nb::object text = Steal(PyObject_Str(value));
    Raise(Status::Invalid(std::string("Decimal filter literal '") + PyUnicode_AsUTF8(text.ptr()) +
                          "' must be finite and have at most 38 digits"));
  }
  return literal;
}

Predicate::Literal ToLiteral(PyObject* value) {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  const std::string_view type = Py_TYPE(value)->tp_name;
  if (value == Py_None) return Predicate::Null{};
  if (PyBool_Check(value)) return value == Py_True;
  if (type == "numpy.bool" || type == "numpy.bool_") return PyObject_IsTrue(value) == 1;
  if (PyLong_Check(value)) return IntLiteral(value);
  if (PyFloat_Check(value)) return PyFloat_AS_DOUBLE(value);
  if (PyUnicode_Check(value)) {
    Py_ssize_t size;
    const char* text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == nullptr) nb::raise_python_error();
    return std::string(text, static_cast<size_t>(size));
  }
  if (PyBytes_Check(value)) {
    return Predicate::BytesLiteral{{PyBytes_AS_STRING(value), static_cast<size_t>(PyBytes_GET_SIZE(value))}};
  }
  if (PyDateTime_Check(value)) {
    const DatetimeParts parts = ReadDatetime(value);
    return Predicate::TimestampLiteral{parts.millis, parts.nanos, parts.aware};
  }
  if (PyDate_Check(value)) {
    return Predicate::DateLiteral{static_cast<int32_t>(DaysFromCivil(
        PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value)))};
  }
  if (PyTime_Check(value)) return Predicate::TimeLiteral{static_cast<int32_t>(ReadTimeMillis(value))};
  if (type == "decimal.Decimal") return DecimalLiteral(value);
  if (type.starts_with("numpy.") && PyIndex_Check(value)) return IntLiteral(value);
  if (type.starts_with("numpy.float")) {
    const double number = PyFloat_AsDouble(value);
    if (number == -1.0 && PyErr_Occurred()) nb::raise_python_error();
    return number;
  }
  RaiseUnsupported(value);
}

CorePredicate Compare(int op, nb::str column, nb::handle literals) {
  Predicate predicate;
  predicate.op = static_cast<Predicate::Op>(op);
  predicate.column = column.c_str();
  for (nb::handle literal : nb::borrow<nb::iterable>(literals)) {
    predicate.literals.push_back(ToLiteral(literal.ptr()));
  }
  return {std::move(predicate)};
}

CorePredicate Combine(int op, nb::handle children) {
  Predicate predicate;
  predicate.op = static_cast<Predicate::Op>(op);
  for (nb::handle child : nb::borrow<nb::iterable>(children)) {
    predicate.children.push_back(nb::cast<const CorePredicate&>(child).value);
  }
  return {std::move(predicate)};
}

}  // namespace

void BindPredicate(nb::module_& m) {
  nb::class_<CorePredicate>(m, "Predicate").def("text", [](const CorePredicate& self) {
    return ToPyStr(self.value.ToString());
  });
  m.def("compare", &Compare, nb::arg("op"), nb::arg("column"), nb::arg("literals"));
  m.def("combine", &Combine, nb::arg("op"), nb::arg("children"));
}

}  // namespace weir::python
