#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "format/row_bytes.h"
#include "format/row_codec.h"
#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

// What the row formats, arrays and keys share: which types are stored how, and checked values.

/// The types of a row: a schema's list or the fields of a ROW type.
class TypeSpan {
 public:
  TypeSpan(std::span<const DataType> types) : types_(types.data()), size_(types.size()) {}       // NOLINT
  TypeSpan(const std::vector<Field>& fields) : fields_(fields.data()), size_(fields.size()) {}  // NOLINT

  size_t size() const { return size_; }
  const DataType& operator[](size_t i) const { return types_ != nullptr ? types_[i] : fields_[i].type; }

 private:
  const DataType* types_ = nullptr;
  const Field* fields_ = nullptr;
  size_t size_;
};

inline constexpr size_t kMaxDecimalBytes = 16;

inline bool IsCompactDecimal(const DataType& type) { return type.precision() <= 18; }
inline bool IsCompactTimestamp(const DataType& type) { return type.precision() <= 3; }
inline bool IsVarBytes(TypeId id) {
  return id == TypeId::kString || id == TypeId::kBytes || id == TypeId::kChar || id == TypeId::kBinary;
}

/// Bytes of a value that all formats but CompactedRow store with a fixed width of at most 8; else 0.
size_t FixedWidth(const DataType& type);
/// Stores FixedWidth(type) bytes of a value that CheckValue let pass.
void StoreFixed(const DataType& type, const Datum& value, char* p);
Datum LoadFixed(const DataType& type, const char* p);

/// Whether a value that is not NULL is one of this type: its kind and, for scalars, its range.
bool IsValueOf(const DataType& type, const Datum& value);
/// Code -2 that says what is wrong with a value that is not.
Status BadValue(const DataType& type, const Datum& value);

/// Minimal big-endian two's complement: the end of at most kMaxDecimalBytes bytes at `p`.
char* StoreDecimal(__int128 unscaled, char* p);
/// False unless 1 to 16 bytes.
bool LoadDecimal(std::string_view bytes, __int128* unscaled);

inline bool IsNanoOfMilli(int32_t nanos) { return nanos >= 0 && nanos <= 999'999; }

/// Code -2 unless there is one value a column.
Status CheckArity(size_t columns, size_t values);

inline std::string ColumnName(size_t i) { return "column " + std::to_string(i); }
inline Status CorruptRecord(std::string message) { return {ErrorCode::kCorruptRecord, std::move(message)}; }

// Values of CompactedRow and of Compacted keys (docs/fluss-formats.md, "Rows"). Scalars only.
void WriteCompacted(const DataType& type, const Datum& value, ByteSink* sink);

// Rows, without a check of their total size.
Status WriteRow(RowFormat format, TypeSpan types, RowView row, ByteSink* sink);
Status WriteCompactedRow(TypeSpan types, RowView row, ByteSink* sink);
Status WriteIndexedRow(TypeSpan types, RowView row, ByteSink* sink);
Status ReadRow(RowFormat format, TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row);
Status ReadCompactedRow(TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row);
Status ReadIndexedRow(TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row);

// An ARRAY, MAP or ROW value without its length (docs/fluss-formats.md, "Rows").
Status WriteNested(RowFormat format, const DataType& type, const Datum& value, ByteSink* sink);
Status ReadNested(RowFormat format, const DataType& type, std::string_view bytes, Arena* arena, Datum* value);

// The slots that AlignedRow and BinaryArray have in common (docs/fluss-formats.md, "Rows"). Scalars only. `base` is
// where the row or array starts, `slot` where its slot of FixedWidth, or else 8, bytes lies.
size_t AlignedHeaderBytes(size_t columns);
void WriteSlot(const DataType& type, const Datum& value, size_t base, size_t slot, ByteSink* sink);
/// False when the slot is malformed; the slot itself lies within `bytes`.
bool ReadSlot(const DataType& type, std::string_view bytes, size_t slot, Datum* value);

}  // namespace weir
