#pragma once

#include <memory>
#include <vector>

#include "sql/engine/attached_table.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/transaction/leaf_bounds.h"

namespace weir::sql {

/// Whether every writer's statistics have the type's least and greatest values themselves, in an order without
/// exceptions.
bool HasExactExtremes(const DataType& type);

/// What DuckDB may take for granted of the rows of a scan while it plans the statement: it leaves out what they make
/// superfluous, and packs values that fit fewer bits. So they hold for exactly the rows that the statement sees.
class TableBounds {
 public:
  /// Of the leaves that `cursor` has ahead; null: of some nothing is known, there are too many of them, or so few rows
  /// that nobody gains.
  static std::shared_ptr<const TableBounds> Find(duckdb::ClientContext& context, const AttachedTable& table,
                                                 const LeafCursor& cursor);

  /// There are not more.
  int64_t rows() const { return rows_; }
  /// How many rows there are, where nobody has to look for them.
  std::optional<int64_t> Count() const;
  /// Null: nothing is known of the column.
  duckdb::unique_ptr<duckdb::BaseStatistics> StatisticsOf(size_t column) const;
  /// Throws where the statement does not see what it saw when it was planned.
  void CheckStillHold(duckdb::ClientContext& context) const;

 private:
  explicit TableBounds(const AttachedTable& table) : table_(table), columns_(table.relation()->columns.size()) {}
  bool AddLeaves(duckdb::ClientContext& context, const std::vector<RelationPtr>& tables);
  bool AddLeaf(const RelationPtr& leaf);
  bool NoteChildren(duckdb::ClientContext& context, const RelationPtr& partitioned);

  const AttachedTable& table_;
  LeafBoundsSource* source_ = nullptr;
  int64_t moment_ = 0;
  int64_t rows_ = 0;
  size_t tables_ = 0;
  std::vector<RelationPtr> leaves_;
  std::vector<ColumnBounds> columns_;  // of the table
  std::vector<std::pair<RelationPtr, PartitionChildrenPtr>> levels_;
};

}  // namespace weir::sql
