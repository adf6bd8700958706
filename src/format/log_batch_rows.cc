#include "format/log_batch_rows.h"

#include <arrow/record_batch.h>

#include <cstring>

#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"

namespace weir {
namespace {

constexpr size_t kRecordHeaderSize = 5;  // length and attributes

Status Corrupt(int64_t record, const std::string& what) {
  return {ErrorCode::kCorruptRecord, "record " + std::to_string(record) + " of the batch: " + what};
}

struct Record {
  ChangeType change_type;
  std::string_view row;
};

/// Takes the next record off `payload`.
Result<Record> NextRecord(int64_t index, std::string_view* payload) {
  if (payload->size() < kRecordHeaderSize) {
    return Corrupt(index, "starts " + std::to_string(payload->size()) + " bytes before the end");
  }
  int32_t length;
  std::memcpy(&length, payload->data(), sizeof length);
  if (length < 1 || static_cast<size_t>(length) > payload->size() - sizeof length) {
    return Corrupt(index, "length " + std::to_string(length) + ", " + std::to_string(payload->size() - sizeof length) +
                              " bytes left");
  }
  const uint8_t change_type = static_cast<uint8_t>((*payload)[sizeof length]) & 0x0F;
  if (change_type > static_cast<uint8_t>(ChangeType::kDelete)) {
    return Corrupt(index, "unknown change type " + std::to_string(change_type));
  }
  Record record{static_cast<ChangeType>(change_type), payload->substr(kRecordHeaderSize, length - 1)};
  payload->remove_prefix(sizeof length + length);
  return record;
}

struct Columns {
  std::vector<int> positions;
  std::vector<DataType> types;
  std::shared_ptr<arrow::Schema> arrow_schema;
};

Columns ProjectedColumns(const Schema& schema, const std::optional<std::vector<int>>& projection) {
  Columns columns;
  const auto all = ToArrowSchema(schema, LtzZone::kUtc);
  arrow::FieldVector fields;
  const int count = projection ? static_cast<int>(projection->size()) : schema.num_columns();
  for (int i = 0; i < count; ++i) {
    const int position = projection ? (*projection)[i] : i;
    columns.positions.push_back(position);
    columns.types.push_back(schema.column(position).type);
    fields.push_back(all->field(position));
  }
  columns.arrow_schema = arrow::schema(std::move(fields));
  return columns;
}

}  // namespace

Status EncodeLogRows(RowFormat format, const arrow::RecordBatch& rows, std::span<const ChangeType> change_types,
                     const Schema& schema, std::string* out) {
  const std::vector<DataType> types = schema.types();
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows.Slice(0), types));
  Arena arena;
  std::vector<Datum> row(types.size());
  for (int64_t i = 0; i < rows.num_rows(); ++i) {
    arena.Clear();
    reader.Read(i, &arena, row);
    const size_t start = out->size();
    out->append(sizeof(int32_t), '\0');
    out->push_back(change_types.empty() ? '\0' : static_cast<char>(change_types[i]));
    WEIR_RETURN_NOT_OK(EncodeRow(format, types, row, out).WithContext("row " + std::to_string(i)));
    const size_t size = out->size() - start - sizeof(int32_t);
    if (size > INT32_MAX) return {ErrorCode::kRecordTooLarge, "row " + std::to_string(i) + " is larger than 2 GiB"};
    const auto length = static_cast<int32_t>(size);
    std::memcpy(out->data() + start, &length, sizeof length);
  }
  return Status::OK();
}

Result<bool> AreAppends(std::string_view payload, int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(const Record record, NextRecord(i, &payload));
    if (record.change_type != ChangeType::kAppendOnly) return false;
  }
  return true;
}

Result<DecodedLogRows> DecodeLogRows(RowFormat format, std::string_view payload, int32_t count, const Schema& schema,
                                     const std::optional<std::vector<int>>& projection) {
  if (static_cast<size_t>(count) > payload.size() / kRecordHeaderSize) {
    return Corrupt(0, std::to_string(count) + " records announced in " + std::to_string(payload.size()) + " bytes");
  }
  const std::vector<DataType> types = schema.types();
  Columns columns = ProjectedColumns(schema, projection);
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder, ArrowRowBuilder::Make(columns.arrow_schema, columns.types));
  DecodedLogRows decoded;
  decoded.change_types.reserve(count);
  Arena arena;
  std::vector<Datum> row(types.size()), wanted(columns.positions.size());
  for (int32_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(const Record record, NextRecord(i, &payload));
    arena.Clear();
    WEIR_RETURN_NOT_OK(DecodeRow(format, types, record.row, &arena, row).WithContext("record " + std::to_string(i)));
    for (size_t c = 0; c < wanted.size(); ++c) wanted[c] = row[columns.positions[c]];
    const Status appended = builder.Append(wanted);
    if (!appended.ok()) return Corrupt(i, appended.message());
    decoded.change_types.push_back(record.change_type);
  }
  if (!payload.empty()) return Corrupt(count, std::to_string(payload.size()) + " bytes follow the last record");
  WEIR_ASSIGN_OR_RETURN(decoded.rows, builder.Finish());
  return decoded;
}

}  // namespace weir
