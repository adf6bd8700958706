#include "sql/engine/top_rows.h"

#include "duckdb/planner/operator/logical_top_n.hpp"
#include "sql/engine/optimizer_step.h"
#include "sql/engine/scan.h"

namespace weir::sql {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

/// The scan that a column comes from as it is, and which of the scan's columns it is.
struct ScannedOrder {
  duckdb::LogicalGet* get = nullptr;  // null: there is none
  duckdb::idx_t column = 0;
};

ScannedOrder FindScan(LogicalOperator& plan, const duckdb::Expression& value) {
  if (value.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return {};
  const duckdb::ColumnBinding binding = value.Cast<duckdb::BoundColumnRefExpression>().binding;
  if (plan.type == LogicalOperatorType::LOGICAL_FILTER) return FindScan(*plan.children[0], value);
  if (plan.type == LogicalOperatorType::LOGICAL_PROJECTION) {
    auto& projection = plan.Cast<duckdb::LogicalProjection>();
    if (projection.table_index != binding.table_index) return {};
    return FindScan(*plan.children[0], *projection.expressions[binding.column_index]);
  }
  if (plan.type != LogicalOperatorType::LOGICAL_GET) return {};
  auto& get = plan.Cast<duckdb::LogicalGet>();
  const bool is_column = get.table_index == binding.table_index && get.function.name == kScanName &&
                         !get.GetColumnIds()[binding.column_index].IsVirtualColumn();
  return is_column ? ScannedOrder{&get, binding.column_index} : ScannedOrder{};
}

/// A filter on floating point numbers that says more and more, as DuckDB makes one of whole numbers and texts.
void AddFilter(const ScannedOrder& scanned, duckdb::LogicalTopN* top) {
  const duckdb::BoundOrderByNode& order = top->orders[0];
  const auto type = order.expression->return_type.id();
  if (top->dynamic_filter || (type != duckdb::LogicalTypeId::DOUBLE && type != duckdb::LogicalTypeId::FLOAT)) return;
  const bool alone = top->orders.size() == 1;
  const bool ascending = order.type == duckdb::OrderType::ASCENDING;
  const ExpressionType comparison =
      ascending ? (alone ? ExpressionType::COMPARE_LESSTHAN : ExpressionType::COMPARE_LESSTHANOREQUALTO)
                : (alone ? ExpressionType::COMPARE_GREATERTHAN : ExpressionType::COMPARE_GREATERTHANOREQUALTO);
  top->dynamic_filter = duckdb::make_shared_ptr<duckdb::DynamicFilterData>();
  top->dynamic_filter->filter = duckdb::make_uniq<duckdb::ConstantFilter>(
      comparison, duckdb::Value::MinimumValue(order.expression->return_type));  // until the operator sets one
  duckdb::unique_ptr<duckdb::TableFilter> filter = duckdb::make_uniq<duckdb::DynamicFilter>(top->dynamic_filter);
  if (order.null_order == duckdb::OrderByNullType::NULLS_FIRST) {
    auto either = duckdb::make_uniq<duckdb::ConjunctionOrFilter>();
    either->child_filters.push_back(duckdb::make_uniq<duckdb::IsNullFilter>());
    either->child_filters.push_back(std::move(filter));
    filter = std::move(either);
  }
  scanned.get->table_filters.PushFilter(scanned.get->GetColumnIds()[scanned.column],
                                        duckdb::make_uniq<duckdb::OptionalFilter>(std::move(filter)));
}

void TellScanOfTop(duckdb::LogicalTopN* top) {
  const duckdb::BoundOrderByNode& order = top->orders[0];
  const ScannedOrder scanned = FindScan(*top->children[0], *order.expression);
  if (scanned.get == nullptr) return;
  if (order.type == duckdb::OrderType::DESCENDING) {
    scanned.get->bind_data->Cast<ScanData>().last_first =
        static_cast<int>(scanned.get->GetColumnIds()[scanned.column].GetPrimaryIndex());
  }
  AddFilter(scanned, top);
}

void FindTops(LogicalOperator* plan) {
  if (plan->type == LogicalOperatorType::LOGICAL_TOP_N) {
    auto& top = plan->Cast<duckdb::LogicalTopN>();
    if (!top.orders.empty()) TellScanOfTop(&top);
  }
  for (const auto& child : plan->children) FindTops(child.get());
}

void FilterTopRows(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) {
  FindTops(plan.get());
}

}  // namespace

void RegisterTopRows(duckdb::DBConfig* config) {
  AddStepAfterOptimizer(config, FilterTopRows);
}

}  // namespace weir::sql
