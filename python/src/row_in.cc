#include "row_in.h"

#include <datetime.h>

#include <cmath>
#include <limits>

namespace weir::python {
namespace {


/// Why a value does not convert. Thrown inside this file only, and turned into a FlussError that
/// names the field at its border.
struct BadValue {
  std::string kind;  // "TypeError", "OverflowError", …
  std::string text;
};

std::string TypeName(PyObject* value) {
  std::string name = Py_TYPE(value)->tp_name;
  return name.substr(name.rfind('.') + 1);
}

/// " (value 'x')" of at most 60 characters; nothing when repr fails.
std::string ShortValue(PyObject* value) {
  PyObject* repr = PyObject_Repr(value);
  if (repr == nullptr) {
    PyErr_Clear();
    return "";
  }
  const char* text = PyUnicode_AsUTF8(repr);
  std::string result;
  if (text == nullptr) {
    PyErr_Clear();
  } else {
    result = text;
    if (result.size() > 60) {
      size_t cut = 57;
      while (cut > 0 && (static_cast<unsigned char>(result[cut]) & 0xC0) == 0x80) --cut;
      result = result.substr(0, cut) + "...";
    }
    result = " (value " + result + ")";
  }
  Py_DECREF(repr);
  return result;
}

/// The pending Python exception as a BadValue.
[[noreturn]] void ThrowPending() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  BadValue bad{"Exception", ""};
  if (type != nullptr) bad.kind = reinterpret_cast<PyTypeObject*>(type)->tp_name;
  if (PyObject* text = value != nullptr ? PyObject_Str(value) : nullptr) {
    if (const char* utf8 = PyUnicode_AsUTF8(text)) bad.text = utf8;
    Py_DECREF(text);
  }
  PyErr_Clear();
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  throw bad;
}

[[noreturn]] void ThrowType(const std::string& expected, PyObject* value) {
  throw BadValue{"TypeError", "Expected " + expected + ", got " + TypeName(value) + ShortValue(value)};
}

/// Something the plain checks do not know (numpy, pandas, pyarrow): the package's own conversion.
nb::object Normalise(const char* kind, PyObject* value) {
  PyObject* result = PyObject_CallFunction(GetHooks().normalise_value, "sO", kind, value);
  if (result == nullptr) ThrowPending();
  return nb::steal(result);
}

const char* DisplayName(TypeId id) {
  switch (id) {
    case TypeId::kBoolean: return "Boolean";
    case TypeId::kTinyInt: return "TinyInt";
    case TypeId::kSmallInt: return "SmallInt";
    case TypeId::kInt: return "Int";
    case TypeId::kBigInt: return "BigInt";
    case TypeId::kFloat: return "Float";
    case TypeId::kDouble: return "Double";
    case TypeId::kString: return "String";
    case TypeId::kBytes: return "Bytes";
    case TypeId::kDate: return "Date";
    case TypeId::kTime: return "Time";
    case TypeId::kTimestamp: return "Timestamp";
    case TypeId::kTimestampLtz: return "TimestampLtz";
    case TypeId::kDecimal: return "Decimal";
    case TypeId::kChar: return "Char";
    case TypeId::kBinary: return "Binary";
    case TypeId::kArray: return "Array";
    case TypeId::kMap: return "Map";
    case TypeId::kRow: return "Row";
  }
  return "Unknown";
}

Datum ConvertBool(PyObject* value) {
  if (PyBool_Check(value)) return Datum::Bool(value == Py_True);
  const std::string name = TypeName(value);
  if ((name == "bool" || name == "bool_") && !PyLong_Check(value)) {  // numpy's
    const int truth = PyObject_IsTrue(value);
    if (truth < 0) ThrowPending();
    return Datum::Bool(truth == 1);
  }
  ThrowType("bool for Boolean column", value);
}

[[noreturn]] void ThrowOutOfRange(TypeId id, int64_t min, int64_t max, PyObject* value) {
  throw BadValue{"OverflowError", std::string("out of range for ") + DisplayName(id) + " (" + std::to_string(min) +
                                      " to " + std::to_string(max) + ")" + ShortValue(value)};
}

Datum ConvertInt(TypeId id, PyObject* value) {
  int64_t min = std::numeric_limits<int64_t>::min(), max = std::numeric_limits<int64_t>::max();
  if (id == TypeId::kTinyInt) min = -128, max = 127;
  if (id == TypeId::kSmallInt) min = -32768, max = 32767;
  if (id == TypeId::kInt) min = std::numeric_limits<int32_t>::min(), max = std::numeric_limits<int32_t>::max();

  nb::object index;
  PyObject* number = value;
  if (!PyLong_CheckExact(value)) {
    if (PyBool_Check(value)) {
      throw BadValue{"TypeError", std::string("Expected int for ") + DisplayName(id) +
                                      " column, got bool. Use 0 or 1 explicitly."};
    }
    if (!PyIndex_Check(value)) ThrowType(std::string("int for ") + DisplayName(id) + " column", value);
    index = nb::steal(PyNumber_Index(value));
    if (!index.is_valid()) ThrowPending();
    number = index.ptr();
  }
  int overflow = 0;
  const long long result = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (overflow != 0 || result < min || result > max) ThrowOutOfRange(id, min, max, value);
  return Datum::Int(result);
}

Datum ConvertFloat(TypeId id, PyObject* value) {
  double result;
  if (PyFloat_CheckExact(value)) {
    result = PyFloat_AS_DOUBLE(value);
  } else {
    const PyNumberMethods* number = Py_TYPE(value)->tp_as_number;
    if (number == nullptr || (number->nb_float == nullptr && number->nb_index == nullptr)) {
      ThrowType(std::string("a real number for ") + DisplayName(id) + " column", value);
    }
    result = PyFloat_AsDouble(value);
    if (result == -1.0 && PyErr_Occurred()) ThrowPending();
  }
  if (id == TypeId::kDouble) return Datum::Double(result);
  if (std::isfinite(result) && std::abs(result) > std::numeric_limits<float>::max() &&
      !std::isfinite(static_cast<float>(result))) {
    throw BadValue{"OverflowError", "out of range for Float (single precision)" + ShortValue(value)};
  }
  return Datum::Double(static_cast<double>(static_cast<float>(result)));
}

Datum ConvertString(const DataType& type, PyObject* value, RowScratch* scratch) {
  if (!PyUnicode_Check(value)) ThrowType(std::string("str for ") + DisplayName(type.id()) + " column", value);
  if (type.id() == TypeId::kChar && PyUnicode_GET_LENGTH(value) > type.length()) {
    throw BadValue{"ValueError", "string of " + std::to_string(PyUnicode_GET_LENGTH(value)) +
                                     " characters is too long for " + type.ToString() + ShortValue(value)};
  }
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) ThrowPending();
  scratch->Hold(value);
  return Datum::Bytes({text, static_cast<size_t>(size)});
}

