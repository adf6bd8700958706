#include "sql/engine/plan_access.h"

#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_delete.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "sql/access/targets.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/errors.h"

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

Names ColumnsOf(const Relation& relation, const duckdb::vector<duckdb::PhysicalIndex>& columns) {
  Names names;
  for (const duckdb::PhysicalIndex column : columns) names.push_back(relation.columns[column.index].name);
  return names;
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
      case LogicalOperatorType::LOGICAL_UPDATE: return Update(plan.Cast<duckdb::LogicalUpdate>());
      case LogicalOperatorType::LOGICAL_DELETE: return Delete(plan.Cast<duckdb::LogicalDelete>());
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
    if (target_ == relation && ReadsPositions(get)) return ReadByTarget(*relation, get);
    Check(*relation, 0, {{access::kSelect, ReadBy(*relation, get)}});
  }

  /// The rows that an UPDATE or DELETE changes. What an UPDATE reads of them is CheckUpdate's.
  void ReadByTarget(const Relation& relation, const duckdb::LogicalGet& get) const {
    const Names read = ReadBy(relation, get);
    if (deletes_ && !read.empty()) Check(relation, 0, {{access::kSelect, read}});
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
    std::vector<ColumnUse> uses = {{access::kInsert, std::move(written)}};
    const auto& set = insert.on_conflict_info.set_columns;
    if (!set.empty()) uses.push_back({access::kUpdate, ColumnsOf(*relation, set)});
    Check(*relation, 0, uses);
  }

  void Update(duckdb::LogicalUpdate& update) {
    const Relation* relation = RelationOf(update.table);
    if (relation != nullptr) {
      const auto& updated = state_.updated;
      Names names;
      for (const duckdb::idx_t column : updated) names.push_back(relation->columns[column].name);
      Check(*relation, 0, {{access::kUpdate, std::move(names)}});
    }
    target_ = relation;
    deletes_ = false;
    for (const auto& child : update.children) Visit(*child);
    target_ = nullptr;
  }

  void Delete(duckdb::LogicalDelete& remove) {
    const Relation* relation = RelationOf(remove.table);
    if (relation != nullptr) Check(*relation, access::kDelete, {});
    target_ = relation;
    deletes_ = true;
    for (const auto& child : remove.children) Visit(*child);
    target_ = nullptr;
  }

  /// What RETURNING shows, of the rows of the change below it.
  void Returning(LogicalOperator& projection) const {
    if (projection.children.size() != 1) return;
    const LogicalOperator& change = *projection.children[0];
    const duckdb::TableCatalogEntry* table = nullptr;
    duckdb::idx_t index = 0;
    if (change.type == LogicalOperatorType::LOGICAL_INSERT) {
      table = &change.Cast<duckdb::LogicalInsert>().table;
      index = change.Cast<duckdb::LogicalInsert>().table_index;
    } else if (change.type == LogicalOperatorType::LOGICAL_UPDATE) {
      table = &change.Cast<duckdb::LogicalUpdate>().table;
      index = change.Cast<duckdb::LogicalUpdate>().table_index;
    } else if (change.type == LogicalOperatorType::LOGICAL_DELETE) {
      table = &change.Cast<duckdb::LogicalDelete>().table;
      index = change.Cast<duckdb::LogicalDelete>().table_index;
    }
    const Relation* relation = table == nullptr ? nullptr : RelationOf(*table);
    if (relation == nullptr) return;
    Names shown;
    for (const auto& expression : projection.expressions) AddShown(*expression, *relation, index, &shown);
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
  const Relation* target_ = nullptr;  // of the UPDATE or DELETE above
  bool deletes_ = false;
};

void CheckPlan(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<LogicalOperator>& plan) {
  CheckPlanAccess(input.context, *plan);
}

}  // namespace

void RegisterPlanAccess(duckdb::DBConfig* config) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = CheckPlan;
  duckdb::OptimizerExtension::Register(*config, std::move(extension));
}

void CheckPlanAccess(duckdb::ClientContext& context, LogicalOperator& plan) {
  const auto state = LimitedSession(context);
  if (state) PlanCheck(*state).Visit(plan);
}

void CheckUpdate(duckdb::ClientContext& context, const Relation& relation, const duckdb::LogicalGet& get) {
  const auto state = LimitedSession(context);
  if (!state) return;
  const Names read = ReadBy(relation, get);
  if (!read.empty()) PlanCheck(*state).Check(relation, 0, {{access::kSelect, read}});
}

}  // namespace weir::sql
