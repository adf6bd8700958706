#pragma once

#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// Where the rows of a chunk stand: three columns beside each other, as GetRowIdColumns names them.
class RowIds {
 public:
  RowIds(duckdb::DataChunk& chunk, duckdb::idx_t first) : RowIds(chunk, first, first + 1, first + 2) {}
  RowIds(duckdb::DataChunk& chunk, duckdb::idx_t leaf, duckdb::idx_t position, duckdb::idx_t key) {
    chunk.data[leaf].ToUnifiedFormat(chunk.size(), leaf_);
    chunk.data[position].ToUnifiedFormat(chunk.size(), position_);
    chunk.data[key].ToUnifiedFormat(chunk.size(), key_);
  }

  int64_t Leaf(duckdb::idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(leaf_)[leaf_.sel->get_index(At(row))];
  }
  std::optional<RowPosition> Position(duckdb::idx_t row) const {
    auto at = position_.sel->get_index(At(row));
    if (!position_.validity.RowIsValid(at)) return std::nullopt;
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(position_)[at];
  }
  std::string_view Key(duckdb::idx_t row) const {
    auto at = key_.sel->get_index(At(row));
    if (!key_.validity.RowIsValid(at)) return {};
    const auto& key = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(key_)[at];
    return {key.GetData(), key.GetSize()};
  }

  /// Only the chosen rows from now on.
  void Slice(const duckdb::SelectionVector& chosen, duckdb::idx_t count) {
    chosen_.assign(chosen.data(), chosen.data() + count);
  }

 private:
  duckdb::idx_t At(duckdb::idx_t row) const { return chosen_.empty() ? row : chosen_[row]; }

  duckdb::UnifiedVectorFormat leaf_;
  duckdb::UnifiedVectorFormat position_;
  duckdb::UnifiedVectorFormat key_;
  std::vector<duckdb::sel_t> chosen_;
};

}  // namespace weir::sql
