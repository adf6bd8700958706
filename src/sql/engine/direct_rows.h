#pragma once

#include <arrow/record_batch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Rows that are there, in DuckDB's chunks, which it gives as DuckDB's own results do, or in Arrow's columns.
class DirectRows : public duckdb::QueryResult {
 public:
  DirectRows(duckdb::vector<duckdb::LogicalType> row_types, duckdb::vector<std::string> row_names,
             duckdb::ClientProperties settings)
      : QueryResult(duckdb::QueryResultType::MATERIALIZED_RESULT, duckdb::StatementType::SELECT_STATEMENT,
                    duckdb::StatementProperties(), std::move(row_types), std::move(row_names), std::move(settings)) {}

  void Append(duckdb::DataChunk& rows) {
    auto copy = duckdb::make_uniq<duckdb::DataChunk>();
    copy->Initialize(duckdb::Allocator::DefaultAllocator(), types, rows.size());
    rows.Copy(*copy);
    chunks_.push_back(std::move(copy));
  }
  std::string ToString() override { return HeaderToString(); }

  /// Null: the rows are in chunks.
  std::shared_ptr<arrow::RecordBatch> batch;

 protected:
  duckdb::unique_ptr<duckdb::DataChunk> FetchInternal() override {
    return next_ < chunks_.size() ? std::move(chunks_[next_++]) : nullptr;
  }

 private:
  std::vector<duckdb::unique_ptr<duckdb::DataChunk>> chunks_;
  size_t next_ = 0;
};

}  // namespace weir::sql
