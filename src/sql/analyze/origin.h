#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// The column that a column of the query's result shows as it is, through subqueries, WITH and joins; of a view: the
/// view's. None: it is computed.
ColumnOrigin OriginOf(const Query& query, const Expression& expression);

}  // namespace weir::sql::analyze
