#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "sql/engine/attached_table.h"
#include "sql/engine/table_change.h"

namespace weir::sql {

/// Tells the rows that a statement inserts apart by the table's unique keys.
class DistinctKeys {
 public:
  /// Throws.
  DistinctKeys(duckdb::ClientContext& context, const Relation& table, const std::vector<UniqueKey>& keys);
  ~DistinctKeys();

  /// The chunk, of the table's columns, whose rows are taken next.
  void Read(duckdb::DataChunk& rows);
  /// False where a row that was taken before has one of the row's keys.
  bool Take(duckdb::idx_t row);

 private:
  struct Part;
  struct Key;
  std::optional<std::string> TextOf(const Key& key, duckdb::idx_t row) const;

  std::vector<Key> keys_;
};

}  // namespace weir::sql
