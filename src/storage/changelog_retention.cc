#include "storage/changelog_retention.h"

#include <arrow/buffer.h>
#include <arrow/record_batch.h>

#include <algorithm>

#include "format/key_codec.h"
#include "storage/changelog.h"
#include "storage/key_layout.h"
#include "storage/row_schemas.h"
#include "types/arrow_mapping.h"

namespace weir {
namespace {

constexpr int64_t kRetentionReadBytes = 4 << 20;

/// Finds records that the rows of a bucket still stand on. A record whose row looks otherwise by now, or is gone, has
/// one after it that says so. One that looks the same is taken for the last, which at worst keeps too much.
class LiveRecords {
 public:
  static Result<LiveRecords> Make(const TableBucket& bucket, std::shared_ptr<const TableContext> table, KvStore* kv) {
    LiveRecords records(bucket, PayloadFormatOf(table->options), kv);
    WEIR_ASSIGN_OR_RETURN(records.layout_, MakeKeyLayout(table->descriptor, table->options));
    WEIR_ASSIGN_OR_RETURN(records.schemas_, RowSchemas::Make(std::move(table)));
    records.arrow_schema_ = ToArrowSchema(records.schemas_->latest().schema, LtzZone::kNone);
    return records;
  }

  /// Whether the batch at the start of `bytes` holds one.
  Result<bool> IsIn(const LogBatchHeader& header, const std::shared_ptr<arrow::Buffer>& bytes) {
    if (header.record_count == 0) return false;
    WEIR_ASSIGN_OR_RETURN(const std::vector<Record> records, Read(header, bytes));
    std::vector<std::string_view> keys;
    for (const Record& record : records) keys.push_back(record.key);
    Arena arena;
    std::vector<std::optional<std::string_view>> values(keys.size());
    WEIR_RETURN_NOT_OK(kv_->GetRows(bucket_, keys, &arena, values));
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> rows, LatestRows(values, &arena));
    size_t next = 0;
    for (size_t i = 0; i < records.size(); ++i) {
      if (values[i] && rows[next++] == records[i].row) return true;
    }
    return false;
  }

 private:
  struct Record {
    std::string key;
    std::string row;  // in the latest schema
  };

  LiveRecords(const TableBucket& bucket, PayloadFormat format, KvStore* kv)
      : bucket_(bucket), format_(format), kv_(kv) {}

  /// The records that put rows.
  Result<std::vector<Record>> Read(const LogBatchHeader& header, const std::shared_ptr<arrow::Buffer>& bytes) {
    WEIR_ASSIGN_OR_RETURN(const RowSchema* schema, schemas_->Get(header.schema_id));
    DecodeLogBatchOptions options;
    options.format = format_;
    WEIR_ASSIGN_OR_RETURN(const DecodedLogBatch batch, DecodeLogBatch(bytes, schema->schema, options));
    std::vector<Record> records;
    if (batch.rows == nullptr) return records;
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch.rows, schema->types));
    Arena arena;
    std::vector<Datum> row(schema->types.size());
    for (size_t i = 0; i < batch.change_types.size(); ++i) {
      const ChangeType type = batch.change_types[i];
      if (type == ChangeType::kUpdateBefore || type == ChangeType::kDelete) continue;
      reader.Read(static_cast<int64_t>(i), &arena, row);
      Record& record = records.emplace_back();
      WEIR_RETURN_NOT_OK(
          EncodeKey(layout_.primary_key_encoding, schema->types, layout_.primary_key, row, &record.key));
      WEIR_ASSIGN_OR_RETURN(record.row, ToLatest(*schema, row, &arena));
    }
    return records;
  }

  Result<std::string> ToLatest(const RowSchema& schema, RowView row, Arena* arena) {
    std::string bytes;
    WEIR_RETURN_NOT_OK(EncodeRow(schemas_->format(), schema.types, row, &bytes));
    if (schema.source.empty()) return bytes;
    std::vector<Datum> latest(schemas_->latest().types.size());
    WEIR_RETURN_NOT_OK(schemas_->Decode(schema.id, bytes, arena, latest));
    std::string upgraded;
    WEIR_RETURN_NOT_OK(EncodeRow(schemas_->format(), schemas_->latest().types, latest, &upgraded));
    return upgraded;
  }

  /// The stored rows that are there. They go the way of a changelog's records, through Arrow, so that equal rows have
  /// equal bytes, whoever encoded them.
  Result<std::vector<std::string>> LatestRows(const std::vector<std::optional<std::string_view>>& values,
                                              Arena* arena) {
    const RowSchema& latest = schemas_->latest();
    WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder, ArrowRowBuilder::Make(arrow_schema_, latest.types));
    std::vector<Datum> row(latest.types.size());
    for (const auto& value : values) {
      if (!value) continue;
      WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(*value));
      WEIR_RETURN_NOT_OK(schemas_->Decode(stored.schema_id, stored.row, arena, row));
      WEIR_RETURN_NOT_OK(builder.Append(row));
    }
    WEIR_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, builder.Finish());
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, latest.types));
    std::vector<std::string> rows(static_cast<size_t>(reader.num_rows()));
    for (size_t i = 0; i < rows.size(); ++i) {
      reader.Read(static_cast<int64_t>(i), arena, row);
      WEIR_RETURN_NOT_OK(EncodeRow(schemas_->format(), latest.types, row, &rows[i]));
    }
    return rows;
  }

  TableBucket bucket_;
  PayloadFormat format_;
  KvStore* kv_;
  KeyLayout layout_;
  std::unique_ptr<RowSchemas> schemas_;
  std::shared_ptr<arrow::Schema> arrow_schema_;
};

}  // namespace

Result<int64_t> FirstNeededOffset(const TableBucket& bucket, std::shared_ptr<const TableContext> table, Log* log,
                                  KvStore* kv, int64_t from, int64_t end, int64_t timestamp) {
  WEIR_ASSIGN_OR_RETURN(LiveRecords live, LiveRecords::Make(bucket, std::move(table), kv));
  int64_t offset = std::max(from, log->start_offset());
  while (offset < end) {
    WEIR_ASSIGN_OR_RETURN(const LogReadResult read, log->Read(offset, kRetentionReadBytes));
    if (read.records == nullptr || read.records->size() == 0) break;
    for (int64_t position = 0; position < read.records->size();) {
      const auto batch = arrow::SliceBuffer(read.records, position);
      WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(std::string_view(*batch)));
      if (header.commit_timestamp >= timestamp || header.next_offset() > end) return offset;
      WEIR_ASSIGN_OR_RETURN(const bool needed, live.IsIn(header, batch));
      if (needed) return offset;
      offset = header.next_offset();
      position += header.total_size();
    }
  }
  return offset;
}

}  // namespace weir
