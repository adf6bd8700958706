#pragma once

#include <string>
#include <vector>

#include "weir/datum.h"
#include "weir/schema.h"

namespace weir {

/// Column::initial_default for a value of this type, which must not be NULL.
Result<std::string> EncodeInitialDefault(const DataType& type, const Datum& value);

/// What the columns of a schema hold in rows that were written before they were added, one datum a column. What they
/// refer to lives in `arena`. Code 14 for bytes that are no such value.
Result<std::vector<Datum>> InitialDefaults(const Schema& schema, Arena* arena);

}  // namespace weir
