#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// PostgreSQL's functions on texts (its manual, section 9.4). Texts are valid UTF-8 without zero bytes; positions and
/// lengths count characters, from 1.

/// Code point of the first character; 0 of an empty text.
int32_t Ascii(std::string_view text);
/// Errors: 54000 for 0, negative numbers and what is no character.
Result<std::string> Chr(int64_t code);
/// Every word with a capital first and small letters after it; words are letters and digits.
std::string Initcap(std::string_view text);
/// Cut or filled to `length` characters. 54000 for texts beyond 1 GB.
Result<std::string> PadLeft(std::string_view text, int32_t length, std::string_view fill);
Result<std::string> PadRight(std::string_view text, int32_t length, std::string_view fill);
/// Without the characters of `set` at its ends.
std::string_view TrimLeft(std::string_view text, std::string_view set);
std::string_view TrimRight(std::string_view text, std::string_view set);
/// 0 where `part` is not in it.
int32_t Position(std::string_view text, std::string_view part);
/// Without `length`: to the end. 22011 for a negative length.
Result<std::string_view> Substring(std::string_view text, int32_t start, std::optional<int32_t> length);
/// `length` characters from `start` on are replaced. 22011 for a start before 1.
Result<std::string> Overlay(std::string_view text, std::string_view replacement, int32_t start,
                            std::optional<int32_t> length);
std::string Reverse(std::string_view text);
/// The `field`th part, negative ones from the end. 22023 for 0.
Result<std::string_view> SplitPart(std::string_view text, std::string_view delimiter, int32_t field);
/// Each character of `from` becomes the one at its place in `to`, or nothing.
std::string Translate(std::string_view text, std::string_view from, std::string_view to);
std::string ToHex(uint64_t value);
/// \0041, \u0041, \+000041, \U00000041 and \\. 22023, 42601.
Result<std::string> Unistr(std::string_view text);
/// The parts of a qualified name; `strict`: nothing may follow it. 22023.
Result<std::vector<std::string>> ParseIdent(std::string_view text, bool strict);
/// Parts between delimiters, character by character for no delimiter at all; those that equal `null_text` are absent.
std::vector<std::optional<std::string>> SplitText(std::string_view text, std::optional<std::string_view> delimiter,
                                                  std::optional<std::string_view> null_text);

/// An argument of format(): its text, or NULL.
using FormatArgument = std::optional<std::string_view>;
/// %s, %I, %L, %%, with positions and widths. 22023, 22004 for NULL as an identifier.
Result<std::string> FormatText(std::string_view pattern, std::span<const FormatArgument> arguments);

// Bytes (section 9.5)

/// encode(): "hex", "base64" or "escape". 22023 for another form.
Result<std::string> Encode(std::string_view bytes, std::string_view form);
Result<std::string> Decode(std::string_view text, std::string_view form);
/// Bits count from the lowest of the first byte. 2202E outside of the bytes, 22023 for another bit than 0 and 1.
Result<int32_t> GetBit(std::string_view bytes, int64_t bit);
Result<std::string> SetBit(std::string_view bytes, int64_t bit, int32_t value);
Result<int32_t> GetByte(std::string_view bytes, int32_t at);
Result<std::string> SetByte(std::string_view bytes, int32_t at, int32_t value);
/// As Substring, Overlay and Position, of bytes.
Result<std::string_view> SubstringOfBytes(std::string_view bytes, int32_t start, std::optional<int32_t> length);
Result<std::string> OverlayBytes(std::string_view bytes, std::string_view replacement, int32_t start,
                                 std::optional<int32_t> length);
int32_t PositionOfBytes(std::string_view bytes, std::string_view part);
std::string_view TrimBytesLeft(std::string_view bytes, std::string_view set);
std::string_view TrimBytesRight(std::string_view bytes, std::string_view set);

}  // namespace weir::postgres
