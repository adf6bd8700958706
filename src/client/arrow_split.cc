#include "client/arrow_split.h"

#include <arrow/compute/api_vector.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {

Status CheckBatch(const arrow::RecordBatch& batch, const arrow::Schema& declared, const Schema& schema,
                  const std::vector<int>& columns) {
  if (batch.num_columns() != static_cast<int>(columns.size())) {
    return Status::Invalid(
        fmt::format("the batch has {} columns but the table declares {}", batch.num_columns(), columns.size()));
  }
  for (int i = 0; i < batch.num_columns(); ++i) {
    const Column& column = schema.column(columns[i]);
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

int64_t BatchBytes(const arrow::RecordBatch& batch) {
  const arrow::Result<int64_t> size = arrow::util::ReferencedBufferSize(batch);
  return size.ok() ? *size : arrow::util::TotalBufferSize(batch);
}

}  // namespace weir
