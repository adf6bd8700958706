#pragma once

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// The kind of datum that a column of this type holds (the table in weir/datum.h).
Datum::Kind KindOf(TypeId id);

}  // namespace weir