Datum ConvertBytes(const DataType& type, PyObject* value, RowScratch* scratch) {
  std::string_view bytes;
  if (PyBytes_Check(value)) {
    bytes = {PyBytes_AS_STRING(value), static_cast<size_t>(PyBytes_GET_SIZE(value))};
    scratch->Hold(value);
  } else {
    Py_buffer view;
    if (!PyObject_CheckBuffer(value)) ThrowType("bytes or bytearray", value);
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) != 0) ThrowPending();
    bytes = scratch->arena().CopyBytes({static_cast<const char*>(view.buf), static_cast<size_t>(view.len)});
    PyBuffer_Release(&view);
  }
  if (type.id() == TypeId::kBinary && bytes.size() != static_cast<size_t>(type.length())) {
    throw BadValue{"ValueError", "Expected exactly " + std::to_string(type.length()) + " bytes for " +
                                     type.WithNullable(true).ToString() + ", got " + std::to_string(bytes.size())};
  }
  return Datum::Bytes(bytes);
}

struct ParsedDecimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

/// Reads "-12.30E+4" as decimal.Decimal prints it.
bool ParseDecimal(std::string_view text, ParsedDecimal* out) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) out->negative = text[i++] == '-';
  bool after_point = false;
  for (; i < text.size() && text[i] != 'E' && text[i] != 'e'; ++i) {
    if (text[i] == '.') {
      after_point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      if (!out->digits.empty() || text[i] != '0') out->digits += text[i];
      if (after_point) --out->exponent;
    } else {
      return false;
    }
  }
  if (i < text.size())
    out->exponent += static_cast<int>(std::strtol(std::string(text.substr(i + 1)).c_str(), nullptr, 10));
  return true;
}

