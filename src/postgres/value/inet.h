#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// An address of the internet and the bits of its network: inet, and cidr, whose bits right of the network are 0.
struct Inet {
  bool v6 = false;
  uint8_t prefix = 0;                     // bits of the network: up to 32, or 128
  std::array<uint8_t, 16> address = {};  // of a v4 address the first 4

  size_t size() const { return v6 ? 16 : 4; }
  uint8_t most_bits() const { return v6 ? 128 : 32; }
  /// v4 before v6; then the networks' common bits, the shorter network, the address.
  std::strong_ordering operator<=>(const Inet& other) const;
  bool operator==(const Inet&) const = default;
};

/// 22P02 for what is no address, and for a cidr with bits right of its mask.
Result<Inet> ReadInet(std::string_view text, bool cidr);
/// cidr always shows its mask, inet one that is not the whole address.
void AppendInet(const Inet& value, bool cidr, std::string* out);
Result<Inet> ReadInetBinary(std::string_view bytes, bool cidr);
void AppendInetBinary(const Inet& value, bool cidr, std::string* out);

/// Bytes that compare (memcmp) as the values do. XX001 where they are none.
void AppendInetKey(const Inet& value, std::string* out);
Result<Inet> ReadInetKey(std::string_view key);

/// macaddr (6 bytes) and macaddr8 (8 bytes).
using MacAddress = std::array<uint8_t, 6>;
using MacAddress8 = std::array<uint8_t, 8>;
Result<MacAddress> ReadMacAddress(std::string_view text);
Result<MacAddress8> ReadMacAddress8(std::string_view text);
/// "08:00:2b:01:02:03"
void AppendMacAddress(std::string_view bytes, std::string* out);

}  // namespace weir::postgres
