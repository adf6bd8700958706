#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::duck {

/// Whether a statement reads or changes few rows by its form, so that planning it would cost more than running it: one
/// without FROM, one whose WHERE compares every column of its only table's primary key with something, an INSERT of a
/// few VALUES. True is a guess.
bool IsOfFewRows(const analyze::Query& query);

}  // namespace weir::sql::duck
