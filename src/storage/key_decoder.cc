#include "storage/key_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <array>
#include <cstring>
#include <limits>

#include "format/row_codec.h"
#include "model/partition.h"

namespace weir {
namespace {

template <typename T>
bool ReadLittleEndian(std::string_view bytes, T* value) {
  if (bytes.size() != sizeof(T)) return false;
  std::memcpy(value, bytes.data(), sizeof(T));
  return true;
}

__int128 BigEndianInteger(std::string_view bytes) {
  __int128 value = static_cast<signed char>(bytes[0]) < 0 ? -1 : 0;
  for (const char c : bytes) value = static_cast<__int128>(static_cast<unsigned __int128>(value) << 8) | (c & 0xFF);
  return value;
}

/// A single value with no length, as Iceberg keys are.
bool DecodeIcebergKey(const DataType& type, std::string_view key, Arena* arena, Datum* value) {
  int64_t integer = 0;
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kBigInt:
      if (!ReadLittleEndian(key, &integer)) return false;
      *value = Datum::Int(integer);
      return true;
    case TypeId::kTime:
      if (!ReadLittleEndian(key, &integer)) return false;
      *value = Datum::Int(integer / 1000);
      return true;
    case TypeId::kTimestamp: {
      if (!ReadLittleEndian(key, &integer)) return false;
      const int64_t micros = (integer % 1000 + 1000) % 1000;
      *value = Datum::Timestamp((integer - micros) / 1000, static_cast<int32_t>(micros * 1000));
      return true;
    }
    case TypeId::kFloat: {
      float f = 0;
      if (!ReadLittleEndian(key, &f)) return false;
      *value = Datum::Double(f);
      return true;
    }
    case TypeId::kDouble: {
      double d = 0;
      if (!ReadLittleEndian(key, &d)) return false;
      *value = Datum::Double(d);
      return true;
    }
    case TypeId::kDecimal:
      if (key.empty() || key.size() > 16) return false;
      *value = Datum::Decimal(BigEndianInteger(key));
      return true;
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kBytes:
      *value = Datum::Bytes(arena->CopyBytes(key));
      return true;
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kTimestampLtz:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return false;
}

Status DecodeValues(const KeyLayout& layout, const std::vector<DataType>& key_types, std::string_view key, Arena* arena,
                    std::span<Datum> values) {
  switch (layout.primary_key_encoding) {
    case KeyEncoding::kCompacted: {
      // A compacted key is a compacted row without the null bits.
      std::string row((key_types.size() + 7) / 8, '\0');
      row.append(key);
      return DecodeRow(RowFormat::kCompacted, key_types, arena->CopyBytes(row), arena, values);
    }
    case KeyEncoding::kPaimon:
      return DecodeAlignedRow(key_types, arena->CopyBytes(key), arena, values);
    case KeyEncoding::kIceberg:
      if (values.size() == 1 && DecodeIcebergKey(key_types[0], key, arena, &values[0])) return Status::OK();
      break;
    case KeyEncoding::kHudi:
      break;
  }
  return {ErrorCode::kCorruptRecord, fmt::format("{} bytes are no key of this table", key.size())};
}

template <typename T>
bool ParseNumber(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Reads digit groups split by any single character, e.g. "2024-01-02".
template <size_t kCount>
bool ParseFields(std::string_view text, std::array<int64_t, kCount>* fields) {
  for (size_t i = 0; i < kCount; ++i) {
    const size_t end = i + 1 < kCount ? text.find_first_not_of("0123456789") : text.size();
    if (end == std::string_view::npos || !ParseNumber(text.substr(0, end), &(*fields)[i])) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool DaysOf(int64_t year, int64_t month, int64_t day, int64_t* days) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  *days = std::chrono::sys_days(date).time_since_epoch().count();
  return date.ok();
}

bool ParseTimestamp(std::string_view text, Datum* value) {
  const size_t split = text.rfind('_');
  std::array<int64_t, 6> f{};
  int64_t days = 0;
  if (split == std::string_view::npos || !ParseFields(text.substr(0, split), &f) || !DaysOf(f[0], f[1], f[2], &days)) {
    return false;
  }
  std::string fraction(text.substr(split + 1));
  if (fraction.size() > 9) return false;
  fraction.resize(9, '0');
  int64_t nanos = 0;
  if (!ParseNumber(std::string_view(fraction), &nanos)) return false;
  const int64_t seconds = days * 86400 + f[3] * 3600 + f[4] * 60 + f[5];
  *value = Datum::Timestamp(seconds * 1000 + nanos / 1000000, static_cast<int32_t>(nanos % 1000000));
  return true;
}

bool ParseDouble(std::string_view text, Datum* value) {
  if (text == "NaN") return *value = Datum::Double(std::numeric_limits<double>::quiet_NaN()), true;
  if (text == "Inf") return *value = Datum::Double(std::numeric_limits<double>::infinity()), true;
  if (text == "-Inf") return *value = Datum::Double(-std::numeric_limits<double>::infinity()), true;
  std::string number(text);
  std::replace(number.begin(), number.end(), '_', '.');
  double d = 0;
  if (!ParseNumber(std::string_view(number), &d)) return false;
  *value = Datum::Double(d);
  return true;
}

bool ParseHex(std::string_view text, std::string* bytes) {
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return false;
    bytes->push_back(static_cast<char>(byte));
  }
  return text.size() % 2 == 0;
}

bool ParsePartitionValue(const DataType& type, std::string_view text, Arena* arena, Datum* value) {
  int64_t integer = 0;
  switch (type.id()) {
    case TypeId::kString:
    case TypeId::kChar:
      *value = Datum::Bytes(arena->CopyBytes(text));
      return true;
    case TypeId::kBoolean:
      *value = Datum::Bool(text == "true");
      return true;
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
      if (!ParseNumber(text, &integer)) return false;
      *value = Datum::Int(integer);
      return true;
    case TypeId::kFloat:
    case TypeId::kDouble:
      return ParseDouble(text, value);
    case TypeId::kDate: {
      std::array<int64_t, 3> f{};
      if (!ParseFields(text, &f) || !DaysOf(f[0], f[1], f[2], &integer)) return false;
      *value = Datum::Int(integer);
      return true;
    }
    case TypeId::kTime: {
      std::array<int64_t, 4> f{};
      if (!ParseFields(text, &f)) return false;
      *value = Datum::Int(((f[0] * 60 + f[1]) * 60 + f[2]) * 1000 + f[3]);
      return true;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      return ParseTimestamp(text, value);
    case TypeId::kBinary:
    case TypeId::kBytes: {
      std::string bytes;
      if (!ParseHex(text, &bytes)) return false;
      *value = Datum::Bytes(arena->CopyBytes(bytes));
      return true;
    }
    case TypeId::kDecimal:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return false;
}

}  // namespace

Status DecodePrimaryKey(const KeyLayout& layout, const std::vector<DataType>& types, std::string_view key,
                        Arena* arena, std::span<Datum> row) {
  std::vector<DataType> key_types;
  for (const int column : layout.primary_key) key_types.push_back(types[column]);
  const std::span<Datum> values = arena->NewDatums(key_types.size());
  WEIR_RETURN_NOT_OK(DecodeValues(layout, key_types, key, arena, values));
  for (size_t i = 0; i < values.size(); ++i) row[layout.primary_key[i]] = values[i];
  std::string again;
  WEIR_RETURN_NOT_OK(EncodeKey(layout.primary_key_encoding, types, layout.primary_key, row, &again));
  if (again == key) return Status::OK();
  return {ErrorCode::kCorruptRecord, fmt::format("{} bytes are no key of this table", key.size())};
}

Result<Datum> PartitionValueFromText(const DataType& type, std::string_view text, std::string_view column,
                                     Arena* arena) {
  Datum value;
  if (ParsePartitionValue(type, text, arena, &value)) {
    WEIR_ASSIGN_OR_RETURN(const std::string again, PartitionValueText(type, value, column));
    if (again == text) return value;
  }
  return Status(ErrorCode::kPartitionSpecInvalid,
                fmt::format("'{}' is no value of the partition column '{}' of type {}", text, column, type.ToString()));
}

}  // namespace weir
