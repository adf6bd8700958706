#include "sql/engine/plan_access.h"

#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "sql/access/targets.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/change.h"
#include "sql/engine/errors.h"
#include "sql/engine/optimizer_step.h"

namespace weir::sql {
namespace {

using access::ColumnUse;
using access::Privilege;
using access::Privileges;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Names = std::vector<std::string>;

/// Null: a session of admin's, or none at all, for which nothing is checked.
duckdb::shared_ptr<SessionState> LimitedSession(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  const bool limited = state && state->access && !access::IsAdmin(*state->access, state->role);
  return limited ? state : nullptr;
}

const Relation* RelationOf(const duckdb::TableCatalogEntry& table) {
  const auto* attached = dynamic_cast<const AttachedTable*>(&table);
  return attached == nullptr || attached->of_view() ? nullptr : attached->relation().get();
}

/// The columns that a scan reads, without where the rows stand.
Names ReadBy(const Relation& relation, const duckdb::LogicalGet& get) {
  Names names;
  for (const duckdb::ColumnIndex& id : get.GetColumnIds()) {
    const duckdb::idx_t column = id.GetPrimaryIndex();
    if (column < relation.columns.size()) names.push_back(relation.columns[column].name);
  }
  return names;
}

bool ReadsPositions(const duckdb::LogicalGet& get) {
  return std::ranges::any_of(get.GetColumnIds(), [](const auto& id) { return id.GetPrimaryIndex() == kLeafColumn; });
}

class PlanCheck {
 public:
  explicit PlanCheck(const SessionState& state) : state_(state) {}

  void Visit(LogicalOperator& plan) {
    switch (plan.type) {
      case LogicalOperatorType::LOGICAL_GET: Get(plan.Cast<duckdb::LogicalGet>()); break;
      case LogicalOperatorType::LOGICAL_INSERT: Insert(plan.Cast<duckdb::LogicalInsert>()); break;
      case LogicalOperatorType::LOGICAL_PROJECTION: Returning(plan); break;
      case LogicalOperatorType::LOGICAL_EXTENSION_OPERATOR: return Change(plan);
      default: break;  // DuckDB has 70 kinds of them; what touches tables is above
    }
    for (const auto& child : plan.children) Visit(*child);
  }

  void Check(const Relation& relation, Privileges whole, const std::vector<ColumnUse>& columns) const {
    const AccessContext context{state_.session_role, state_.role, state_.database, state_.tables};
    const access::Target schema = SchemaTarget(*state_.access, relation.path.database, context);
    ThrowNotOk(access::CheckPrivilege(*state_.access, state_.role, schema, access::kUsage));
    const access::Target target = ValueOrThrow(TargetOf(*state_.access, *state_.tables, relation));
    ThrowNotOk(access::CheckUse(*state_.access, state_.role, target, whole, columns));
  }

 private:
  void Get(const duckdb::LogicalGet& get) const {
    const auto table = get.GetTable();
    const Relation* relation = table ? RelationOf(*table) : nullptr;
    if (relation == nullptr) return;
    if (target_ == relation && ReadsPositions(get)) return;  // what the change reads of its target it says itself
    Check(*relation, 0, {{access::kSelect, ReadBy(*relation, get)}});
  }

  void Insert(const duckdb::LogicalInsert& insert) const {
    const Relation* relation = RelationOf(insert.table);
    if (relation == nullptr) return;
    Names written;
    for (size_t i = 0; i < relation->columns.size(); ++i) {
      const bool given = insert.column_index_map.empty() ||
                         insert.column_index_map[duckdb::PhysicalIndex(i)] != duckdb::DConstants::INVALID_INDEX;
      if (given) written.push_back(relation->columns[i].name);
    }
    Check(*relation, 0, {{access::kInsert, std::move(written)}});
  }

  void Change(LogicalOperator& plan) {
    auto* planned = dynamic_cast<LogicalChange*>(&plan);
    const Relation* target = planned == nullptr ? nullptr : RelationOf(planned->table());
    if (target != nullptr) {
      const TableChange& change = planned->change();
      std::vector<ColumnUse> uses;
      if (change.inserts) uses.push_back({access::kInsert, change.inserted});
      if (!change.updated.empty()) uses.push_back({access::kUpdate, change.updated});
      if (!change.read.empty()) uses.push_back({access::kSelect, change.read});
      Check(*target, change.deletes ? access::kDelete : Privileges(0), uses);
    }
    const Relation* around = std::exchange(target_, target);
    for (const auto& child : plan.children) Visit(*child);
    target_ = around;
  }

  /// What RETURNING shows, of the rows of the INSERT below it.
  void Returning(LogicalOperator& projection) const {
    if (projection.children.size() != 1) return;
    if (projection.children[0]->type != LogicalOperatorType::LOGICAL_INSERT) return;
    const auto& insert = projection.children[0]->Cast<duckdb::LogicalInsert>();
    const Relation* relation = RelationOf(insert.table);
    if (relation == nullptr) return;
    Names shown;
    for (const auto& expression : projection.expressions) {
      AddShown(*expression, *relation, insert.table_index, &shown);
    }
    if (!shown.empty()) Check(*relation, 0, {{access::kSelect, std::move(shown)}});
  }

  static void AddShown(const duckdb::Expression& expression, const Relation& relation, duckdb::idx_t table,
                       Names* shown) {
    if (expression.GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF) {
      const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
      if (binding.table_index == table && binding.column_index < relation.columns.size()) {
        shown->push_back(relation.columns[binding.column_index].name);
      }
    }
    duckdb::ExpressionIterator::EnumerateChildren(
        expression, [&](const duckdb::Expression& child) { AddShown(child, relation, table, shown); });
  }

  const SessionState& state_;
  const Relation* target_ = nullptr;  // of the change above
};

void CheckPlan(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<LogicalOperator>& plan) {
  CheckPlanAccess(input.context, *plan);
}

}  // namespace

void RegisterPlanAccess(duckdb::DBConfig* config) {
  AddStepBeforeOptimizer(config, CheckPlan);
}

void CheckPlanAccess(duckdb::ClientContext& context, LogicalOperator& plan) {
  const auto state = LimitedSession(context);
  if (state) PlanCheck(*state).Visit(plan);
}

}  // namespace weir::sql
