#pragma once

#include <cstdint>
#include <string>

#include "postgres/value/inet.h"
#include "weir/status.h"

namespace weir::postgres {

/// Functions of network addresses (PostgreSQL's manual, section 9.12). Results of type cidr have no bits behind their
/// prefix.

Inet NetworkOf(Inet value);
Inet BroadcastOf(Inet value);
Inet NetmaskOf(const Inet& value);
Inet HostmaskOf(const Inet& value);
/// The address alone.
std::string HostText(const Inet& value);
/// The address with its prefix, even where that is the whole address.
std::string InetText(const Inet& value);
/// cidr without the octets, or groups, that its prefix does not reach.
std::string AbbreviatedCidr(const Inet& value);
/// -1: all bits. 22023 for a length that there is not.
Result<Inet> WithMask(Inet value, int32_t length);
/// The smallest network that has both. 22023 for addresses of different families.
Result<Inet> Merged(const Inet& a, const Inet& b);

/// Whether `whole` has `part` in it, its own network too.
bool HasOrIs(const Inet& whole, const Inet& part);
bool HasInside(const Inet& whole, const Inet& part);
bool Overlap(const Inet& a, const Inet& b);

Inet NotOf(Inet value);
/// 22023 for different families.
Result<Inet> AndOf(const Inet& a, const Inet& b);
Result<Inet> OrOf(const Inet& a, const Inet& b);
/// 22003 beyond the family's addresses.
Result<Inet> Plus(const Inet& value, int64_t addend);
Result<Inet> MinusOf(const Inet& value, int64_t subtrahend);
/// 22023 for different families, 22003.
Result<int64_t> DistanceOf(const Inet& a, const Inet& b);

/// FF:FE in the middle.
MacAddress8 WideMac(const MacAddress& value);
/// 22003 where FF:FE is not in the middle.
Result<MacAddress> NarrowMac(const MacAddress8& value);

}  // namespace weir::postgres
