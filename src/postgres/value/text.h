#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// What the readers and writers of values share.

/// C's isspace, whatever the locale.
constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool IsLetter(char c) { return ToLower(c) >= 'a' && ToLower(c) <= 'z'; }
/// 0 to 15; -1 of another character.
constexpr int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string_view WithoutLeadingSpace(std::string_view text);
std::string_view Trimmed(std::string_view text);
/// `lower` is written in small letters.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower);
std::string Lowered(std::string_view text);

void AppendInteger(int64_t value, std::string* out);
void AppendUnsigned(uint64_t value, std::string* out);
/// At least `width` digits.
void AppendPadded(int64_t value, size_t width, std::string* out);
/// Two digits a byte, small letters.
void AppendHex(std::string_view bytes, std::string* out);

/// 22P02 `invalid input syntax for type TYPE: "TEXT"`.
Status InvalidSyntax(std::string_view type, std::string_view text);
/// 08P01 for a binary form that ends too early.
Status TooFewBytes();
/// 22P03 for a binary form that goes on after the value's end.
Status TooManyBytes();

/// Bytes of the UTF-8 character that `text` begins with; 0 when it is none. A zero byte is none.
size_t CharacterBytes(std::string_view text);
/// The same, or 1 where the text begins with no character.
inline size_t CharacterLength(std::string_view text) { return std::max<size_t>(1, CharacterBytes(text)); }
/// Characters of valid UTF-8.
size_t CountCharacters(std::string_view text);
/// Bytes of the first `count` characters; all where there are fewer.
size_t PrefixBytes(std::string_view text, size_t count);
/// 22021 unless `text` is UTF-8 without a zero byte.
Status CheckUtf8(std::string_view text);

}  // namespace weir::postgres
