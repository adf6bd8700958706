#pragma once

#include <string>
#include <vector>

#include "sql/analyze/function.h"
#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// A call of a function, an aggregate, a window function, or of a type's name as a cast.
Result<ExpressionPtr> AnalyzeCall(Scope& scope, const pg_query::FuncCall& call);
/// The arguments of a call that is none of an aggregate's or a window function's.
Result<FunctionArguments> ReadArguments(Scope& scope, const pg_query::FuncCall& call);
/// GROUPING(…)
Result<ExpressionPtr> AnalyzeGrouping(Scope& scope, const pg_query::GroupingFunc& grouping);

/// `argument`.name: a field of a row, or a function of one argument. Null, and the argument untouched, if there is
/// neither.
Result<ExpressionPtr> FieldOrCall(Scope& scope, const std::vector<std::string>& name, ExpressionPtr* argument,
                                  int location);

/// A function may return a set only here and there: 0A000 where it may not. `before`: Scope::set_returning before its
/// arguments.
Status CheckSetPlacement(Scope& scope, int before, int location);

}  // namespace weir::sql::analyze
