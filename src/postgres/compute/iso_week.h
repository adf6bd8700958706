#pragma once

#include <cstdint>

#include "postgres/value/calendar.h"

namespace weir::postgres {

/// ISO 8601's weeks: each begins on a Monday, and the first one has January 4th. Years as in CivilDate.

/// 1 is January 1st.
inline int DayOfYear(const CivilDate& date) {
  return static_cast<int>(DaysOf(date.year, date.month, date.day) - DaysOf(date.year, 1, 1) + 1);
}
/// The Monday that a week begins with, in days since 1970.
inline int64_t IsoWeekStart(int64_t iso_year, int week) {
  const int64_t fourth = DaysOf(iso_year, 1, 4);
  return fourth - (WeekdayOf(fourth) + 6) % 7 + (week - 1) * 7;
}
inline int64_t IsoYear(const CivilDate& date) {
  const int64_t days = DaysOf(date.year, date.month, date.day);
  if (days >= IsoWeekStart(date.year + 1, 1)) return date.year + 1;
  return days < IsoWeekStart(date.year, 1) ? date.year - 1 : date.year;
}
/// Days since the first Monday of the date's ISO year.
inline int64_t IsoDays(const CivilDate& date) {
  return DaysOf(date.year, date.month, date.day) - IsoWeekStart(IsoYear(date), 1);
}
inline int IsoWeek(const CivilDate& date) { return static_cast<int>(IsoDays(date) / 7 + 1); }
inline int IsoDayOfYear(const CivilDate& date) { return static_cast<int>(IsoDays(date) + 1); }

}  // namespace weir::postgres
