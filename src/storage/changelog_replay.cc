#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "format/key_codec.h"
#include "storage/changelog.h"

namespace weir {
namespace {

constexpr int64_t kReadBytes = 4 << 20;

/// Reads batches one by one as changes of a bucket's rows.
class ChangeReader {
 public:
  ChangeReader(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas, PayloadFormat format)
      : bucket_(bucket), layout_(layout), schemas_(schemas), format_(format) {}

  /// Reads the batch at the start of `bytes` and gives its header.
  Result<LogBatchHeader> Read(const std::shared_ptr<arrow::Buffer>& bytes) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(std::string_view(*bytes)));
    changes_.clear();
    if (header.record_count > 0) WEIR_RETURN_NOT_OK(CollectChanges(header, bytes));
    return header;
  }
  const std::vector<KvChange>& changes() const { return changes_; }

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
    KvChange& change = changes_.emplace_back();
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
  std::vector<KvChange> changes_;
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

Status ReadChangelog(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas,
                     const TableOptions& options, Log* log, int64_t begin, int64_t end, const ChangeVisitor& visit) {
  ChangeReader reader(bucket, layout, schemas, PayloadFormatOf(options));
  int64_t at = begin;
  while (at < end) {
    WEIR_ASSIGN_OR_RETURN(const LogReadResult read, log->Read(at, kReadBytes, /*include_uncommitted=*/true));
    if (read.records == nullptr || read.records->size() == 0) {
      return {
          ErrorCode::kKvStorageException,
          fmt::format("the log of {} gives nothing at offset {} although it ends at {}", bucket.ToString(), at, end)};
    }
    for (int64_t position = 0; position < read.records->size() && at < end;) {
      WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, reader.Read(arrow::SliceBuffer(read.records, position)));
      position += header.total_size();
      at = header.next_offset();
      WEIR_RETURN_NOT_OK(visit(reader.changes(), at));
    }
  }
  return Status::OK();
}

Result<int64_t> ReplayChangelog(const TableBucket& bucket, const KeyLayout& layout, RowSchemas* schemas,
                                const TableOptions& options, Log* log, KvStore* kv) {
  WEIR_ASSIGN_OR_RETURN(int64_t applied, kv->AppliedOffset(bucket));
  WEIR_RETURN_NOT_OK(CheckReach(bucket, applied, *log));
  const auto apply = [&](const std::vector<KvChange>& changes, int64_t end) {
    applied = end;
    return kv->Apply(bucket, changes, end);
  };
  WEIR_RETURN_NOT_OK(ReadChangelog(bucket, layout, schemas, options, log, applied, log->end_offset(), apply));
  return applied;
}

}  // namespace weir
