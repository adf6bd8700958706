#include <fmt/format.h>

#include <algorithm>

#include "postgres/compute/strings.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr std::string_view kBase64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64LineLength = 76;

std::string ToBase64(std::string_view bytes) {
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kBase64Letters[group >> (18 - 6 * k) & 0x3F];
    line += 4;
    if (line >= kBase64LineLength && i + 3 <= bytes.size()) {
      out += '\n';
      line = 0;
    }
  }
  return out;
}

// As PostgreSQL reads it: digits may follow the = that says how many bytes the last group has.
Result<std::string> OfBase64(std::string_view text) {
  std::string out;
  uint32_t group = 0;
  int filled = 0;
  int bytes = 3;  // of a group
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    size_t digit = kBase64Letters.find(c);
    if (c == '=') {
      if (bytes == 3 && filled != 2 && filled != 3) {
        return Error(sqlstate::kInvalidParameterValue, "unexpected \"=\" while decoding base64 sequence");
      }
      if (bytes == 3) bytes = filled - 1;
      digit = 0;
    }
    if (digit == std::string_view::npos) {
      return Error(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid symbol \"{}\" found while decoding base64 sequence", c));
    }
    group = group << 6 | static_cast<uint32_t>(digit);
    if (++filled < 4) continue;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(group >> (16 - 8 * i) & 0xFF);
    group = 0;
    filled = 0;
  }
  if (filled == 0) return out;
  return Error(sqlstate::kInvalidParameterValue, "invalid base64 end sequence",
               {.hint = "Input data is missing padding, is truncated, or is otherwise corrupted."});
}

Result<std::string> OfHex(std::string_view text) {
  std::string out;
  int high = -1;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (high < 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) continue;
    const int digit = HexDigit(c);
    if (digit < 0) {
      const std::string_view shown = text.substr(at, std::max<size_t>(1, CharacterBytes(text.substr(at))));
      return Error(sqlstate::kInvalidParameterValue, fmt::format("invalid hexadecimal digit: \"{}\"", shown));
    }
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  if (high < 0) return out;
  return Error(sqlstate::kInvalidParameterValue, "invalid hexadecimal data: odd number of digits");
}

std::string ToEscape(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (byte == 0 || byte >= 0x80) {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> OfEscape(std::string_view text) {
  const auto octal = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
    } else if (octal(at + 1) && text[at + 1] <= '3' && octal(at + 2) && octal(at + 3)) {
      out += static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0'));
      at += 4;
    } else if (text.substr(at + 1, 1) == "\\") {
      out += '\\';
      at += 2;
    } else {
      return Error(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  return out;
}

enum class Form { kHex, kBase64, kEscape };
Result<Form> FormOf(std::string_view name) {
  if (EqualsIgnoringCase(name, "hex")) return Form::kHex;
  if (EqualsIgnoringCase(name, "base64")) return Form::kBase64;
  if (EqualsIgnoringCase(name, "escape")) return Form::kEscape;
  return Error(sqlstate::kInvalidParameterValue, fmt::format("unrecognized encoding: \"{}\"", name));
}

Status OutOfRange(int64_t index, int64_t size) {
  return Error(sqlstate::kArraySubscriptError, fmt::format("index {} out of valid range, 0..{}", index, size - 1));
}

}  // namespace

Result<std::string> Encode(std::string_view bytes, std::string_view name) {
  WEIR_ASSIGN_OR_RETURN(Form form, FormOf(name));
  switch (form) {
    case Form::kHex: {
      std::string out;
      AppendHex(bytes, &out);
      return out;
    }
    case Form::kBase64: return ToBase64(bytes);
    case Form::kEscape: return ToEscape(bytes);
  }
  return std::string();
}

Result<std::string> Decode(std::string_view text, std::string_view name) {
  WEIR_ASSIGN_OR_RETURN(Form form, FormOf(name));
  switch (form) {
    case Form::kHex: return OfHex(text);
    case Form::kBase64: return OfBase64(text);
    case Form::kEscape: return OfEscape(text);
  }
  return std::string();
}

Result<int32_t> GetBit(std::string_view bytes, int64_t bit) {
  const auto bits = static_cast<int64_t>(bytes.size()) * 8;
  if (bit < 0 || bit >= bits) return OutOfRange(bit, bits);
  return static_cast<unsigned char>(bytes[static_cast<size_t>(bit / 8)]) >> (bit % 8) & 1;
}

Result<std::string> SetBit(std::string_view bytes, int64_t bit, int32_t value) {
  const auto bits = static_cast<int64_t>(bytes.size()) * 8;
  if (bit < 0 || bit >= bits) return OutOfRange(bit, bits);
  if (value != 0 && value != 1) return Error(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  std::string out(bytes);
  char& byte = out[static_cast<size_t>(bit / 8)];
  const auto mask = static_cast<char>(1 << (bit % 8));
  byte = static_cast<char>(value == 1 ? byte | mask : byte & ~mask);
  return out;
}

Result<int32_t> GetByte(std::string_view bytes, int32_t at) {
  if (at < 0 || static_cast<size_t>(at) >= bytes.size()) return OutOfRange(at, static_cast<int64_t>(bytes.size()));
  return static_cast<unsigned char>(bytes[static_cast<size_t>(at)]);
}

Result<std::string> SetByte(std::string_view bytes, int32_t at, int32_t value) {
  if (at < 0 || static_cast<size_t>(at) >= bytes.size()) return OutOfRange(at, static_cast<int64_t>(bytes.size()));
  std::string out(bytes);
  out[static_cast<size_t>(at)] = static_cast<char>(value);
  return out;
}

Result<std::string_view> SubstringOfBytes(std::string_view bytes, int32_t start, std::optional<int32_t> length) {
  if (length && *length < 0) return Error(sqlstate::kSubstringError, "negative substring length not allowed");
  const auto size = static_cast<int64_t>(bytes.size());
  const int64_t begin = std::clamp<int64_t>(static_cast<int64_t>(start) - 1, 0, size);
  const int64_t end = length ? std::clamp<int64_t>(static_cast<int64_t>(start) - 1 + *length, begin, size) : size;
  return bytes.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

Result<std::string> OverlayBytes(std::string_view bytes, std::string_view replacement, int32_t start,
                                 std::optional<int32_t> length) {
  if (start <= 0) return Error(sqlstate::kSubstringError, "negative substring length not allowed");
  const int64_t after = static_cast<int64_t>(start) + (length ? *length : static_cast<int64_t>(replacement.size()));
  if (after > INT32_MAX) return Error(sqlstate::kNumericValueOutOfRange, "integer out of range");
  WEIR_ASSIGN_OR_RETURN(std::string_view before, SubstringOfBytes(bytes, 1, start - 1));
  WEIR_ASSIGN_OR_RETURN(std::string_view rest, SubstringOfBytes(bytes, static_cast<int32_t>(after), std::nullopt));
  return std::string(before) + std::string(replacement) + std::string(rest);
}

int32_t PositionOfBytes(std::string_view bytes, std::string_view part) {
  const size_t at = bytes.find(part);
  return at == std::string_view::npos ? 0 : static_cast<int32_t>(at + 1);
}

std::string_view TrimBytesLeft(std::string_view bytes, std::string_view set) {
  const size_t kept = bytes.find_first_not_of(set);
  return kept == std::string_view::npos ? std::string_view() : bytes.substr(kept);
}

std::string_view TrimBytesRight(std::string_view bytes, std::string_view set) {
  const size_t last = bytes.find_last_not_of(set);
  return last == std::string_view::npos ? std::string_view() : bytes.substr(0, last + 1);
}

}  // namespace weir::postgres
