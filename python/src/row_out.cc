#include "row_out.h"

#include <datetime.h>

namespace weir::python {
namespace {


struct Civil {
  int64_t year;
  int month, day;
};

Civil CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const unsigned day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned mp = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2), month,
          static_cast<int>(day_of_year - (153 * mp + 2) / 5 + 1)};
}

Civil PythonDate(int64_t days, const DataType& type) {
  const Civil civil = CivilFromDays(days);
  if (civil.year < 1 || civil.year > 9999) {
    Raise(Status::Invalid("a stored " + type.WithNullable(true).ToString() + " lies in the year " +
                          std::to_string(civil.year) +
                          ", outside of what Python's datetime can hold (1 to 9999); read it as Arrow instead"));
  }
  return civil;
}

nb::object MakeTimestamp(const DataType& type, const Datum& value) {
  int64_t days = value.time.millis / kMillisPerDay;
  int64_t millis = value.time.millis % kMillisPerDay;
  if (millis < 0) millis += kMillisPerDay, --days;
  const Civil civil = PythonDate(days, type);
  const int micros = static_cast<int>(millis % 1000 * 1000 + value.time.nanos / 1000);
  PyObject* zone = type.id() == TypeId::kTimestampLtz ? PyDateTime_TimeZone_UTC : Py_None;
  return Steal(PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(civil.year), civil.month, civil.day, static_cast<int>(millis / 3600000),
      static_cast<int>(millis / 60000 % 60), static_cast<int>(millis / 1000 % 60), micros, zone,
      PyDateTimeAPI->DateTimeType));
}

/// decimal.Decimal, looked up once and kept for the life of the process.
PyObject* DecimalClass() {
  static PyObject* decimal_class = nullptr;
  if (decimal_class == nullptr) decimal_class = nb::module_::import_("decimal").attr("Decimal").inc_ref().ptr();
  return decimal_class;
}

nb::object MakeDecimal(const DataType& type, const Datum& value) {
  const __int128 unscaled = value.as_decimal();
  unsigned __int128 rest = unscaled < 0 ? -static_cast<unsigned __int128>(unscaled) : unscaled;
  char text[48];
  char* end = text + sizeof text;
  char* begin = end;
  int digits = 0;
  while (rest != 0 || digits <= type.scale()) {
    *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    if (++digits == type.scale() && type.scale() > 0) *--begin = '.';
  }
  if (unscaled < 0) *--begin = '-';
  const nb::object string = Steal(PyUnicode_FromStringAndSize(begin, end - begin));
  return Steal(PyObject_CallOneArg(DecimalClass(), string.ptr()));
}

nb::object MakeList(const DataType& type, const Datum& value) {
  const std::span<const Datum> items = value.as_items();
  nb::object list = Steal(PyList_New(static_cast<Py_ssize_t>(items.size())));
  for (size_t i = 0; i < items.size(); ++i) {
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), MakeValue(type.element_type(), items[i]).release().ptr());
  }
  return list;
}

nb::object MakePairs(const DataType& type, const Datum& value) {
  const std::span<const Datum> items = value.as_items();
  const size_t count = items.size() / 2;
  nb::object list = Steal(PyList_New(static_cast<Py_ssize_t>(count)));
  for (size_t i = 0; i < count; ++i) {
    nb::object pair = Steal(PyTuple_New(2));
    PyTuple_SET_ITEM(pair.ptr(), 0, MakeValue(type.key_type(), items[2 * i]).release().ptr());
    PyTuple_SET_ITEM(pair.ptr(), 1, MakeValue(type.value_type(), items[2 * i + 1]).release().ptr());
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), pair.release().ptr());
  }
  return list;
}

nb::object MakeStruct(const DataType& type, const Datum& value) {
  const std::span<const Datum> items = value.as_items();
  nb::object dict = Steal(PyDict_New());
  for (size_t i = 0; i < type.fields().size(); ++i) {
    const Field& field = type.fields()[i];
    const nb::object name = ToPyStr(field.name);
    const nb::object item = MakeValue(field.type, items[i]);
    if (PyDict_SetItem(dict.ptr(), name.ptr(), item.ptr()) != 0) nb::raise_python_error();
  }
  return dict;
}

}  // namespace

nb::object MakeValue(const DataType& type, const Datum& value) {
  if (value.is_null()) return nb::none();
  switch (type.id()) {
    case TypeId::kBoolean: return nb::borrow(value.as_bool() ? Py_True : Py_False);
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return Steal(PyLong_FromLongLong(value.as_int()));
    case TypeId::kFloat:
    case TypeId::kDouble: return Steal(PyFloat_FromDouble(value.as_double()));
    case TypeId::kString:
    case TypeId::kChar: return ToPyStr(value.as_bytes());
    case TypeId::kBytes:
    case TypeId::kBinary:
      return Steal(
          PyBytes_FromStringAndSize(value.as_bytes().data(), static_cast<Py_ssize_t>(value.as_bytes().size())));
    case TypeId::kDate: {
      const Civil civil = PythonDate(value.as_int(), type);
      return Steal(PyDate_FromDate(static_cast<int>(civil.year), civil.month, civil.day));
    }
    case TypeId::kTime: {
      const int64_t millis = value.as_int();
      return Steal(PyTime_FromTime(static_cast<int>(millis / 3600000), static_cast<int>(millis / 60000 % 60),
                                   static_cast<int>(millis / 1000 % 60), static_cast<int>(millis % 1000 * 1000)));
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return MakeTimestamp(type, value);
    case TypeId::kDecimal: return MakeDecimal(type, value);
    case TypeId::kArray: return MakeList(type, value);
    case TypeId::kMap: return MakePairs(type, value);
    case TypeId::kRow: return MakeStruct(type, value);
  }
  return nb::none();
}

RowMaker::RowMaker(const std::vector<std::string>& names, std::vector<DataType> types) : types_(std::move(types)) {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) nb::raise_python_error();
  for (const std::string& name : names) {
    PyObject* interned = PyUnicode_InternFromString(name.c_str());
    if (interned == nullptr) nb::raise_python_error();
    names_.push_back(interned);
  }
}

RowMaker::~RowMaker() {
  for (PyObject* name : names_) Py_DECREF(name);
}

nb::object RowMaker::MakeDict(RowView row) const {
  nb::object dict = Steal(PyDict_New());
  for (size_t i = 0; i < names_.size(); ++i) {
    const nb::object value = MakeValue(types_[i], row[i]);
    if (PyDict_SetItem(dict.ptr(), names_[i], value.ptr()) != 0) nb::raise_python_error();
  }
  return dict;
}

}  // namespace weir::python
