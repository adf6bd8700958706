#include "postgres/value/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <type_traits>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Status NumberOutOfRange(std::string_view text, std::string_view type) {
  return Error("22003", fmt::format("value \"{}\" is out of range for type {}", text, type));
}

template <typename T>
Result<T> ReadSigned(std::string_view text, std::string_view type) {
  std::string_view digits = Trimmed(text);
  const bool negative = digits.starts_with('-');
  if (digits.starts_with('+') || negative) digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    // Digits that are too many are what the text is refused for first.
    const auto end = std::find_if_not(digits.begin(), digits.end(), IsDigit);
    uint64_t begun = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + (end - digits.begin()), begun);
    const bool beyond = read.ec == std::errc::result_out_of_range ||
                        begun > static_cast<uint64_t>(std::numeric_limits<T>::max()) + (negative ? 1 : 0);
    if (end != digits.begin() && beyond) return NumberOutOfRange(text, type);
    return InvalidSyntax(type, text);
  }
  uint64_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<T>::max()) + (negative ? 1 : 0);
  if (read.ec != std::errc() || size > limit) return NumberOutOfRange(text, type);
  return static_cast<T>(negative ? ~size + 1 : size);
}

template <typename T>
constexpr std::string_view kFloatingName = std::is_same_v<T, float> ? "real" : "double precision";

template <typename T>
T Parse(const char* text, char** end) {
  if constexpr (std::is_same_v<T, float>) return std::strtof(text, end);
  else return std::strtod(text, end);
}

/// A number that is nothing but digits, a point and an exponent. Nothing for what needs a closer look.
template <typename T>
std::optional<T> ReadPlain(std::string_view text) {
  const size_t first = text.starts_with('-') ? 1 : 0;
  if (first == text.size() || !IsDigit(text[first])) return std::nullopt;
  T value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

template <typename T>
Result<T> ReadFloating(std::string_view text) {
  if (const std::optional<T> plain = ReadPlain<T>(text)) return *plain;
  const std::string whole(text);
  const std::string_view body = WithoutLeadingSpace(whole);
  if (body.empty()) return InvalidSyntax(kFloatingName<T>, text);
  const char* begin = body.data();
  char* end = nullptr;
  errno = 0;
  const T value = Parse<T>(begin, &end);
  if (end == begin) return InvalidSyntax(kFloatingName<T>, text);
  const std::string_view rest(end, static_cast<size_t>(whole.data() + whole.size() - end));
  if (errno == ERANGE && (value == 0 || std::isinf(value))) {
    const std::string number(begin, static_cast<size_t>(end - begin));
    return Error("22003", fmt::format("\"{}\" is out of range for type {}", number, kFloatingName<T>));
  }
  if (!WithoutLeadingSpace(rest).empty()) return InvalidSyntax(kFloatingName<T>, text);
  return value;
}

/// "d.ddde±xx" taken apart. Its digits, without the point.
struct FloatDigits {
  bool negative = false;
  char digits[40];
  size_t count = 0;
  int exponent = 0;  // of the first digit
};
FloatDigits TakeApart(std::string_view text) {
  FloatDigits parts;
  size_t at = 0;
  parts.negative = text[0] == '-';
  for (at = parts.negative ? 1 : 0; text[at] != 'e'; ++at) {
    if (text[at] != '.') parts.digits[parts.count++] = text[at];
  }
  const bool small = text[at + 1] == '-';
  for (at += 2; at < text.size(); ++at) parts.exponent = parts.exponent * 10 + (text[at] - '0');
  if (small) parts.exponent = -parts.exponent;
  return parts;
}

/// `scientific` ("d.ddde±xx") as PostgreSQL lays it out: in full from 10^-4 to below 10^`digits`.
void AppendLaidOut(std::string_view scientific, int digits, std::string* out) {
  const FloatDigits parts = TakeApart(scientific);
  if (parts.exponent < -4 || parts.exponent >= digits) {
    out->append(scientific);
    return;
  }
  char text[64];
  char* end = text;
  const auto put = [&](const char* from, size_t size) { end = std::copy_n(from, size, end); };
  if (parts.negative) *end++ = '-';
  const auto whole = static_cast<size_t>(parts.exponent + 1);
  if (parts.exponent < 0) {
    put("0.000", static_cast<size_t>(1 - parts.exponent));
    put(parts.digits, parts.count);
  } else if (parts.count <= whole) {
    put(parts.digits, parts.count);
    end = std::fill_n(end, whole - parts.count, '0');
  } else {
    put(parts.digits, whole);
    *end++ = '.';
    put(parts.digits + whole, parts.count - whole);
  }
  out->append(text, static_cast<size_t>(end - text));
}

/// Whether digits * 10^exponent lies half way between `value` and a neighbour, so that it reads back as `value` only by
/// the rule that ties go to the even number. Only large whole numbers have so short a number half way.
template <typename T>
bool IsHalfway(T value, uint64_t digits, int exponent) {
  int shift = 0;
  const T fraction = std::frexp(std::fabs(value), &shift);
  constexpr int kBits = std::numeric_limits<T>::digits;
  const auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, kBits));
  shift -= kBits;  // |value| = mantissa * 2^shift
  if (shift < 1 || exponent < 0 || mantissa % 2 != 0) return false;
  int twos = exponent;
  for (; digits % 2 == 0; digits /= 2) ++twos;
  for (int i = 0; i < exponent; ++i) {
    if (digits > std::numeric_limits<uint64_t>::max() / 5) return false;
    digits *= 5;
  }
  const bool least = mantissa == uint64_t{1} << (kBits - 1);  // the neighbour below is nearer
  return (digits == 2 * mantissa + 1 && twos == shift - 1) ||
         (least ? digits == 4 * mantissa - 1 && twos == shift - 2 : digits == 2 * mantissa - 1 && twos == shift - 1);
}