nb::object DecimalText(PyObject* value) {
  nb::object text = nb::steal(PyObject_Str(value));
  if (!text.is_valid()) ThrowPending();
  return text;
}

Datum ConvertDecimal(const DataType& type, PyObject* value) {
  const bool is_int = PyLong_Check(value) && !PyBool_Check(value);
  if (!is_int && TypeName(value) != "Decimal") ThrowType("decimal.Decimal", value);
  ParsedDecimal parsed;
  const nb::object text = DecimalText(value);
  const char* utf8 = PyUnicode_AsUTF8(text.ptr());
  if (utf8 == nullptr) ThrowPending();
  if (!ParseDecimal(utf8, &parsed)) {
    throw BadValue{"FlussError",
                   std::string("Failed to parse decimal '") + utf8 + "': only finite values can be stored"};
  }
  const std::string name = "DECIMAL(" + std::to_string(type.precision()) + ", " + std::to_string(type.scale()) + ")";
  std::string digits = parsed.digits;
  const int64_t shift = static_cast<int64_t>(parsed.exponent) + type.scale();
  if (shift >= 0) {
    if (!digits.empty() && static_cast<int64_t>(digits.size()) + shift > 60) {
      throw BadValue{"FlussError", "Decimal precision overflow: value has " +
                                       std::to_string(static_cast<int64_t>(digits.size()) + shift) +
                                       " digits but precision is " + std::to_string(type.precision()) + " for " + name +
                                       ShortValue(value)};
    }
    if (!digits.empty()) digits.append(static_cast<size_t>(shift), '0');
  } else {
    const size_t cut = static_cast<size_t>(-shift);
    const bool round_up = cut <= digits.size() && cut > 0 && digits[digits.size() - cut] >= '5';
    digits = cut < digits.size() ? digits.substr(0, digits.size() - cut) : "";
    if (round_up) {  // half up, away from zero
      size_t i = digits.size();
      while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
      if (i > 0) {
        ++digits[i - 1];
      } else {
        digits.insert(digits.begin(), '1');
      }
    }
  }
  if (static_cast<int>(digits.size()) > type.precision()) {
    throw BadValue{"FlussError", "Decimal precision overflow: value has " + std::to_string(digits.size()) +
                                     " digits but precision is " + std::to_string(type.precision()) + " for " + name +
                                     ShortValue(value)};
  }
  __int128 unscaled = 0;
  for (const char digit : digits) unscaled = unscaled * 10 + (digit - '0');
  return Datum::Decimal(parsed.negative ? -unscaled : unscaled);
}

Datum ConvertDate(PyObject* value) {
  if (PyDateTime_Check(value)) {
    throw BadValue{"TypeError", "Expected datetime.date, got " + TypeName(value) +
                                    ". Use a TIMESTAMP column for datetime values."};
  }
  if (PyDate_Check(value)) {
    return Datum::Int(
        DaysFromCivil(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value)));
  }
  const nb::object days = Normalise("date", value);
  if (!PyLong_Check(days.ptr())) ThrowType("datetime.date", value);
  return ConvertInt(TypeId::kInt, days.ptr());
}

int64_t TimeMillis(PyObject* value) {
  const int micros = PyDateTime_TIME_GET_MICROSECOND(value);
  return PyDateTime_TIME_GET_HOUR(value) * 3600000LL + PyDateTime_TIME_GET_MINUTE(value) * 60000LL +
         PyDateTime_TIME_GET_SECOND(value) * 1000LL + micros / 1000;
}

