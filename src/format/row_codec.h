#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// The two row formats of KV values and of INDEXED and COMPACTED logs (docs/fluss-formats.md, "Rows").
enum class RowFormat { kCompacted, kIndexed };

/// Appends the encoded row to `out`, which an error leaves as it was. The row has one datum a type.
/// Errors: a datum of the wrong kind or out of its type's range, a CHAR or BINARY longer than its
/// length (of CHAR, INDEXED counts bytes and COMPACTED characters).
Status EncodeRow(RowFormat format, std::span<const DataType> types, RowView row, std::string* out);

/// Decodes a row of exactly these types. Bytes of `row` point into `bytes`, nested values into
/// `arena`. Malformed input is code 14 and never read past its end. `row` has one datum a type.
Status DecodeRow(RowFormat format, std::span<const DataType> types, std::string_view bytes, Arena* arena,
                 std::span<Datum> row);

/// AlignedRow: statistics and Paimon keys. Scalars only; a nested type is code -2.
Status EncodeAlignedRow(std::span<const DataType> types, RowView row, std::string* out);
Status DecodeAlignedRow(std::span<const DataType> types, std::string_view bytes, Arena* arena, std::span<Datum> row);

/// A KV value is the schema id (i16 LE) and a row.
struct StoredValue {
  int16_t schema_id = 0;
  std::string_view row;
};
void AppendSchemaId(int16_t schema_id, std::string* out);
/// Code 14 when shorter than the schema id.
Result<StoredValue> ParseStoredValue(std::string_view bytes);

}  // namespace weir
