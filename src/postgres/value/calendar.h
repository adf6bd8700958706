#pragma once

#include <cstdint>

namespace weir::postgres {

inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kMicrosPerSecond = 1'000'000;  // in microseconds, as all that follow
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kDaysTo2000 = 10'957;  // from 1970
inline constexpr int64_t kJulianDayOf1970 = 2'440'588;

/// A day of the Gregorian calendar, also before it was in use; the year 0 is 1 BC.
struct CivilDate {
  int64_t year = 0;
  int month = 0;
  int day = 0;
};

/// Of a day since 1970.
CivilDate CivilOf(int64_t days);
/// Days since 1970. The month is 1 to 12; the day may lie outside of it.
int64_t DaysOf(int64_t year, int month, int day);
bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);
/// 0 Sunday to 6 Saturday.
int WeekdayOf(int64_t days);
/// Rounded towards minus infinity.
constexpr int64_t FloorQuotient(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace weir::postgres
