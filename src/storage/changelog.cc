#include "storage/changelog.h"

#include <arrow/record_batch.h>

namespace weir {
PayloadCompression PayloadCompressionOf(const TableOptions& options) {
  switch (options.compression) {
    case Compression::kLz4Frame:
      return PayloadCompression::kLz4Frame;
    case Compression::kZstd:
      return PayloadCompression::kZstd;
    case Compression::kNone:
      break;
  }
  return PayloadCompression::kNone;
}

PayloadFormat PayloadFormatOf(const TableOptions& options) {
  switch (options.log_format) {
    case LogFormat::kIndexed:
      return PayloadFormat::kIndexed;
    case LogFormat::kCompacted:
      return PayloadFormat::kCompacted;
    case LogFormat::kArrow:
      break;
  }
  return PayloadFormat::kArrow;
}

Result<Changelog> Changelog::Make(const Schema& schema, const std::shared_ptr<arrow::Schema>& arrow_schema,
                                  const std::vector<DataType>& types) {
  std::vector<DataType> of_any_time;
  for (const DataType& one : types) of_any_time.push_back(one.WithNullable(true));
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder rows, ArrowRowBuilder::Make(arrow_schema, std::move(of_any_time)));
  return Changelog(schema, std::move(rows));
}

Status Changelog::Add(ChangeType type, RowView row) {
  for (size_t i = 0; IsNewImage(type) && i < row.size(); ++i) {
    const Column& column = schema_->column(static_cast<int>(i));
    if (!row[i].is_null() || column.type.nullable()) continue;
    return Status::Invalid("NULL for a NOT NULL value").WithContext("Field '" + column.name + "'");
  }
  WEIR_RETURN_NOT_OK(rows_.Append(row));
  types_.push_back(type);
  return Status::OK();
}

Result<std::shared_ptr<arrow::Buffer>> Changelog::Finish(const TableContext& table, int64_t writer_id,
                                                         int32_t sequence) {
  const auto schema_id = static_cast<int16_t>(table.schema_id);
  if (types_.empty()) return EncodeEmptyLogBatch(schema_id, writer_id, sequence);
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> rows, rows_.Finish());
  LogBatchOptions options;
  options.schema_id = schema_id;
  options.writer_id = writer_id;
  options.sequence = sequence;
  options.format = PayloadFormatOf(table.options);
  options.compression = PayloadCompressionOf(table.options);
  options.zstd_level = table.options.zstd_level;
  return EncodeLogBatch(*rows, types_, *schema_, options);
}

}  // namespace weir
