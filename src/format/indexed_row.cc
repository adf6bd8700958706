#include <algorithm>

#include "format/row_values.h"

namespace weir {
namespace {

// Whether values take a slot of the length list. CHAR and BINARY are padded to their length instead.
bool HasListedLength(const DataType& type) {
  switch (type.id()) {
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return true;
    case TypeId::kDecimal: return !IsCompactDecimal(type);
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kChar:
    case TypeId::kBinary: break;
  }
  return false;
}

size_t CountListedLengths(TypeSpan types) {
  size_t count = 0;
  for (size_t i = 0; i < types.size(); ++i) count += HasListedLength(types[i]) ? 1 : 0;
  return count;
}

Status WritePadded(const DataType& type, std::string_view value, ByteSink* sink) {
  const auto length = static_cast<size_t>(type.length());
  if (value.size() > length) {
    return Status::Invalid("a value of " + std::to_string(value.size()) + " bytes does not fit in type " +
                           type.ToString() + ", of which an INDEXED row holds " + std::to_string(length) + " bytes");
  }
  sink->AppendBytes(value);
  sink->AppendZeros(length - value.size());
  return Status::OK();
}

Status WriteIndexedField(const DataType& type, const Datum& value, ByteSink* sink) {
  if (!IsValueOf(type, value)) [[unlikely]] return BadValue(type, value);
  if (const size_t width = FixedWidth(type); width > 0) {
    StoreFixed(type, value, sink->Append(width));
    return Status::OK();
  }
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kBinary: return WritePadded(type, value.as_bytes(), sink);
    case TypeId::kString:
    case TypeId::kBytes: sink->AppendBytes(value.as_bytes()); return Status::OK();
    case TypeId::kDecimal: {
      char bytes[kMaxDecimalBytes];
      const char* end = StoreDecimal(value.as_decimal(), bytes);
      sink->AppendBytes({bytes, end});
      return Status::OK();
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      sink->AppendAs(value.time.millis);
      sink->AppendAs(value.time.nanos);
      return Status::OK();
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return WriteNested(RowFormat::kIndexed, type, value, sink);
}

bool ReadIndexedTimestamp(ByteSource* source, Datum* value) {
  int64_t millis;
  int32_t nanos;
  if (!source->ReadAs(&millis) || !source->ReadAs(&nanos) || !IsNanoOfMilli(nanos)) return false;
  *value = Datum::Timestamp(millis, nanos);
  return true;
}

std::string_view WithoutPadding(std::string_view padded) {
  return padded.substr(0, padded.find_last_not_of('\0') + 1);
}

// A scalar; `listed` are its bytes if its type has a listed length.
bool ReadIndexedScalar(const DataType& type, std::string_view listed, ByteSource* source, Datum* value) {
  std::string_view bytes;
  if (const size_t width = FixedWidth(type); width > 0) {
    if (!source->Read(width, &bytes)) return false;
    *value = LoadFixed(type, bytes.data());
    return true;
  }
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kBinary:
      if (!source->Read(static_cast<size_t>(type.length()), &bytes)) return false;
      *value = Datum::Bytes(type.id() == TypeId::kChar ? WithoutPadding(bytes) : bytes);
      return true;
    case TypeId::kString:
    case TypeId::kBytes: *value = Datum::Bytes(listed); return true;
    case TypeId::kDecimal: {
      __int128 unscaled;
      if (!LoadDecimal(listed, &unscaled)) return false;
      *value = Datum::Decimal(unscaled);
      return true;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return ReadIndexedTimestamp(source, value);
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return false;
}

Status BadIndexedField(size_t i, const DataType& type, std::string_view bytes) {
  return CorruptRecord(ColumnName(i) + " of type " + type.ToString() + " cannot be read from an INDEXED row of " +
                       std::to_string(bytes.size()) + " bytes");
}

}  // namespace

Status WriteIndexedRow(TypeSpan types, RowView row, ByteSink* sink) {
  const size_t null_bits = sink->position();
  sink->AppendZeros((types.size() + 7) / 8);
  size_t next_length = sink->position();
  sink->AppendZeros(4 * CountListedLengths(types));
  for (size_t i = 0; i < types.size(); ++i) {
    if (row[i].is_null()) {
      SetBit(sink->at(null_bits), i);
      continue;
    }
    const size_t start = sink->position();
    if (Status status = WriteIndexedField(types[i], row[i], sink); !status.ok()) [[unlikely]] {
      return status.WithContext(ColumnName(i));
    }
    if (HasListedLength(types[i])) {
      StoreAs(sink->at(next_length), static_cast<uint32_t>(sink->position() - start));
      next_length += 4;
    }
  }
  return Status::OK();
}

Status ReadIndexedRow(TypeSpan types, std::string_view bytes, Arena* arena, std::span<Datum> row) {
  ByteSource source(bytes);
  std::string_view null_bits;
  std::string_view lengths;
  if (!source.Read((types.size() + 7) / 8, &null_bits) || !source.Read(4 * CountListedLengths(types), &lengths)) {
    return CorruptRecord("an INDEXED row of " + std::to_string(bytes.size()) + " bytes ends within its header");
  }
  ByteSource next_length(lengths);
  for (size_t i = 0; i < types.size(); ++i) {
    const DataType& type = types[i];
    if (TestBit(null_bits.data(), i)) {
      row[i] = Datum::Null();
      continue;
    }
    std::string_view listed;
    if (HasListedLength(type)) {
      uint32_t length;
      if (!next_length.ReadAs(&length) || !source.Read(length, &listed)) return BadIndexedField(i, type, bytes);
    }
    if (!type.is_nested()) {
      if (!ReadIndexedScalar(type, listed, &source, &row[i])) [[unlikely]] return BadIndexedField(i, type, bytes);
    } else {
      Status status = ReadNested(RowFormat::kIndexed, type, listed, arena, &row[i]);
      if (!status.ok()) return status.WithContext(ColumnName(i));
    }
  }
  if (source.empty()) return Status::OK();
  return CorruptRecord("an INDEXED row of " + std::to_string(bytes.size()) + " bytes has " +
                       std::to_string(source.remaining()) + " bytes after its last column");
}

}  // namespace weir
