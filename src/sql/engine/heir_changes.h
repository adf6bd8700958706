#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "sql/engine/modify.h"

namespace weir::sql {

/// Rows of a table that inherits from the target of an UPDATE, DELETE or MERGE. The statement knows of the target's
/// columns alone: others stay as they are in the old rows, which are read again for them once all are known. New rows
/// are held to the table's own constraints. Made once a statement and table; throws.
class HeirChanges {
 public:
  HeirChanges(duckdb::ClientContext& context, const AttachedTable& target, RelationPtr heir);

  /// The target's columns of a row as it shall be; without any it goes.
  struct NewRow {
    duckdb::DataChunk& chunk;
    duckdb::idx_t row;
    std::span<const duckdb::idx_t> columns;
  };
  /// A row that the statement has not met yet, by what the scan's virtual columns say.
  void Add(std::optional<RowPosition> position, std::string_view key, const NewRow& new_row);
  /// Makes the new rows, before the old ones go.
  void Complete();
  /// Gives them to the transaction, after the old ones have gone.
  void Apply();

 private:
  using Chunks = std::vector<std::unique_ptr<duckdb::DataChunk>>;
  duckdb::DataChunk& ChunkFor(int64_t number, const duckdb::vector<duckdb::LogicalType>& types, Chunks* chunks);
  int64_t NumberOf(const LeafBatch& batch, int64_t row) const;
  void ReadOld();
  void TakeOld(const LeafBatch& batch, int64_t first, duckdb::idx_t count);
  void Write(size_t chunk);
  void KeepKeys(duckdb::DataChunk& old_rows, duckdb::DataChunk& new_rows, const std::vector<RoutedRows>& groups,
                const duckdb::SelectionVector& updated, const duckdb::SelectionVector& deleted, duckdb::idx_t deletes);

  duckdb::ClientContext& context_;
  const RelationPtr heir_;
  const std::shared_ptr<AttachedTable> table_;
  ModifyState own_;
  duckdb::vector<duckdb::LogicalType> target_types_;
  std::vector<int> places_;  // of the target's columns in the heir
  bool reads_old_ = false;   // it has others, or foreign keys are to be looked at
  std::unordered_map<RowPosition, int64_t> positions_;  // the rows' numbers, from 0
  KeyIndex keys_;                                       // or of a table with a primary key
  std::vector<bool> goes_;                              // by number
  Chunks new_rows_;                                     // the target's columns
  Chunks old_rows_;                                     // the heir's
  int64_t found_ = 0;
};

}  // namespace weir::sql
