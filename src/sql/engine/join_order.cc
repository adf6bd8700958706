#include "sql/engine/join_order.h"

#include <algorithm>

#include "duckdb/main/client_config.hpp"
#include "duckdb/main/settings.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"

namespace weir::sql {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

/// Whether DuckDB may put something else between the operator and what it joins.
bool IsOrdered(LogicalOperator& plan) {
  switch (plan.type) {
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_FILTER: return true;
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN: {
      const duckdb::JoinType type = plan.Cast<duckdb::LogicalJoin>().join_type;
      return type == duckdb::JoinType::INNER || type == duckdb::JoinType::SEMI || type == duckdb::JoinType::ANTI ||
             type == duckdb::JoinType::MARK;
    }
    default: return false;  // most of DuckDB's 60
  }
}

/// The relations that are ordered together with those of the operator; the most that are anywhere below go to `most`.
int CountRelations(LogicalOperator& plan, int* most) {
  int below = 0;
  for (const auto& child : plan.children) {
    const int relations = CountRelations(*child, most);
    *most = std::max(*most, relations);
    below += relations;
  }
  return IsOrdered(plan) ? below : 1;
}

/// DuckDB leaves the joins of plans alone that are deeper than expressions may be: by then all expressions are bound.
void LimitOrder(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<LogicalOperator>& plan) {
  int most = 0;
  most = std::max(CountRelations(*plan, &most), most);
  if (most <= kMostOrdered) return;
  duckdb::ClientConfig::GetConfig(input.context)
      .user_settings.SetUserSetting(duckdb::MaxExpressionDepthSetting::SettingIndex, duckdb::Value::UBIGINT(0));
}

void EndLimit(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<LogicalOperator>&) {
  OrderJoins(input.context);
}

}  // namespace

void RegisterJoinOrder(duckdb::DBConfig* config) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = LimitOrder;
  extension.optimize_function = EndLimit;
  duckdb::OptimizerExtension::Register(*config, std::move(extension));
}

void OrderJoins(duckdb::ClientContext& context) {
  duckdb::ClientConfig::GetConfig(context).user_settings.ClearSetting(duckdb::MaxExpressionDepthSetting::SettingIndex);
}

}  // namespace weir::sql
