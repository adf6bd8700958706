#pragma once

#include <memory>

#include "sql/engine/duckdb_headers.h"
#include "weir/data_type.h"
#include "weir/status.h"

namespace weir::sql {

/// Fills `vector` (of ToDuckType(type)) with rows [offset, offset + count) of an Arrow array. Fixed-width values
/// and texts are not copied: the vector keeps the array alive. Throws.
void ToVector(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, duckdb::idx_t count,
              duckdb::Vector& vector);
/// The same where only `number` of these rows are looked at, which `chosen` has, counted from `offset`.
void ToVector(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, duckdb::idx_t count,
              const duckdb::SelectionVector& chosen, duckdb::idx_t number, duckdb::Vector& vector);

/// The rows of a vector (of ToDuckType(type)) as an Arrow array in the form that Fluss stores the type in. Throws.
std::shared_ptr<arrow::Array> ToArray(const DataType& type, duckdb::Vector& vector, duckdb::idx_t vector_size,
                                      const duckdb::SelectionVector& rows, duckdb::idx_t count);

}  // namespace weir::sql
