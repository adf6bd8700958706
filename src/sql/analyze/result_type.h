#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// The type of a call's result. What gives back values of its arguments, as min, lag and array_agg do, keeps the length
/// of char(n), without which their blanks would not be known.
postgres::TypeRef ResultType(const postgres::Function& function, const Expressions& arguments, postgres::Oid result);
/// The type of a column of the query's result as clients are told it: PostgreSQL says no length of such a value.
postgres::TypeRef ToldType(const Query& query, const Expression& expression);

}  // namespace weir::sql::analyze
