#include "sql/duckdb/outer_conditions.h"

#include "sql/analyze/walk.h"
#include "sql/duckdb/operators.h"

namespace weir::sql::duck {
namespace {

namespace tree = analyze;

bool HoldsOuterColumn(const tree::Expression& expression) {
  if (const auto* column = std::get_if<tree::ColumnReference>(&expression.node)) return column->level > 0;
  bool holds = false;
  tree::ForEachChild(
      const_cast<tree::Expression&>(expression),
      [&](tree::ExpressionPtr& child) { holds = holds || HoldsOuterColumn(*child); }, [](tree::Query&) {});
  return holds;
}

bool IsEquality(const tree::Expression& expression) {
  if (const auto* test = std::get_if<tree::DistinctTest>(&expression.node)) return test->negated;
  const auto* call = std::get_if<tree::Call>(&expression.node);
  return call != nullptr && ComparisonOf(*call->function) == duckdb::ExpressionType::COMPARE_EQUAL;
}

int CountUnequal(const tree::Expression& expression) {
  const auto* logic = std::get_if<tree::Logic>(&expression.node);
  if (logic == nullptr || logic->kind != tree::Logic::Kind::kAnd) {
    return HoldsOuterColumn(expression) && !IsEquality(expression) ? 1 : 0;
  }
  int count = 0;
  for (const auto& argument : logic->arguments) count += CountUnequal(*argument);
  return count;
}

}  // namespace

bool IsMisjoined(const tree::Query& query, bool filters) {
  int unequal = 0;
  tree::ForEachExpression(
      const_cast<tree::Query&>(query), [&](tree::ExpressionPtr& part) { unequal += CountUnequal(*part); },
      [](tree::Query&) {});
  return unequal > (filters ? 1 : 0);
}

const tree::SubqueryExpression* ExistsOf(const tree::Expression& expression) {
  const auto* logic = std::get_if<tree::Logic>(&expression.node);
  if (logic != nullptr && logic->kind == tree::Logic::Kind::kNot) return ExistsOf(*logic->arguments.front());
  const auto* subquery = std::get_if<tree::SubqueryExpression>(&expression.node);
  return subquery != nullptr && subquery->kind == tree::SubqueryExpression::Kind::kExists ? subquery : nullptr;
}

}  // namespace weir::sql::duck
