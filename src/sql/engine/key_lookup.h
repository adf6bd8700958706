#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "sql/catalog/relation.h"
#include "sql/engine/condition.h"

namespace weir::sql {

/// Whether equal values of the type have one encoded form, so that a row can be found by its key.
bool HasOneForm(const DataType& type);

/// The values of a key, or of its first columns, that rows must have one of.
struct KeyLookup {
  std::shared_ptr<arrow::RecordBatch> keys;  // a column for each of `columns`; null: any row may do
  std::vector<int> columns = {};
  RelationPtr index = nullptr;  // whose key it is; null: the primary key
  bool unique = true;           // no two rows have the same one
  /// Of an index that is not of columns alone and all rows: `keys` has a column for each of the first parts of its key,
  /// and `columns` are none.
  bool by_index() const { return index != nullptr && columns.empty(); }
};

/// The index of a table's leaf that holds its rows as the table's own does; null: it has none.
RelationPtr IndexOfLeaf(const Relation& index, const Relation& table, const Relation& leaf);

/// The keys that a condition lets through, where it names few of them by values: it says what the columns of the
/// primary key are equal to, or else those of a unique index, or else as many as it can of the first ones of either or
/// of another index. An index on expressions is of use where the condition has the same ones, one with a condition
/// where every part of that is one of this. Rows without a primary key are found by scanning.
KeyLookup FindKeys(duckdb::ClientContext& context, const Condition& condition, const Relation& relation);

}  // namespace weir::sql
