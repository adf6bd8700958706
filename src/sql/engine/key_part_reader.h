#pragma once

#include <utility>
#include <vector>

#include "sql/catalog/hash_shards.h"
#include "sql/engine/types.h"

namespace weir::sql {

/// Reads the values of one part of a partition key, row by row: those of a vector, or the shards of a table's rows.
class KeyPartReader {
 public:
  explicit KeyPartReader(KeyReader values) { columns_.push_back(std::move(values)); }
  /// `rows` has the table's columns.
  KeyPartReader(const HashShards& shards, duckdb::DataChunk& rows);

  KeyValue Read(duckdb::idx_t row) const;

 private:
  std::vector<KeyReader> columns_;  // of the key, where it reads shards
  std::vector<DataType> types_;     // along them
  int32_t shards_ = 0;              // 0: the one column's values
};

}  // namespace weir::sql
