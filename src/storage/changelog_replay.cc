#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "format/key_codec.h"
#include "storage/changelog.h"

namespace weir {
namespace {

constexpr int64_t kReadBytes = 4 << 20;

/// Replays batches one by one into the rows of a bucket.
class Replayer {
 public:
  Replayer(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas, PayloadFormat format, KvStore* kv)
      : bucket_(bucket), layout_(layout), schemas_(schemas), format_(format), kv_(kv) {}

  /// Applies the batch at the start of `bytes` and gives its header.
  Result<LogBatchHeader> Apply(const std::shared_ptr<arrow::Buffer>& bytes) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(std::string_view(*bytes)));
    changes_.clear();
    if (header.record_count > 0) WEIR_RETURN_NOT_OK(CollectChanges(header, bytes));
    WEIR_RETURN_NOT_OK(kv_->Apply(bucket_, changes_, header.next_offset()));
    return header;
  }

 private:
  Status CollectChanges(const LogBatchHeader& header, const std::shared_ptr<arrow::Buffer>& bytes) {
    WEIR_ASSIGN_OR_RETURN(const RowSchema* schema, schemas_->Get(header.schema_id));
    DecodeLogBatchOptions options;
    options.format = format_;
    WEIR_ASSIGN_OR_RETURN(const DecodedLogBatch batch, DecodeLogBatch(bytes, schema->schema, options));
    if (batch.rows == nullptr) return Status::OK();
    if (static_cast<int64_t>(batch.change_types.size()) != batch.rows->num_rows()) {
      return {ErrorCode::kCorruptRecord, fmt::format("the changelog batch at offset {} of {} has no change types",
                                                     header.base_offset, bucket_.ToString())};
    }
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch.rows, schema->types));
    Arena arena;
    row_.resize(schema->types.size());
    for (int64_t i = 0; i < reader.num_rows(); ++i) {
      if (batch.change_types[i] == ChangeType::kUpdateBefore) continue;
      reader.Read(i, &arena, row_);
      WEIR_RETURN_NOT_OK(AddChange(*schema, batch.change_types[i] == ChangeType::kDelete));
    }
    return Status::OK();
  }

  // Key columns keep their positions over all schemas: columns are only ever added at the end.
  Status AddChange(const RowSchema& schema, bool erase) {
    KvStore::Change& change = changes_.emplace_back();
    WEIR_RETURN_NOT_OK(
        EncodeKey(layout_.primary_key_encoding, schema.types, layout_.primary_key, row_, &change.key));
    if (erase) return Status::OK();
    change.value.emplace();
    AppendSchemaId(static_cast<int16_t>(schema.id), &*change.value);
    return EncodeRow(schemas_->format(), schema.types, row_, &*change.value);
  }

  const TableBucket& bucket_;
  const KeyLayout& layout_;
  RowSchemas* schemas_;
  PayloadFormat format_;
  KvStore* kv_;
  std::vector<KvStore::Change> changes_;
  std::vector<Datum> row_;
};

Status CheckReach(const TableBucket& bucket, int64_t applied, const Log& log) {
  if (applied > log.end_offset()) {
    return {ErrorCode::kKvStorageException,
            fmt::format("the rows of {} stand at changelog offset {}, but its log ends at {}: the log has lost records",
                        bucket.ToString(), applied, log.end_offset())};
  }
  if (applied < log.start_offset()) {
    return {ErrorCode::kKvStorageException,
            fmt::format("the rows of {} stand at changelog offset {}, but its log starts at {}: the records between "
                        "them are gone",
                        bucket.ToString(), applied, log.start_offset())};
  }
  return Status::OK();
}

}  // namespace

Result<int64_t> ReplayChangelog(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas,
                                const TableOptions& options, Log* log, KvStore* kv) {
  WEIR_ASSIGN_OR_RETURN(int64_t applied, kv->AppliedOffset(bucket));
  WEIR_RETURN_NOT_OK(CheckReach(bucket, applied, *log));
  Replayer replayer(bucket, layout, schemas, PayloadFormatOf(options), kv);
  const int64_t end = log->end_offset();
  while (applied < end) {
    WEIR_ASSIGN_OR_RETURN(const LogReadResult read, log->Read(applied, kReadBytes, /*include_uncommitted=*/true));
    if (read.records == nullptr || read.records->size() == 0) {
      return Status(ErrorCode::kKvStorageException,
                    fmt::format("the log of {} gives nothing at offset {} although it ends at {}", bucket.ToString(),
                                applied, end));
    }
    for (int64_t position = 0; position < read.records->size();) {
      WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header,
                            replayer.Apply(arrow::SliceBuffer(read.records, position)));
      position += header.total_size();
      applied = header.next_offset();
    }
  }
  return applied;
}

}  // namespace weir
