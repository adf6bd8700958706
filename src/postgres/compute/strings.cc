#include "postgres/compute/strings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cwctype>

#include "postgres/compute/letters.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kMaxTextBytes = (size_t{1} << 30) - 1;

size_t FirstBytes(std::string_view text) { return std::max<size_t>(1, CharacterBytes(text)); }

uint32_t CodeOf(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  uint32_t code = first & (0x7FU >> character.size());
  for (const char c : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

void AppendCode(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const uint32_t mark = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
  *out += static_cast<char>(mark | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) *out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

bool IsSurrogate(uint32_t code) { return code >= 0xD800 && code < 0xE000; }

std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    characters.push_back(text.substr(0, FirstBytes(text)));
    text.remove_prefix(characters.back().size());
  }
  return characters;
}

bool HasPart(const std::vector<std::string_view>& set, std::string_view character) {
  return std::find(set.begin(), set.end(), character) != set.end();
}

Status TooLarge() { return Error(sqlstate::kProgramLimitExceeded, "requested length too large"); }

// Where `length` units from `start` on lie among `size`: first and behind the last, from 0.
struct Slice {
  int64_t begin;
  int64_t end;
};
Result<Slice> SliceOf(int64_t size, int32_t start, std::optional<int32_t> length) {
  int64_t end = INT64_MAX;
  if (length) {
    if (*length < 0) return Error(sqlstate::kSubstringError, "negative substring length not allowed");
    end = static_cast<int64_t>(start) - 1 + *length;
  }
  const int64_t begin = std::clamp<int64_t>(static_cast<int64_t>(start) - 1, 0, size);
  return Slice{begin, std::clamp<int64_t>(end, begin, size)};
}

}  // namespace

int32_t Ascii(std::string_view text) {
  return text.empty() ? 0 : static_cast<int32_t>(CodeOf(text.substr(0, FirstBytes(text))));
}

Result<std::string> Chr(int64_t code) {
  if (code < 0) return Error(sqlstate::kInvalidParameterValue, "character number must be positive");
  if (code == 0) return Error(sqlstate::kProgramLimitExceeded, "null character not permitted");
  if (code > 0x10FFFF) {
    return Error(sqlstate::kProgramLimitExceeded, fmt::format("requested character too large for encoding: {}", code));
  }
  if (IsSurrogate(static_cast<uint32_t>(code))) {
    return Error(sqlstate::kProgramLimitExceeded, fmt::format("requested character not valid for encoding: {}", code));
  }
  std::string text;
  AppendCode(static_cast<uint32_t>(code), &text);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, FirstBytes(text));
    AppendCode(LowerLetter(CodeOf(character)), &out);
    text.remove_prefix(character.size());
  }
  return out;
}

std::string Initcap(std::string_view text) {
  std::string out;
  bool inside = false;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, FirstBytes(text));
    const uint32_t code = CodeOf(character);
    AppendCode(inside ? LowerLetter(code) : UpperLetter(code), &out);
    inside = IsLetterOrDigit(code);
    text.remove_prefix(character.size());
  }
  return out;
}

namespace {

// So many characters of `fill` repeated.
std::string Filling(std::string_view fill, size_t characters) {
  if (fill.empty()) return {};
  const size_t whole = CountCharacters(fill);
  const std::string_view rest = fill.substr(0, PrefixBytes(fill, characters % whole));
  const size_t size = characters / whole * fill.size();
  std::string out;
  out.reserve(size + rest.size());
  if (size > 0) out += fill;
  while (out.size() < size) out.append(out, 0, std::min(out.size(), size - out.size()));
  return out += rest;
}

}  // namespace

Result<std::string> PadLeft(std::string_view text, int32_t length, std::string_view fill) {
  const auto wanted = static_cast<size_t>(std::max(0, length));
  if (wanted > kMaxTextBytes / 4) return TooLarge();
  const size_t present = CountCharacters(text);
  if (present >= wanted) return std::string(text.substr(0, PrefixBytes(text, wanted)));
  return Filling(fill, wanted - present) + std::string(text);
}

Result<std::string> PadRight(std::string_view text, int32_t length, std::string_view fill) {
  const auto wanted = static_cast<size_t>(std::max(0, length));
  if (wanted > kMaxTextBytes / 4) return TooLarge();
  const size_t present = CountCharacters(text);
  if (present >= wanted) return std::string(text.substr(0, PrefixBytes(text, wanted)));
  return std::string(text) + Filling(fill, wanted - present);
}

