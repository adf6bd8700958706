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
};

/// The keys that a condition lets through, where it names few of them by values: it says what the columns of the primary
/// key are equal to, or else those of a unique index, or else as many as it can of the first ones of either or of another
/// index. Rows without a primary key are found by scanning.
KeyLookup FindKeys(const Condition& condition, const Relation& relation);

}  // namespace weir::sql
