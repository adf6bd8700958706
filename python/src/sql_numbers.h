#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "sql/session.h"

namespace weir::python {

/// Columns of numeric without a precision come as texts (sql/duckdb/output.h): they become decimals of one scale, the
/// greatest of their values, where those have at most 76 digits and are numbers. Others stay texts.
Status MakeDecimals(const std::vector<sql::ResultColumn>& columns, std::shared_ptr<arrow::Schema>* schema,
                    std::vector<std::shared_ptr<arrow::RecordBatch>>* batches);

}  // namespace weir::python
