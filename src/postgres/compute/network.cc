#include "postgres/compute/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "postgres/error.h"

namespace weir::postgres {
namespace {

using Unsigned128 = unsigned __int128;

Unsigned128 AddressNumber(const Inet& value) {
  Unsigned128 number = 0;
  for (size_t i = 0; i < value.size(); ++i) number = number << 8 | value.address[i];
  return number;
}

void SetNumber(Unsigned128 number, Inet* value) {
  for (size_t i = value->size(); i-- > 0; number >>= 8) value->address[i] = static_cast<uint8_t>(number);
}

/// The highest number of the family.
Unsigned128 LargestOf(const Inet& value) { return value.v6 ? ~Unsigned128{0} : Unsigned128{0xFFFFFFFF}; }

/// Ones for the bits behind the prefix.
Unsigned128 HostBits(const Inet& value, int prefix) {
  const int host = value.most_bits() - prefix;
  if (host == 128) return ~Unsigned128{0};
  return (Unsigned128{1} << host) - 1;
}

Inet Changed(Inet value, Unsigned128 number) {
  SetNumber(number, &value);
  return value;
}

int CommonBits(const Inet& a, const Inet& b, int most) {
  int bits = 0;
  while (bits < most) {
    const auto bit = [&](const Inet& value) { return value.address[bits / 8] >> (7 - bits % 8) & 1; };
    if (bit(a) != bit(b)) break;
    ++bits;
  }
  return bits;
}

Status DifferentFamilies(const char* what) {
  return Error("22023", fmt::format("cannot {} inet values of different sizes", what));
}

Status AddressOutOfRange() { return Error("22003", "result is out of range"); }

std::string AbbreviatedV4(const Inet& network) {
  const int octets = std::max((network.prefix + 7) / 8, 1);
  std::string text = std::to_string(network.address[0]);
  for (int i = 1; i < octets; ++i) text += fmt::format(".{}", network.address[i]);
  return text;
}

/// The longest run of groups that are zero.
struct Zeros {
  int begin = 0;
  int count = 0;
};
Zeros LongestZeros(const Inet& network, int groups) {
  Zeros longest, run;
  for (int i = 0; i < groups; ++i) {
    if (network.address[2 * i] != 0 || network.address[2 * i + 1] != 0) {
      run = {};
      continue;
    }
    if (run.count == 0) run.begin = i;
    ++run.count;
    if (run.count > longest.count) longest = run;
  }
  return longest;
}

bool EndsAsV4(const Inet& network, const Zeros& zeros, int groups) {
  const auto& a = network.address;
  if (zeros.count == groups || zeros.begin != 0) return false;
  return zeros.count == 6 || (zeros.count == 5 && a[10] == 0xFF && a[11] == 0xFF) ||
         (zeros.count == 7 && a[14] != 0 && a[15] != 1);
}

std::string AbbreviatedV6(const Inet& network) {
  if (network.prefix == 0) return "::";
  const int groups = std::max((network.prefix + 15) / 16, 2);
  const Zeros zeros = LongestZeros(network, groups);
  const bool v4 = EndsAsV4(network, zeros, groups);
  std::string text;
  for (int i = 0; i < groups; ++i) {
    const uint8_t high = network.address[2 * i];
    const uint8_t low = network.address[2 * i + 1];
    if (zeros.count > 0 && i >= zeros.begin && i < zeros.begin + zeros.count) {
      if (i == zeros.begin) text += ':';
      if (i == groups - 1) text += ':';
    } else if (v4 && i > 5) {
      text += fmt::format("{}{}", i == 6 ? ':' : '.', high);
      if (i != 7 || network.prefix > 120) text += fmt::format(".{}", low);
    } else {
      if (!text.empty()) text += ':';
      text += fmt::format("{:x}", high * 256 + low);
    }
  }
  return text;
}

}  // namespace

Inet NetworkOf(Inet value) { return Changed(value, AddressNumber(value) & ~HostBits(value, value.prefix)); }
Inet BroadcastOf(Inet value) { return Changed(value, AddressNumber(value) | HostBits(value, value.prefix)); }

Inet NetmaskOf(const Inet& value) {
  Inet mask{.v6 = value.v6, .prefix = value.most_bits()};
  return Changed(mask, LargestOf(value) & ~HostBits(value, value.prefix));
}

Inet HostmaskOf(const Inet& value) {
  Inet mask{.v6 = value.v6, .prefix = value.most_bits()};
  return Changed(mask, HostBits(value, value.prefix));
}

std::string HostText(const Inet& value) {
  Inet address = value;
  address.prefix = address.most_bits();
  std::string text;
  AppendInet(address, false, &text);
  return text;
}

std::string InetText(const Inet& value) { return fmt::format("{}/{}", HostText(value), value.prefix); }

std::string AbbreviatedCidr(const Inet& value) {
  const Inet network = NetworkOf(value);
  return fmt::format("{}/{}", value.v6 ? AbbreviatedV6(network) : AbbreviatedV4(network), value.prefix);
}

Result<Inet> WithMask(Inet value, int32_t length) {
  if (length == -1) length = value.most_bits();
  if (length < 0 || length > value.most_bits()) return Error("22023", fmt::format("invalid mask length: {}", length));
  value.prefix = static_cast<uint8_t>(length);
  return value;
}

Result<Inet> Merged(const Inet& a, const Inet& b) {
  if (a.v6 != b.v6) return Error("22023", "cannot merge addresses from different families");
  Inet merged = a;
  merged.prefix = static_cast<uint8_t>(CommonBits(a, b, std::min(a.prefix, b.prefix)));
  return NetworkOf(merged);
}

bool HasOrIs(const Inet& whole, const Inet& part) {
  return whole.v6 == part.v6 && part.prefix >= whole.prefix && CommonBits(whole, part, whole.prefix) == whole.prefix;
}
bool HasInside(const Inet& whole, const Inet& part) { return HasOrIs(whole, part) && part.prefix > whole.prefix; }
bool Overlap(const Inet& a, const Inet& b) { return HasOrIs(a, b) || HasOrIs(b, a); }

Inet NotOf(Inet value) { return Changed(value, ~AddressNumber(value)); }

Result<Inet> AndOf(const Inet& a, const Inet& b) {
  if (a.v6 != b.v6) return DifferentFamilies("AND");
  Inet both{.v6 = a.v6, .prefix = std::max(a.prefix, b.prefix)};
  return Changed(both, AddressNumber(a) & AddressNumber(b));
}

Result<Inet> OrOf(const Inet& a, const Inet& b) {
  if (a.v6 != b.v6) return DifferentFamilies("OR");
  Inet either{.v6 = a.v6, .prefix = std::max(a.prefix, b.prefix)};
  return Changed(either, AddressNumber(a) | AddressNumber(b));
}

Result<Inet> Plus(const Inet& value, int64_t addend) {
  const Unsigned128 number = AddressNumber(value);
  if (addend >= 0) {
    if (LargestOf(value) - number < static_cast<Unsigned128>(addend)) return AddressOutOfRange();
    return Changed(value, number + static_cast<Unsigned128>(addend));
  }
  const auto subtrahend = static_cast<Unsigned128>(-static_cast<__int128>(addend));
  if (number < subtrahend) return AddressOutOfRange();
  return Changed(value, number - subtrahend);
}

Result<Inet> MinusOf(const Inet& value, int64_t subtrahend) {
  return Plus(value, static_cast<int64_t>(-static_cast<uint64_t>(subtrahend)));  // the least one stays itself
}

Result<int64_t> DistanceOf(const Inet& a, const Inet& b) {
  if (a.v6 != b.v6) return DifferentFamilies("subtract");
  const Unsigned128 left = AddressNumber(a);
  const Unsigned128 right = AddressNumber(b);
  const Unsigned128 distance = left >= right ? left - right : right - left;
  const Unsigned128 most = Unsigned128{INT64_MAX} + (left >= right ? 0 : 1);
  if (distance > most) return AddressOutOfRange();
  const auto signed_distance = static_cast<__int128>(distance);
  return static_cast<int64_t>(left >= right ? signed_distance : -signed_distance);
}

MacAddress8 WideMac(const MacAddress& value) {
  return {value[0], value[1], value[2], 0xFF, 0xFE, value[3], value[4], value[5]};
}

Result<MacAddress> NarrowMac(const MacAddress8& value) {
  if (value[3] != 0xFF || value[4] != 0xFE) {
    return Error("22003", "macaddr8 data out of range to convert to macaddr",
                 {.hint = "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for "
                          "example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr."});
  }
  return MacAddress{value[0], value[1], value[2], value[5], value[6], value[7]};
}

}  // namespace weir::postgres
