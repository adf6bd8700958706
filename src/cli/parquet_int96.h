#pragma once

#include <arrow/type_fwd.h>
#include <parquet/file_reader.h>

#include <vector>

#include "weir/status.h"

namespace weir {

/// The unit in which all timestamps of Parquet's INT96 columns are what they are in the file: nanoseconds reach from
/// 1677 to 2262 alone, microseconds have no smaller digits. Nanoseconds where there are such digits; code -2 where
/// there are moments outside of their range, too. Reads those of `leaves` that are INT96; may throw, as Parquet's
/// reader does.
Result<arrow::TimeUnit::type> Int96Unit(parquet::ParquetFileReader& file, const std::vector<int>& leaves);

}  // namespace weir
