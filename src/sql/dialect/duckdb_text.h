#pragma once

#include <string_view>
#include <vector>

#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

/// The statements of a text in the dialect of DuckDB, which is more than what PostgreSQL's grammar takes: one query, to
/// be read by DuckDB; what steers the session stays as it is.
Result<std::vector<Statement>> ParseDuckDbText(std::string_view text);

}  // namespace weir::sql
