#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::duck {

/// Whether DuckDB's deliminator may join a query of EXISTS wrongly: it loses conditions where several of them compare
/// with columns of the query around it by something else than equality, or one does and EXISTS is not a condition of
/// WHERE (`filters`) but a value. Such columns have to be expressions, which it leaves alone.
bool IsMisjoined(const analyze::Query& query, bool filters);

/// The subquery of EXISTS (…) and NOT EXISTS (…); null for other expressions.
const analyze::SubqueryExpression* ExistsOf(const analyze::Expression& expression);

}  // namespace weir::sql::duck
