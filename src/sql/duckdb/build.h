#pragma once

#include <string>
#include <utility>

#include "postgres/oid.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// Short names for making DuckDB's unbound tree.

using Parsed = duckdb::unique_ptr<duckdb::ParsedExpression>;
using ParsedList = duckdb::vector<Parsed>;

/// The parameter of the lambdas that the emitter makes: x -> ….
inline constexpr const char* kElement = "x";

inline Parsed Literal(duckdb::Value value) { return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(value)); }
inline Parsed NullOf(const duckdb::LogicalType& type) {
  return duckdb::make_uniq<duckdb::CastExpression>(type, Literal(duckdb::Value()));
}
inline Parsed CastTo(const duckdb::LogicalType& type, Parsed child) {
  return duckdb::make_uniq<duckdb::CastExpression>(type, std::move(child));
}
/// `relation` empty: the column of the only one.
inline Parsed ColumnOf(const std::string& relation, const std::string& column) {
  if (relation.empty()) return duckdb::make_uniq<duckdb::ColumnRefExpression>(column);
  return duckdb::make_uniq<duckdb::ColumnRefExpression>(column, relation);
}
inline Parsed Compare(duckdb::ExpressionType op, Parsed left, Parsed right) {
  return duckdb::make_uniq<duckdb::ComparisonExpression>(op, std::move(left), std::move(right));
}
inline Parsed Conjunction(duckdb::ExpressionType op, ParsedList children) {
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(op, std::move(children));
}
inline Parsed Conjunction(duckdb::ExpressionType op, Parsed left, Parsed right) {
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(op, std::move(left), std::move(right));
}
inline Parsed Operator(duckdb::ExpressionType op, Parsed child) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(op, std::move(child));
}
inline Parsed Operator(duckdb::ExpressionType op, ParsedList children) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(op, std::move(children));
}
inline Parsed Not(Parsed child) { return Operator(duckdb::ExpressionType::OPERATOR_NOT, std::move(child)); }
inline Parsed IsNull(Parsed child) { return Operator(duckdb::ExpressionType::OPERATOR_IS_NULL, std::move(child)); }
inline Parsed IsNotNull(Parsed child) {
  return Operator(duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, std::move(child));
}

/// A function of DuckDB's own catalog, ours included, whatever the search path is.
inline Parsed Function(const std::string& name, ParsedList arguments) {
  return duckdb::make_uniq<duckdb::FunctionExpression>("system", "main", name, std::move(arguments));
}
template <typename... Arguments>
ParsedList ListOf(Arguments&&... arguments) {
  ParsedList list;
  (list.push_back(std::forward<Arguments>(arguments)), ...);
  return list;
}
template <typename... Arguments>
Parsed Function(const std::string& name, Parsed first, Arguments&&... rest) {
  return Function(name, ListOf(std::move(first), std::forward<Arguments>(rest)...));
}

/// function(list, parameter -> body)
inline Parsed WithLambda(const char* function, Parsed list, const std::string& parameter, Parsed body) {
  auto lambda = duckdb::make_uniq<duckdb::LambdaExpression>(duckdb::vector<std::string>{parameter}, std::move(body));
  return Function(function, std::move(list), Parsed(std::move(lambda)));
}

/// CASE WHEN condition THEN value ELSE otherwise END.
inline Parsed If(Parsed condition, Parsed value, Parsed otherwise) {
  auto result = duckdb::make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = std::move(condition);
  check.then_expr = std::move(value);
  result->case_checks.push_back(std::move(check));
  result->else_expr = std::move(otherwise);
  return result;
}

inline duckdb::unique_ptr<duckdb::SelectStatement> AsStatement(duckdb::unique_ptr<duckdb::QueryNode> node) {
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return statement;
}

/// An expression in the form that its values have.
struct Emitted {
  Parsed expression;
  duckdb::LogicalType type;
  postgres::Oid oid = 0;

  bool is_numeric() const { return oid == postgres::oid::kNumeric; }
  bool is_big() const { return is_numeric() && type.id() == duckdb::LogicalTypeId::BLOB; }
  bool is_constant() const {
    return expression->GetExpressionClass() == duckdb::ExpressionClass::CONSTANT;
  }
  Emitted Copy() const { return {expression->Copy(), type, oid}; }
};
using EmittedList = std::vector<Emitted>;

}  // namespace weir::sql::duck
