#include "sql/engine/extremes.h"

#include <algorithm>

#include "sql/engine/optimizer_step.h"
#include "sql/engine/scan.h"
#include "sql/engine/table_bounds.h"

namespace weir::sql {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

bool IsColumn(const duckdb::Expression& expression) {
  return expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF;
}

bool IsExtremeOfColumn(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_AGGREGATE) return false;
  const auto& aggregate = expression.Cast<duckdb::BoundAggregateExpression>();
  const bool is_extreme = aggregate.function.name == "min" || aggregate.function.name == "max";
  return is_extreme && !aggregate.filter && !aggregate.order_bys && aggregate.children.size() == 1 &&
         IsColumn(*aggregate.children[0]);
}

/// The scan whose columns a plan gives as they are, all of its rows; null: it is more than that.
duckdb::LogicalGet* FindWholeScan(LogicalOperator& plan) {
  if (plan.type == LogicalOperatorType::LOGICAL_PROJECTION) {
    const bool plain = std::ranges::all_of(plan.expressions, [](const auto& value) { return IsColumn(*value); });
    return plain ? FindWholeScan(*plan.children[0]) : nullptr;
  }
  if (plan.type != LogicalOperatorType::LOGICAL_GET) return nullptr;
  auto& get = plan.Cast<duckdb::LogicalGet>();
  return get.function.name == kScanName && get.table_filters.filters.empty() ? &get : nullptr;
}

void TellScan(const LogicalOperator& aggregate) {
  const auto& node = aggregate.Cast<duckdb::LogicalAggregate>();
  if (!node.groups.empty() || node.expressions.empty()) return;
  if (!std::ranges::all_of(node.expressions, [](const auto& one) { return IsExtremeOfColumn(*one); })) return;
  duckdb::LogicalGet* const get = FindWholeScan(*aggregate.children[0]);
  if (get == nullptr) return;
  auto& data = get->bind_data->Cast<ScanData>();
  const auto& columns = data.table.relation()->columns;
  data.extremes_only = std::ranges::all_of(get->GetColumnIds(), [&](const duckdb::ColumnIndex& id) {
    return !id.IsVirtualColumn() && HasExactExtremes(columns[id.GetPrimaryIndex()].data_type);
  });
}

void TellScans(const LogicalOperator& plan) {
  if (plan.type == LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) TellScan(plan);
  for (const auto& child : plan.children) TellScans(*child);
}

void FindExtremes(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) { TellScans(*plan); }

}  // namespace

void RegisterExtremes(duckdb::DBConfig* config) {
  AddStepAfterOptimizer(config, FindExtremes);
}

}  // namespace weir::sql
