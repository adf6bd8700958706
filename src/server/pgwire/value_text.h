#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/pgwire/time_zone.h"

namespace weir::pgwire {

/// PostgreSQL's text forms (DateStyle ISO, IntervalStyle postgres, bytea_output hex), appended to `out`.

using Int128 = __int128;

void AppendInteger(int64_t value, std::string* out);
void AppendUnsigned(uint64_t value, std::string* out);
/// Shortest text that reads back the same; with `extra_digits` (extra_float_digits) below 1 that
/// many digits more than 15, or 6.
void AppendDouble(double value, int extra_digits, std::string* out);
void AppendFloat(float value, int extra_digits, std::string* out);
/// `value` / 10^`scale`, with `scale` digits after the point.
void AppendDecimal(Int128 value, int scale, std::string* out);
void AppendHexBytes(std::string_view bytes, std::string* out);

/// Days since 1970; INT32_MAX and its negative are the infinities.
void AppendDate(int64_t days, std::string* out);
/// Microseconds since midnight.
void AppendTime(int64_t microseconds, std::string* out);
/// Microseconds since 1970; INT64_MAX and its negative are the infinities.
void AppendTimestamp(int64_t microseconds, std::string* out);
/// The same with the zone's local time and offset. `zone`: null is UTC.
void AppendTimestamptz(int64_t microseconds, const TimeZone* zone, std::string* out);
void AppendInterval(int32_t months, int32_t days, int64_t microseconds, std::string* out);
/// 16 bytes as 8-4-4-4-12 hexadecimal digits.
void AppendUuid(std::string_view bytes, std::string* out);

/// An array's element, in quotes where it needs them.
void AppendArrayElement(std::string_view text, std::string* out);
/// A row value's field, in quotes where it needs them.
void AppendRecordField(std::string_view text, std::string* out);

}  // namespace weir::pgwire
