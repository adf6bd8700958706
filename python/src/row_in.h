#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core.h"
#include "weir/datum.h"
#include "weir/schema.h"

namespace weir::python {

/// What a converted row stands on: reused from row to row. Strings and bytes are views into Python
/// objects that it keeps alive, so that the GIL may be released while the row is in use.
class RowScratch {
 public:
  RowScratch() = default;
  RowScratch(const RowScratch&) = delete;
  RowScratch& operator=(const RowScratch&) = delete;
  ~RowScratch() { Reset(); }
  void Reset();
  void Hold(PyObject* object) { held_.push_back(Py_NewRef(object)); }
  Arena& arena() {
    arena_used_ = true;
    return arena_;
  }
  std::vector<Datum>& datums() { return datums_; }

 private:
  std::vector<Datum> datums_;
  std::vector<PyObject*> held_;
  Arena arena_;
  bool arena_used_ = false;
};

/// Turns Python rows (dict, list, tuple and what the package normalises to them) into datums.
class RowConverter {
 public:
  /// `given`: the columns that a row may hold, in positional order. `slots`: where each goes in the
  /// converted row, which has `width` datums; the rest are NULL.
  RowConverter(const Schema& schema, const std::vector<int>& given, const std::vector<int>& slots, int width);
  RowConverter(const RowConverter&) = delete;
  RowConverter& operator=(const RowConverter&) = delete;
  ~RowConverter();

  /// Raises FlussError -2 naming the field. The view is good until the scratch is reset.
  RowView Convert(PyObject* row, RowScratch* scratch) const;

 private:
  struct Column {
    PyObject* name;      // interned
    mutable PyObject* seen;  // the object that named it in a row like the ones to come; guarded by the GIL
    std::string text;
    DataType type;
    int slot;
    bool may_be_missing;
  };

  void ConvertDict(PyObject* row, RowScratch* scratch) const;
  bool ConvertFamiliarDict(PyObject* row, RowScratch* scratch) const;
  void LearnKeys(PyObject* row) const;
  void ConvertSequence(PyObject* row, RowScratch* scratch) const;
  void ConvertColumn(const Column& column, PyObject* value, RowScratch* scratch) const;
  [[noreturn]] void RaiseUnknown(PyObject* row) const;
  [[noreturn]] void RaiseMissing(const Column& column) const;

  std::vector<Column> columns_;
  int width_;
  mutable unsigned unfamiliar_ = 0;  // rows whose keys were looked up by text
};

/// One Python value as a datum of `type`; raises FlussError -2.
Datum ConvertValue(const DataType& type, std::string_view name, PyObject* value, RowScratch* scratch);

/// Days since 1970-01-01 of a proleptic Gregorian date.
int64_t DaysFromCivil(int year, int month, int day);

/// For filter literals. Milliseconds and nanos of a datetime; an aware one becomes UTC.
struct DatetimeParts {
  int64_t millis;
  int32_t nanos;
  bool aware;
};
DatetimeParts ReadDatetime(PyObject* value);
int64_t ReadTimeMillis(PyObject* value);
/// Digits of a decimal.Decimal as they are; false for NaN and infinities or above 38 digits.
bool ReadDecimal(PyObject* value, __int128* unscaled, int* scale);

}  // namespace weir::python
