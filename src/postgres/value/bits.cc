#include "postgres/value/bits.h"

#include <fmt/format.h>

#include <utility>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr int64_t kMostBits = 0x7ffffff8;

size_t BytesFor(int64_t bits) { return static_cast<size_t>((bits + 7) / 8); }

Status CheckLength(int64_t length, int32_t modifier, bool varying) {
  if (modifier <= 0) return Status::OK();
  if (varying && length > modifier) {
    return Error("22001", fmt::format("bit string too long for type bit varying({})", modifier));
  }
  if (!varying && length != modifier) {
    return Error("22026", fmt::format("bit string length {} does not match type bit({})", length, modifier));
  }
  return Status::OK();
}

Status BadDigit(std::string_view at, std::string_view kind) {
  return Error("22P02", fmt::format("\"{}\" is not a valid {} digit", at.substr(0, PrefixBytes(at, 1)), kind));
}

}  // namespace

std::strong_ordering Bits::operator<=>(const Bits& other) const {
  const auto order = bytes.compare(other.bytes);
  if (order != 0) return order <=> 0;
  return length <=> other.length;
}

Result<Bits> ReadBits(std::string_view text, int32_t modifier, bool varying) {
  const bool hexadecimal = text.starts_with('x') || text.starts_with('X');
  const bool marked = hexadecimal || text.starts_with('b') || text.starts_with('B');
  const std::string_view digits = text.substr(marked ? 1 : 0);
  const int64_t length = static_cast<int64_t>(digits.size()) * (hexadecimal ? 4 : 1);
  if (length > kMostBits)
    return Error("54000", fmt::format("bit string length exceeds the maximum allowed ({})", kMostBits));
  WEIR_RETURN_NOT_OK(CheckLength(length, modifier, varying));
  Bits value{.length = static_cast<int32_t>(length), .bytes = std::string(BytesFor(length), '\0')};
  for (size_t i = 0; i < digits.size(); ++i) {
    if (hexadecimal) {
      const int digit = HexDigit(digits[i]);
      if (digit < 0) return BadDigit(digits.substr(i), "hexadecimal");
      value.bytes[i / 2] = static_cast<char>(value.bytes[i / 2] | digit << (i % 2 == 0 ? 4 : 0));
    } else {
      if (digits[i] != '0' && digits[i] != '1') return BadDigit(digits.substr(i), "binary");
      value.bytes[i / 8] = static_cast<char>(value.bytes[i / 8] | (digits[i] - '0') << (7 - i % 8));
    }
  }
  return value;
}

void AppendBits(const Bits& value, std::string* out) {
  for (size_t i = 0; i < static_cast<size_t>(value.length); ++i) {
    out->push_back(static_cast<char>('0' + (value.bytes[i / 8] >> (7 - i % 8) & 1)));
  }
}

Result<Bits> ReadBitsBinary(std::string_view bytes, int32_t modifier, bool varying) {
  if (bytes.size() < sizeof(int32_t)) return TooFewBytes();
  const auto length = LoadBigEndian<int32_t>(bytes);
  bytes.remove_prefix(sizeof(int32_t));
  if (length < 0 || length > kMostBits) return Error("22P03", "invalid length in external bit string");
  WEIR_RETURN_NOT_OK(CheckLength(length, modifier, varying));
  const size_t size = BytesFor(length);
  if (bytes.size() != size) return bytes.size() < size ? TooFewBytes() : TooManyBytes();
  Bits value{.length = length, .bytes = std::string(bytes)};
  if (length % 8 != 0) value.bytes.back() = static_cast<char>(value.bytes.back() & (0xff << (8 - length % 8)));
  return value;
}

void AppendBitsBinary(const Bits& value, std::string* out) {
  AppendBigEndian(value.length, out);
  *out += value.bytes;
}

Result<Bits> ApplyBitsModifier(Bits value, int32_t modifier, bool varying, bool is_explicit) {
  if (modifier <= 0 || value.length == modifier || (varying && value.length < modifier)) return value;
  if (!is_explicit) WEIR_RETURN_NOT_OK(CheckLength(value.length, modifier, varying));
  value.length = modifier;
  value.bytes.resize(BytesFor(modifier), '\0');
  if (modifier % 8 != 0) value.bytes.back() = static_cast<char>(value.bytes.back() & (0xff << (8 - modifier % 8)));
  return value;
}

}  // namespace weir::postgres
