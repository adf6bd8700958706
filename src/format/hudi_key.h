#pragma once

#include <string>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// Appends the 4-byte bucket key of docs/fluss-formats.md, "Keys". The columns exist and hold values of their types
/// or NULL. Errors (code -2): a text of a composite key that holds ',' or is one of Hudi's markers.
Status EncodeHudiKey(const std::vector<DataType>& types, const std::vector<int>& columns, RowView row,
                     std::string* out);

/// A key column's text, as Java's String.valueOf gives it for Fluss's values.
std::string HudiKeyText(const DataType& type, const Datum& value);

}  // namespace weir
