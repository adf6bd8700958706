#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "sql/catalog/relation.h"
#include "sql/engine/condition.h"

namespace weir::sql {

/// Whether equal values of the type have one encoded form, so that a row can be found by its key.
bool HasOneForm(const DataType& type);

/// The primary keys that a condition lets through, a column for each of relation.PrimaryKey(), where it names them by
/// values: all key columns are equal to something, and there are few of them. Null: anything may do.
std::shared_ptr<arrow::RecordBatch> KeysOf(const Condition& condition, const Relation& relation);

}  // namespace weir::sql
