#include "client/arrow_split.h"

#include <arrow/array/data.h>
#include <arrow/compute/api_vector.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

bool IsOneOf(const std::string& name, const Schema& schema, const std::vector<int>& columns) {
  return std::ranges::any_of(columns, [&](int i) { return schema.column(i).name == name; });
}

}  // namespace

Status CheckBatch(const arrow::RecordBatch& batch, const arrow::Schema& declared, const Schema& schema,
                  const std::vector<int>& columns) {
  if (batch.num_columns() != static_cast<int>(columns.size())) {
    return Status::Invalid(
        fmt::format("the batch has {} columns but the table declares {}", batch.num_columns(), columns.size()));
  }
  for (int i = 0; i < batch.num_columns(); ++i) {
    const Column& column = schema.column(columns[i]);
    const std::string& name = batch.schema()->field(i)->name();
    if (name != column.name && IsOneOf(name, schema, columns)) {
      return Status::Invalid(
          fmt::format("column {} is named '{}' but the table declares '{}' there: columns go by position", i, name,
                      column.name));
    }
    const auto& wanted = declared.field(columns[i])->type();
    const auto& given = batch.column(i)->type();
    const bool same = given->Equals(*wanted) || given->Equals(*ToArrowType(column.type, LtzZone::kNone));
    if (!same) {
      return Status::Invalid(fmt::format("column '{}' has type {} but the table declares {}", column.name,
                                         given->ToString(), wanted->ToString()));
    }
    if (!column.type.nullable() && batch.column(i)->null_count() > 0) {
      return Status::Invalid(fmt::format("column '{}' is NOT NULL but the batch has {} NULL values in it", column.name,
                                         batch.column(i)->null_count()));
    }
  }
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> TakeRows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                     const std::vector<int32_t>& indices) {
  const auto count = static_cast<int64_t>(indices.size());
  if (count == 0 || indices.back() - indices.front() + 1 == count) {
    return batch->Slice(count == 0 ? 0 : indices.front(), count);
  }
  const auto positions = std::make_shared<arrow::Int32Array>(count, arrow::Buffer::Wrap(indices));
  WEIR_ASSIGN_OR_RETURN(const arrow::Datum taken, FromArrow(arrow::compute::Take(
                                                      batch, arrow::Datum(positions),
                                                      arrow::compute::TakeOptions::NoBoundsCheck())));
  return taken.record_batch();
}

namespace {

std::optional<int64_t> BytesOfRows(const arrow::ArrayData& data, int64_t first, int64_t count);

/// Values of differing sizes: what lies between their offsets.
template <typename Offset>
std::optional<int64_t> BytesOfRanges(const arrow::ArrayData& data, int64_t first, int64_t count) {
  const auto* const offsets = data.GetValues<Offset>(1) + first;
  const int64_t own = (count + 1) * static_cast<int64_t>(sizeof(Offset));
  const int64_t begin = offsets[0];
  const int64_t size = offsets[count] - begin;
  if (data.child_data.empty()) return own + size;
  const auto values = BytesOfRows(*data.child_data[0], begin, size);
  return values ? std::optional(own + *values) : values;
}

/// Of `count` values from `first` on; nothing where that takes Arrow's own counting.
std::optional<int64_t> BytesOfRows(const arrow::ArrayData& data, int64_t first, int64_t count) {
  if (count == 0) return 0;
  const arrow::DataType& type = *data.type;
  int64_t bytes = data.buffers[0] == nullptr ? 0 : (count + 7) / 8;
  std::optional<int64_t> values;
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LIST:
    case arrow::Type::MAP: values = BytesOfRanges<int32_t>(data, first, count); break;
    case arrow::Type::STRUCT:
      for (const auto& child : data.child_data) {
        values = BytesOfRows(*child, data.offset + first, count);
        if (!values) return values;
        bytes += *values;
      }
      return bytes;
    default:
      if (arrow::is_primitive(type.id()) || arrow::is_fixed_size_binary(type.id())) {
        values = (count * static_cast<const arrow::FixedWidthType&>(type).bit_width() + 7) / 8;
      }
  }
  return values ? std::optional(bytes + *values) : values;
}

}  // namespace

int64_t BatchBytes(const arrow::RecordBatch& batch) {
  int64_t bytes = 0;
  for (int i = 0; i < batch.num_columns(); ++i) {
    const auto column = BytesOfRows(*batch.column_data(i), 0, batch.num_rows());
    if (!column) {
      const arrow::Result<int64_t> size = arrow::util::ReferencedBufferSize(batch);
      return size.ok() ? *size : arrow::util::TotalBufferSize(batch);
    }
    bytes += *column;
  }
  return bytes;
}

}  // namespace weir