Datum ConvertTime(PyObject* value) {
  if (!PyTime_Check(value)) ThrowType("datetime.time", value);
  if (PyDateTime_TIME_GET_MICROSECOND(value) % 1000 != 0) {
    throw BadValue{"FlussError", "TIME values with sub-millisecond precision are not supported" + ShortValue(value)};
  }
  if (PyDateTime_TIME_GET_TZINFO(value) != Py_None) {
    throw BadValue{"TypeError", "TIME has no time zone: give a datetime.time without tzinfo" + ShortValue(value)};
  }
  return Datum::Int(TimeMillis(value));
}

/// Microseconds that utcoffset() says, 0 for naive values.
int64_t UtcOffsetMicros(PyObject* value) {
  PyObject* zone = PyDateTime_DATE_GET_TZINFO(value);
  if (zone == Py_None || zone == PyDateTime_TimeZone_UTC) return 0;
  const nb::object offset = nb::steal(PyObject_CallMethod(value, "utcoffset", nullptr));
  if (!offset.is_valid()) ThrowPending();
  if (!PyDelta_Check(offset.ptr())) return 0;
  return (PyDateTime_DELTA_GET_DAYS(offset.ptr()) * 86400LL + PyDateTime_DELTA_GET_SECONDS(offset.ptr())) * 1000000LL +
         PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr());
}

/// pandas keeps three more digits than datetime.
int ExtraNanos(PyObject* value) {
  if (PyDateTime_CheckExact(value)) return 0;
  const nb::object nanos = nb::steal(PyObject_GetAttrString(value, "nanosecond"));
  if (!nanos.is_valid()) {
    PyErr_Clear();
    return 0;
  }
  const long result = PyLong_Check(nanos.ptr()) ? PyLong_AsLong(nanos.ptr()) : 0;
  return result >= 0 && result < 1000 ? static_cast<int>(result) : 0;
}

DatetimeParts Datetime(PyObject* value) {
  const int64_t days =
      DaysFromCivil(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value));
  int64_t micros = days * kMillisPerDay * 1000 + PyDateTime_DATE_GET_HOUR(value) * 3600000000LL +
                   PyDateTime_DATE_GET_MINUTE(value) * 60000000LL + PyDateTime_DATE_GET_SECOND(value) * 1000000LL +
                   PyDateTime_DATE_GET_MICROSECOND(value);
  const bool aware = PyDateTime_DATE_GET_TZINFO(value) != Py_None;
  if (aware) micros -= UtcOffsetMicros(value);
  int64_t millis = micros / 1000;
  if (micros % 1000 < 0) --millis;
  return {millis, static_cast<int32_t>((micros - millis * 1000) * 1000 + ExtraNanos(value)), aware};
}

Datum ConvertTimestamp(TypeId id, PyObject* value) {
  const char* expected = id == TypeId::kTimestamp ? "datetime.datetime for TIMESTAMP (without timezone)"
                                                  : "datetime.datetime for TIMESTAMP_LTZ";
  nb::object replacement;
  if (!PyDateTime_Check(value)) {
    replacement = Normalise("timestamp", value);
    if (PyTuple_Check(replacement.ptr()) && PyTuple_GET_SIZE(replacement.ptr()) == 2) {
      return Datum::Timestamp(PyLong_AsLongLong(PyTuple_GET_ITEM(replacement.ptr(), 0)),
                              static_cast<int32_t>(PyLong_AsLong(PyTuple_GET_ITEM(replacement.ptr(), 1))));
    }
    if (!PyDateTime_Check(replacement.ptr())) ThrowType(expected, value);
    value = replacement.ptr();
  }
  const DatetimeParts parts = Datetime(value);
  if (parts.aware && id == TypeId::kTimestamp) {
    throw BadValue{"TypeError", "TIMESTAMP (without timezone) requires a naive datetime, got one with a timezone" +
                                    ShortValue(value) + ". Use a TIMESTAMP_LTZ column for aware values."};
  }
  return Datum::Timestamp(parts.millis, parts.nanos);
}

Datum Convert(const DataType& type, PyObject* value, RowScratch* scratch);

/// Converts a part of a nested value; errors say which part.
Datum ConvertPart(const DataType& type, PyObject* value, const std::string& where, RowScratch* scratch) {
  try {
    return Convert(type, value, scratch);
  } catch (BadValue& bad) {
    bad.text += " (at " + where + ")";
    throw;
  }
}

