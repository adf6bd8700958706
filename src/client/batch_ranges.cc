#include "client/batch_ranges.h"

#include <fmt/format.h>

#include "format/row_codec.h"

namespace weir {

Result<std::vector<BoundPredicate::Range>> RangesOfBatch(const LogBatchHeader& header, std::string_view batch,
                                                         const Schema& written, const std::vector<int>& positions,
                                                         Arena* arena) {
  std::vector<BoundPredicate::Range> ranges(positions.size());
  WEIR_ASSIGN_OR_RETURN(const auto statistics, ParseBatchStatistics(header, batch));
  if (!statistics) return ranges;
  std::vector<DataType> types;
  for (const ColumnStatistics& column : statistics->columns) {
    if (column.column < 0 || column.column >= written.num_columns()) {
      return Status(ErrorCode::kCorruptMessage,
                    fmt::format("statistics of column {}, the batch has {}", column.column, written.num_columns()));
    }
    types.push_back(written.column(column.column).type);
  }
  std::vector<Datum> min(types.size()), max(types.size());
  if (!statistics->min_row.empty()) {
    WEIR_RETURN_NOT_OK(DecodeAlignedRow(types, statistics->min_row, arena, min));
  }
  if (!statistics->max_row.empty()) {
    WEIR_RETURN_NOT_OK(DecodeAlignedRow(types, statistics->max_row, arena, max));
  }
  for (size_t i = 0; i < positions.size(); ++i) {
    for (size_t k = 0; k < types.size(); ++k) {
      if (statistics->columns[k].column != positions[i]) continue;
      ranges[i] = {true, statistics->columns[k].null_count, min[k], max[k]};
    }
  }
  return ranges;
}

}  // namespace weir
