#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/catalog/relation.h"

namespace weir::sql {

/// What becomes of a row of a change.
enum class RowAction : uint8_t { kInsert, kUpdate, kDelete };

/// By what a unique key holds the rows of a table apart.
struct UniqueKey {
  std::vector<int> columns;      // of the table; −1: an expression of the index
  RelationPtr index = nullptr;   // the table's; null: it is of these columns alone, of which a NULL is like nothing
};

/// What a statement does to the rows of a table: INSERT … ON CONFLICT, UPDATE, DELETE or MERGE.
///
/// The statement is a query over kChangeFunction, which takes a query for the rows with these columns:
///   weir_leaf, weir_position, weir_key   where the old row stands, as a scan's virtual columns say; NULL: there is
///   none action                               RowAction, as UTINYINT the table's columns, in its forms    the row as
///   it shall be; of a change that `writes` the same                             the row as it was; of a change that
///   `keeps_old` any more                             what RETURNING shows; of a change that `returns`
/// It gives what RETURNING shows, or else one row with the number of rows that were changed.
struct TableChange {
  enum class Kind { kUpsert, kUpdate, kDelete, kMerge };
  Kind kind = Kind::kUpdate;
  RelationPtr target;
  bool of_view = false;  // a view stands for the target: who may change its rows is checked elsewhere
  int64_t checking_view = 0;  // whose CHECK OPTION new rows are held to; 0: none
  bool writes = false;
  bool keeps_old = false;  // for foreign keys: there are some that the target's rows are held to
  bool returns = false;
  /// Of an upsert: an inserted row that has one of these keys in common with an earlier one is left out.
  std::vector<UniqueKey> distinct_keys = {};

  /// The target's columns by which it is decided who may do this.
  std::vector<std::string> read;
  std::vector<std::string> updated;
  std::vector<std::string> inserted;
  std::vector<std::string> computed;  // generated ones, which may change with those that are updated
  bool inserts = false;
  bool deletes = false;
};

inline constexpr const char* kChangeFunction = "weir_change";
/// The names of the first three columns, which are those of a table's virtual columns.
inline constexpr const char* kPlaceColumns[] = {"weir_leaf", "weir_position", "weir_key"};

/// weir_leaf_oid('database', 'table', column, …): the leaf that a row goes to.
inline constexpr const char* kLeafOidFunction = "weir_leaf_oid";

}  // namespace weir::sql
