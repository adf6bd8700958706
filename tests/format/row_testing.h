#pragma once

#include <cctype>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// Bytes from hexadecimal digits; blanks and bars are for the reader.
inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  int digits = 0;
  int value = 0;
  for (const char c : hex) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    if (++digits % 2 == 0) bytes += static_cast<char>(std::exchange(value, 0));
  }
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

/// FromHex and back: a vector without its blanks.
inline std::string Hex(std::string_view spaced) { return ToHex(FromHex(spaced)); }

/// Random types and values of them, the same for the same seed.
class RowGenerator {
 public:
  explicit RowGenerator(uint32_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }

  DataType Type(int depth) {
    const uint64_t kind = Below(depth > 0 ? 18 : 15);
    switch (kind) {
      case 0: return DataType::Boolean();
      case 1: return DataType::TinyInt();
      case 2: return DataType::SmallInt();
      case 3: return DataType::Int();
      case 4: return DataType::BigInt();
      case 5: return DataType::Float();
      case 6: return DataType::Double();
      case 7: return DataType::String();
      case 8: return DataType::Bytes();
      case 9: return DataType::Date();
      case 10: return DataType::Time(static_cast<int>(Below(10)));
      case 11: return DataType::Timestamp(static_cast<int>(Below(10)));
      case 12: return DataType::TimestampLtz(static_cast<int>(Below(10)));
      case 13: return DataType::Decimal(1 + static_cast<int>(Below(38)), 0);
      case 14: return Below(2) == 0 ? DataType::Char(1 + static_cast<int>(Below(12)))
                                    : DataType::Binary(1 + static_cast<int>(Below(12)));
      case 15: return DataType::Array(Type(depth - 1));
      case 16: return DataType::Map(Type(0), Type(depth - 1));
      default: return DataType::Row(Fields(depth - 1));
    }
  }

  std::vector<DataType> Types(int depth) {
    std::vector<DataType> types;
    for (size_t n = 1 + Below(12); types.size() < n;) types.push_back(Type(depth));
    return types;
  }

  std::vector<Datum> Row(const std::vector<DataType>& types) {
    std::vector<Datum> row;
    for (const DataType& type : types) row.push_back(NullOrValue(type));
    return row;
  }

  Datum NullOrValue(const DataType& type) { return Below(5) == 0 ? Datum::Null() : Value(type); }

  Datum Value(const DataType& type) {
    switch (type.id()) {
      case TypeId::kBoolean: return Datum::Bool(Below(2) == 0);
      case TypeId::kTinyInt: return Datum::Int(static_cast<int8_t>(random_()));
      case TypeId::kSmallInt: return Datum::Int(static_cast<int16_t>(random_()));
      case TypeId::kInt:
      case TypeId::kDate:
      case TypeId::kTime: return Datum::Int(static_cast<int32_t>(Scaled()));
      case TypeId::kBigInt: return Datum::Int(Scaled());
      case TypeId::kFloat: return Datum::Double(static_cast<float>(Scaled()) / 8);
      case TypeId::kDouble: return Datum::Double(static_cast<double>(Scaled()) / 8);
      case TypeId::kString:
      case TypeId::kBytes: return Text(Below(30));
      // INDEXED pads BINARY to its length and drops zeros that end a CHAR.
      case TypeId::kBinary: return Text(static_cast<size_t>(type.length()));
      case TypeId::kChar: return Text(Below(static_cast<uint64_t>(type.length()) + 1));
      case TypeId::kDecimal: return Datum::Decimal(Unscaled(type.precision()));
      case TypeId::kTimestamp:
      case TypeId::kTimestampLtz:
        return Datum::Timestamp(Scaled(), type.precision() <= 3 ? 0 : static_cast<int32_t>(Below(1'000'000)));
      case TypeId::kArray:
        return Datum::List(Items(Below(40), [&](size_t) { return NullOrValue(type.element_type()); }));
      case TypeId::kMap:
        return Datum::Map(Items(2 * Below(5), [&](size_t i) {
          return i % 2 == 0 ? Value(type.key_type()) : NullOrValue(type.value_type());
        }));
      case TypeId::kRow:
        return Datum::Row(Items(type.fields().size(), [&](size_t i) { return NullOrValue(type.fields()[i].type); }));
    }
    return Datum::Null();
  }

 private:
  std::vector<Field> Fields(int depth) {
    std::vector<Field> fields;
    for (size_t n = 1 + Below(4); fields.size() < n;)
      fields.push_back({"f" + std::to_string(fields.size()), Type(depth)});
    return fields;
  }

  // Numbers of all sizes.
  int64_t Scaled() { return static_cast<int64_t>(random_()) >> Below(64); }

  __int128 Unscaled(int precision) {
    __int128 limit = 1;
    for (int i = 0; i < precision; ++i) limit *= 10;
    const __int128 wide = (static_cast<__int128>(random_() >> 1) << 64 | random_()) % limit;
    return Below(2) == 0 ? wide : -wide;
  }

  Datum Text(size_t size) {
    std::string& text = texts_.emplace_back();
    while (text.size() < size) text += static_cast<char>('a' + Below(26));
    return Datum::Bytes(text);
  }

  template <typename MakeItem>
  std::span<const Datum> Items(size_t count, MakeItem make_item) {
    std::vector<Datum> items;
    for (size_t i = 0; i < count; ++i) items.push_back(make_item(i));
    return items_.emplace_back(std::move(items));
  }

  std::mt19937_64 random_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Datum>> items_;
};

}  // namespace weir
