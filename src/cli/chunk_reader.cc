#include "cli/chunk_reader.h"

#include <arrow/api.h>

#include <algorithm>

#include "client/arrow_split.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int64_t kChunkBytes = 16 << 20;
constexpr int64_t kChunkRows = 256 << 10;

}  // namespace

Status ChunkReader::Read() {
  WEIR_ASSIGN_OR_RETURN(const auto batch, file_->Next());
  if (batch == nullptr) {
    at_end_ = true;
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const auto rows, caster_.Cast(*batch, next_row_));
  next_row_ += rows->num_rows();
  if (rows->num_rows() == 0) return Status::OK();
  const int64_t pieces = std::max<int64_t>((BatchBytes(*rows) + kChunkBytes - 1) / kChunkBytes, 1);
  const int64_t step = std::min((rows->num_rows() + pieces - 1) / pieces, kChunkRows);
  for (int64_t start = 0; start < rows->num_rows(); start += step) ready_.push_back(rows->Slice(start, step));
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ChunkReader::Next() {
  std::vector<std::shared_ptr<arrow::RecordBatch>> taken;
  int64_t bytes = 0;
  int64_t rows = 0;
  while (true) {
    while (ready_.empty() && !at_end_) WEIR_RETURN_NOT_OK(Read());
    if (ready_.empty()) break;
    const int64_t more_bytes = BatchBytes(*ready_.front());
    const int64_t more_rows = ready_.front()->num_rows();
    if (!taken.empty() && (bytes + more_bytes > kChunkBytes || rows + more_rows > kChunkRows)) break;
    taken.push_back(std::move(ready_.front()));
    ready_.pop_front();
    bytes += more_bytes;
    rows += more_rows;
  }
  if (taken.empty()) return std::shared_ptr<arrow::RecordBatch>();
  if (taken.size() == 1) return taken.front();
  return FromArrow(arrow::ConcatenateRecordBatches(taken));
}

}  // namespace weir
