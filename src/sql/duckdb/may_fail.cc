#include "sql/duckdb/may_fail.h"

#include <algorithm>

#include "sql/analyze/definition.h"
#include "sql/analyze/walk.h"
#include "sql/duckdb/operators.h"

namespace weir::sql::duck {
namespace {

namespace tree = analyze;

/// The expression itself, whatever its parts do.
bool FailsItself(const tree::Expression& expression) {
  if (const auto* call = std::get_if<tree::Call>(&expression.node)) {
    return call->form != tree::CallForm::kImplicitCast && !ComparisonOf(*call->function);
  }
  if (const auto* coercion = std::get_if<tree::Coercion>(&expression.node)) {
    return coercion->kind != tree::Coercion::Kind::kRelabel;
  }
  if (const auto* test = std::get_if<tree::ArrayTest>(&expression.node)) return !ComparisonOf(*test->function);
  return false;
}

/// What is computed below, once for all.
bool IsComputedBelow(const tree::Expression& expression) {
  return std::holds_alternative<tree::Aggregate>(expression.node) ||
         std::holds_alternative<tree::WindowCall>(expression.node);
}

/// So many ANDs, ORs and NOTs stand within each other.
int LogicDepth(tree::Expression& expression) {
  int deepest = 0;
  tree::ForEachChild(
      expression, [&](tree::ExpressionPtr& child) { deepest = std::max(deepest, LogicDepth(*child)); },
      [](tree::Query&) {});
  return deepest + (std::holds_alternative<tree::Logic>(expression.node) ? 1 : 0);
}

}  // namespace

bool MayFail(const tree::Expression& expression) {
  if (IsComputedBelow(expression)) return false;
  if (FailsItself(expression)) return true;
  bool fails = false;
  tree::ForEachChild(
      const_cast<tree::Expression&>(expression), [&](tree::ExpressionPtr& child) { fails = fails || MayFail(*child); },
      [](tree::Query&) {});
  return fails;
}

bool IsRepeatable(const tree::Expression& expression) {
  constexpr int kDeep = 5;
  auto& walked = const_cast<tree::Expression&>(expression);
  return tree::VolatilityOf(walked) != 'v' && !HoldsQuery(expression) && LogicDepth(walked) < kDeep;
}

bool HoldsQuery(const tree::Expression& expression) {
  bool holds = false;
  tree::ForEachChild(
      const_cast<tree::Expression&>(expression),
      [&](tree::ExpressionPtr& child) { holds = holds || HoldsQuery(*child); }, [&](tree::Query&) { holds = true; });
  return holds;
}

}  // namespace weir::sql::duck
