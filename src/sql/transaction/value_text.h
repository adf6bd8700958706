#pragma once

#include <string>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir::sql {

/// A value as PostgreSQL shows it (ISO dates, time zone UTC); "null" for NULL.
std::string ValueText(const DataType& type, const Datum& value);

/// "(1, x, null)": the row in an error's DETAIL; long values are cut as PostgreSQL cuts them.
std::string RowText(const std::vector<DataType>& types, RowView row);

}  // namespace weir::sql
