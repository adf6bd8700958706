#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "model/hash_bytes.h"
#include "model/partition_level.h"

namespace weir {
namespace {

constexpr int64_t kDaysTo2000 = 10957;
constexpr int64_t kMicrosTo2000 = kDaysTo2000 * 86'400'000'000;

uint64_t HashDouble(double value, uint64_t seed) {
  if (value == 0) return seed;  // −0 and 0
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return HashBytes({reinterpret_cast<const char*>(&value), sizeof value}, seed);
}

/// By the digits to the base of 10,000, without zeros at either end, and the weight of the first.
uint64_t HashDecimal(__int128 unscaled, int scale, uint64_t seed) {
  constexpr int kDigitsPerWord = 4;
  auto number = unscaled < 0 ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  if (number == 0) return seed - 1;
  std::array<int16_t, 12> words{};
  size_t used = 0;
  const int padding = (kDigitsPerWord - scale % kDigitsPerWord) % kDigitsPerWord;
  // The point falls between two words: the lowest word gets that many zeros at its end.
  int16_t factor = 1;
  for (int i = 0; i < padding; ++i) factor *= 10;
  const unsigned lowest_range = 10'000u / factor;
  words[used++] = static_cast<int16_t>(static_cast<unsigned>(number % lowest_range) * factor);
  for (number /= lowest_range; number != 0; number /= 10'000) words[used++] = static_cast<int16_t>(number % 10'000);

  const int fraction_words = (scale + padding) / kDigitsPerWord;
  const int weight = static_cast<int>(used) - 1 - fraction_words;
  size_t trailing = 0;
  while (words[trailing] == 0) ++trailing;
  std::array<int16_t, 12> digits{};
  size_t count = 0;
  for (size_t i = used; i-- > trailing;) digits[count++] = words[i];
  const uint64_t hash = HashBytes({reinterpret_cast<const char*>(digits.data()), count * sizeof(int16_t)}, seed);
  return hash ^ static_cast<uint64_t>(static_cast<int64_t>(weight));
}

int32_t DaysSince2000(int64_t days) {
  constexpr int32_t kInfinity = std::numeric_limits<int32_t>::max();
  if (days >= kInfinity) return kInfinity;
  if (days <= -kInfinity) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(days - kDaysTo2000);
}

int64_t MicrosSince2000(int64_t micros) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  if (micros == kInfinity) return kInfinity;
  if (micros <= -kInfinity) return std::numeric_limits<int64_t>::min();
  int64_t shifted = 0;
  return __builtin_sub_overflow(micros, kMicrosTo2000, &shifted) ? micros : shifted;
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  const size_t end = text.find_last_not_of(' ');
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

uint64_t HashInteger(const DataType& type, int64_t value, uint64_t seed) {
  switch (type.id()) {
    case TypeId::kDate:
      return HashUint32(static_cast<uint32_t>(DaysSince2000(value)), seed);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      return HashInt64(MicrosSince2000(value), seed);
    case TypeId::kBigInt:
    case TypeId::kTime:
      return HashInt64(value, seed);
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return HashUint32(static_cast<uint32_t>(value), seed);
}

uint64_t HashValue(const DataType& type, const KeyValue& value, uint64_t seed) {
  switch (value.index()) {
    case 1:
      return HashInteger(type, std::get<1>(value), seed);
    case 2:
      return HashDouble(std::get<2>(value), seed);
    case 3:
      return HashDecimal(std::get<3>(value), type.scale(), seed);
    case 5:
      return std::get<5>(value).hash;
    default: {
      const std::string_view bytes = std::get<4>(value);
      return HashBytes(type.id() == TypeId::kChar ? WithoutTrailingBlanks(bytes) : bytes, seed);
    }
  }
}

uint64_t Combine(uint64_t hash, uint64_t more) {
  return hash ^ (more + 0x49A0F4DD15E5A8E3ull + (hash << 54) + (hash >> 7));
}

}  // namespace

uint64_t PartitionHash(std::span<const DataType> types, std::span<const KeyValue> key) {
  uint64_t hash = 0;
  for (size_t i = 0; i < key.size() && i < types.size(); ++i) {
    if (!IsNull(key[i])) hash = Combine(hash, HashValue(types[i], key[i], kPartitionSeed));
  }
  return hash;
}

}  // namespace weir