nb::object AsSequence(PyObject* value) {
  if (PyList_Check(value) || PyTuple_Check(value)) return nb::borrow(value);
  const nb::object list = Normalise("sequence", value);
  if (!PyList_Check(list.ptr())) return {};
  return list;
}

Datum ConvertArray(const DataType& type, PyObject* value, RowScratch* scratch) {
  const nb::object sequence = AsSequence(value);
  if (!sequence.is_valid()) ThrowType("sequence for Array column", value);
  // A tuple of its own: conversion may run Python code that changes a list.
  const nb::object items = nb::steal(PySequence_Tuple(sequence.ptr()));
  if (!items.is_valid()) ThrowPending();
  const Py_ssize_t size = PyTuple_GET_SIZE(items.ptr());
  const std::span<Datum> out = scratch->arena().NewDatums(static_cast<size_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* item = PyTuple_GET_ITEM(items.ptr(), i);
    if (item == Py_None && !type.element_type().nullable()) {
      throw BadValue{"TypeError", "NULL in an array whose elements are NOT NULL (at [" + std::to_string(i) + "])"};
    }
    out[i] = ConvertPart(type.element_type(), item, "[" + std::to_string(i) + "]", scratch);
  }
  return Datum::List(out);
}

Datum ConvertMap(const DataType& type, PyObject* value, RowScratch* scratch) {
  static constexpr const char* kExpected = "dict or sequence of (key, value) pairs for Map column";
  nb::object pairs;
  if (PyDict_Check(value)) {
    pairs = nb::steal(PyDict_Items(value));
    if (!pairs.is_valid()) ThrowPending();
  } else if (PyList_Check(value) || PyTuple_Check(value)) {
    pairs = nb::borrow(value);
  } else {
    pairs = Normalise("pairs", value);
    if (!PyList_Check(pairs.ptr())) ThrowType(kExpected, value);
  }
  const nb::object items = nb::steal(PySequence_Tuple(pairs.ptr()));
  if (!items.is_valid()) ThrowPending();
  const Py_ssize_t size = PyTuple_GET_SIZE(items.ptr());
  const std::span<Datum> out = scratch->arena().NewDatums(static_cast<size_t>(size) * 2);
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* entry = PyTuple_GET_ITEM(items.ptr(), i);
    if (!PyTuple_Check(entry) && !PyList_Check(entry)) {
      throw BadValue{"TypeError", "Map entries must be (key, value) pairs of length 2, got " + TypeName(entry)};
    }
    const nb::object pair = nb::steal(PySequence_Tuple(entry));
    if (!pair.is_valid()) ThrowPending();
    if (PyTuple_GET_SIZE(pair.ptr()) != 2) {
      throw BadValue{"ValueError", "Map entries must be (key, value) pairs of length 2, got length " +
                                       std::to_string(PyTuple_GET_SIZE(pair.ptr()))};
    }
    PyObject* key = PyTuple_GET_ITEM(pair.ptr(), 0);
    PyObject* item = PyTuple_GET_ITEM(pair.ptr(), 1);
    if (key == Py_None) throw BadValue{"FlussError", "FlussMap keys cannot be null"};
    if (item == Py_None && !type.value_type().nullable()) {
      throw BadValue{"TypeError", "NULL in a map whose values are NOT NULL"};
    }
    out[2 * i] = ConvertPart(type.key_type(), key, "a key", scratch);
    out[2 * i + 1] = ConvertPart(type.value_type(), item, "[" + ShortValue(key) + " ]", scratch);
  }
  return Datum::Map(out);
}

std::string FieldNames(const DataType& type) {
  std::string names;
  for (const Field& field : type.fields()) names += (names.empty() ? "" : ", ") + field.name;
  return names;
}

