#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postgres/value/time_zone.h"

namespace weir::postgres {

/// A zone by rules that hold for all years, as the POSIX variable TZ has it: "CET-1CEST,M3.5.0,M10.5.0/3".
struct PosixZone {
  /// When in a year a clock is changed.
  struct Change {
    enum class Kind { kMonthWeekDay, kJulianDay, kDayOfYear } kind = Kind::kMonthWeekDay;
    int month = 0;
    int week = 0;           // 5: the last
    int day = 0;            // of the week from Sunday, or of the year
    int32_t time = 7200;    // seconds of local time
  };

  std::string standard_name;
  int32_t standard_offset = 0;
  std::string daylight_name;  // empty: none
  int32_t daylight_offset = 0;
  Change start;
  Change end;

  bool has_daylight() const { return !daylight_name.empty(); }
  TimeZone::Local At(int64_t utc) const;
};

/// None where the text is no such zone. Without rules, daylight saving time is as in the United States.
std::optional<PosixZone> ParsePosixZone(std::string_view text);

}  // namespace weir::postgres
