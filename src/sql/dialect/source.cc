#include "sql/dialect/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::sql::dialect {

namespace {

// libpg_query refuses allocations of 1 GiB, and its tokens take a multiple of the text.
constexpr size_t kMaxTextBytes = size_t{256} << 20;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Bytes of the character that starts here; 0: none does.
size_t CharacterLength(std::string_view rest) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || rest.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(rest[i])) return 0;
  }
  const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  const bool surrogate = first == 0xED && at(1) >= 0xA0;
  const bool too_large = first == 0xF4 && at(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

size_t CountCharacters(std::string_view bytes) {
  return static_cast<size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) { return !IsContinuation(c); }));
}

// Where the text stops to be UTF-8; its size: it does not.
size_t FirstBadByte(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const size_t length = CharacterLength(text.substr(i));
    if (length == 0) break;
    i += length;
  }
  return i;
}

}  // namespace

Result<Source> Source::Of(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return Error("54000",
                 fmt::format("a text of {} bytes is too long; at most {} are parsed", text.size(), kMaxTextBytes));
  }
  const size_t bad = std::min(text.find('\0'), FirstBadByte(text));
  if (bad < text.size()) {
    const auto byte = static_cast<unsigned char>(text[bad]);
    return Error("22021", fmt::format("invalid byte sequence for encoding \"UTF8\": 0x{:02x}", byte));
  }
  Source source(text);
  if (CountCharacters(text) == text.size()) return source;
  uint32_t characters = 0;
  for (size_t begin = 0; begin < text.size(); begin += kStride) {
    source.checkpoints_.push_back(characters);
    characters += static_cast<uint32_t>(CountCharacters(text.substr(begin, kStride)));
  }
  source.checkpoints_.push_back(characters);
  return source;
}

int Source::CharactersBefore(size_t byte) const {
  byte = std::min(byte, text_.size());
  if (checkpoints_.empty()) return static_cast<int>(byte);
  const size_t stride = byte / kStride;
  const size_t begin = stride * kStride;
  return static_cast<int>(checkpoints_[stride] + CountCharacters(text_.substr(begin, byte - begin)));
}

}  // namespace weir::sql::dialect
