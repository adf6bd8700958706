#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

/// PostgreSQL's interval: three parts that each have a sign.
struct Interval {
  int32_t months = 0;
  int32_t days = 0;
  int64_t microseconds = 0;

  /// As if a month had 30 days and a day 24 hours: '1 day' equals '24 hours'.
  std::strong_ordering operator<=>(const Interval& other) const;
  bool operator==(const Interval& other) const { return (*this <=> other) == std::strong_ordering::equal; }
};

/// How long it is in microseconds, as if a month had 30 days and a day 24 hours.
__int128 SpanOf(const Interval& value);

/// Every input style: units, "1-2 3 04:05:06", ISO 8601. `modifier` (type.h, UnpackInterval) says what a number without
/// a unit is, and what is cut off. Errors: 22007, 22008 and 22015 for what is too large.
Result<Interval> ReadInterval(std::string_view text, int32_t modifier, const Settings& settings);
void AppendInterval(const Interval& value, IntervalStyle style, std::string* out);
/// Microseconds, days, months.
Result<Interval> ReadIntervalBinary(std::string_view bytes);
void AppendIntervalBinary(const Interval& value, std::string* out);

/// Cuts to the fields and rounds to the digits that the modifier declares.
Interval ApplyIntervalModifier(Interval value, int32_t modifier);

}  // namespace weir::postgres
