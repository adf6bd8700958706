#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// A bit string: its bits from the highest of the first byte on; the last byte's unused bits are 0.
struct Bits {
  int32_t length = 0;
  std::string bytes;

  /// By the bits, then by the length.
  std::strong_ordering operator<=>(const Bits& other) const;
  bool operator==(const Bits&) const = default;
};

/// Binary digits, or hexadecimal ones behind an "x"; "b" may stand before the binary ones. A length is declared where
/// `modifier` is above 0: of bit(n) exactly (22026), of varbit(n) at most (22001). 22P02 for other digits.
Result<Bits> ReadBits(std::string_view text, int32_t modifier, bool varying);
void AppendBits(const Bits& value, std::string* out);
/// Length in bits, bytes.
Result<Bits> ReadBitsBinary(std::string_view bytes, int32_t modifier, bool varying);
void AppendBitsBinary(const Bits& value, std::string* out);

/// The errors of an assignment to bit(n) or varbit(n); an explicit cast cuts and fills up at the end.
Result<Bits> ApplyBitsModifier(Bits value, int32_t modifier, bool varying, bool is_explicit);

}  // namespace weir::postgres
