#include "model/key_value.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "types/floor_div.h"
#include "types/timestamp_units.h"

namespace weir {
namespace {

std::weak_ordering CompareDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  if (a < b) return std::weak_ordering::less;
  return a > b ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

std::weak_ordering CompareDecimals(__int128 a, __int128 b) {
  if (a < b) return std::weak_ordering::less;
  return a > b ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

size_t HashOfValue(const KeyValue& value) {
  switch (value.index()) {
    case 1:
      return std::hash<int64_t>()(std::get<1>(value));
    case 2: {
      const double number = std::get<2>(value);
      return std::isnan(number) ? 1 : std::hash<double>()(number == 0 ? 0.0 : number);
    }
    case 3: {
      const auto number = static_cast<unsigned __int128>(std::get<3>(value));
      return std::hash<uint64_t>()(static_cast<uint64_t>(number) ^ (static_cast<uint64_t>(number >> 64) * 31));
    }
    case 4:
      return std::hash<std::string_view>()(std::get<4>(value));
    case 5:
      return std::hash<std::string_view>()(std::get<5>(value).order);
    default:
      return 0;
  }
}

constexpr int64_t kMicrosPerMilli = 1000;

int64_t MicrosOf(const DataType& type, const Datum::Time& time) {
  constexpr int64_t kMillisPerSecond = 1000;
  if (type.precision() == 0) return MicrosOfUnits(FloorDiv(time.millis, kMillisPerSecond), 1'000'000);
  if (type.precision() <= 3) return MicrosOfUnits(time.millis, kMicrosPerMilli);
  return static_cast<int64_t>(static_cast<__int128>(time.millis) * kMicrosPerMilli + time.nanos / 1000);
}

}  // namespace

std::weak_ordering Compare(const KeyValue& a, const KeyValue& b) {
  if (IsNull(a) || IsNull(b)) return IsNull(a) <=> IsNull(b);
  if (a.index() != b.index()) return a.index() <=> b.index();
  switch (a.index()) {
    case 1:
      return std::get<1>(a) <=> std::get<1>(b);
    case 2:
      return CompareDoubles(std::get<2>(a), std::get<2>(b));
    case 3:
      return CompareDecimals(std::get<3>(a), std::get<3>(b));
    case 5:
      return std::string_view(std::get<5>(a).order) <=> std::string_view(std::get<5>(b).order);
    default:
      return std::string_view(std::get<4>(a)) <=> std::string_view(std::get<4>(b));
  }
}

std::weak_ordering Compare(std::span<const KeyValue> a, std::span<const KeyValue> b) {
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (const auto order = Compare(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

size_t HashOf(std::span<const KeyValue> key) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const KeyValue& value : key) {
    hash = (hash ^ HashOfValue(value)) * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
  }
  return hash;
}

KeyValue ToKeyValue(const DataType& type, const Datum& datum) {
  if (datum.is_null()) return {};
  switch (type.id()) {
    case TypeId::kFloat:
    case TypeId::kDouble:
      return datum.as_double();
    case TypeId::kDecimal:
      return datum.as_decimal();
    case TypeId::kTime:
      return datum.as_int() * kMicrosPerMilli;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      return MicrosOf(type, datum.time);
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kBytes:
    case TypeId::kBinary:
      return std::string(datum.as_bytes());
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kDate:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return datum.as_int();
}

}  // namespace weir
