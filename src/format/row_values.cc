#include "format/row_values.h"

#include <algorithm>

#include "types/datum_kind.h"

namespace weir {
namespace {

template <typename T>
bool Fits(int64_t value) {
  return value == static_cast<int64_t>(static_cast<T>(value));
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view KindName(Datum::Kind kind) {
  switch (kind) {
    case Datum::Kind::kNull: return "NULL";
    case Datum::Kind::kBool: return "a boolean";
    case Datum::Kind::kInt: return "an integer";
    case Datum::Kind::kDouble: return "a floating-point number";
    case Datum::Kind::kBytes: return "a string";
    case Datum::Kind::kDecimal: return "a decimal";
    case Datum::Kind::kTimestamp: return "a timestamp";
    case Datum::Kind::kList: return "a list";
    case Datum::Kind::kMap: return "a map";
    case Datum::Kind::kRow: return "a row";
  }
  return "an unknown kind";
}

}  // namespace

Status CheckArity(size_t columns, size_t values) {
  if (columns == values) return Status::OK();
  return Status::Invalid("a row of " + std::to_string(values) + " values given for " + std::to_string(columns) +
                         " columns");
}

size_t FixedWidth(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kTinyInt: return 1;
    case TypeId::kSmallInt: return 2;
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kFloat: return 4;
    case TypeId::kBigInt:
    case TypeId::kDouble: return 8;
    case TypeId::kDecimal: return IsCompactDecimal(type) ? 8 : 0;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return IsCompactTimestamp(type) ? 8 : 0;
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return 0;
}

void StoreFixed(const DataType& type, const Datum& value, char* p) {
  switch (type.id()) {
    case TypeId::kBoolean: return StoreAs<uint8_t>(p, value.as_bool() ? 1 : 0);
    case TypeId::kTinyInt: return StoreAs(p, static_cast<int8_t>(value.as_int()));
    case TypeId::kSmallInt: return StoreAs(p, static_cast<int16_t>(value.as_int()));
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: return StoreAs(p, static_cast<int32_t>(value.as_int()));
    case TypeId::kBigInt: return StoreAs(p, value.as_int());
    case TypeId::kFloat: return StoreAs(p, static_cast<float>(value.as_double()));
    case TypeId::kDouble: return StoreAs(p, value.as_double());
    case TypeId::kDecimal: return StoreAs(p, static_cast<int64_t>(value.as_decimal()));
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return StoreAs(p, value.time.millis);
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
}

Datum LoadFixed(const DataType& type, const char* p) {
  switch (type.id()) {
    case TypeId::kBoolean: return Datum::Bool(*p != 0);
    case TypeId::kTinyInt: return Datum::Int(LoadAs<int8_t>(p));
    case TypeId::kSmallInt: return Datum::Int(LoadAs<int16_t>(p));
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: return Datum::Int(LoadAs<int32_t>(p));
    case TypeId::kBigInt: return Datum::Int(LoadAs<int64_t>(p));
    case TypeId::kFloat: return Datum::Double(LoadAs<float>(p));
    case TypeId::kDouble: return Datum::Double(LoadAs<double>(p));
    case TypeId::kDecimal: return Datum::Decimal(LoadAs<int64_t>(p));
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return Datum::Timestamp(LoadAs<int64_t>(p), 0);
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return Datum::Null();
}

bool IsValueOf(const DataType& type, const Datum& value) {
  if (value.kind != KindOf(type.id())) return false;
  switch (type.id()) {
    case TypeId::kTinyInt: return Fits<int8_t>(value.as_int());
    case TypeId::kSmallInt: return Fits<int16_t>(value.as_int());
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: return Fits<int32_t>(value.as_int());
    case TypeId::kDecimal: {
      const __int128 unscaled = value.as_decimal();
      return !IsCompactDecimal(type) || unscaled == static_cast<int64_t>(unscaled);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return IsNanoOfMilli(value.time.nanos);
    case TypeId::kBinary: return value.slice.size <= static_cast<size_t>(type.length());
    case TypeId::kChar: {
      const auto length = static_cast<size_t>(type.length());
      return value.slice.size <= length || CountCharacters(value.as_bytes()) <= length;
    }
    case TypeId::kMap: return value.slice.size % 2 == 0;
    case TypeId::kRow: return value.slice.size == type.fields().size();
    case TypeId::kBoolean:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kArray: break;
  }
  return true;
}

Status BadValue(const DataType& type, const Datum& value) {
  if (value.kind != KindOf(type.id())) {
    return Status::Invalid(std::string(KindName(value.kind)) + " given for type " + type.ToString() + ", which takes " +
                           std::string(KindName(KindOf(type.id()))));
  }
  const std::string of_type = " does not fit in type " + type.ToString();
  switch (value.kind) {
    case Datum::Kind::kInt: return Status::Invalid("value " + std::to_string(value.as_int()) + of_type);
    case Datum::Kind::kBytes:
      return Status::Invalid("a value of " + std::to_string(value.slice.size) + " bytes" + of_type);
    case Datum::Kind::kTimestamp:
      return Status::Invalid("a timestamp has " + std::to_string(value.time.nanos) +
                             " nanoseconds of its millisecond, it must have 0 to 999999");
    case Datum::Kind::kMap: return Status::Invalid("a map has a key without a value");
    case Datum::Kind::kRow:
      return Status::Invalid("a row of " + std::to_string(value.slice.size) + " fields" + of_type + " of " +
                             std::to_string(type.fields().size()) + " fields");
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kDouble:
    case Datum::Kind::kDecimal:
    case Datum::Kind::kList: break;
  }
  return Status::Invalid("a value" + of_type);
}

char* StoreDecimal(__int128 unscaled, char* p) {
  size_t bytes = 1;
  // A byte more is needed for as long as the sign does not follow from the bytes below it.
  while (bytes < kMaxDecimalBytes && (unscaled >> (8 * bytes - 1)) != (unscaled < 0 ? -1 : 0)) ++bytes;
  for (size_t i = bytes; i-- > 0;) *p++ = static_cast<char>(unscaled >> (8 * i));
  return p;
}

bool LoadDecimal(std::string_view bytes, __int128* unscaled) {
  if (bytes.empty() || bytes.size() > kMaxDecimalBytes) return false;
  auto value = static_cast<unsigned __int128>(static_cast<__int128>(static_cast<int8_t>(bytes[0])));
  for (size_t i = 1; i < bytes.size(); ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  *unscaled = static_cast<__int128>(value);
  return true;
}

}  // namespace weir
