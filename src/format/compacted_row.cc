#include "format/row_values.h"

namespace weir {
namespace {

Status WriteCompactedField(const DataType& type, const Datum& value, ByteSink* sink) {
  if (!IsValueOf(type, value)) [[unlikely]] return BadValue(type, value);
  if (!type.is_nested()) {
    WriteCompacted(type, value, sink);
    return Status::OK();
  }
  const size_t start = sink->position();
  WEIR_RETURN_NOT_OK(WriteNested(RowFormat::kCompacted, type, value, sink));
  sink->InsertLength(start);
  return Status::OK();
}

template <typename T>
bool ReadInt(ByteSource* source, Datum* value) {
  T number;
  if (!source->ReadAs(&number)) return false;
  *value = Datum::Int(number);
  return true;
}

template <typename T>
bool ReadFloat(ByteSource* source, Datum* value) {
  T number;
  if (!source->ReadAs(&number)) return false;
  *value = Datum::Double(number);
  return true;
}

bool ReadVarInt(ByteSource* source, Datum* value) {
  uint32_t bits;
  if (!source->ReadVarint(&bits)) return false;
  *value = Datum::Int(static_cast<int32_t>(bits));
  return true;
}

bool ReadVarLong(ByteSource* source, int64_t* value) {
  uint64_t bits;
  if (!source->ReadVarint(&bits)) return false;
  *value = static_cast<int64_t>(bits);
  return true;
}

bool ReadDecimal(const DataType& type, ByteSource* source, Datum* value) {
  __int128 unscaled;
  if (IsCompactDecimal(type)) {
    int64_t compact;
    if (!ReadVarLong(source, &compact)) return false;
    unscaled = compact;
  } else {
    std::string_view bytes;
    if (!source->ReadVarBytes(&bytes) || !LoadDecimal(bytes, &unscaled)) return false;
  }
  *value = Datum::Decimal(unscaled);
  return true;
}

bool ReadCompactedTimestamp(const DataType& type, ByteSource* source, Datum* value) {
  int64_t millis;
  uint32_t nanos = 0;
  if (!ReadVarLong(source, &millis)) return false;
  if (!IsCompactTimestamp(type) && !source->ReadVarint(&nanos)) return false;
  *value = Datum::Timestamp(millis, static_cast<int32_t>(nanos));
  return IsNanoOfMilli(value->time.nanos);
}

bool ReadCompactedScalar(const DataType& type, ByteSource* source, Datum* value) {
  switch (type.id()) {
    case TypeId::kBoolean:
      if (!ReadInt<uint8_t>(source, value)) return false;
      *value = Datum::Bool(value->as_int() != 0);
      return true;
    case TypeId::kTinyInt: return ReadInt<int8_t>(source, value);
    case TypeId::kSmallInt: return ReadInt<int16_t>(source, value);
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: return ReadVarInt(source, value);
    case TypeId::kBigInt: {
      int64_t number;
      if (!ReadVarLong(source, &number)) return false;
      *value = Datum::Int(number);
      return true;
    }
    case TypeId::kFloat: return ReadFloat<float>(source, value);
    case TypeId::kDouble: return ReadFloat<double>(source, value);
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kBytes: {
      std::string_view bytes;
      if (!source->ReadVarBytes(&bytes)) return false;
      *value = Datum::Bytes(bytes);
      return true;
    }
    case TypeId::kDecimal: return ReadDecimal(type, source, value);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return ReadCompactedTimestamp(type, source, value);
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return false;
}

Status BadCompactedField(size_t i, const DataType& type, std::string_view bytes) {
  return CorruptRecord(ColumnName(i) + " of type " + type.ToString() + " cannot be read from a COMPACTED row of " +
                       std::to_string(bytes.size()) + " bytes");
}

}  // namespace

void WriteCompacted(const DataType& type, const Datum& value, ByteSink* sink) {
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: return sink->AppendVarint(static_cast<uint32_t>(value.as_int()));
    case TypeId::kBigInt: return sink->AppendVarint(static_cast<uint64_t>(value.as_int()));
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kBytes: return sink->AppendVarBytes(value.as_bytes());
    case TypeId::kDecimal: {
      if (IsCompactDecimal(type)) return sink->AppendVarint(static_cast<uint64_t>(value.as_decimal()));
      char bytes[kMaxDecimalBytes];
      const char* end = StoreDecimal(value.as_decimal(), bytes);
      return sink->AppendVarBytes({bytes, end});
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      sink->AppendVarint(static_cast<uint64_t>(value.time.millis));
      if (!IsCompactTimestamp(type)) sink->AppendVarint(static_cast<uint32_t>(value.time.nanos));
      return;
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return StoreFixed(type, value, sink->Append(FixedWidth(type)));
}

Status WriteCompactedRow(TypeSpan types, RowView row, ByteSink* sink) {
  const size_t null_bits = sink->position();
  sink->AppendZeros((types.size() + 7) / 8);
  for (size_t i = 0; i < types.size(); ++i) {
    if (row[i].is_null()) {
      SetBit(sink->at(null_bits), i);
    } else if (Status status = WriteCompactedField(types[i], row[i], sink); !status.ok()) [[unlikely]] {
      return status.WithContext(ColumnName(i));
    }
  }
  return Status::OK();
}

Status ReadCompactedRow(TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row) {
  ByteSource source(bytes);
  std::string_view null_bits;
  if (!source.Read((types.size() + 7) / 8, &null_bits)) {
    return CorruptRecord("a COMPACTED row of " + std::to_string(bytes.size()) + " bytes ends within its null bits");
  }
  for (size_t i = 0; i < types.size(); ++i) {
    const DataType& type = types[i];
    if (TestBit(null_bits.data(), i)) {
      row[i] = Datum::Null();
    } else if (!type.is_nested()) {
      if (!ReadCompactedScalar(type, &source, &row[i])) [[unlikely]] return BadCompactedField(i, type, bytes);
    } else {
      std::string_view nested;
      if (!source.ReadVarBytes(&nested)) return BadCompactedField(i, type, bytes);
      Status status = ReadNested(RowFormat::kCompacted, type, nested, arena, &row[i]);
      if (!status.ok()) return status.WithContext(ColumnName(i));
    }
  }
  if (source.empty()) return Status::OK();
  return CorruptRecord("a COMPACTED row of " + std::to_string(bytes.size()) + " bytes has " +
                       std::to_string(source.remaining()) + " bytes after its last column");
}

}  // namespace weir
