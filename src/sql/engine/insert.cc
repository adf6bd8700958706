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

  void Take(ModifyState& state, duckdb::DataChunk& chunk) const override { InsertRows(state, chunk); }
};

}  // namespace

std::vector<RoutedRows> InsertRows(ModifyState& state, duckdb::DataChunk& given) {
  duckdb::DataChunk made;
  duckdb::DataChunk& rows = state.generated.Complete(given, &made);
  std::vector<RoutedRows> groups = state.router.Route(rows);
  for (const RoutedRows& group : groups) {
    state.pending.Add(group.leaf, rows, group.rows, group.count);
    if (state.keys.wanted()) state.keys.AddInserted({rows, group.rows, group.leaf->id}, group.count);
  }
  if (state.returned) state.returned->Append(rows);
  state.rows += static_cast<int64_t>(rows.size());
  return groups;
}

duckdb::PhysicalOperator& AttachedCatalog::PlanInsert(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator& planner,
                                                      duckdb::LogicalInsert& op,
                                                      duckdb::optional_ptr<duckdb::PhysicalOperator> plan) {
  if (op.on_conflict_info.action_type != duckdb::OnConflictAction::THROW) {
    Throw(Error("0A000", "this form of INSERT is not supported"));
  }
  if (!op.column_index_map.empty()) plan = planner.ResolveDefaultsProjection(op, *plan);
  auto& insert =
      planner.Make<InsertOperator>(duckdb::PhysicalOperatorType::EXTENSION, op.types, op.estimated_cardinality,
                                   static_cast<const AttachedTable&>(op.table), op.return_chunk);
  insert.children.push_back(*plan);
  return insert;
}

}  // namespace weir::sql
