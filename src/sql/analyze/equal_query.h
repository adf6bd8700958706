#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// Whether two queries of one scope say the same, names included, as Equal has it of expressions. Those that change
/// data never do.
bool SameQuery(Query& a, Query& b);

}  // namespace weir::sql::analyze
