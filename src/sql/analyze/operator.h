#pragma once

#include <string>
#include <vector>

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// An operator as it is written: its name, perhaps qualified, and where.
struct WrittenOperator {
  std::vector<std::string> name;
  int location = -1;
};

/// `left` null: a prefix operator.
Result<ExpressionPtr> MakeOperator(const Scope& scope, const WrittenOperator& op, ExpressionPtr left,
                                   ExpressionPtr right);
/// left op ANY (array), left op ALL (array)
Result<ExpressionPtr> MakeArrayTest(const Scope& scope, const WrittenOperator& op, bool any, ExpressionPtr left,
                                    ExpressionPtr right);
/// IS [NOT] DISTINCT FROM of values and of rows.
Result<ExpressionPtr> MakeDistinctTest(const Scope& scope, const WrittenOperator& op, bool negated, ExpressionPtr left,
                                       ExpressionPtr right);
/// (a, b) op (c, d) of two ROWs.
Result<ExpressionPtr> MakeRowComparison(const Scope& scope, const WrittenOperator& op, ExpressionPtr left,
                                        ExpressionPtr right);
/// The same against a subquery's columns: `test` has its kind and query and becomes an expression.
Result<ExpressionPtr> MakeSubqueryComparison(const Scope& scope, const WrittenOperator& op, SubqueryExpression test,
                                             Expressions left);

/// How a type's values are sorted or told apart. 42883 with PostgreSQL's hint where they cannot be.
Result<const postgres::Function*> LessFunction(const Scope& scope, postgres::Oid type, int position);
Status CheckHasEquality(const Scope& scope, postgres::Oid type, int position);

}  // namespace weir::sql::analyze
