#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// An expression of the grammar in the scope's clause. Bare literals stay of the type unknown.
Result<ExpressionPtr> Analyze(Scope& scope, const pg_query::Node& node);
inline Result<ExpressionPtr> Analyze(Scope& scope, const pg_query::Node& node, Clause clause) {
  const InClause in(scope, clause);
  return Analyze(scope, node);
}
/// A condition: of type boolean.
Result<ExpressionPtr> AnalyzeCondition(Scope& scope, const pg_query::Node& node, Clause clause);

/// A list in which t.* stands for its columns: ROW(…), VALUES (…). `defaults`: it may hold DEFAULT, as VALUES always
/// may.
Result<Expressions> AnalyzeList(Scope& scope, const Nodes& nodes, Clause clause, bool defaults = false);

/// Whether a node is t.*, or (expression).*; what it stands for.
bool IsStar(const pg_query::Node& node);
Result<std::vector<ExpandedColumn>> ExpandStar(Scope& scope, const pg_query::Node& node);

/// The subquery of an expression, one level inward.
Result<QueryPtr> AnalyzeSubquery(Scope& scope, const pg_query::Node& select);

Result<ExpressionPtr> AnalyzeOperator(Scope& scope, const pg_query::A_Expr& expression);
Result<ExpressionPtr> AnalyzeSubLink(Scope& scope, const pg_query::SubLink& link);
Result<ExpressionPtr> AnalyzeArray(Scope& scope, const pg_query::A_ArrayExpr& array, postgres::TypeRef type);
Result<ExpressionPtr> AnalyzeRow(Scope& scope, const pg_query::RowExpr& row);
Result<ExpressionPtr> AnalyzeIndirection(Scope& scope, const pg_query::A_Indirection& indirection);
Result<ExpressionPtr> AnalyzeColumnRef(Scope& scope, const pg_query::ColumnRef& reference);

/// The subscripts of array[…] or jsonb[…], typed. `steps` has one for each of `indices`.
Result<std::vector<Subscript::Step>> AnalyzeSubscripts(Scope& scope, const Expression& container,
                                                       const std::vector<const pg_query::A_Indices*>& indices);
/// What a container's type holds: an array's elements, jsonb itself. 42804 where it cannot be subscripted.
Result<postgres::Oid> ElementType(const Scope& scope, const Expression& container);

/// The columns of a record whose making the tree shows; nothing where it does not.
std::optional<std::vector<OutputColumn>> RecordColumns(const Scope& scope, const Expression& record);

/// The place of a node in the text, where it has one of its own; -1 else.
int LocationOf(const pg_query::Node& node);

}  // namespace weir::sql::analyze
