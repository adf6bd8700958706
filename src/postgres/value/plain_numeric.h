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

inline uint64_t NumberOfDigits(uint64_t digits) { return NumberOfEight(digits); }
inline uint64_t NumberOfDigits(Characters digits) {
  return NumberOfEight(static_cast<uint64_t>(digits)) * 100'000'000 +
         NumberOfEight(static_cast<uint64_t>(digits >> 64));
}

/// The first point among eight characters; 8: there is none.
inline size_t FindPoint(uint64_t characters) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t zero_at_point = characters ^ (kOnes * '.');
  const uint64_t points = (zero_at_point - kOnes) & ~zero_at_point & (kOnes << 7);  // above the first one others may be
  return static_cast<size_t>(std::countr_zero(points)) / 8;
}
/// The same among sixteen.
inline size_t FindPoint(Characters characters) {
  const size_t low = FindPoint(static_cast<uint64_t>(characters));
  return low < 8 ? low : 8 + FindPoint(static_cast<uint64_t>(characters >> 64));
}

/// From 1 to as many characters as Word has bytes.
template <typename Word>
std::optional<PlainNumeric> ReadDigitsIn(Word characters, size_t count, bool negative) {
  const size_t point = FindPoint(characters);
  PlainNumeric number;
  if (point < count) {
    const Word before = (Word{1} << (8 * point)) - 1;
    characters = (characters & before) | ((characters >> 8) & ~before);
    if (--count == 0) return std::nullopt;
    number.scale = static_cast<int>(count - point);
  }
  constexpr auto kOnes = static_cast<Word>(Characters{0x0101010101010101} << 64 | 0x0101010101010101);
  const size_t missing = 8 * (sizeof(Word) - count);  // bits of zeros in front
  const Word digits = (characters << missing) ^ (kOnes * '0' << missing);
  const Word beyond_nine = ((digits + kOnes * (0x80 - 10)) | digits) & (kOnes << 7);
  if (beyond_nine != 0) return std::nullopt;
  const auto unscaled = static_cast<int64_t>(NumberOfDigits(digits));
  number.unscaled = negative ? -unscaled : unscaled;
  return number;
}

/// `count` characters without a sign, as LoadCharacters gives them: digits with a point before, behind or among them.
inline std::optional<PlainNumeric> ReadPlainDigits(Characters characters, size_t count, bool negative) {
  if (count == 0 || count > PlainNumeric::kMostDigits) return std::nullopt;
  if (count <= sizeof(uint64_t)) return ReadDigitsIn(static_cast<uint64_t>(characters), count, negative);  // most are
  return ReadDigitsIn(characters, count, negative);
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
