#include "storage/log_compaction.h"

#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "format/small_batches.h"
#include "storage/bucket.h"
#include "storage/changelog.h"
#include "storage/file.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

constexpr int64_t kMostRows = 32768;           // of a batch that others are joined to
constexpr int64_t kMostBytes = 8 << 20;        // the same, of those it is made of
constexpr int64_t kMostMilliseconds = 1000;    // between its first row and its last
constexpr size_t kBytesAtOnce = 4 << 20;       // to the file

/// The new file of a segment.
class CompactedFile {
 public:
  CompactedFile(std::shared_ptr<File> file, const JoinBatches& join) : file_(std::move(file)), join_(join) {}

  Status Add(const LogBatchHeader& header, std::shared_ptr<arrow::Buffer> batch) {
    const bool small = IsSmallBatch(header);
    if (!run_.empty() && !(small && GoesOn(header))) WEIR_RETURN_NOT_OK(EndRun());
    if (!small) return Write(std::string_view(*batch));
    if (run_.empty()) {
      first_ = header;
      run_rows_ = run_bytes_ = 0;
    }
    run_rows_ += header.record_count;
    run_bytes_ += batch->size();
    run_.push_back(std::move(batch));
    return Status::OK();
  }

  Result<int64_t> Finish(bool sync) {
    WEIR_RETURN_NOT_OK(EndRun());
    WEIR_RETURN_NOT_OK(Flush());
    if (sync) WEIR_RETURN_NOT_OK(file_->SyncData());
    return size_;
  }

 private:
  bool GoesOn(const LogBatchHeader& next) const {
    return next.schema_id == first_.schema_id && next.base_offset == first_.base_offset + run_rows_ &&
           run_rows_ + next.record_count <= kMostRows && run_bytes_ + next.total_size() <= kMostBytes &&
           next.commit_timestamp - first_.commit_timestamp <= kMostMilliseconds;
  }

  Status EndRun() {
    const std::vector<std::shared_ptr<arrow::Buffer>> run = std::exchange(run_, {});
    if (run.empty()) return Status::OK();
    if (run.size() == 1) return Write(std::string_view(*run.front()));
    WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Buffer> joined, join_(run));
    return Write(std::string_view(*joined));
  }

  Status Write(std::string_view bytes) {
    pending_.append(bytes);
    return pending_.size() < kBytesAtOnce ? Status::OK() : Flush();
  }

  Status Flush() {
    WEIR_RETURN_NOT_OK(file_->WriteAt(pending_, size_));
    size_ += static_cast<int64_t>(pending_.size());
    pending_.clear();
    return Status::OK();
  }

  const std::shared_ptr<File> file_;
  const JoinBatches& join_;
  int64_t size_ = 0;
  std::string pending_;  // behind that
  std::vector<std::shared_ptr<arrow::Buffer>> run_;
  LogBatchHeader first_;  // of the run
  int64_t run_rows_ = 0;
  int64_t run_bytes_ = 0;
};

/// What stands for a run has its rows and its offsets.
Status CheckJoined(std::string_view joined, const LogBatchHeader& first, const LogBatchHeader& last) {
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(joined));
  const int64_t rows = last.next_offset() - first.base_offset;
  if (header.base_offset == first.base_offset && header.record_count == rows &&
      header.next_offset() == last.next_offset()) {
    return Status::OK();
  }
  return {ErrorCode::kLogStorageException,
          fmt::format("{} records at the offsets from {} on were joined to {} at {}", rows, first.base_offset,
                      header.record_count, header.base_offset)};
}

}  // namespace

Result<std::shared_ptr<arrow::Buffer>> JoinSmallBatches(const TableContext& table,
                                                        std::span<const std::shared_ptr<arrow::Buffer>> batches) {
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader first, ParseLogBatchHeader(std::string_view(*batches.front())));
  WEIR_ASSIGN_OR_RETURN(const LogBatchHeader last, ParseLogBatchHeader(std::string_view(*batches.back())));
  WEIR_ASSIGN_OR_RETURN(const Schema schema, table.schema_by_id(first.schema_id));
  DecodeLogBatchOptions reading;
  reading.verify_crc = false;
  arrow::RecordBatchVector parts;
  for (const auto& batch : batches) {
    WEIR_ASSIGN_OR_RETURN(DecodedLogBatch decoded, DecodeLogBatch(batch, schema, reading));
    parts.push_back(std::move(decoded.rows));
  }
  WEIR_ASSIGN_OR_RETURN(const auto rows, FromArrow(arrow::ConcatenateRecordBatches(parts)));
  LogBatchOptions options;
  options.schema_id = first.schema_id;
  options.compression = PayloadCompressionOf(table.options);
  options.zstd_level = table.options.zstd_level;
  options.statistics_columns.resize(schema.num_columns());
  std::iota(options.statistics_columns.begin(), options.statistics_columns.end(), 0);
  WEIR_ASSIGN_OR_RETURN(const auto encoded, EncodeLogBatch(*rows, {}, schema, options));
  std::string joined = encoded->ToString();
  StampLogBatch(joined.data(), first.base_offset, last.commit_timestamp);
  WEIR_RETURN_NOT_OK(CheckJoined(joined, first, last));
  return arrow::Buffer::FromString(std::move(joined));
}

Result<int64_t> CountSmallBatches(LogSegment* segment, int64_t position) {
  int64_t count = 0;
  WEIR_RETURN_NOT_OK(segment->ForEachBatch(position, [&](const LogBatchHeader& header, int64_t) {
    count += IsSmallBatch(header) ? 1 : 0;
    return Status::OK();
  }));
  return count;
}

Result<int64_t> WriteCompacted(LogSegment* segment, const std::string& path, const JoinBatches& join, bool sync) {
  const auto write = [&]() -> Result<int64_t> {
    WEIR_RETURN_NOT_OK(RemoveFile(path).status());  // of a process that was killed
    WEIR_ASSIGN_OR_RETURN(auto file, File::Open(path, File::Mode::kCreate));
    CompactedFile compacted(std::move(file), join);
    WEIR_ASSIGN_OR_RETURN(const auto mapping, segment->Map(segment->size()));
    const auto add = [&](const LogBatchHeader& header, int64_t position) {
      const Status sound = VerifyLogBatchCrc(header, mapping->View(position, header.total_size()));
      return sound.ok() ? compacted.Add(header, SliceMapping(mapping, position, header.total_size())) : sound;
    };
    WEIR_RETURN_NOT_OK(segment->ForEachBatch(0, add));
    return compacted.Finish(sync);
  };
  Result<int64_t> size = write();
  if (!size.ok()) (void)RemoveFile(path);
  return size;
}

}  // namespace weir
