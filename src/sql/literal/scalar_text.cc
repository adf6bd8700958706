#include "sql/literal/scalar_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "sql/error.h"
#include "sql/literal/characters.h"

namespace weir::sql {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

bool BeginsWord(std::string_view text, std::string_view word, size_t at_least) {
  if (text.size() < at_least || text.size() > word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (Lower(text[i]) != word[i]) return false;
  }
  return true;
}

Status NoValue(std::string_view type, std::string_view text) {
  return Error("22P02", fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

Status OutOfRange(std::string_view type, std::string_view text) {
  return Error("22003", fmt::format("value \"{}\" is out of range for type {}", text, type));
}

template <typename Number>
Result<Number> ReadFloating(std::string_view text, std::string_view type) {
  std::string_view digits = Trimmed(text);
  const bool plus = digits.starts_with('+');
  if (plus) digits.remove_prefix(1);
  const std::string_view size = digits.starts_with('-') ? digits.substr(1) : digits;
  const bool word = BeginsWord(size, "infinity", 8) || BeginsWord(size, "inf", 3) || BeginsWord(size, "nan", 3);
  const bool number = !size.empty() && (size[0] == '.' || (size[0] >= '0' && size[0] <= '9'));
  if (!word && (!number || (plus && digits != size))) return NoValue(type, text);
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) return NoValue(type, text);
  if (error == std::errc::result_out_of_range) {
    return Error("22003", fmt::format("\"{}\" is out of range for type {}", Trimmed(text), type));
  }
  return value;
}

constexpr int kMaxDigits = 38;

/// The parts of a number's text: digits, the power of ten of the last one, and the sign.
struct Digits {
  std::string digits;
  int64_t exponent = 0;
  bool negative = false;
};

std::optional<Digits> DigitsOf(std::string_view text) {
  Digits read;
  if (text.starts_with('-') || text.starts_with('+')) {
    read.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  bool point = false;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c >= '0' && c <= '9') {
      read.digits.push_back(c);
      read.exponent -= point;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (read.digits.empty()) return std::nullopt;
  if (at == text.size()) return read;
  if (Lower(text[at]) != 'e') return std::nullopt;
  text.remove_prefix(at + 1);
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  int32_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  read.exponent += exponent;
  return read;
}

/// In units of 10^-scale; nothing when it has more than `precision` digits.
std::optional<ScaledDecimal> Scaled(const Digits& number, int precision, int scale) {
  ScaledDecimal result;
  size_t first = number.digits.find_first_not_of('0');
  if (first == std::string::npos) return result;
  const auto count = static_cast<int64_t>(number.digits.size() - first);
  const int64_t kept = count + number.exponent + scale;  // digits of the result
  if (kept > precision) return std::nullopt;
  const int64_t taken = std::min(std::max<int64_t>(kept, 0), count);
  for (int64_t i = 0; i < taken; ++i) result.unscaled = result.unscaled * 10 + (number.digits[first + i] - '0');
  for (int64_t i = taken; i < kept; ++i) result.unscaled *= 10;
  for (int64_t i = taken; i < count; ++i) result.exact &= number.digits[first + i] == '0';
  if (kept >= 0 && kept < count && number.digits[first + kept] >= '5') ++result.unscaled;
  __int128 limit = 1;
  for (int i = 0; i < precision; ++i) limit *= 10;
  if (result.unscaled >= limit) return std::nullopt;
  if (number.negative) result.unscaled = -result.unscaled;
  return result;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> ReadHexadecimal(std::string_view text) {
  std::string bytes;
  for (size_t at = 2; at < text.size(); at += 2) {
    while (at < text.size() && IsSpace(text[at])) ++at;
    if (at == text.size()) break;
    const int high = HexDigit(text[at]);
    if (high < 0) return Error("22023", fmt::format("invalid hexadecimal digit: \"{}\"", text[at]));
    if (at + 1 == text.size()) return Error("22023", "invalid hexadecimal data: odd number of digits");
    const int low = HexDigit(text[at + 1]);
    if (low < 0) return Error("22023", fmt::format("invalid hexadecimal digit: \"{}\"", text[at + 1]));
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

}  // namespace

Result<bool> ReadBoolean(std::string_view text) {
  const std::string_view word = Trimmed(text);
  if (BeginsWord(word, "true", 1) || BeginsWord(word, "yes", 1) || BeginsWord(word, "on", 2) || word == "1") return true;
  if (BeginsWord(word, "false", 1) || BeginsWord(word, "no", 1) || BeginsWord(word, "off", 2) || word == "0") return false;
  return NoValue("boolean", text);
}

Result<int64_t> ReadInteger(std::string_view text, int bytes, std::string_view type) {
  std::string_view digits = Trimmed(text);
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) return NoValue(type, text);
  const int64_t limit = std::numeric_limits<int64_t>::max() >> (64 - 8 * bytes);
  if (error == std::errc::result_out_of_range || value > limit || value < -limit - 1) return OutOfRange(type, text);
  return value;
}

Result<double> ReadDouble(std::string_view text) { return ReadFloating<double>(text, "double precision"); }
Result<float> ReadFloat(std::string_view text) { return ReadFloating<float>(text, "real"); }

std::string FloatText(double value, bool single) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 64> buffer{};
  const auto write = [&](std::chars_format format) {
    char* begin = buffer.data();
    char* limit = begin + buffer.size();
    const auto written = single ? std::to_chars(begin, limit, static_cast<float>(value), format)
                                : std::to_chars(begin, limit, value, format);
    return std::string(begin, written.ptr);
  };
  std::string text = write(std::chars_format::scientific);
  const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  return exponent >= -4 && exponent < (single ? 6 : 15) ? write(std::chars_format::fixed) : text;
}

Result<ScaledDecimal> ReadDecimal(std::string_view text, int precision, int scale) {
  const std::string_view trimmed = Trimmed(text);
  const std::string_view size =
      trimmed.starts_with('-') || trimmed.starts_with('+') ? trimmed.substr(1) : trimmed;
  if (BeginsWord(size, "nan", 3) || BeginsWord(size, "infinity", 8) || BeginsWord(size, "inf", 3)) {
    return Error("0A000", fmt::format("numeric {} is not supported", trimmed),
                 {.hint = "Use double precision for values that are no numbers."});
  }
  const auto digits = DigitsOf(trimmed);
  if (!digits) return NoValue("numeric", text);
  const auto scaled = Scaled(*digits, std::min(precision, kMaxDigits), scale);
  if (scaled) return *scaled;
  return Error("22003", "numeric field overflow",
               {.detail = fmt::format("A field with precision {}, scale {} must round to an absolute value less than "
                                      "10^{}.", precision, scale, precision - scale)});
}

Result<std::string> ReadBytes(std::string_view text) {
  if (text.starts_with("\\x")) return ReadHexadecimal(text);
  const auto octal = [&](size_t at, char last) { return at < text.size() && text[at] >= '0' && text[at] <= last; };
  std::string bytes;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes.push_back(text[at]);
    } else if (text.substr(at + 1, 1) == "\\") {
      bytes.push_back(text[++at]);
    } else if (octal(at + 1, '3') && octal(at + 2, '7') && octal(at + 3, '7')) {
      bytes.push_back(static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0')));
      at += 3;
    } else {
      return Error("22P02", "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

}  // namespace weir::sql
