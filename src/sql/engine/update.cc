#include <algorithm>

#include "duckdb/planner/operator/logical_update.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/modify.h"
#include "sql/engine/row_ids.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::SelectionVector;

/// A column's new value: one of the input's columns, or the default.
struct NewValue {
  idx_t input = 0;
  duckdb::unique_ptr<duckdb::Expression> expression;
};

class UpdateOperator : public ModifyOperator {
 public:
  UpdateOperator(duckdb::PhysicalPlan& plan, duckdb::LogicalUpdate& op, const AttachedTable& table, bool keys_change)
      : ModifyOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, op.types, op.estimated_cardinality, table,
                       op.return_chunk),
        keys_stay_(!table.relation()->PrimaryKey().empty() && !keys_change) {
    values_.resize(table.GetTypes().size());
    for (size_t i = 0; i < op.columns.size(); ++i) {
      NewValue& value = values_[op.columns[i].index];
      if (op.expressions[i]->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT) {
        value.expression = std::move(op.bound_defaults[op.columns[i].index]);
      } else {
        value.input = op.expressions[i]->Cast<duckdb::BoundReferenceExpression>().index;
      }
    }
  }
  std::string GetName() const override { return "UPDATE"; }

  void Take(ModifyState& state, duckdb::DataChunk& chunk) const override {
    duckdb::DataChunk rows;
    rows.InitializeEmpty(table_.GetTypes());
    for (size_t i = 0; i < values_.size(); ++i) SetColumn(state, chunk, values_[i], rows.data[i]);
    rows.SetCardinality(chunk.size());

    RowIds old(chunk, chunk.ColumnCount() - 3);
    DropRowsMetBefore(state, old, rows);
    for (const RoutedRows& group : state.router.Route(rows)) AddGroup(state, old, rows, group);
    if (state.returned) state.returned->Append(rows);
    state.rows += static_cast<int64_t>(rows.size());
  }

  int64_t Finish(ModifyState& state) const override {
    const bool has_key = !table_.relation()->PrimaryKey().empty();
    int64_t removed = state.pending.Apply(state.transaction, has_key ? kForUpdate : kForNoKeyUpdate);
    if (removed != state.pending.removals()) {
      Throw(Error("40001", "could not serialize access due to concurrent update"));
    }
    return state.rows;
  }

 private:
  void SetColumn(ModifyState& state, duckdb::DataChunk& chunk, const NewValue& value, duckdb::Vector& column) const {
    if (!value.expression) return column.Reference(chunk.data[value.input]);
    duckdb::Vector computed(column.GetType());
    duckdb::ExpressionExecutor(state.client, *value.expression).ExecuteExpression(chunk, computed);
    column.Reference(computed);
  }

  /// A row that a join brings twice is updated once, as PostgreSQL does it.
  void DropRowsMetBefore(ModifyState& state, RowIds& old, duckdb::DataChunk& rows) const {
    auto kind = keys_stay_ ? PendingChanges::Old::kIsReplaced : PendingChanges::Old::kGoes;
    SelectionVector fresh(rows.size());
    idx_t count = 0;
    for (idx_t row = 0; row < rows.size(); ++row) {
      if (state.pending.Meet(old.Leaf(row), old.Position(row), old.Key(row), kind)) fresh.set_index(count++, row);
    }
    if (count == rows.size()) return;
    rows.Slice(fresh, count);
    old.Slice(fresh, count);
  }

  void AddGroup(ModifyState& state, const RowIds& old, duckdb::DataChunk& rows, const RoutedRows& group) const {
    if (!keys_stay_) return state.pending.Add(group.leaf, rows, group.rows, group.count);
    SelectionVector stay(group.count);
    SelectionVector move(group.count);
    idx_t staying = 0;
    idx_t moving = 0;
    for (idx_t i = 0; i < group.count; ++i) {
      idx_t row = group.rows.get_index(i);
      if (old.Leaf(row) == group.leaf->id) {
        stay.set_index(staying++, row);
      } else {
        move.set_index(moving++, row);
        state.pending.Leaves(old.Leaf(row), old.Key(row));
      }
    }
    if (staying) state.pending.Add(group.leaf, rows, stay, staying, PendingChanges::Write::kUpsert);
    if (moving) state.pending.Add(group.leaf, rows, move, moving);
  }

  std::vector<NewValue> values_;  // by column
  bool keys_stay_;                // of a PK table: rows that stay in their leaf are overwritten
};

bool SetsKey(const Relation& relation, const std::vector<idx_t>& updated) {
  auto key = relation.PrimaryKey();
  return std::any_of(updated.begin(), updated.end(), [&](idx_t column) {
    return std::find(key.begin(), key.end(), static_cast<int>(column)) != key.end();
  });
}

}  // namespace

duckdb::PhysicalOperator& AttachedCatalog::PlanUpdate(duckdb::ClientContext& context,
                                                      duckdb::PhysicalPlanGenerator& planner, duckdb::LogicalUpdate& op,
                                                      duckdb::PhysicalOperator& plan) {
  const auto& table = static_cast<const AttachedTable&>(op.table);
  bool keys_change = SetsKey(*table.relation(), SessionState::Of(context).updated);
  auto& update = planner.Make<UpdateOperator>(op, table, keys_change);
  update.children.push_back(plan);
  return update;
}

}  // namespace weir::sql