std::string_view TrimLeft(std::string_view text, std::string_view set) {
  const auto members = Characters(set);
  while (!text.empty() && HasPart(members, text.substr(0, FirstBytes(text)))) text.remove_prefix(FirstBytes(text));
  return text;
}

std::string_view TrimRight(std::string_view text, std::string_view set) {
  const auto members = Characters(set);
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    if (!HasPart(members, text.substr(last))) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

int32_t Position(std::string_view text, std::string_view part) {
  const size_t at = text.find(part);
  return at == std::string_view::npos ? 0 : static_cast<int32_t>(CountCharacters(text.substr(0, at)) + 1);
}

Result<std::string_view> Substring(std::string_view text, int32_t start, std::optional<int32_t> length) {
  // As many characters as bytes are the most that there can be, so the text need not be counted.
  WEIR_ASSIGN_OR_RETURN(Slice range, SliceOf(static_cast<int64_t>(text.size()), start, length));
  text.remove_prefix(PrefixBytes(text, static_cast<size_t>(range.begin)));
  return text.substr(0, PrefixBytes(text, static_cast<size_t>(range.end - range.begin)));
}

Result<std::string> Overlay(std::string_view text, std::string_view replacement, int32_t start,
                            std::optional<int32_t> length) {
  if (start <= 0) return Error(sqlstate::kSubstringError, "negative substring length not allowed");
  const int64_t size = length ? *length : static_cast<int64_t>(CountCharacters(replacement));
  const int64_t after = static_cast<int64_t>(start) + size;
  if (after > INT32_MAX) return Error(sqlstate::kNumericValueOutOfRange, "integer out of range");
  WEIR_ASSIGN_OR_RETURN(std::string_view before, Substring(text, 1, start - 1));
  WEIR_ASSIGN_OR_RETURN(std::string_view rest, Substring(text, static_cast<int32_t>(after), std::nullopt));
  return std::string(before) + std::string(replacement) + std::string(rest);
}

std::string Reverse(std::string_view text) {
  std::string out(text.size(), '\0');
  for (size_t begin = 0, size = 0; begin < text.size(); begin += size) {
    size = std::min(FirstBytes(text.substr(begin)), text.size() - begin);
    text.copy(&out[text.size() - begin - size], size, begin);
  }
  return out;
}

Result<std::string_view> SplitPart(std::string_view text, std::string_view delimiter, int32_t field) {
  if (field == 0) return Error(sqlstate::kInvalidParameterValue, "field position must not be zero");
  if (text.empty()) return std::string_view();
  if (delimiter.empty()) return field == 1 || field == -1 ? text : std::string_view();
  if (field < 0) {
    for (int64_t left = -static_cast<int64_t>(field);; --left) {
      const size_t at = text.rfind(delimiter);
      if (left == 1) return at == std::string_view::npos ? text : text.substr(at + delimiter.size());
      if (at == std::string_view::npos) return std::string_view();
      text = text.substr(0, at);
    }
  }
  for (; field > 1; --field) {
    const size_t at = text.find(delimiter);
    if (at == std::string_view::npos) return std::string_view();
    text.remove_prefix(at + delimiter.size());
  }
  return text.substr(0, std::min(text.find(delimiter), text.size()));
}

std::string Translate(std::string_view text, std::string_view from, std::string_view to) {
  const auto sources = Characters(from);
  const auto targets = Characters(to);
  std::string out;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, FirstBytes(text));
    text.remove_prefix(character.size());
    const auto found = static_cast<size_t>(std::find(sources.begin(), sources.end(), character) - sources.begin());
    if (found == sources.size()) {
      out += character;
    } else if (found < targets.size()) {
      out += targets[found];
    }
  }
  return out;
}

std::string ToHex(uint64_t value) { return fmt::format("{:x}", value); }

namespace {

// The digits of one Unicode escape, behind its letter; absent where there are too few.
std::optional<uint32_t> EscapeDigits(std::string_view text, size_t count) {
  if (text.size() < count) return std::nullopt;
  uint32_t code = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    code = code << 4 | static_cast<uint32_t>(digit);
  }
  return code;
}

Status InvalidSurrogates() { return Error(sqlstate::kSyntaxError, "invalid Unicode surrogate pair"); }

}  // namespace

