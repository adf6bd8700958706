#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// PostgreSQL's names for the results that a query leaves without one ("count", "?column?"), by the index of the
/// token that each stands behind. DuckDB names them by their text: "count_star()".
std::map<size_t, std::string> ResultNames(Tokens query);

}  // namespace weir::sql::dialect
