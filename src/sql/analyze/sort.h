#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// How ORDER BY sorts by an expression; `target` is the caller's to fill in. 42883 for a type that has no order, 42809
/// for an operator of USING that gives none.
Result<SortKey> MakeSortKey(const Scope& scope, const pg_query::SortBy& sort, const Expression& by);

/// The target that a GROUP BY, ORDER BY or DISTINCT ON item means by SQL-92's rules: a number its place, a name an
/// output column's (in GROUP BY only if FROM has no such column). -1: it is an expression.
Result<int> FindTargetByName(Scope& scope, const pg_query::Node& node, Clause clause);
/// The target that an item means, an added hidden one if it is in none yet.
Result<int> FindOrAddTarget(Scope& scope, const pg_query::Node& node, Clause clause);

/// ORDER BY: `Query::order_by`.
Status AnalyzeOrderBy(Scope& scope, const Nodes& items);

/// Whether an expression has columns of this query.
const Expression* FindColumnOfLevel(const Expression& expression, int level = 0);

}  // namespace weir::sql::analyze
