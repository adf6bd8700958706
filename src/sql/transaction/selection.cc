#include "sql/transaction/selection.h"

#include <arrow/array/array_primitive.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/record_batch.h>
#include <arrow/util/bit_util.h>

#include <cstring>

#include "types/arrow_status.h"

namespace weir::sql {
namespace {

constexpr int64_t kLongRun = 8192;  // rows, on average, from which slices are cheaper than a copy

Result<std::shared_ptr<arrow::RecordBatch>> CopyKept(const std::shared_ptr<arrow::RecordBatch>& rows,
                                                     const std::vector<int32_t>& gone) {
  const int64_t count = rows->num_rows();
  if (rows->num_columns() == 0) {
    return arrow::RecordBatch::Make(rows->schema(), count - static_cast<int64_t>(gone.size()), arrow::ArrayVector{});
  }
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bits,
                        FromArrow(arrow::AllocateBuffer(arrow::bit_util::BytesForBits(count))));
  std::memset(bits->mutable_data(), 0xFF, static_cast<size_t>(bits->size()));
  for (const int32_t index : gone) arrow::bit_util::ClearBit(bits->mutable_data(), index);
  const auto mask = std::make_shared<arrow::BooleanArray>(count, std::move(bits));
  WEIR_ASSIGN_OR_RETURN(const arrow::Datum kept,
                        FromArrow(arrow::compute::Filter(arrow::Datum(rows), arrow::Datum(mask))));
  return kept.record_batch();
}

}  // namespace

std::shared_ptr<arrow::RecordBatch> SelectColumns(const arrow::RecordBatch& rows, const std::vector<int>& columns,
                                                  const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ArrayVector arrays;
  for (const int column : columns) arrays.push_back(rows.column(column));
  return arrow::RecordBatch::Make(schema, rows.num_rows(), std::move(arrays));
}

Result<std::shared_ptr<arrow::Int64Array>> MakePositions(int64_t first, int64_t count,
                                                         const std::vector<int32_t>& gone) {
  const int64_t kept = count - static_cast<int64_t>(gone.size());
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer,
                        FromArrow(arrow::AllocateBuffer(kept * static_cast<int64_t>(sizeof(int64_t)))));
  auto* out = reinterpret_cast<int64_t*>(buffer->mutable_data());
  int64_t at = 0;
  const auto fill = [&](int64_t end) {
    for (; at < end; ++at) *out++ = first + at;
  };
  for (const int32_t index : gone) {
    fill(index);
    at = index + 1;
  }
  fill(count);
  return std::make_shared<arrow::Int64Array>(kept, std::move(buffer));
}

Status AppendKept(const std::shared_ptr<arrow::RecordBatch>& rows, const std::vector<int32_t>& gone,
                  std::optional<int64_t> first_position, std::deque<LeafBatch>* out) {
  const int64_t count = rows->num_rows();
  const int64_t kept = count - static_cast<int64_t>(gone.size());
  if (kept == 0) return Status::OK();
  const auto append = [&](std::shared_ptr<arrow::RecordBatch> part, int64_t begin, int64_t length,
                          const std::vector<int32_t>& less) -> Status {
    LeafBatch batch;
    batch.rows = std::move(part);
    if (first_position) {
      WEIR_ASSIGN_OR_RETURN(batch.positions, MakePositions(*first_position + begin, length, less));
    }
    out->push_back(std::move(batch));
    return Status::OK();
  };
  if (gone.empty()) return append(rows, 0, count, gone);
  int64_t runs = gone.back() + 1 < count ? 1 : 0;
  for (size_t i = 0; i < gone.size(); ++i) runs += gone[i] > (i == 0 ? 0 : gone[i - 1] + 1) ? 1 : 0;
  if (runs > 1 && kept / runs < kLongRun) {
    WEIR_ASSIGN_OR_RETURN(auto copy, CopyKept(rows, gone));
    return append(std::move(copy), 0, count, gone);
  }
  int64_t begin = 0;
  const auto append_run = [&](int64_t end) -> Status {
    if (begin >= end) return Status::OK();
    return append(rows->Slice(begin, end - begin), begin, end - begin, {});
  };
  for (const int32_t index : gone) {
    WEIR_RETURN_NOT_OK(append_run(index));
    begin = index + 1;
  }
  return append_run(count);
}

}  // namespace weir::sql
