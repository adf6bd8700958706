#include "sql/duckdb/time_math.h"

#include "postgres/value/calendar.h"
#include "postgres/value/text.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {

using postgres::CivilDate;
using postgres::Date;
using postgres::FloorQuotient;
using postgres::Interval;
using postgres::kInfiniteDate;
using postgres::kInfiniteTimestamp;
using postgres::kMicrosPerDay;
using postgres::Settings;
using postgres::Timestamp;

void TimestampOutOfRange() { Throw(Error("22008", "timestamp out of range")); }
void DateOutOfRange() { Throw(Error("22008", "date out of range")); }
void IntervalOutOfRange() { Throw(Error("22008", "interval out of range")); }

Timestamp Checked(int64_t microseconds) {
  if (!postgres::IsValidTimestamp(microseconds)) TimestampOutOfRange();
  return {microseconds};
}

Date CheckedDate(int64_t days) {
  if (!postgres::IsValidDate(days)) DateOutOfRange();
  return {static_cast<int32_t>(days)};
}

Interval Negative(const Interval& a) {
  if (a.months == INT32_MIN || a.days == INT32_MIN || a.microseconds == INT64_MIN) IntervalOutOfRange();
  return {-a.months, -a.days, -a.microseconds};
}

Timestamp OfDate(Date date) {
  if (!IsFinite(date)) return {date.days > 0 ? kInfiniteTimestamp : -kInfiniteTimestamp};
  int64_t microseconds;
  if (__builtin_mul_overflow(int64_t{date.days}, kMicrosPerDay, &microseconds))
    Throw(Error("22008", "date out of range for timestamp"));
  if (!postgres::IsValidTimestamp(microseconds)) Throw(Error("22008", "date out of range for timestamp"));
  return {microseconds};
}

Date DateOf(Timestamp timestamp) {
  if (!IsFinite(timestamp)) return {timestamp.microseconds > 0 ? kInfiniteDate : -kInfiniteDate};
  return {static_cast<int32_t>(FloorQuotient(timestamp.microseconds, kMicrosPerDay))};
}

int64_t ClockOf(Timestamp timestamp) {
  return timestamp.microseconds - FloorQuotient(timestamp.microseconds, kMicrosPerDay) * kMicrosPerDay;
}

namespace {

int32_t OffsetOfLocal(int64_t local, const Settings& settings) {
  return settings.zone ? settings.zone->OffsetOfLocal(FloorQuotient(local, postgres::kMicrosPerSecond)) : 0;
}

}  // namespace

int32_t OffsetAt(int64_t moment, const Settings& settings) {
  return settings.zone ? settings.zone->OffsetAt(FloorQuotient(moment, postgres::kMicrosPerSecond)) : 0;
}

Timestamp MomentOf(Timestamp local, const Settings& settings) {
  if (!IsFinite(local)) return local;
  return Checked(local.microseconds - OffsetOfLocal(local.microseconds, settings) * postgres::kMicrosPerSecond);
}
Timestamp LocalTimeOf(Timestamp moment, const Settings& settings) {
  if (!IsFinite(moment)) return moment;
  return Checked(moment.microseconds + OffsetAt(moment.microseconds, settings) * postgres::kMicrosPerSecond);
}

postgres::TimeZonePtr ZoneOf(std::string_view name) {
  postgres::TimeZonePtr zone;
  if (const auto* known = postgres::FindAbbreviation(postgres::Lowered(name))) {
    zone = known->zone.empty() ? postgres::TimeZone::Fixed(known->offset) : postgres::TimeZone::Find(known->zone);
  } else {
    zone = postgres::TimeZone::Find(name);
  }
  if (!zone) Throw(Error("22023", "time zone \"" + std::string(name) + "\" not recognized"));
  return zone;
}

int32_t OffsetOfZone(std::string_view name, int64_t time, bool local) {
  const int64_t seconds = FloorQuotient(time, postgres::kMicrosPerSecond);
  const postgres::TimeZonePtr zone = ZoneOf(name);
  return local ? zone->OffsetOfLocal(seconds) : zone->OffsetAt(seconds);
}

int32_t OffsetOfZone(const Interval& zone) {
  if (zone.months != 0 || zone.days != 0) {
    std::string text;
    postgres::AppendInterval(zone, postgres::IntervalStyle::kPostgres, &text);
    Throw(Error("22023", "interval time zone \"" + text + "\" must not include months or days"));
  }
  return static_cast<int32_t>(zone.microseconds / postgres::kMicrosPerSecond);
}

namespace {

/// Months first, where a day that its month does not have becomes its last; then days, then the clock.
int64_t MovedDays(int64_t microseconds, int32_t months, int32_t days) {
  int64_t date = FloorQuotient(microseconds, kMicrosPerDay);
  const int64_t clock = microseconds - date * kMicrosPerDay;
  if (months != 0) {
    CivilDate civil = postgres::CivilOf(date);
    const int64_t month = civil.year * 12 + civil.month - 1 + months;
    const int64_t year = FloorQuotient(month, 12);
    const int month_of_year = static_cast<int>(month - year * 12) + 1;
    const int day = std::min(civil.day, postgres::DaysInMonth(year, month_of_year));
    date = postgres::DaysOf(year, month_of_year, day);
  }
  date += days;
  if (!postgres::IsValidDate(date)) TimestampOutOfRange();
  int64_t moved;
  if (__builtin_mul_overflow(date, kMicrosPerDay, &moved) || __builtin_add_overflow(moved, clock, &moved))
    TimestampOutOfRange();
  return moved;
}

}  // namespace

Timestamp Moved(Timestamp timestamp, const Interval& by) {
  if (!IsFinite(timestamp)) return timestamp;
  int64_t moved = MovedDays(timestamp.microseconds, by.months, by.days);
  if (__builtin_add_overflow(moved, by.microseconds, &moved)) TimestampOutOfRange();
  return Checked(moved);
}

Timestamp MovedMoment(Timestamp moment, const Interval& by, const Settings& settings) {
  if (!IsFinite(moment)) return moment;
  int64_t moved = moment.microseconds;
  if (by.months != 0 || by.days != 0) {
    const Timestamp local = LocalTimeOf(moment, settings);
    moved = MomentOf({MovedDays(local.microseconds, by.months, by.days)}, settings).microseconds;
  }
  if (__builtin_add_overflow(moved, by.microseconds, &moved)) TimestampOutOfRange();
  return Checked(moved);
}

int64_t WithinDay(int64_t microseconds) {
  return microseconds - FloorQuotient(microseconds, kMicrosPerDay) * kMicrosPerDay;
}

}  // namespace weir::sql::duck
