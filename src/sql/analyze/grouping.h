#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// GROUP BY: `Query::group_by` and `Query::grouping_sets`.
Status AnalyzeGroupBy(Scope& scope, const pg_query::SelectStmt& select);

/// Columns outside of aggregates must be grouped by: 42803. Tells GROUPING what its arguments are.
Status CheckGrouping(Scope& scope);

}  // namespace weir::sql::analyze
