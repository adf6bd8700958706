#pragma once

#include <cstdint>

namespace weir::postgres {

/// The proleptic Gregorian calendar on Julian day numbers; year 0 is 1 BC.

constexpr bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

struct CivilDate {
  int64_t year = 0;
  int month = 1;
  int day = 1;
};

/// Days since 1970-01-01.
constexpr int64_t DaysOf(const CivilDate& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

constexpr CivilDate DateOf(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t of_era = days - era * 146097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t shifted = (5 * of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year + era * 400 + (month <= 2 ? 1 : 0), month, static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1)};
}

inline constexpr int64_t kUnixEpochJulian = 2440588;

constexpr int64_t JulianOf(const CivilDate& date) { return DaysOf(date) + kUnixEpochJulian; }
constexpr CivilDate DateOfJulian(int64_t julian) { return DateOf(julian - kUnixEpochJulian); }

/// 0 is Sunday.
constexpr int DayOfWeek(int64_t days) {
  const int64_t day = (days + 4) % 7;
  return static_cast<int>(day < 0 ? day + 7 : day);
}
/// 1 is January 1st.
constexpr int DayOfYear(const CivilDate& date) {
  return static_cast<int>(DaysOf(date) - DaysOf({date.year, 1, 1}) + 1);
}
/// The Monday that an ISO week begins with, in days since 1970.
constexpr int64_t IsoWeekStart(int64_t iso_year, int week) {
  const int64_t fourth = DaysOf({iso_year, 1, 4});
  return fourth - (DayOfWeek(fourth) + 6) % 7 + (week - 1) * 7;
}
constexpr int64_t IsoYear(const CivilDate& date) {
  const int64_t days = DaysOf(date);
  if (days >= IsoWeekStart(date.year + 1, 1)) return date.year + 1;
  return days < IsoWeekStart(date.year, 1) ? date.year - 1 : date.year;
}
constexpr int IsoWeek(const CivilDate& date) {
  return static_cast<int>((DaysOf(date) - IsoWeekStart(IsoYear(date), 1)) / 7 + 1);
}
constexpr int IsoDayOfYear(const CivilDate& date) {
  return static_cast<int>(DaysOf(date) - IsoWeekStart(IsoYear(date), 1) + 1);
}

}  // namespace weir::postgres
