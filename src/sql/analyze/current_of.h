#pragma once

#include <string>
#include <vector>

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// Targets that name the rows of the query's tables, behind its own, for WHERE CURRENT OF: the primary key, or
/// tableoid and ctid. None where a row of the query is not one of a table: of groups, of set operations.
std::vector<CursorTable> NameRows(Query* query);

/// WHERE CURRENT OF: the columns that name the row on which the cursor stands have its values.
Result<ExpressionPtr> AnalyzeCurrentOf(Scope& scope, const pg_query::CurrentOfExpr& current);

}  // namespace weir::sql::analyze
