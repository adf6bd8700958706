#pragma once

#include <string_view>

#include "postgres/value/date_time.h"
#include "postgres/value/interval.h"

namespace weir::sql::duck {

/// What the functions of dates and times share. All throw 22008 beyond PostgreSQL's range.

[[noreturn]] void TimestampOutOfRange();
[[noreturn]] void DateOutOfRange();
[[noreturn]] void IntervalOutOfRange();
postgres::Timestamp Checked(int64_t microseconds);
postgres::Date CheckedDate(int64_t days);

template <typename T>
T CheckedSum(T a, T b) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum)) IntervalOutOfRange();
  return sum;
}
postgres::Interval Negative(const postgres::Interval& a);
/// `low` and a share of the way from it to `high`.
postgres::Interval IntervalBetween(const postgres::Interval& low, const postgres::Interval& high, double share);

/// A date's midnight, a timestamp's date, and its microseconds since midnight.
postgres::Timestamp OfDate(postgres::Date date);
postgres::Date DateOf(postgres::Timestamp timestamp);
int64_t ClockOf(postgres::Timestamp timestamp);
/// Microseconds as a clock shows them, whatever the day.
int64_t WithinDay(int64_t microseconds);

/// Seconds east of Greenwich in the session's zone.
int32_t OffsetAt(int64_t moment, const postgres::Settings& settings);
/// A local time's moment in the session's zone, and back.
postgres::Timestamp MomentOf(postgres::Timestamp local, const postgres::Settings& settings);
postgres::Timestamp LocalTimeOf(postgres::Timestamp moment, const postgres::Settings& settings);

/// A zone by its name or abbreviation; 22023 for another text.
postgres::TimeZonePtr ZoneOf(std::string_view name);
/// Its seconds east of Greenwich at a local time or a moment.
int32_t OffsetOfZone(std::string_view name, int64_t time, bool local);
/// 22023 for an interval of days or months.
int32_t OffsetOfZone(const postgres::Interval& zone);

/// Months first, where a day that its month does not have becomes its last; then days, then the clock.
postgres::Timestamp Moved(postgres::Timestamp timestamp, const postgres::Interval& by);
/// Months and days go by the session's calendar and clock, the rest by the moment.
postgres::Timestamp MovedMoment(postgres::Timestamp moment, const postgres::Interval& by,
                                const postgres::Settings& settings);

}  // namespace weir::sql::duck
