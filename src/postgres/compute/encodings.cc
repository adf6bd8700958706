#include "postgres/compute/encodings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "postgres/compute/sizes.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

/// The characters of bytes from 0x80 on where they are others than Unicode's of that number; "": none.
struct SingleByteEncoding {
  std::string_view name;
  std::array<std::pair<uint8_t, std::string_view>, 32> differing;
};
constexpr std::array kSingleByte = {
    SingleByteEncoding{"LATIN1", {}},
    SingleByteEncoding{"LATIN9", {{
      {0xA4, "€"}, {0xA6, "Š"}, {0xA8, "š"}, {0xB4, "Ž"}, {0xB8, "ž"}, {0xBC, "Œ"},
      {0xBD, "œ"}, {0xBE, "Ÿ"},
    }}},
    SingleByteEncoding{"WIN1252", {{
      {0x80, "€"}, {0x81, ""}, {0x82, "‚"}, {0x83, "ƒ"}, {0x84, "„"}, {0x85, "…"},
      {0x86, "†"}, {0x87, "‡"}, {0x88, "ˆ"}, {0x89, "‰"}, {0x8A, "Š"}, {0x8B, "‹"},
      {0x8C, "Œ"}, {0x8D, ""}, {0x8E, "Ž"}, {0x8F, ""}, {0x90, ""}, {0x91, "‘"},
      {0x92, "’"}, {0x93, "“"}, {0x94, "”"}, {0x95, "•"}, {0x96, "–"}, {0x97, "—"},
      {0x98, "˜"}, {0x99, "™"}, {0x9A, "š"}, {0x9B, "›"}, {0x9C, "œ"}, {0x9D, ""},
      {0x9E, "ž"}, {0x9F, "Ÿ"},
    }}},
};

constexpr std::string_view kUtf8 = "UTF8";
constexpr std::string_view kAscii = "SQL_ASCII";

const SingleByteEncoding* FindSingleByte(std::string_view name) {
  const auto* found = std::ranges::find(kSingleByte, name, &SingleByteEncoding::name);
  return found == kSingleByte.end() ? nullptr : found;
}

/// The encoding's own name.
Result<std::string_view> KnownEncoding(std::string_view name, std::string_view role) {
  const int32_t number = EncodingNumber(name);
  if (number < 0) return Error("22023", fmt::format("invalid {}encoding name \"{}\"", role, name));
  const std::string_view known = EncodingName(number);
  if (known == kUtf8 || known == kAscii || FindSingleByte(known) != nullptr) return known;
  return Error("0A000", fmt::format("encoding \"{}\" is not supported", name));
}

Status NoEquivalent(std::string_view bytes, std::string_view from, std::string_view to) {
  std::string shown;
  for (const char c : bytes) shown += fmt::format("{}0x{:02x}", shown.empty() ? "" : " ", static_cast<uint8_t>(c));
  return Error("22P05",
               fmt::format("character with byte sequence {} in encoding \"{}\" has no equivalent in encoding \"{}\"",
                           shown, from, to));
}

Status CheckNoZero(std::string_view bytes, std::string_view encoding) {
  if (bytes.find('\0') == std::string_view::npos) return Status::OK();
  return Error("22021", fmt::format("invalid byte sequence for encoding \"{}\": 0x00", encoding));
}

/// UTF-8 of a byte; nothing where it stands for no character.
std::optional<std::string> CharacterOf(const SingleByteEncoding& encoding, uint8_t byte) {
  if (byte < 0x80) return std::string(1, static_cast<char>(byte));
  for (const auto& [other, character] : encoding.differing) {
    if (other != byte) continue;
    return character.empty() ? std::nullopt : std::optional<std::string>(character);
  }
  return std::string{static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
}

std::optional<char> ByteOf(const SingleByteEncoding& encoding, std::string_view character) {
  if (character.size() == 1) return character[0];
  for (int byte = 0x80; byte <= 0xFF; ++byte) {
    if (CharacterOf(encoding, static_cast<uint8_t>(byte)) == character) return static_cast<char>(byte);
  }
  return std::nullopt;
}

Result<std::string> FromSingleByte(const SingleByteEncoding& encoding, std::string_view bytes) {
  WEIR_RETURN_NOT_OK(CheckNoZero(bytes, encoding.name));
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto character = CharacterOf(encoding, static_cast<uint8_t>(bytes[i]));
    if (!character) return NoEquivalent(bytes.substr(i, 1), encoding.name, kUtf8);
    text += *character;
  }
  return text;
}

Result<std::string> ToSingleByte(const SingleByteEncoding& encoding, std::string_view text) {
  WEIR_RETURN_NOT_OK(CheckUtf8(text));
  std::string bytes;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterLength(text));
    const auto byte = ByteOf(encoding, character);
    if (!byte) return NoEquivalent(character, kUtf8, encoding.name);
    bytes += *byte;
    text.remove_prefix(character.size());
  }
  return bytes;
}

/// The bytes themselves, if they are some of the encoding.
Result<std::string> Checked(std::string_view bytes, std::string_view encoding) {
  WEIR_RETURN_NOT_OK(encoding == kUtf8 ? CheckUtf8(bytes) : CheckNoZero(bytes, encoding));
  return std::string(bytes);
}

Result<std::string> BetweenKnown(std::string_view bytes, std::string_view from, std::string_view to) {
  if (from == to || to == kAscii) return Checked(bytes, from);
  if (from == kAscii) return Checked(bytes, to);
  if (to == kUtf8) return FromSingleByte(*FindSingleByte(from), bytes);
  if (from == kUtf8) return ToSingleByte(*FindSingleByte(to), bytes);
  return Error("42883",
               fmt::format("default conversion function for encoding \"{}\" to \"{}\" does not exist", from, to));
}

}  // namespace

Result<std::string> TextOfBytes(std::string_view bytes, std::string_view encoding, std::string_view role) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view from, KnownEncoding(encoding, role));
  return BetweenKnown(bytes, from, kUtf8);
}

Result<std::string> BytesOfText(std::string_view text, std::string_view encoding) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view to, KnownEncoding(encoding, "destination "));
  return BetweenKnown(text, kUtf8, to);
}

Result<std::string> ConvertedBytes(std::string_view bytes, std::string_view from, std::string_view to) {
  WEIR_ASSIGN_OR_RETURN(const std::string_view source, KnownEncoding(from, "source "));
  WEIR_ASSIGN_OR_RETURN(const std::string_view destination, KnownEncoding(to, "destination "));
  return BetweenKnown(bytes, source, destination);
}

}  // namespace weir::postgres
