#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// A call of a function with what it is made of.
struct InlinedCall {
  const SqlFunction& function;
  QueryPtr body;          // with a Parameter for each use of an input
  Expressions arguments;  // of the inputs, as they stand in the query of the call
  postgres::TypeRef type;
  int position = 0;
};

/// The value that the call gives, in the place of the call. 0A000 for an argument that would be computed more often
/// than the call does.
Result<ExpressionPtr> InlineValue(InlinedCall call);
/// The rows that the call gives, as a query in FROM beside the relations that the arguments name.
Result<QueryPtr> InlineRows(InlinedCall call);
/// WITH ORDINALITY: such a query with the number of each row behind its columns.
QueryPtr WithNumbers(QueryPtr rows);

}  // namespace weir::sql::analyze
