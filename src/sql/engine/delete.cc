#include "duckdb/planner/operator/logical_delete.hpp"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/modify.h"
#include "sql/engine/row_ids.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;

class DeleteOperator : public ModifyOperator {
 public:
  DeleteOperator(duckdb::PhysicalPlan& plan, duckdb::LogicalDelete& op, const AttachedTable& table)
      : ModifyOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, op.types, op.estimated_cardinality, table,
                       op.return_chunk) {
    for (const auto& expression : op.expressions) {
      ids_.push_back(expression->Cast<duckdb::BoundReferenceExpression>().index);
    }
  }
  std::string GetName() const override { return "DELETE"; }

  void Take(ModifyState& state, duckdb::DataChunk& chunk) const override {
    RowIds old(chunk, ids_[0], ids_[1], ids_[2]);
    for (idx_t row = 0; row < chunk.size(); ++row) state.pending.Meet(old.Leaf(row), old.Position(row), old.Key(row));
  }

  int64_t Finish(ModifyState& state) const override {
    if (state.returned) {
      for (const auto& [id, leaf] : state.pending.leaves()) ReadRows(state, leaf);
    }
    return state.pending.Apply(state.transaction);
  }

 private:
  /// The input has no more than the condition needs: RETURNING reads the leaf again.
  void ReadRows(ModifyState& state, const PendingChanges::Leaf& leaf) const {
    LeafScanOptions options;
    options.row_ids = true;
    for (const SqlColumn& column : table_.relation()->columns) options.columns.push_back(PositionOf(*leaf.relation, column.name));
    for (auto& reader : ValueOrThrow(state.transaction.Scan(leaf.relation, options))) {
      while (auto batch = ValueOrThrow(reader->Next())) ReturnRows(state, leaf, *batch);
    }
  }

  void ReturnRows(ModifyState& state, const PendingChanges::Leaf& leaf, const LeafBatch& batch) const {
    duckdb::DataChunk rows;
    rows.Initialize(state.client, table_.GetTypes());
    for (int64_t from = 0; from < batch.rows->num_rows(); from += STANDARD_VECTOR_SIZE) {
      auto count = static_cast<idx_t>(std::min<int64_t>(STANDARD_VECTOR_SIZE, batch.rows->num_rows() - from));
      duckdb::SelectionVector chosen(count);
      idx_t kept = 0;
      for (idx_t row = 0; row < count; ++row) {
        if (Goes(leaf, batch, from + static_cast<int64_t>(row))) chosen.set_index(kept++, row);
      }
      if (kept == 0) continue;
      rows.Reset();
      for (size_t i = 0; i < rows.ColumnCount(); ++i) {
        ToVector(table_.relation()->columns[i].data_type, batch.rows->column(static_cast<int>(i)), from, count, rows.data[i]);
      }
      rows.SetCardinality(count);
      rows.Slice(chosen, kept);
      state.returned->Append(rows);
    }
  }

  static bool Goes(const PendingChanges::Leaf& leaf, const LeafBatch& batch, int64_t row) {
    if (batch.positions) return leaf.positions.contains(batch.positions->Value(row));
    return batch.keys && leaf.keys.contains(batch.keys->GetString(row));
  }

  std::vector<idx_t> ids_;
};

}  // namespace

duckdb::PhysicalOperator& AttachedCatalog::PlanDelete(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator& planner,
                                                      duckdb::LogicalDelete& op, duckdb::PhysicalOperator& plan) {
  auto& erase = planner.Make<DeleteOperator>(op, static_cast<const AttachedTable&>(op.table));
  erase.children.push_back(plan);
  return erase;
}

}  // namespace weir::sql
