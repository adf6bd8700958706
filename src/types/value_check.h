#pragma once

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// Whether a value can stand in a column of this type; appending it to Arrow's columns can then fail only for memory.
Status CheckValue(const DataType& type, const Datum& value);

}  // namespace weir
