#include "sql/engine/deep_expressions.h"

#include <algorithm>

#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "sql/engine/optimizer_step.h"

namespace weir::sql {
namespace {

using duckdb::Expression;
using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;

constexpr int kManyLevels = 100;

void GiveArgument(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.Reference(arguments.data[0]);
}

/// The same value by a function of which DuckDB believes that it may give another each time.
ExpressionPtr LeftAlone(ExpressionPtr value) {
  const duckdb::LogicalType type = value->return_type;
  duckdb::ScalarFunction function("as_it_is", duckdb::vector<duckdb::LogicalType>{type}, type, GiveArgument);
  function.SetStability(duckdb::FunctionStability::VOLATILE);
  duckdb::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(value));
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(type, std::move(function), std::move(arguments), nullptr);
}

/// Aggregates and windows are known by their places.
bool MayStandInFunction(const Expression& expression) {
  using Class = duckdb::ExpressionClass;
  const Class of = expression.GetExpressionClass();
  return of == Class::BOUND_FUNCTION || of == Class::BOUND_CAST || of == Class::BOUND_CASE ||
         of == Class::BOUND_OPERATOR;
}

class Levels : public duckdb::LogicalOperatorVisitor {
 public:
  void VisitExpression(ExpressionPtr* expression) override { (void)Bound(*expression); }

 private:
  struct Height {
    int levels = 0;
    bool left_alone = false;
  };

  static Height Bound(ExpressionPtr& expression) {
    Height height;
    duckdb::ExpressionIterator::EnumerateChildren(*expression, [&](ExpressionPtr& child) {
      const Height below = Bound(child);
      height.levels = std::max(height.levels, below.levels);
      height.left_alone |= below.left_alone;
    });
    ++height.levels;
    if (height.left_alone || height.levels < kManyLevels || !MayStandInFunction(*expression)) return height;
    expression = LeftAlone(std::move(expression));
    return {.levels = height.levels, .left_alone = true};
  }
};

void LeaveDeepOnesAlone(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  Levels().VisitOperator(*plan);
}

}  // namespace

void RegisterDeepExpressions(duckdb::DBConfig* config) {
  config->SetOptionByName("max_expression_depth", duckdb::Value::UBIGINT(kMostExpressionLevels));
  AddStepBeforeOptimizer(config, LeaveDeepOnesAlone);
}

}  // namespace weir::sql
