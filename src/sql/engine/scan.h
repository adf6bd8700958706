#pragma once

#include "sql/engine/attached_table.h"
#include "sql/engine/condition.h"
#include "sql/engine/table_bounds.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// What plans call it.
inline constexpr char kScanName[] = "weir_scan";

/// What planning knows of a scan. Nothing in it grows with the number of leaves.
struct ScanData : public duckdb::TableFunctionData {
  explicit ScanData(const AttachedTable& scanned) : table(scanned) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;

  const AttachedTable& table;
  Condition condition;
  int last_first = -1;         // a column whose last values are wanted first; −1: none
  bool extremes_only = false;  // nothing is wanted but the least and the greatest value of each column
  mutable std::optional<std::shared_ptr<const TableBounds>> bounds;  // that plans rely on, once they were asked for
};

/// A virtual column of `count` rows of a leaf's batch from `first` on.
void FillVirtual(const LeafBatch& batch, int64_t leaf_id, duckdb::column_t id, int64_t first, duckdb::idx_t count,
                 duckdb::Vector& vector);

/// The function that scans a table's leaves: projection and filters pushed down, one reader a bucket, leaves opened
/// by the threads that need them.
duckdb::TableFunction MakeScan(duckdb::ClientContext& context, const AttachedTable& table,
                               duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

}  // namespace weir::sql
