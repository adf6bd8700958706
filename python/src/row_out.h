#pragma once

#include <string>
#include <vector>

#include "core.h"
#include "weir/datum.h"
#include "weir/schema.h"

namespace weir::python {

/// Makes Python rows and values out of datums.
class RowMaker {
 public:
  RowMaker(const std::vector<std::string>& names, std::vector<DataType> types);
  RowMaker(const RowMaker&) = delete;
  RowMaker& operator=(const RowMaker&) = delete;
  ~RowMaker();

  const std::vector<DataType>& types() const { return types_; }
  /// A new dict. Raises FlussError -2 for a date that datetime.date cannot hold.
  nb::object MakeDict(RowView row) const;

 private:
  std::vector<PyObject*> names_;  // interned
  std::vector<DataType> types_;
};

nb::object MakeValue(const DataType& type, const Datum& value);

}  // namespace weir::python
