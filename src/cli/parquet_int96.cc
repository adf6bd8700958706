#include "cli/parquet_int96.h"

#include <fmt/format.h>
#include <parquet/column_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/interrupt.h"

namespace weir {
namespace {

constexpr int64_t kEpochDay = 2440588;  // Julian day of 1970-01-01
// Whole days in the range of nanoseconds: 1677-09-22 to 2262-04-10.
constexpr int64_t kFirstNanoDay = -106751;
constexpr int64_t kLastNanoDay = 106750;

/// What the timestamps of a column need.
struct Int96Needs {
  bool nanos = false;       // digits below a microsecond
  bool wide_range = false;  // moments that nanoseconds do not reach
};

Int96Needs NeedsOf(const parquet::Int96& value) {
  const uint64_t nanos_of_day = (uint64_t{value.value[1]} << 32) | value.value[0];
  const int64_t day = static_cast<int32_t>(value.value[2]) - kEpochDay;
  return {nanos_of_day % 1000 != 0, day < kFirstNanoDay || day > kLastNanoDay};
}

Int96Needs ReadNeeds(parquet::Int96Reader& column) {
  constexpr int64_t kBatch = 4096;
  std::vector<int16_t> definitions(kBatch), repetitions(kBatch);
  std::vector<parquet::Int96> values(kBatch);
  Int96Needs needs;
  while (column.HasNext()) {
    int64_t read = 0;
    column.ReadBatch(kBatch, definitions.data(), repetitions.data(), values.data(), &read);
    for (int64_t i = 0; i < read; ++i) {
      const Int96Needs one = NeedsOf(values[i]);
      needs.nanos = needs.nanos || one.nanos;
      needs.wide_range = needs.wide_range || one.wide_range;
    }
  }
  return needs;
}

}  // namespace

Result<arrow::TimeUnit::type> Int96Unit(parquet::ParquetFileReader& file, const std::vector<int>& leaves) {
  const auto metadata = file.metadata();
  const parquet::SchemaDescriptor& schema = *metadata->schema();
  Int96Needs needs;
  std::string wide_column;
  for (const int column : leaves) {
    if (schema.Column(column)->physical_type() != parquet::Type::INT96) continue;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      WEIR_RETURN_NOT_OK(CheckInterrupted());
      const auto reader = file.RowGroup(group)->Column(column);
      const Int96Needs more = ReadNeeds(static_cast<parquet::Int96Reader&>(*reader));
      needs.nanos = needs.nanos || more.nanos;
      needs.wide_range = needs.wide_range || more.wide_range;
      if (more.wide_range) wide_column = schema.Column(column)->path()->ToDotString();
    }
  }
  if (needs.nanos && needs.wide_range) {
    return Status::Invalid(fmt::format("column '{}' has INT96 timestamps outside of 1677 to 2262, while others have "
                                       "nanoseconds: no type holds both",
                                       wide_column));
  }
  return needs.nanos ? arrow::TimeUnit::NANO : arrow::TimeUnit::MICRO;
}

}  // namespace weir
