#pragma once

#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// Where the rows of a chunk stand, by the three columns that GetRowIdColumns names.
class RowIds {
 public:
  RowIds(duckdb::DataChunk& chunk, duckdb::idx_t leaf, duckdb::idx_t position, duckdb::idx_t key) {
    chunk.data[leaf].ToUnifiedFormat(chunk.size(), leaf_);
    chunk.data[position].ToUnifiedFormat(chunk.size(), position_);
    chunk.data[key].ToUnifiedFormat(chunk.size(), key_);
  }

  int64_t Leaf(duckdb::idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(leaf_)[leaf_.sel->get_index(row)];
  }
  std::optional<RowPosition> Position(duckdb::idx_t row) const {
    auto at = position_.sel->get_index(row);
    if (!position_.validity.RowIsValid(at)) return std::nullopt;
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(position_)[at];
  }
  std::string_view Key(duckdb::idx_t row) const {
    auto at = key_.sel->get_index(row);
    if (!key_.validity.RowIsValid(at)) return {};
    const auto& key = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(key_)[at];
    return {key.GetData(), key.GetSize()};
  }

 private:
  duckdb::UnifiedVectorFormat leaf_;
  duckdb::UnifiedVectorFormat position_;
  duckdb::UnifiedVectorFormat key_;
};

}  // namespace weir::sql
