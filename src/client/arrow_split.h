#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

/// Whether `batch` has the types of `declared` by position and no NULL in a NOT NULL column. Nullability flags do not
/// count, and names only where one is that of another column: then the order is a mistake. Code -2 otherwise.
Status CheckBatch(const arrow::RecordBatch& batch, const arrow::Schema& declared, const Schema& schema,
                  const std::vector<int>& columns);

/// The rows at `indices`, in their order; a run of neighbours is a slice without a copy.
Result<std::shared_ptr<arrow::RecordBatch>> TakeRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<int32_t>& indices);

/// Bytes that the rows take, roughly.
int64_t BatchBytes(const arrow::RecordBatch& batch);

}  // namespace weir
