#include "format/log_statistics.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "format/log_batch.h"
#include "format/row_codec.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int8_t kVersion = 1;
constexpr size_t kLongestValue = 1024;

Status CorruptStatistics(const std::string& what) { return {ErrorCode::kCorruptMessage, "log batch: " + what}; }

/// Reads a statistics block field by field; a read past its end is remembered and yields zeros.
class StatisticsReader {
 public:
  explicit StatisticsReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Next() {
    const std::string_view bytes = Take(sizeof(T));
    T value{};
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view Take(int64_t size) {
    if (size < 0 || static_cast<size_t>(size) > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  size_t left() const { return bytes_.size(); }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

template <typename T>
void Append(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Rows that hold a column's extremes.
struct Extremes {
  int64_t min_row = -1;  // -1: all values are NULL
  int64_t max_row = -1;
};

template <typename View>
bool HasNoPlaceInAnOrder(const View& value) {
  if constexpr (std::is_floating_point_v<View>) return std::isnan(value);
  if constexpr (std::is_same_v<View, std::string_view>) return value.size() > kLongestValue;
  return false;
}

/// Nothing when an extreme cannot be told.
template <typename Array, typename Get>
std::optional<Extremes> FindExtremes(const Array& array, Get get) {
  Extremes found;
  decltype(get(array, 0)) min{}, max{};
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    const auto value = get(array, i);
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(value)>>) {
      if (HasNoPlaceInAnOrder(value)) return std::nullopt;
    }
    if (found.min_row < 0 || value < min) {
      min = value;
      found.min_row = i;
    }
    if (found.max_row < 0 || max < value) {
      max = value;
      found.max_row = i;
    }
  }
  if (HasNoPlaceInAnOrder(min) || HasNoPlaceInAnOrder(max)) return std::nullopt;
  return found;
}

template <typename Array>
std::optional<Extremes> ExtremesOf(const arrow::Array& array) {
  return FindExtremes(static_cast<const Array&>(array), [](const Array& a, int64_t i) { return a.GetView(i); });
}

std::optional<Extremes> ExtremesOfColumn(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::BOOL: return ExtremesOf<arrow::BooleanArray>(array);
    case arrow::Type::INT8: return ExtremesOf<arrow::Int8Array>(array);
    case arrow::Type::INT16: return ExtremesOf<arrow::Int16Array>(array);
    case arrow::Type::INT32: return ExtremesOf<arrow::Int32Array>(array);
    case arrow::Type::INT64: return ExtremesOf<arrow::Int64Array>(array);
    case arrow::Type::FLOAT: return ExtremesOf<arrow::FloatArray>(array);
    case arrow::Type::DOUBLE: return ExtremesOf<arrow::DoubleArray>(array);
    case arrow::Type::STRING: return ExtremesOf<arrow::StringArray>(array);
    case arrow::Type::DATE32: return ExtremesOf<arrow::Date32Array>(array);
    case arrow::Type::TIME32: return ExtremesOf<arrow::Time32Array>(array);
    case arrow::Type::TIME64: return ExtremesOf<arrow::Time64Array>(array);
    case arrow::Type::TIMESTAMP: return ExtremesOf<arrow::TimestampArray>(array);
    case arrow::Type::DECIMAL128:
      return FindExtremes(static_cast<const arrow::Decimal128Array&>(array),
                          [](const arrow::Decimal128Array& a, int64_t i) { return arrow::Decimal128(a.GetValue(i)); });
    default: return std::nullopt;
  }
}

}  // namespace

std::vector<int> StatisticsColumns(const Schema& schema, const std::vector<std::string>& names) {
  std::vector<int> columns;
  const bool all = names.size() == 1 && names[0] == "*";
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (all || std::ranges::find(names, schema.column(i).name) != names.end()) columns.push_back(i);
  }
  return columns;
}

Result<std::string> EncodeStatistics(const arrow::RecordBatch& rows, const Schema& schema,
                                     std::span<const int> columns) {
  if (columns.empty() || rows.num_rows() == 0) return std::string();
  WEIR_ASSIGN_OR_RETURN(const auto selected, FromArrow(rows.SelectColumns({columns.begin(), columns.end()})));
  return EncodeStatisticsOf(*selected, schema, columns);
}

Result<std::string> EncodeStatisticsOf(const arrow::RecordBatch& rows, const Schema& schema,
                                       std::span<const int> columns) {
  if (columns.empty() || rows.num_rows() == 0) return std::string();
  std::vector<int> present;
  std::vector<int> places;  // of those that are present, among the batch's columns
  std::vector<DataType> types;
  std::vector<Extremes> extremes;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto found = ExtremesOfColumn(*rows.column(static_cast<int>(i)));
    if (!found) continue;
    present.push_back(columns[i]);
    places.push_back(static_cast<int>(i));
    types.push_back(schema.column(columns[i]).type);
    extremes.push_back(*found);
  }
  if (present.empty()) return std::string();

  WEIR_ASSIGN_OR_RETURN(auto selected, FromArrow(rows.SelectColumns(places)));
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(selected, types));
  Arena arena;
  std::vector<Datum> min(present.size()), max(present.size());
  bool any_value = false;
  for (size_t i = 0; i < present.size(); ++i) {
    if (extremes[i].min_row < 0) continue;
    any_value = true;
    min[i] = reader.ReadCell(extremes[i].min_row, static_cast<int>(i), &arena);
    max[i] = reader.ReadCell(extremes[i].max_row, static_cast<int>(i), &arena);
  }
  std::string min_row, max_row;
  if (any_value) {
    WEIR_RETURN_NOT_OK(EncodeAlignedRow(types, min, &min_row));
    WEIR_RETURN_NOT_OK(EncodeAlignedRow(types, max, &max_row));
  }

  std::string block;
  Append(&block, kVersion);
  Append(&block, static_cast<int16_t>(present.size()));
  for (const int column : present) Append(&block, static_cast<int16_t>(column));
  for (const auto& column : selected->columns()) Append(&block, static_cast<int32_t>(column->null_count()));
  for (const std::string* row : {&min_row, &max_row}) {
    Append(&block, static_cast<int32_t>(row->size()));
    block += *row;
  }
  return block;
}

Result<std::optional<BatchStatistics>> ParseBatchStatistics(const LogBatchHeader& header, std::string_view batch) {
  if (header.statistics_length == 0) return std::optional<BatchStatistics>();
  StatisticsReader reader(batch.substr(header.header_size, header.statistics_length));
  const auto version = reader.Next<int8_t>();
  if (reader.ok() && version != kVersion) {
    return CorruptStatistics("unknown statistics version " + std::to_string(version) + ", 1 is known");
  }
  const auto count = reader.Next<int16_t>();
  if (count < 0 || static_cast<size_t>(count) * 6 > reader.left()) {
    return CorruptStatistics(std::to_string(count) + " statistics columns in " + std::to_string(reader.left()) +
                             " bytes");
  }
  BatchStatistics statistics;
  statistics.columns.resize(count);
  for (auto& column : statistics.columns) column.column = reader.Next<int16_t>();
  for (auto& column : statistics.columns) column.null_count = reader.Next<int32_t>();
  statistics.min_row = reader.Take(reader.Next<int32_t>());
  statistics.max_row = reader.Take(reader.Next<int32_t>());
  if (!reader.ok() || reader.left() != 0) {
    return CorruptStatistics("statistics of " + std::to_string(header.statistics_length) +
                             " bytes do not end where they say");
  }
  return std::make_optional(std::move(statistics));
}

}  // namespace weir
