#include "postgres/value/calendar.h"

namespace weir::postgres {
namespace {

// Counts in eras of 400 years that begin on a 1 March, so that a leap day is a year's last.
constexpr int64_t kEraDays = 146'097;
constexpr int64_t kEraYears = 400;
constexpr int64_t kEraStart = 719'468;  // days from 0000-03-01 to 1970

}  // namespace

CivilDate CivilOf(int64_t days) {
  const int64_t shifted = days + kEraStart;
  const int64_t era = FloorQuotient(shifted, kEraDays);
  const auto day_of_era = static_cast<uint32_t>(shifted - era * kEraDays);
  const uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t march_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  const auto month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {.year = era * kEraYears + year_of_era + (month <= 2 ? 1 : 0), .month = month, .day = day};
}

int64_t DaysOf(int64_t year, int month, int day) {
  const int64_t march_year = month <= 2 ? year - 1 : year;
  const int64_t era = FloorQuotient(march_year, kEraYears);
  const int64_t year_of_era = march_year - era * kEraYears;
  const int64_t march_month = month > 2 ? month - 3 : month + 9;
  const int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
  return era * kEraDays + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - kEraStart;
}

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && IsLeapYear(year) ? 1 : 0);
}

int WeekdayOf(int64_t days) {
  constexpr int kWeekdayOf1970 = 4;
  const int64_t shifted = days + kWeekdayOf1970;
  return static_cast<int>(shifted - FloorQuotient(shifted, 7) * 7);
}

}  // namespace weir::postgres
