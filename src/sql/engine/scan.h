#pragma once

#include "sql/engine/attached_table.h"
#include "sql/engine/condition.h"

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
};

/// The function that scans a table's leaves: projection and filters pushed down, one reader a bucket, leaves opened
/// by the threads that need them.
duckdb::TableFunction MakeScan(duckdb::ClientContext& context, const AttachedTable& table,
                               duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

}  // namespace weir::sql
