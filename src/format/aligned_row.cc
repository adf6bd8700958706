#include "format/row_values.h"

namespace weir {
namespace {

constexpr size_t kMaxInlineBytes = 7;
constexpr uint64_t kInlineMark = 0x80;

void StoreSlot(size_t offset, uint32_t low, size_t slot, ByteSink* sink) {
  StoreAs<uint64_t>(sink->at(slot), static_cast<uint64_t>(offset) << 32 | low);
}

void StoreInline(std::string_view bytes, char* slot) {
  StoreAs<uint64_t>(slot, (kInlineMark | bytes.size()) << 56);
  if (!bytes.empty()) std::memcpy(slot, bytes.data(), bytes.size());
}

// `n` bytes of the variable part; like the writer, the reader counts whole words.
bool ReadVarPart(std::string_view bytes, uint64_t slot, size_t n, std::string_view* part) {
  const uint64_t offset = slot >> 32;
  if (offset > bytes.size() || RoundUp8(n) > bytes.size() - offset) return false;
  *part = bytes.substr(offset, n);
  return true;
}

bool ReadBytesSlot(std::string_view bytes, size_t at, Datum* value) {
  const auto slot = LoadAs<uint64_t>(bytes.data() + at);
  const uint64_t top = slot >> 56;
  std::string_view part;
  if ((top & kInlineMark) != 0) {
    if ((top & ~kInlineMark) > kMaxInlineBytes) return false;
    part = bytes.substr(at, top & ~kInlineMark);
  } else if (!ReadVarPart(bytes, slot, static_cast<uint32_t>(slot), &part)) {
    return false;
  }
  *value = Datum::Bytes(part);
  return true;
}

bool ReadDecimalSlot(std::string_view bytes, uint64_t slot, Datum* value) {
  const auto size = static_cast<uint32_t>(slot);
  std::string_view part;
  __int128 unscaled;
  if (size > kMaxDecimalBytes || !ReadVarPart(bytes, slot, kMaxDecimalBytes, &part)) return false;
  if (!LoadDecimal(part.substr(0, size), &unscaled)) return false;
  *value = Datum::Decimal(unscaled);
  return true;
}

bool ReadTimestampSlot(std::string_view bytes, uint64_t slot, Datum* value) {
  const auto nanos = static_cast<int32_t>(slot);
  std::string_view millis;
  if (!IsNanoOfMilli(nanos) || !ReadVarPart(bytes, slot, 8, &millis)) return false;
  *value = Datum::Timestamp(LoadAs<int64_t>(millis.data()), nanos);
  return true;
}

Status CheckScalar(size_t i, const DataType& type) {
  if (!type.is_nested()) return Status::OK();
  return Status::Invalid(ColumnName(i) + ": aligned rows hold scalars only, not " + type.ToString());
}

Status BadAlignedField(size_t i, const DataType& type, std::string_view bytes) {
  return CorruptRecord(ColumnName(i) + " of type " + type.ToString() + " cannot be read from an aligned row of " +
                       std::to_string(bytes.size()) + " bytes");
}

}  // namespace

size_t AlignedHeaderBytes(size_t columns) { return (columns + 63 + 8) / 64 * 8; }

void WriteSlot(const DataType& type, const Datum& value, size_t base, size_t slot, ByteSink* sink) {
  if (FixedWidth(type) > 0) return StoreFixed(type, value, sink->at(slot));
  if (IsVarBytes(type.id())) {
    const std::string_view bytes = value.as_bytes();
    if (bytes.size() <= kMaxInlineBytes) return StoreInline(bytes, sink->at(slot));
    StoreSlot(sink->position() - base, static_cast<uint32_t>(bytes.size()), slot, sink);
    sink->AppendBytes(bytes);
    sink->AppendZeros(RoundUp8(bytes.size()) - bytes.size());
    return;
  }
  const size_t offset = sink->position() - base;
  if (type.id() == TypeId::kDecimal) {
    char* bytes = sink->AppendZeros(kMaxDecimalBytes);
    const char* end = StoreDecimal(value.as_decimal(), bytes);
    return StoreSlot(offset, static_cast<uint32_t>(end - bytes), slot, sink);
  }
  sink->AppendAs(value.time.millis);
  StoreSlot(offset, static_cast<uint32_t>(value.time.nanos), slot, sink);
}

bool ReadSlot(const DataType& type, std::string_view bytes, size_t slot, Datum* value) {
  if (FixedWidth(type) > 0) {
    *value = LoadFixed(type, bytes.data() + slot);
    return true;
  }
  if (IsVarBytes(type.id())) return ReadBytesSlot(bytes, slot, value);
  const auto word = LoadAs<uint64_t>(bytes.data() + slot);
  return type.id() == TypeId::kDecimal ? ReadDecimalSlot(bytes, word, value) : ReadTimestampSlot(bytes, word, value);
}

Status EncodeAlignedRow(std::span<const DataType> types, RowView row, std::string* out) {
  WEIR_RETURN_NOT_OK(CheckArity(types.size(), row.size()));
  ByteSink sink(out);
  const size_t base = sink.position();
  const size_t header = AlignedHeaderBytes(types.size());
  sink.AppendZeros(header + 8 * types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    const DataType& type = types[i];
    WEIR_RETURN_NOT_OK(CheckScalar(i, type));
    const size_t slot = base + header + 8 * i;
    if (row[i].is_null()) {
      SetBit(sink.at(base), i + 8);
    } else if (!IsValueOf(type, row[i])) {
      return BadValue(type, row[i]).WithContext(ColumnName(i));
    } else {
      WriteSlot(type, row[i], base, slot, &sink);
    }
  }
  if (sink.written() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return {ErrorCode::kRecordTooLarge, "an aligned row takes " + std::to_string(sink.written()) +
                                            " bytes, it must stay below 2 GiB"};
  }
  sink.Commit();
  return Status::OK();
}

Status DecodeAlignedRow(std::span<const DataType> types, std::string_view bytes, Arena*, std::span<Datum> row) {
  WEIR_RETURN_NOT_OK(CheckArity(types.size(), row.size()));
  const size_t header = AlignedHeaderBytes(types.size());
  if (bytes.size() % 8 != 0 || bytes.size() < header + 8 * types.size()) {
    return CorruptRecord("an aligned row of " + std::to_string(types.size()) + " columns has " +
                         std::to_string(bytes.size()) + " bytes, it must have a multiple of 8, at least " +
                         std::to_string(header + 8 * types.size()));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    const DataType& type = types[i];
    WEIR_RETURN_NOT_OK(CheckScalar(i, type));
    const size_t slot = header + 8 * i;
    if (TestBit(bytes.data(), i + 8)) {
      row[i] = Datum::Null();
    } else if (!ReadSlot(type, bytes, slot, &row[i])) {
      return BadAlignedField(i, type, bytes);
    }
  }
  return Status::OK();
}

}  // namespace weir
