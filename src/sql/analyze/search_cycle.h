#pragma once

#include "sql/analyze/with.h"

namespace weir::sql::analyze {

/// SEARCH and CYCLE of an item of WITH RECURSIVE: columns that are added to both sides of its UNION. Each side stands
/// in a query of its own, which computes them from what the side gives and, on the right, from the row that it came
/// from.

bool HasSearchOrCycle(const WithEntry& with);
/// Makes `scope`'s query one over `rows`, which a side gives, with the columns. 42601 and 42701 for their names.
Status AddToLeft(Scope& scope, const WithEntry& with, QueryPtr rows);
Status AddToRight(Scope& scope, const WithEntry& with, QueryPtr rows);
/// The right side sees the columns by their names only: they are no part of *.
void HideAdded(WithEntry* with);

}  // namespace weir::sql::analyze
