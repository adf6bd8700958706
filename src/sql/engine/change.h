#pragma once

#include "sql/engine/attached_table.h"
#include "sql/engine/table_change.h"

namespace weir::sql {

/// A change of a table's rows in a plan; its child gives the rows.
class LogicalChange : public duckdb::LogicalExtensionOperator {
 public:
  LogicalChange(duckdb::idx_t table_index, TableChange change, const AttachedTable& table,
                duckdb::vector<duckdb::LogicalType> result, duckdb::unique_ptr<duckdb::LogicalOperator> rows);

  const TableChange& change() const { return change_; }
  const AttachedTable& table() const { return table_; }

  /// "Update on t".
  std::string GetName() const override;
  std::string GetExtensionName() const override { return kChangeFunction; }
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override;
  duckdb::vector<duckdb::idx_t> GetTableIndex() const override { return {table_index_}; }
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context, duckdb::PhysicalPlanGenerator& planner) override;

 protected:
  void ResolveTypes() override { types = result_; }

 private:
  const duckdb::idx_t table_index_;
  const TableChange change_;
  const AttachedTable& table_;
  const duckdb::vector<duckdb::LogicalType> result_;
};

/// kChangeFunction, as which DuckDB binds a change: it does what SessionState::change says.
void RegisterChangeFunction(duckdb::DuckDB& database);
/// Makes LogicalChange of its calls in a plan that DuckDB has bound.
void PlanChanges(duckdb::unique_ptr<duckdb::LogicalOperator>& plan);
/// Has that done to every plan before it is optimized.
void RegisterChanges(duckdb::DBConfig* config);

}  // namespace weir::sql
