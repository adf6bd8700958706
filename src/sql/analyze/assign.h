#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The place of a named column of the target relation. 42703.
Result<int> TargetColumn(const Scope& scope, const std::string& name, int location);

/// 42601, of a column that is assigned as a whole twice.
Status AssignedTwice(const Scope& scope, int column);

/// The columns that INSERT (…) lists: all where it lists none; −1: one of a view that is not its table's. 42701 for a
/// column that is listed twice, as parts of one may be.
Result<std::vector<int>> InsertColumns(const Scope& scope, const Nodes& listed);
/// How many values stand against so many columns: 42601. `listed` empty: fewer values are no error.
Status CheckValueCount(const Scope& scope, const Expressions& values, const std::vector<int>& columns,
                       const Nodes& listed);

/// A value as a column takes it: coerced, or put into the element that the item's subscripts name. `container`: the
/// column as it was; null in INSERT.
Result<ExpressionPtr> AssignValue(Scope& scope, int column, const pg_query::ResTarget& item, ExpressionPtr value,
                                  ExpressionPtr container);

/// SET of UPDATE, ON CONFLICT and MERGE.
Result<std::vector<Assignment>> AnalyzeAssignments(Scope& scope, const Nodes& items);

}  // namespace weir::sql::analyze
