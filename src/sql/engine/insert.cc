#include "duckdb/planner/operator/logical_insert.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/modify.h"

namespace weir::sql {
namespace {

class InsertOperator : public ModifyOperator {
 public:
  using ModifyOperator::ModifyOperator;
  std::string GetName() const override { return "INSERT"; }

 protected:
  void Take(ModifyState& state, duckdb::DataChunk& chunk) const override { InsertRows(state, chunk); }
};

/// The values of a key; nothing where one of them is NULL, which is like no other.
std::optional<std::string> KeyText(duckdb::DataChunk& rows, const std::vector<int>& key, duckdb::idx_t row) {
  std::string text;
  for (int column : key) {
    const duckdb::Value value = rows.GetValue(static_cast<duckdb::idx_t>(column), row);
    if (value.IsNull()) return std::nullopt;
    const std::string one = value.ToString();
    text += std::to_string(one.size()) + ":" + one;
  }
  return text;
}

/// ON CONFLICT DO NOTHING: a row that has a key in common with one that was taken in goes nowhere.
void LeaveOutRepeated(ModifyState& state, const std::vector<std::vector<int>>& keys, duckdb::DataChunk& rows) {
  duckdb::SelectionVector kept(rows.size());
  duckdb::idx_t count = 0;
  for (duckdb::idx_t row = 0; row < rows.size(); ++row) {
    std::vector<std::optional<std::string>> texts;
    bool repeated = false;
    for (size_t i = 0; i < keys.size(); ++i) {
      texts.push_back(KeyText(rows, keys[i], row));
      repeated |= texts[i] && state.keys_taken[i].contains(*texts[i]);
    }
    if (repeated) continue;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (texts[i]) state.keys_taken[i].insert(*texts[i]);
    }
    kept.set_index(count++, row);
  }
  if (count < rows.size()) rows.Slice(kept, count);
}

}  // namespace

std::vector<RoutedRows> InsertRows(ModifyState& state, duckdb::DataChunk& rows) {
  const ConflictAction& conflicts = SessionState::Of(state.client).conflicts;
  if (!conflicts.skips.empty()) LeaveOutRepeated(state, conflicts.skips, rows);
  if (rows.size() == 0) return {};
  std::vector<RoutedRows> groups = state.router.Route(rows);
  const auto write = conflicts.upserts ? PendingChanges::Write::kUpsert : PendingChanges::Write::kInsert;
  for (const RoutedRows& group : groups) state.pending.Add(group.leaf, rows, group.rows, group.count, write);
  if (state.returned) state.returned->Append(rows);
  state.rows += static_cast<int64_t>(rows.size());
  return groups;
}

duckdb::PhysicalOperator& AttachedCatalog::PlanInsert(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator& planner,
                                                      duckdb::LogicalInsert& op,
                                                      duckdb::optional_ptr<duckdb::PhysicalOperator> plan) {
  if (op.on_conflict_info.action_type != duckdb::OnConflictAction::THROW) {
    Throw(Error("0A000", "MERGE and INSERT ... ON CONFLICT are not supported"));
  }
  if (!op.column_index_map.empty()) plan = planner.ResolveDefaultsProjection(op, *plan);
  auto& insert =
      planner.Make<InsertOperator>(duckdb::PhysicalOperatorType::EXTENSION, op.types, op.estimated_cardinality,
                                   static_cast<const AttachedTable&>(op.table), op.return_chunk);
  insert.children.push_back(*plan);
  return insert;
}

}  // namespace weir::sql