void ConvertRowDict(const DataType& type, PyObject* value, std::span<Datum> out, RowScratch* scratch) {
  Py_ssize_t found = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const Field& field = type.fields()[i];
    const nb::object key = nb::steal(PyUnicode_FromStringAndSize(field.name.data(), field.name.size()));
    PyObject* item = key.is_valid() ? PyDict_GetItemWithError(value, key.ptr()) : nullptr;
    if (item == nullptr && PyErr_Occurred()) ThrowPending();
    if (item != nullptr) ++found;
    if (item == nullptr || item == Py_None) {
      if (!field.type.nullable()) {
        throw BadValue{"ValueError", item == nullptr ? "Missing value for non-nullable row field '" + field.name + "'"
                                                     : "NULL for non-nullable row field '" + field.name + "'"};
      }
      continue;
    }
    const nb::object keep = nb::borrow(item);
    out[i] = ConvertPart(field.type, item, "'" + field.name + "'", scratch);
  }
  if (found == PyDict_GET_SIZE(value)) return;
  const nb::object keys = nb::steal(PyDict_Keys(value));
  if (!keys.is_valid()) ThrowPending();
  for (Py_ssize_t k = 0; k < PyList_GET_SIZE(keys.ptr()); ++k) {
    PyObject* key = PyList_GET_ITEM(keys.ptr(), k);
    const char* text = PyUnicode_Check(key) ? PyUnicode_AsUTF8(key) : nullptr;
    if (text == nullptr) {
      PyErr_Clear();
      throw BadValue{"TypeError", "Row field names must be str, got " + TypeName(key)};
    }
    bool known = false;
    for (const Field& field : type.fields()) known = known || field.name == text;
    if (!known) {
      throw BadValue{"ValueError", std::string("Unknown row field '") + text + "'. Expected: " + FieldNames(type)};
    }
  }
}

Datum ConvertRow(const DataType& type, PyObject* value, RowScratch* scratch) {
  nb::object row = nb::borrow(value);
  if (!PyDict_Check(value) && !PyList_Check(value) && !PyTuple_Check(value)) row = Normalise("row", value);
  const std::span<Datum> out = scratch->arena().NewDatums(type.fields().size());
  if (PyDict_Check(row.ptr())) {
    ConvertRowDict(type, row.ptr(), out, scratch);
    return Datum::Row(out);
  }
  if (!PyList_Check(row.ptr()) && !PyTuple_Check(row.ptr())) ThrowType("dict, list or tuple for Row column", value);
  const nb::object items = nb::steal(PySequence_Tuple(row.ptr()));
  if (!items.is_valid()) ThrowPending();
  if (PyTuple_GET_SIZE(items.ptr()) != static_cast<Py_ssize_t>(out.size())) {
    throw BadValue{"ValueError", "Expected " + std::to_string(out.size()) + " row fields, got " +
                                     std::to_string(PyTuple_GET_SIZE(items.ptr()))};
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const Field& field = type.fields()[i];
    PyObject* item = PyTuple_GET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i));
    if (item == Py_None && !field.type.nullable()) {
      throw BadValue{"ValueError", "NULL for non-nullable row field '" + field.name + "'"};
    }
    out[i] = ConvertPart(field.type, item, "'" + field.name + "'", scratch);
  }
  return Datum::Row(out);
}

/// pandas' two spellings of a missing value.
bool IsPandasNull(PyObject* value) {
  const char* name = Py_TYPE(value)->tp_name;
  return std::strcmp(name, "NaTType") == 0 || std::strcmp(name, "NAType") == 0 ||
         std::string_view(name).ends_with(".NaTType") || std::string_view(name).ends_with(".NAType");
}

Datum Convert(const DataType& type, PyObject* value, RowScratch* scratch) {
  if (value == Py_None) return Datum::Null();
  switch (type.id()) {
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return ConvertInt(type.id(), value);
    case TypeId::kFloat:
    case TypeId::kDouble: return ConvertFloat(type.id(), value);
    case TypeId::kString:
    case TypeId::kChar: return ConvertString(type, value, scratch);
    case TypeId::kBoolean: return ConvertBool(value);
    case TypeId::kBytes:
    case TypeId::kBinary: return ConvertBytes(type, value, scratch);
    case TypeId::kDecimal: return ConvertDecimal(type, value);
    case TypeId::kDate: return IsPandasNull(value) ? Datum::Null() : ConvertDate(value);
    case TypeId::kTime: return ConvertTime(value);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return IsPandasNull(value) ? Datum::Null() : ConvertTimestamp(type.id(), value);
    case TypeId::kArray: return ConvertArray(type, value, scratch);
    case TypeId::kMap: return ConvertMap(type, value, scratch);
    case TypeId::kRow: return ConvertRow(type, value, scratch);
  }
  return Datum::Null();
}

void InitDatetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) nb::raise_python_error();
}

}  // namespace

int64_t DaysFromCivil(int year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const unsigned year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

void RowScratch::Reset() {
  for (PyObject* object : held_) Py_DECREF(object);
  held_.clear();
  if (arena_used_) arena_.Clear();
  arena_used_ = false;
}

RowConverter::RowConverter(const Schema& schema, const std::vector<int>& given, const std::vector<int>& slots,
                           int width)
    : width_(width) {
  InitDatetime();
  for (size_t i = 0; i < given.size(); ++i) {
    const weir::Column& column = schema.column(given[i]);
    PyObject* name = PyUnicode_InternFromString(column.name.c_str());
    if (name == nullptr) nb::raise_python_error();
    const bool generated = schema.auto_increment_column() == column.name;
    columns_.push_back(
        {name, Py_NewRef(name), column.name, column.type, slots[i], column.type.nullable() || generated});
  }
}

RowConverter::~RowConverter() {
  for (const Column& column : columns_) {
    Py_DECREF(column.name);
    Py_DECREF(column.seen);
  }
}

RowView RowConverter::Convert(PyObject* row, RowScratch* scratch) const {
  scratch->datums().assign(static_cast<size_t>(width_), Datum::Null());
  if (PyDict_Check(row)) {
    ConvertDict(row, scratch);
  } else if (PyList_Check(row) || PyTuple_Check(row)) {
    ConvertSequence(row, scratch);
  } else {
    const nb::object plain = Steal(PyObject_CallOneArg(GetHooks().normalise_row, row));
    scratch->Hold(plain.ptr());
    if (PyDict_Check(plain.ptr())) {
      ConvertDict(plain.ptr(), scratch);
    } else if (PyList_Check(plain.ptr()) || PyTuple_Check(plain.ptr())) {
      ConvertSequence(plain.ptr(), scratch);
    } else {
      Raise(Status::Invalid("Row must be a dict, list, or tuple; got " + TypeName(row) +
                            ". Other mappings and dataclasses are taken, too"));
    }
  }
  return scratch->datums();
}

// Rows made one after another mostly share their key objects, in the columns' order: then no key is looked up.
bool RowConverter::ConvertFamiliarDict(PyObject* row, RowScratch* scratch) const {
  if (PyDict_GET_SIZE(row) != static_cast<Py_ssize_t>(columns_.size())) return false;
  Py_ssize_t at = 0;
  PyObject* key;
  PyObject* value;
  for (const Column& column : columns_) {
    if (!PyDict_Next(row, &at, &key, &value) || key != column.seen) return false;
    ConvertColumn(column, value, scratch);
  }
  return PyDict_GET_SIZE(row) == static_cast<Py_ssize_t>(columns_.size());
}

void RowConverter::LearnKeys(PyObject* row) const {
  Py_ssize_t at = 0;
  PyObject* key;
  PyObject* value;
  for (const Column& column : columns_) {
    if (!PyDict_Next(row, &at, &key, &value) || !PyUnicode_CheckExact(key)) return;
    if (PyUnicode_Compare(key, column.name) != 0) return;
    Py_SETREF(column.seen, Py_NewRef(key));
  }
}

void RowConverter::ConvertDict(PyObject* row, RowScratch* scratch) const {
  if (ConvertFamiliarDict(row, scratch)) return;
  constexpr unsigned kLearnEvery = 64;  // the keys may be new ones in each row
  if (unfamiliar_++ % kLearnEvery == 0) LearnKeys(row);
  Py_ssize_t found = 0;
  for (const Column& column : columns_) {
    PyObject* value = PyDict_GetItemWithError(row, column.name);
    if (value == nullptr) {
      if (PyErr_Occurred()) nb::raise_python_error();
      if (!column.may_be_missing) {
        if (found < PyDict_GET_SIZE(row)) RaiseUnknown(row);
        RaiseMissing(column);
      }
      continue;
    }
    ++found;
    ConvertColumn(column, value, scratch);
  }
  if (found != PyDict_GET_SIZE(row)) RaiseUnknown(row);
}

void RowConverter::ConvertSequence(PyObject* row, RowScratch* scratch) const {
  const Py_ssize_t size = PySequence_Fast_GET_SIZE(row);
  if (size != static_cast<Py_ssize_t>(columns_.size())) {
    Raise(Status::Invalid("Expected " + std::to_string(columns_.size()) + " elements, got " + std::to_string(size)));
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (PySequence_Fast_GET_SIZE(row) != size) Raise(Status::Invalid("The row changed while it was being read"));
    ConvertColumn(columns_[i], PySequence_Fast_GET_ITEM(row, static_cast<Py_ssize_t>(i)), scratch);
  }
}

void RowConverter::ConvertColumn(const Column& column, PyObject* value, RowScratch* scratch) const {
  if (value == Py_None) {
    if (!column.may_be_missing) Raise(Status::Invalid("NULL for non-nullable field '" + column.text + "'"));
    return;
  }
  const nb::object keep = nb::borrow(value);
  scratch->datums()[static_cast<size_t>(column.slot)] = ConvertValue(column.type, column.text, value, scratch);
}

Datum ConvertValue(const DataType& type, std::string_view name, PyObject* value, RowScratch* scratch) {
  try {
    return Convert(type, value, scratch);
  } catch (const BadValue& bad) {
    Raise(Status::Invalid("Field '" + std::string(name) + "': " + bad.kind + ": " + bad.text));
  }
}

void RowConverter::RaiseMissing(const Column& column) const {
  Raise(Status::Invalid("Missing value for non-nullable field '" + column.text + "'"));
}

void RowConverter::RaiseUnknown(PyObject* row) const {
  const nb::object keys = Steal(PyDict_Keys(row));
  std::string expected;
  for (const Column& column : columns_) expected += (expected.empty() ? "" : ", ") + column.text;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys.ptr()); ++i) {
    PyObject* key = PyList_GET_ITEM(keys.ptr(), i);
    if (!PyUnicode_Check(key))
      Raise(Status::Invalid("Field names must be str, got " + TypeName(key) + ShortValue(key)));
    const char* text = PyUnicode_AsUTF8(key);
    if (text == nullptr) nb::raise_python_error();
    bool known = false;
    for (const Column& column : columns_) known = known || column.text == text;
    if (!known) Raise(Status::Invalid(std::string("Unknown field '") + text + "'. Expected: " + expected));
  }
  for (const Column& column : columns_) {
    if (!column.may_be_missing && PyDict_GetItemWithError(row, column.name) == nullptr) RaiseMissing(column);
  }
  Raise(Status::Invalid("The row changed while it was being read"));
}

