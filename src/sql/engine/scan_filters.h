#pragma once

#include <memory>
#include <vector>

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Whether it says more and more while the query runs.
bool ChangesWhileRunning(const duckdb::TableFilter& filter);

/// The filters that DuckDB gives a scan, for one thread of it: those that rows must meet, and those that only spare the
/// operators above some work, which change as these run.
class ScanFilters {
 public:
  /// `types`: of the scan's columns.
  ScanFilters(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
              duckdb::optional_ptr<duckdb::TableFilterSet> filters);

  /// Which of the scan's columns they read, ascending.
  const std::vector<duckdb::idx_t>& columns() const { return columns_; }
  /// How many rows of a chunk pass, of which these columns are filled; `selected` says which where not all do.
  duckdb::idx_t Select(duckdb::DataChunk& chunk, duckdb::SelectionVector* selected);

 private:
  struct Optional {
    duckdb::idx_t column = 0;
    const duckdb::TableFilter* filter = nullptr;
    bool is_dynamic = false;
    duckdb::unique_ptr<duckdb::TableFilterState> state;  // null of dynamic ones
  };
  void Add(duckdb::idx_t column, const duckdb::TableFilter& filter);

  duckdb::ClientContext& context_;
  std::vector<duckdb::idx_t> columns_;
  duckdb::vector<duckdb::LogicalType> types_;
  duckdb::unique_ptr<duckdb::Expression> required_;  // null: there is none
  std::unique_ptr<duckdb::ExpressionExecutor> executor_;
  duckdb::SelectionVector met_;
  std::vector<Optional> optional_;
};

}  // namespace weir::sql
