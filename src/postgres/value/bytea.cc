#include "postgres/value/bytea.h"

#include <fmt/format.h>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Result<std::string> ReadHex(std::string_view digits) {
  std::string bytes;
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  const auto digit = [&](size_t at) -> Result<int> {
    const int value = HexDigit(digits[at]);
    if (value >= 0) return value;
    const std::string_view character = digits.substr(at, PrefixBytes(digits.substr(at), 1));
    return Error("22023", fmt::format("invalid hexadecimal digit: \"{}\"", character));
  };
  for (size_t at = 0; at < digits.size();) {
    if (is_blank(digits[at])) {
      ++at;
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const int high, digit(at));
    if (++at == digits.size()) return Error("22023", "invalid hexadecimal data: odd number of digits");
    WEIR_ASSIGN_OR_RETURN(const int low, digit(at));
    ++at;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

Result<std::string> ReadEscapes(std::string_view text) {
  std::string bytes;
  const auto octal = [&](size_t at, char most) { return at < text.size() && text[at] >= '0' && text[at] <= most; };
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      bytes.push_back(text[at++]);
    } else if (octal(at + 1, '3') && octal(at + 2, '7') && octal(at + 3, '7')) {
      bytes.push_back(static_cast<char>((text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0')));
      at += 4;
    } else if (at + 1 < text.size() && text[at + 1] == '\\') {
      bytes.push_back('\\');
      at += 2;
    } else {
      return Error("22P02", "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

}  // namespace

Result<std::string> ReadBytea(std::string_view text) {
  return text.starts_with("\\x") ? ReadHex(text.substr(2)) : ReadEscapes(text);
}

void AppendBytea(std::string_view bytes, ByteaOutput output, std::string* out) {
  if (output == ByteaOutput::kHex) {
    *out += "\\x";
    return AppendHex(bytes, out);
  }
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '\\') *out += "\\\\";
    else if (byte < 0x20 || byte > 0x7e) fmt::format_to(std::back_inserter(*out), "\\{:03o}", byte);
    else out->push_back(c);
  }
}

}  // namespace weir::postgres
