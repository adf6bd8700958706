#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sql/transaction/transaction.h"

namespace weir::sql {

/// The columns of `rows` at `columns` in `schema`; rows are kept even without a column.
std::shared_ptr<arrow::RecordBatch> SelectColumns(const arrow::RecordBatch& rows, const std::vector<int>& columns,
                                                  const std::shared_ptr<arrow::Schema>& schema);

/// `count` numbers from `first`, less those at the ascending indices `gone`.
Result<std::shared_ptr<arrow::Int64Array>> MakePositions(int64_t first, int64_t count,
                                                         const std::vector<int32_t>& gone);

/// Appends `rows` less those at the ascending indices `gone`: as it is, in slices where the rows kept
/// stand in long runs, else as a copy. Positions count from `first_position` where one is given.
Status AppendKept(const std::shared_ptr<arrow::RecordBatch>& rows, const std::vector<int32_t>& gone,
                  std::optional<int64_t> first_position, std::deque<LeafBatch>* out);

}  // namespace weir::sql
