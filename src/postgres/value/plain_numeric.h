#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace weir::postgres {

/// What most numerics are: unscaled / 10^scale of at most 16 digits, shown with `scale` digits after the point.
struct PlainNumeric {
  static constexpr size_t kMostDigits = 16;

  int64_t unscaled = 0;
  int scale = 0;  // 0 to kMostDigits
};

using Characters = unsigned __int128;

/// Up to 16 characters, the first in the lowest byte, with zeros behind them. Nothing beside them is read.
inline Characters LoadCharacters(std::string_view text) {
  const char* const at = text.data();
  const size_t size = text.size();
  const auto load = [](const char* from, auto word) {
    std::memcpy(&word, from, sizeof word);
    return word;
  };
  if (size >= 8) return load(at, uint64_t{}) | Characters{load(at + size - 8, uint64_t{})} << (8 * (size - 8));
  if (size >= 4) return load(at, uint32_t{}) | uint64_t{load(at + size - 4, uint32_t{})} << (8 * (size - 4));
  uint32_t few = 0;
  for (size_t i = 0; i < size; ++i) few |= uint32_t{static_cast<uint8_t>(at[i])} << (8 * i);
  return few;
}

/// The number of eight digits, a byte each and the first lowest.
inline uint64_t NumberOfEight(uint64_t digits) {
  constexpr uint64_t kEvery = 0x000000FF000000FF;
  digits = digits * 10 + (digits >> 8);
  return ((digits & kEvery) * (100 + (uint64_t{1'000'000} << 32)) +
          ((digits >> 16) & kEvery) * (1 + (uint64_t{10'000} << 32))) >> 32;
}

/// The first point among sixteen characters; 16: there is none.
inline size_t FindPoint(Characters characters) {
  const auto points = [](uint64_t eight) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    const uint64_t zero_at_point = eight ^ (kOnes * '.');
    return (zero_at_point - kOnes) & ~zero_at_point & (kOnes << 7);  // above the first one there may be others
  };
  const uint64_t low = points(static_cast<uint64_t>(characters));
  const uint64_t high = points(static_cast<uint64_t>(characters >> 64));
  return static_cast<size_t>(low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(high)) / 8;
}

/// `count` characters without a sign, as LoadCharacters gives them: digits with a point before, behind or among them.
inline std::optional<PlainNumeric> ReadPlainDigits(Characters characters, size_t count, bool negative) {
  if (count == 0 || count > PlainNumeric::kMostDigits) return std::nullopt;
  const size_t point = FindPoint(characters);
  PlainNumeric number;
  if (point < count) {
    const Characters before = (Characters{1} << (8 * point)) - 1;
    characters = (characters & before) | ((characters >> 8) & ~before);
    if (--count == 0) return std::nullopt;
    number.scale = static_cast<int>(count - point);
  }
  constexpr Characters kOnes = Characters{0x0101010101010101} << 64 | 0x0101010101010101;
  const size_t missing = 8 * (PlainNumeric::kMostDigits - count);  // bits of zeros in front
  const Characters digits = (characters << missing) ^ (kOnes * '0' << missing);
  const Characters beyond_nine = ((digits + kOnes * (0x80 - 10)) | digits) & (kOnes << 7);
  if (beyond_nine != 0) return std::nullopt;
  const auto unscaled = static_cast<int64_t>(NumberOfEight(static_cast<uint64_t>(digits)) * 100'000'000 +
                                             NumberOfEight(static_cast<uint64_t>(digits >> 64)));
  number.unscaled = negative ? -unscaled : unscaled;
  return number;
}

/// A sign perhaps, and up to 16 characters as ReadPlainDigits takes them. All other texts are for ReadNumeric.
inline std::optional<PlainNumeric> ReadPlainNumeric(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() > PlainNumeric::kMostDigits) return std::nullopt;
  return ReadPlainDigits(LoadCharacters(text), text.size(), negative);
}

/// The same of a text of `count` characters that are loaded already, fewer than 16.
inline std::optional<PlainNumeric> ReadPlainNumeric(Characters characters, size_t count) {
  const bool negative = static_cast<char>(characters) == '-';
  return negative ? ReadPlainDigits(characters >> 8, count - 1, true) : ReadPlainDigits(characters, count, false);
}

/// The bytes of AppendNumericKey; gives how many.
constexpr size_t kLongestPlainKey = 14;
size_t WritePlainKey(const PlainNumeric& number, char* out);

}  // namespace weir::postgres
