#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>

#include "weir/data_type.h"
#include "weir/datum.h"
#include "weir/status.h"

namespace weir {

/// How values are written in a CSV cell where Arrow's CSV support has no text of its own:
/// BYTES and BINARY as "\x" and hexadecimal digits, TIMESTAMP_LTZ with its zone, nested values as JSON
/// (ARRAY a list, MAP a list of [key, value] pairs, ROW an object).
bool NeedsCellText(const DataType& type);

/// The value that the text stands for, in `arena` where it does not fit in a Datum. BYTES without
/// "\x" are the text itself, TIMESTAMP_LTZ without a zone is UTC, MAP may be an object. Code -2.
Result<Datum> ParseCellText(const DataType& type, std::string_view text, Arena* arena);

/// The value in JSON, as it is in the cells of nested columns: numbers and booleans as they are, others as texts.
std::string JsonText(const DataType& type, const Datum& value);

/// Columns of text as values, and back. `row` of a failure: position of the first bad cell.
Result<std::shared_ptr<arrow::Array>> ParseCells(const DataType& type, const arrow::Array& text, int64_t* row);
Result<std::shared_ptr<arrow::Array>> FormatCells(const DataType& type, const std::shared_ptr<arrow::Array>& values);

}  // namespace weir
