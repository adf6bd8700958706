#pragma once

#include <memory>
#include <vector>

#include "sql/engine/attached_table.h"

namespace weir::sql {

/// What a statement has done to the columns by which rows refer to others, or are referred to.
struct ChangedKeys {
  RelationPtr table;         // that the statement changes
  std::vector<int> columns;  // places in it
  /// BIGINT: the leaf that an old row was in, or NULL; BIGINT: the one that the new row is in, or NULL; then the old
  /// values of the columns, and the new ones.
  std::shared_ptr<duckdb::ColumnDataCollection> rows;
  bool inserts = false;
  bool updates = false;
  bool deletes = false;
  bool exclusions =
      false;  // `table` is a leaf, and its rows are to be held to its EXCLUDE constraints, and to nothing else
};

/// ChangedKeys::rows without any; `types_of_values`: of the columns.
std::shared_ptr<duckdb::ColumnDataCollection> MakeChangedRows(
    const duckdb::vector<duckdb::LogicalType>& types_of_values);

/// Collects them while a statement takes its rows in.
class KeyCollector {
 public:
  KeyCollector(duckdb::ClientContext& context, const AttachedTable& table);

  /// Whether rows of the table refer to others, or are referred to.
  bool wanted() const { return !keys_.columns.empty(); }

  struct Before {
    duckdb::DataChunk& rows;
    duckdb::idx_t leaf;                        // the column of its leaf
    const std::vector<duckdb::idx_t>& places;  // of the table's columns
    const duckdb::SelectionVector& chosen;
  };
  struct After {
    duckdb::DataChunk& rows;  // the table's columns
    const duckdb::SelectionVector& chosen;
    int64_t leaf;
  };
  /// `count` rows of each.
  void AddInserted(const After& after, duckdb::idx_t count);
  void AddUpdated(const Before& before, const After& after, duckdb::idx_t count);
  void AddDeleted(const Before& before, duckdb::idx_t count);
  /// Of rows that may be new ones: those whose leaf before is NULL.
  void AddWritten(const Before& before, const After& after, duckdb::idx_t count);

  /// Hands them to the session, which holds them to the foreign keys once the statement has run.
  void Give() const;

 private:
  void Append(const Before* before, const After* after, duckdb::idx_t count);

  ChangedKeys keys_;
  std::vector<ChangedKeys>* given_ = nullptr;
};

}  // namespace weir::sql
