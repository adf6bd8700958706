#pragma once

#include <string>
#include <string_view>

#include "sql/dialect/statement.h"

namespace weir::sql {

/// A query of PostgreSQL's dialect as DuckDB reads it. What the two read alike stays as it is, byte for byte; each
/// rule with its reason stands in rewrite.cc.
std::string ToDuckDb(const Query& query);

/// The same for an expression: a DEFAULT, a CHECK, a partition's bound or key.
std::string ExpressionToDuckDb(std::string_view expression);

}  // namespace weir::sql
