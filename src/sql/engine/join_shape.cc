#include "sql/engine/join_shape.h"

#include <span>

#include "duckdb/planner/operator/logical_cross_product.hpp"
#include "sql/engine/optimizer_step.h"

namespace weir::sql {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Plan = duckdb::unique_ptr<LogicalOperator>;

constexpr size_t kFew = 8;

bool IsCrossProduct(const LogicalOperator& plan) { return plan.type == LogicalOperatorType::LOGICAL_CROSS_PRODUCT; }

size_t CountRelations(const LogicalOperator& plan) {
  if (!IsCrossProduct(plan)) return 1;
  return CountRelations(*plan.children[0]) + CountRelations(*plan.children[1]);
}

/// What is joined, from left to right.
void TakeRelations(Plan plan, std::vector<Plan>* relations) {
  if (!IsCrossProduct(*plan)) {
    relations->push_back(std::move(plan));
    return;
  }
  for (auto& child : plan->children) TakeRelations(std::move(child), relations);
}

Plan CrossProductOf(std::span<Plan> relations) {
  if (relations.size() == 1) return std::move(relations[0]);
  const size_t half = relations.size() / 2;
  return duckdb::LogicalCrossProduct::Create(CrossProductOf(relations.first(half)),
                                             CrossProductOf(relations.subspan(half)));
}

/// Columns are known by their tables, and keep their order.
void Balance(Plan& plan) {
  if (IsCrossProduct(*plan) && CountRelations(*plan) > kFew) {
    std::vector<Plan> relations;
    TakeRelations(std::move(plan), &relations);
    for (Plan& relation : relations) Balance(relation);
    plan = CrossProductOf(relations);
    return;
  }
  for (Plan& child : plan->children) Balance(child);
}

void BalanceJoins(duckdb::OptimizerExtensionInput&, Plan& plan) { Balance(plan); }

}  // namespace

void RegisterJoinShape(duckdb::DBConfig* config) {
  AddStepBeforeOptimizer(config, BalanceJoins);
}

}  // namespace weir::sql
