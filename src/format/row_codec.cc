#include "format/row_codec.h"

#include <limits>

#include "format/row_values.h"

namespace weir {
Status WriteRow(RowFormat format, TypeSpan types, RowView row, ByteSink* sink) {
  return format == RowFormat::kCompacted ? WriteCompactedRow(types, row, sink) : WriteIndexedRow(types, row, sink);
}

Status ReadRow(RowFormat format, TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row) {
  return format == RowFormat::kCompacted ? ReadCompactedRow(types, bytes, arena, row)
                                         : ReadIndexedRow(types, bytes, arena, row);
}

Status EncodeRow(RowFormat format, std::span<const DataType> types, RowView row, std::string* out) {
  WEIR_RETURN_NOT_OK(CheckArity(types.size(), row.size()));
  ByteSink sink(out);
  WEIR_RETURN_NOT_OK(WriteRow(format, types, row, &sink));
  // Lengths and offsets within a row are 32 bits wide.
  if (sink.written() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return {ErrorCode::kRecordTooLarge,
            "a row takes " + std::to_string(sink.written()) + " bytes, it must stay below 2 GiB"};
  }
  sink.Commit();
  return Status::OK();
}

Status DecodeRow(RowFormat format, std::span<const DataType> types, std::string_view bytes, Arena* arena,
                 std::span<Datum> row) {
  WEIR_RETURN_NOT_OK(CheckArity(types.size(), row.size()));
  return ReadRow(format, types, bytes, arena, row);
}

void AppendSchemaId(int16_t schema_id, std::string* out) {
  char bytes[sizeof schema_id];
  StoreAs(bytes, schema_id);
  out->append(bytes, sizeof bytes);
}

Result<StoredValue> ParseStoredValue(std::string_view bytes) {
  if (bytes.size() < sizeof(int16_t)) {
    return CorruptRecord("a stored value of " + std::to_string(bytes.size()) + " bytes has no room for its schema id");
  }
  return StoredValue{LoadAs<int16_t>(bytes.data()), bytes.substr(sizeof(int16_t))};
}

}  // namespace weir
