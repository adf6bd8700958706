#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "weir/status.h"

namespace weir {

/// How the columns of Arrow and Parquet files are kept: in types that tables have and that hold all of their values.
/// Unsigned integers become the next wider type (uint64 decimal(20,0)), half floats floats, lists of all kinds lists,
/// views plain texts and bytes, dictionaries and runs their values, narrow and wide decimals decimal128 where their
/// precision fits, durations their count (their unit goes to the column's comment), extension types what they are made
/// of, columns without a type texts. Other fields stay as they are.
std::shared_ptr<arrow::Field> StoredField(const std::shared_ptr<arrow::Field>& field);
std::shared_ptr<arrow::Schema> StoredSchema(const arrow::Schema& schema);

/// The rows in the types of `schema`, which StoredSchema made of theirs.
Result<std::shared_ptr<arrow::RecordBatch>> ToStored(const arrow::RecordBatch& rows,
                                                     const std::shared_ptr<arrow::Schema>& schema);

}  // namespace weir