Result<std::string> Unistr(std::string_view text) {
  struct Form {
    std::string_view letter;
    size_t digits;
  };
  constexpr Form kForms[] = {{"u", 4}, {"+", 6}, {"U", 8}, {"", 4}};
  std::string out;
  uint32_t high = 0;  // the first half of a surrogate pair
  while (!text.empty()) {
    if (!text.starts_with('\\') || text.starts_with("\\\\")) {
      if (high != 0) return InvalidSurrogates();
      out += text[0];
      text.remove_prefix(text[0] == '\\' ? 2 : 1);
      continue;
    }
    std::optional<uint32_t> code;
    for (const Form& form : kForms) {
      if (code || !text.substr(1).starts_with(form.letter)) continue;
      code = EscapeDigits(text.substr(1 + form.letter.size()), form.digits);
      if (code) text.remove_prefix(1 + form.letter.size() + form.digits);
    }
    if (!code) {
      return Error(sqlstate::kSyntaxError, "invalid Unicode escape",
                   {.hint = "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX."});
    }
    if (*code == 0 || *code > 0x10FFFF) {
      return Error(sqlstate::kInvalidParameterValue, fmt::format("invalid Unicode code point: {:04X}", *code));
    }
    const bool is_low = *code >= 0xDC00 && *code < 0xE000;
    if (is_low != (high != 0)) return InvalidSurrogates();
    if (IsSurrogate(*code) && !is_low) {
      high = *code;
      continue;
    }
    AppendCode(is_low ? 0x10000 + ((high & 0x3FF) << 10) + (*code & 0x3FF) : *code, &out);
    high = 0;
  }
  return high != 0 ? Result<std::string>(InvalidSurrogates()) : Result<std::string>(std::move(out));
}

namespace {

bool StartsIdentifier(char c) { return IsLetter(c) || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0; }

Status NoIdentifier(std::string_view text, std::string detail = {}) {
  return Error(sqlstate::kInvalidParameterValue, fmt::format("string is not a valid identifier: \"{}\"", text),
               {.detail = std::move(detail)});
}

}  // namespace

Result<std::vector<std::string>> ParseIdent(std::string_view text, bool strict) {
  std::vector<std::string> parts;
  std::string_view rest = WithoutLeadingSpace(text);
  bool after_dot = false;
  while (true) {
    std::string part;
    if (rest.starts_with('"')) {
      size_t at = 1;
      for (; at < rest.size(); ++at) {
        if (rest[at] == '"' && (at + 1 == rest.size() || rest[at + 1] != '"')) break;
        if (rest[at] == '"') ++at;
        part += rest[at];
      }
      if (at >= rest.size()) return NoIdentifier(text, "String has unclosed double quotes.");
      if (part.empty()) return NoIdentifier(text, "Quoted identifier must not be empty.");
      rest.remove_prefix(at + 1);
    } else if (!rest.empty() && StartsIdentifier(rest[0])) {
      size_t at = 1;
      while (at < rest.size() && (StartsIdentifier(rest[at]) || IsDigit(rest[at]) || rest[at] == '$')) ++at;
      for (const char c : rest.substr(0, at)) part += ToLower(c);
      rest.remove_prefix(at);
    } else if (rest.starts_with('.')) {
      return NoIdentifier(text, "No valid identifier before \".\".");
    } else {
      return NoIdentifier(text, after_dot ? "No valid identifier after \".\"." : "");
    }
    parts.push_back(std::move(part));
    rest = WithoutLeadingSpace(rest);
    if (rest.starts_with('.')) {
      after_dot = true;
      rest = WithoutLeadingSpace(rest.substr(1));
      continue;
    }
    if (rest.empty() || !strict) return parts;
    return NoIdentifier(text);
  }
}

std::vector<std::optional<std::string>> SplitText(std::string_view text, std::optional<std::string_view> delimiter,
                                                  std::optional<std::string_view> null_text) {
  std::vector<std::optional<std::string>> parts;
  const auto add = [&](std::string_view part) {
    parts.push_back(null_text == part ? std::nullopt : std::optional<std::string>(part));
  };
  if (text.empty()) return parts;
  if (!delimiter) {
    for (const std::string_view character : Characters(text)) add(character);
    return parts;
  }
  if (delimiter->empty()) {
    add(text);
    return parts;
  }
  for (size_t at = text.find(*delimiter); at != std::string_view::npos; at = text.find(*delimiter)) {
    add(text.substr(0, at));
    text.remove_prefix(at + delimiter->size());
  }
  add(text);
  return parts;
}

}  // namespace weir::postgres
