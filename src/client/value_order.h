#pragma once

#include "weir/datum.h"

namespace weir {

/// Order of two scalar values of one type: below, at or above 0; NaN is the largest.
int CompareValues(const Datum& a, const Datum& b);

}  // namespace weir