DatetimeParts ReadDatetime(PyObject* value) {
  InitDatetime();
  try {
    return Datetime(value);
  } catch (const BadValue& bad) {
    Raise(Status::Invalid(bad.kind + ": " + bad.text));
  }
}

int64_t ReadTimeMillis(PyObject* value) {
  InitDatetime();
  return TimeMillis(value);
}

bool ReadDecimal(PyObject* value, __int128* unscaled, int* scale) {
  const nb::object text = Steal(PyObject_Str(value));
  const char* utf8 = PyUnicode_AsUTF8(text.ptr());
  if (utf8 == nullptr) nb::raise_python_error();
  ParsedDecimal parsed;
  if (!ParseDecimal(utf8, &parsed)) return false;
  if (parsed.exponent > 0 && !parsed.digits.empty()) {
    if (parsed.exponent > 38) return false;
    parsed.digits.append(static_cast<size_t>(parsed.exponent), '0');
  }
  if (parsed.exponent > 0) parsed.exponent = 0;
  if (parsed.digits.size() > 38) return false;
  *unscaled = 0;
  for (const char digit : parsed.digits) *unscaled = *unscaled * 10 + (digit - '0');
  if (parsed.negative) *unscaled = -*unscaled;
  *scale = -parsed.exponent;
  return true;
}

}  // namespace weir::python
