#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::sql {

/// What texts without a zone of their own, 'now' and 'today' are read by.
struct Clock {
  int64_t now = 0;           // microseconds since 1970 UTC at which the transaction began
  std::string zone = "UTC";  // the session's
};

inline constexpr int64_t kInfiniteDays = std::numeric_limits<int32_t>::max();
inline constexpr int64_t kInfiniteMicros = std::numeric_limits<int64_t>::max();

// Dates and times as PostgreSQL's input functions read them with DateStyle "ISO, MDY": the ISO forms, 1/5/2024, names
// of months, 20240105, J2451187, AM and PM, BC, abbreviations and names of zones, offsets, epoch, now, today, tomorrow,
// yesterday, infinity. Errors: 22007 for other texts, 22008 for fields and values out of range, 22009 for an offset
// out of range, 22023 for an unknown name of a zone.

/// Days since 1970; -kInfiniteDays, kInfiniteDays.
Result<int64_t> ReadDate(std::string_view text, const Clock& clock);
/// Microseconds since midnight, up to 24:00.
Result<int64_t> ReadTime(std::string_view text, const Clock& clock);
/// Microseconds since 1970 by the clock on the wall; a zone in the text does not count. -kInfiniteMicros, kInfiniteMicros.
Result<int64_t> ReadTimestamp(std::string_view text, const Clock& clock);
/// Microseconds since 1970 UTC; -kInfiniteMicros, kInfiniteMicros.
Result<int64_t> ReadTimestamptz(std::string_view text, const Clock& clock);

}  // namespace weir::sql
