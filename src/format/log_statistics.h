#pragma once

#include <arrow/type_fwd.h>

#include <span>
#include <string>
#include <vector>

#include "weir/schema.h"

namespace weir {

/// The statistics block (docs/fluss-formats.md, "Statistics") of a batch: minimum, maximum and null count of those
/// of `columns` whose type has them. Left out as well: columns with a NaN, which has no place in an
/// order, and with an extreme of more than 1 KiB. Empty when nothing remains.
Result<std::string> EncodeStatistics(const arrow::RecordBatch& rows, const Schema& schema,
                                     std::span<const int> columns);
/// The same of a batch that has these columns alone, in their order.
Result<std::string> EncodeStatisticsOf(const arrow::RecordBatch& rows, const Schema& schema,
                                       std::span<const int> columns);

/// Positions of the columns that `table.statistics.columns` names; "*" stands for all.
std::vector<int> StatisticsColumns(const Schema& schema, const std::vector<std::string>& names);

}  // namespace weir