/// The digits of "d.ddde±xx" as a whole number, and the power of ten that it stands for.
struct ShortDecimal {
  uint64_t digits = 0;
  int count = 0;
  int exponent = 0;
};
ShortDecimal ReadDecimal(std::string_view text) {
  const FloatDigits parts = TakeApart(text);
  ShortDecimal result;
  for (size_t i = 0; i < parts.count; ++i) {
    result.digits = result.digits * 10 + static_cast<uint64_t>(parts.digits[i] - '0');
  }
  result.count = static_cast<int>(parts.count);
  result.exponent = parts.exponent - (result.count - 1);
  return result;
}

/// The shortest "d.ddde±xx" that reads back as `value` however a reader breaks ties.
template <typename T>
std::string_view WriteShortest(T value, char* text, size_t size) {
  const char* end = std::to_chars(text, text + size, value, std::chars_format::scientific).ptr;
  std::string_view written(text, static_cast<size_t>(end - text));
  constexpr auto kFirstWithGaps = static_cast<T>(uint64_t{1} << std::numeric_limits<T>::digits);
  if (std::fabs(value) < kFirstWithGaps) return written;  // nothing so short lies half way
  ShortDecimal decimal = ReadDecimal(written);
  while (decimal.digits != 0 && IsHalfway(value, decimal.digits, decimal.exponent)) {
    written = {text, static_cast<size_t>(std::snprintf(text, size, "%.*e", decimal.count, double{value}))};
    decimal = ReadDecimal(written);
  }
  return written;
}

/// Whether it is whole, and so small that its shortest text is that of the integer.
template <typename T>
bool IsPlainInteger(T value) {
  constexpr auto kEnd = static_cast<T>(std::is_same_v<T, float> ? 1e6 : 1e15);
  return std::fabs(value) < kEnd && std::trunc(value) == value && (value != 0 || !std::signbit(value));
}

template <typename T>
void AppendFloating(T value, int extra_digits, std::string* out) {
  constexpr int kDigits = std::numeric_limits<T>::digits10;
  char text[64];
  if (std::isnan(value)) {
    *out += "NaN";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "Infinity" : "-Infinity";
  } else if (extra_digits >= 1 && IsPlainInteger(value)) {
    AppendInteger(static_cast<int64_t>(value), out);
  } else if (extra_digits < 1) {
    const int size = std::snprintf(text, sizeof(text), "%.*g", std::max(1, kDigits + extra_digits), double{value});
    out->append(text, static_cast<size_t>(size));
  } else {
    AppendLaidOut(WriteShortest(value, text, sizeof(text)), kDigits, out);
  }
}

}  // namespace

Result<bool> ReadBool(std::string_view text) {
  const std::string word = Lowered(Trimmed(text));
  const auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  if (begins("true", 1) || begins("yes", 1) || word == "on" || word == "1") return true;
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0") return false;
  return InvalidSyntax("boolean", text);
}

Result<int16_t> ReadInt16(std::string_view text) { return ReadSigned<int16_t>(text, "smallint"); }
Result<int32_t> ReadInt32(std::string_view text) { return ReadSigned<int32_t>(text, "integer"); }
Result<int64_t> ReadInt64(std::string_view text) { return ReadSigned<int64_t>(text, "bigint"); }

Result<uint32_t> ReadOid(std::string_view text, std::string_view type) {
  const std::string whole(text);
  const char* begin = whole.c_str();
  char* end = nullptr;
  errno = 0;
  const unsigned long value = std::strtoul(begin, &end, 10);
  if (end == begin) return InvalidSyntax(type, text);
  if (errno == ERANGE) return NumberOutOfRange(text, type);
  if (!Trimmed(std::string_view(end, static_cast<size_t>(begin + whole.size() - end))).empty()) {
    return InvalidSyntax(type, text);
  }
  // A 64-bit unsigned long: what is negative must be so as a 32-bit number too.
  const auto narrow = static_cast<uint32_t>(value);
  if (value != narrow && value != static_cast<unsigned long>(static_cast<long>(static_cast<int32_t>(narrow)))) {
    return NumberOutOfRange(text, type);
  }
  return narrow;
}

uint32_t ReadXid(std::string_view text) {
  return static_cast<uint32_t>(std::strtoul(std::string(text).c_str(), nullptr, 0));
}
uint64_t ReadXid8(std::string_view text) { return std::strtoull(std::string(text).c_str(), nullptr, 0); }

Result<float> ReadFloat(std::string_view text) { return ReadFloating<float>(text); }
Result<double> ReadDouble(std::string_view text) { return ReadFloating<double>(text); }

void AppendDouble(double value, int extra_digits, std::string* out) { AppendFloating(value, extra_digits, out); }
void AppendFloat(float value, int extra_digits, std::string* out) { AppendFloating(value, extra_digits, out); }

}  // namespace weir::postgres
