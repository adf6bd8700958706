#include "postgres/value/character.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/error.h"
#include "postgres/type.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

/// Cut to `length` characters, or the error of an assignment.
Result<std::string_view> Cut(std::string_view text, int32_t length, bool is_explicit, std::string_view type) {
  const size_t kept = PrefixBytes(text, static_cast<size_t>(length));
  if (!is_explicit && text.find_first_not_of(' ', kept) != std::string_view::npos) {
    return Error("22001", fmt::format("value too long for type {}({})", type, length));
  }
  return text.substr(0, kept);
}

}  // namespace

Result<std::string> ApplyVarcharModifier(std::string_view text, int32_t modifier, bool is_explicit) {
  const std::optional<int32_t> length = UnpackLength(modifier);
  if (!length) return std::string(text);
  WEIR_ASSIGN_OR_RETURN(const std::string_view cut, Cut(text, *length, is_explicit, "character varying"));
  return std::string(cut);
}

Result<std::string> ApplyBpcharModifier(std::string_view text, int32_t modifier, bool is_explicit) {
  const std::optional<int32_t> length = UnpackLength(modifier);
  if (!length) return std::string(text);
  WEIR_ASSIGN_OR_RETURN(const std::string_view cut, Cut(text, *length, is_explicit, "character"));
  std::string filled(cut);
  filled.append(static_cast<size_t>(*length) - CountCharacters(cut), ' ');
  return filled;
}

std::string_view WithoutTrailingBlanks(std::string_view text) {
  const size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view Clipped(std::string_view text, size_t bytes) {
  while (bytes > 0 && bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string_view CutToName(std::string_view text) {
  constexpr size_t kMostBytes = 63;
  return Clipped(text, kMostBytes);
}

char ReadChar(std::string_view text) {
  const auto octal = [&](size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  if (text.size() == 4 && text[0] == '\\' && octal(1) && octal(2) && octal(3)) {
    return static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
  }
  return text.empty() ? '\0' : text[0];
}

void AppendChar(char value, std::string* out) {
  if (static_cast<uint8_t>(value) >= 0x80)
    fmt::format_to(std::back_inserter(*out), "\\{:03o}", static_cast<uint8_t>(value));
  else if (value != '\0') out->push_back(value);
}

}  // namespace weir::postgres
