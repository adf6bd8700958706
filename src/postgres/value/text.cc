#include "postgres/value/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "postgres/error.h"

namespace weir::postgres {
namespace {

template <typename T>
void AppendNumber(T value, size_t width, std::string* out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  const auto size = static_cast<size_t>(end - digits);
  if (size < width) out->append(width - size, '0');
  out->append(digits, size);
}

/// The bytes that the first of a character calls for: what an error shows of it.
size_t AnnouncedBytes(char first) {
  const auto byte = static_cast<uint8_t>(first);
  return byte < 0x80 ? 1 : (byte & 0xE0) == 0xC0 ? 2 : (byte & 0xF0) == 0xE0 ? 3 : (byte & 0xF8) == 0xF0 ? 4 : 1;
}

}  // namespace

std::string_view WithoutLeadingSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view Trimmed(std::string_view text) {
  text = WithoutLeadingSpace(text);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return ToLower(a) == b; });
}

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), ToLower);
  return lowered;
}

void AppendInteger(int64_t value, std::string* out) { AppendNumber(value, 0, out); }
void AppendUnsigned(uint64_t value, std::string* out) { AppendNumber(value, 0, out); }
void AppendPadded(int64_t value, size_t width, std::string* out) {
  if (width == 2 && value >= 0 && value < 100) {
    const char digits[] = {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
    out->append(digits, sizeof(digits));
  } else {
    AppendNumber(value, width, out);
  }
}

void AppendHex(std::string_view bytes, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    out->push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out->push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
}

Status InvalidSyntax(std::string_view type, std::string_view text) {
  return Error("22P02", fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

Status TooFewBytes() { return Error("08P01", "insufficient data left in message"); }
Status TooManyBytes() { return Error("22P03", "incorrect binary data format"); }

size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  const bool overlong = first == 0xF0 && byte(1) < 0x90;
  const bool too_large = first > 0xF4 || (first == 0xF4 && byte(1) > 0x8F);
  return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

size_t PrefixBytes(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size() && count > 0; --count) {
    do ++at;
    while (at < text.size() && (text[at] & 0xC0) == 0x80);
  }
  return at;
}

namespace {

// Bytes at the beginning that are ASCII and not zero, as far as eight at a time can tell.
size_t PlainBytes(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighBits = kOnes << 7;
  size_t at = 0;
  for (uint64_t bytes = 0; at + sizeof(bytes) <= text.size(); at += sizeof(bytes)) {
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    if ((((bytes - kOnes) | bytes) & kHighBits) != 0) break;
  }
  return at;
}

}  // namespace

Status CheckUtf8(std::string_view text) {
  while (true) {
    text.remove_prefix(PlainBytes(text));
    if (text.empty()) return Status::OK();
    const size_t size = CharacterBytes(text);
    if (size == 0) {
      std::string bytes;
      for (const char c : text.substr(0, AnnouncedBytes(text[0]))) {
        bytes += fmt::format("{}0x{:02x}", bytes.empty() ? "" : " ", static_cast<uint8_t>(c));
      }
      return Error("22021", fmt::format("invalid byte sequence for encoding \"UTF8\": {}", bytes));
    }
    text.remove_prefix(size);
  }
}

}  // namespace weir::postgres
