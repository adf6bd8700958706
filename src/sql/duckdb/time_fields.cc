#include "sql/duckdb/time_fields.h"

#include <algorithm>
#include <array>

#include "postgres/value/calendar.h"
#include "postgres/value/text.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using postgres::CivilDate;
using postgres::FloorQuotient;
using postgres::Interval;
using postgres::kMicrosPerDay;
using postgres::Numeric;
using postgres::Timestamp;

enum class Unit {
  kMicroseconds, kMilliseconds, kSecond, kMinute, kHour, kDayOfMonth, kWeek, kMonth, kQuarter, kYear, kDecade, kCentury,
  kMillennium, kDow, kIsoDow, kDoy, kIsoYear, kEpoch, kJulian, kTimezone, kTimezoneHour, kTimezoneMinute,
};

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr std::array kUnitNames = {
    UnitName{"microseconds", Unit::kMicroseconds}, UnitName{"microsecond", Unit::kMicroseconds},
    UnitName{"microsecon", Unit::kMicroseconds},   UnitName{"us", Unit::kMicroseconds},
    UnitName{"usec", Unit::kMicroseconds},         UnitName{"usecs", Unit::kMicroseconds},
    UnitName{"useconds", Unit::kMicroseconds},     UnitName{"usecond", Unit::kMicroseconds},
    UnitName{"milliseconds", Unit::kMilliseconds}, UnitName{"millisecond", Unit::kMilliseconds},
    UnitName{"ms", Unit::kMilliseconds},           UnitName{"msec", Unit::kMilliseconds},
    UnitName{"msecs", Unit::kMilliseconds},        UnitName{"mseconds", Unit::kMilliseconds},
    UnitName{"msecond", Unit::kMilliseconds},      UnitName{"second", Unit::kSecond},
    UnitName{"seconds", Unit::kSecond},            UnitName{"sec", Unit::kSecond},
    UnitName{"secs", Unit::kSecond},               UnitName{"s", Unit::kSecond},
    UnitName{"minute", Unit::kMinute},             UnitName{"minutes", Unit::kMinute},
    UnitName{"min", Unit::kMinute},                UnitName{"mins", Unit::kMinute},
    UnitName{"m", Unit::kMinute},                  UnitName{"hour", Unit::kHour},
    UnitName{"hours", Unit::kHour},                UnitName{"hr", Unit::kHour},
    UnitName{"hrs", Unit::kHour},                  UnitName{"h", Unit::kHour},
    UnitName{"day", Unit::kDayOfMonth},                   UnitName{"days", Unit::kDayOfMonth},
    UnitName{"d", Unit::kDayOfMonth},                     UnitName{"week", Unit::kWeek},
    UnitName{"weeks", Unit::kWeek},                UnitName{"w", Unit::kWeek},
    UnitName{"month", Unit::kMonth},               UnitName{"months", Unit::kMonth},
    UnitName{"mon", Unit::kMonth},                 UnitName{"mons", Unit::kMonth},
    UnitName{"quarter", Unit::kQuarter},           UnitName{"qtr", Unit::kQuarter},
    UnitName{"year", Unit::kYear},                 UnitName{"years", Unit::kYear},
    UnitName{"yr", Unit::kYear},                   UnitName{"yrs", Unit::kYear},
    UnitName{"y", Unit::kYear},                    UnitName{"decade", Unit::kDecade},
    UnitName{"decades", Unit::kDecade},            UnitName{"dec", Unit::kDecade},
    UnitName{"decs", Unit::kDecade},               UnitName{"century", Unit::kCentury},
    UnitName{"centuries", Unit::kCentury},         UnitName{"cent", Unit::kCentury},
    UnitName{"c", Unit::kCentury},                 UnitName{"millennium", Unit::kMillennium},
    UnitName{"millennia", Unit::kMillennium},      UnitName{"mil", Unit::kMillennium},
    UnitName{"mils", Unit::kMillennium},           UnitName{"dow", Unit::kDow},
    UnitName{"isodow", Unit::kIsoDow},             UnitName{"doy", Unit::kDoy},
    UnitName{"isoyear", Unit::kIsoYear},           UnitName{"epoch", Unit::kEpoch},
    UnitName{"julian", Unit::kJulian},             UnitName{"timezone", Unit::kTimezone},
    UnitName{"timezone_hour", Unit::kTimezoneHour}, UnitName{"timezone_minute", Unit::kTimezoneMinute},
};

[[noreturn]] void NotRecognized(const std::string& unit, const char* type) {
  Throw(Error("22023", "unit \"" + unit + "\" not recognized for type " + type));
}

Unit UnitOf(std::string_view text, const char* type) {
  const std::string lower = postgres::Lowered(text);
  for (const UnitName& known : kUnitNames) {
    if (known.name == lower) return known.unit;
  }
  NotRecognized(lower, type);
}

[[noreturn]] void NotSupported(std::string_view unit, const char* type) {
  Throw(Error("0A000", "unit \"" + postgres::Lowered(unit) + "\" not supported for type " + type));
}

Numeric Whole(int64_t value) { return Numeric(value); }
Numeric Decimal(int64_t unscaled, int scale) { return Numeric(postgres::Int128{unscaled}, scale); }

/// Days since 1970 of the Monday that the year's first ISO week begins with.
int64_t FirstWeek(int64_t year) {
  const int64_t fourth = postgres::DaysOf(year, 1, 4);
  return fourth - (postgres::WeekdayOf(fourth) + 6) % 7;
}
int64_t IsoYear(int64_t days) {
  int64_t year = postgres::CivilOf(days).year;
  if (days >= FirstWeek(year + 1)) return year + 1;
  return days < FirstWeek(year) ? year - 1 : year;
}
int64_t IsoWeek(int64_t days) { return (days - FirstWeek(IsoYear(days))) / 7 + 1; }

/// Years are shown without a year 0.
int64_t Shown(int64_t year) { return year > 0 ? year : year - 1; }
int64_t CenturyOf(int64_t year) { return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100); }
int64_t MillenniumOf(int64_t year) { return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000); }

/// How long a unit of the clock is; 0: it is one of the calendar's.
int64_t ClockLength(Unit unit) {
  if (unit == Unit::kMicroseconds) return 1;
  if (unit == Unit::kMilliseconds) return 1000;
  if (unit == Unit::kSecond) return postgres::kMicrosPerSecond;
  if (unit == Unit::kMinute) return postgres::kMicrosPerMinute;
  return unit == Unit::kHour ? postgres::kMicrosPerHour : 0;
}

std::optional<Numeric> ClockField(Unit unit, int64_t clock) {
  const int64_t length = ClockLength(unit);
  if (length == 0) return std::nullopt;
  if (unit == Unit::kHour) return Whole(clock / length);
  if (unit == Unit::kMinute) return Whole(clock / length % 60);
  const int64_t of_minute = clock % postgres::kMicrosPerMinute;
  if (unit == Unit::kMicroseconds) return Whole(of_minute);
  return Decimal(of_minute, unit == Unit::kMilliseconds ? 3 : 6);
}

std::optional<Numeric> DateField(Unit unit, int64_t days) {
  const CivilDate civil = postgres::CivilOf(days);
  switch (unit) {
    case Unit::kDayOfMonth: return Whole(civil.day);
    case Unit::kMonth: return Whole(civil.month);
    case Unit::kQuarter: return Whole((civil.month - 1) / 3 + 1);
    case Unit::kWeek: return Whole(IsoWeek(days));
    case Unit::kYear: return Whole(Shown(civil.year));
    case Unit::kDecade: return Whole(FloorQuotient(civil.year, 10));
    case Unit::kCentury: return Whole(CenturyOf(civil.year));
    case Unit::kMillennium: return Whole(MillenniumOf(civil.year));
    case Unit::kIsoYear: return Whole(Shown(IsoYear(days)));
    case Unit::kDow: return Whole(postgres::WeekdayOf(days));
    case Unit::kIsoDow: return Whole((postgres::WeekdayOf(days) + 6) % 7 + 1);
    case Unit::kDoy: return Whole(days - postgres::DaysOf(civil.year, 1, 1) + 1);
    case Unit::kMicroseconds:
    case Unit::kMilliseconds:
    case Unit::kSecond:
    case Unit::kMinute:
    case Unit::kHour:
    case Unit::kEpoch:
    case Unit::kJulian:
    case Unit::kTimezone:
    case Unit::kTimezoneHour:
    case Unit::kTimezoneMinute: break;
  }
  return std::nullopt;
}

/// Fields that grow without end are infinite with the value; the others are NULL.
std::optional<Numeric> InfiniteField(Unit unit, bool positive) {
  constexpr std::array kGrow = {Unit::kYear,   Unit::kDecade,  Unit::kCentury, Unit::kMillennium,
                                Unit::kJulian, Unit::kIsoYear, Unit::kEpoch};
  if (std::ranges::find(kGrow, unit) == kGrow.end()) return std::nullopt;
  return Numeric::Infinity(!positive);
}

Numeric JulianOf(int64_t days, int64_t clock) {
  const Numeric day(days + postgres::kJulianDayOf1970);
  if (clock == 0) return day;
  return ValueOrThrow(postgres::Add(day, ValueOrThrow(postgres::Divide(Numeric(clock), Numeric(kMicrosPerDay)))));
}

std::optional<Numeric> LocalField(Unit unit, Timestamp local) {
  const int64_t days = FloorQuotient(local.microseconds, kMicrosPerDay);
  const int64_t clock = local.microseconds - days * kMicrosPerDay;
  if (unit == Unit::kJulian) return JulianOf(days, clock);
  if (auto field = ClockField(unit, clock)) return field;
  return DateField(unit, days);
}

}  // namespace

std::optional<Numeric> FieldOf(std::string_view text, Timestamp local) {
  const char* type = "timestamp without time zone";
  const Unit unit = UnitOf(text, type);
  if (unit == Unit::kTimezone || unit == Unit::kTimezoneHour || unit == Unit::kTimezoneMinute) NotSupported(text, type);
  if (!IsFinite(local)) return InfiniteField(unit, local.microseconds > 0);
  if (unit == Unit::kEpoch) return Decimal(local.microseconds, 6);
  return LocalField(unit, local);
}

std::optional<Numeric> FieldOf(std::string_view text, Timestamp moment, const postgres::Settings& settings) {
  const Unit unit = UnitOf(text, "timestamp with time zone");
  if (!IsFinite(moment)) return InfiniteField(unit, moment.microseconds > 0);
  if (unit == Unit::kEpoch) return Decimal(moment.microseconds, 6);
  const int64_t local = postgres::LocalOf(moment.microseconds, settings);
  const int64_t offset = (local - moment.microseconds) / postgres::kMicrosPerSecond;
  if (unit == Unit::kTimezone) return Whole(offset);
  if (unit == Unit::kTimezoneHour) return Whole(offset / 3600);
  if (unit == Unit::kTimezoneMinute) return Whole(offset / 60 % 60);
  return LocalField(unit, {local});
}

std::optional<Numeric> FieldOf(std::string_view text, postgres::Date date) {
  const Unit unit = UnitOf(text, "date");
  if (!IsFinite(date)) return InfiniteField(unit, date.days > 0);
  if (unit == Unit::kEpoch) return Whole(int64_t{date.days} * 86'400);
  if (unit == Unit::kJulian) return Whole(date.days + postgres::kJulianDayOf1970);
  if (auto field = DateField(unit, date.days)) return field;
  NotSupported(text, "date");
}

std::optional<Numeric> FieldOf(std::string_view text, const Interval& interval) {
  const Unit unit = UnitOf(text, "interval");
  const int64_t years = interval.months / 12;
  switch (unit) {
    case Unit::kHour: return Whole(interval.microseconds / postgres::kMicrosPerHour);
    case Unit::kDayOfMonth: return Whole(interval.days);
    case Unit::kMonth: return Whole(interval.months % 12);
    case Unit::kQuarter: return Whole(interval.months % 12 / 3 + 1);
    case Unit::kYear: return Whole(years);
    case Unit::kDecade: return Whole(years / 10);
    case Unit::kCentury: return Whole(years / 100);
    case Unit::kMillennium: return Whole(years / 1000);
    case Unit::kEpoch: {  // a year has 365.25 days, a month 30
      const postgres::Int128 days = postgres::Int128{years} * 36'525 * 864 +
                                    (postgres::Int128{interval.months % 12} * 30 + interval.days) * 86'400;
      return Numeric(days * postgres::kMicrosPerSecond + interval.microseconds, 6);
    }
    case Unit::kMicroseconds:
    case Unit::kMilliseconds:
    case Unit::kSecond:
    case Unit::kMinute:
    case Unit::kWeek:
    case Unit::kDow:
    case Unit::kIsoDow:
    case Unit::kDoy:
    case Unit::kIsoYear:
    case Unit::kJulian:
    case Unit::kTimezone:
    case Unit::kTimezoneHour:
    case Unit::kTimezoneMinute: break;
  }
  if (auto field = ClockField(unit, interval.microseconds)) return field;
  NotSupported(text, "interval");
}

std::optional<Numeric> FieldOf(std::string_view text, postgres::Time time) {
  const char* type = "time without time zone";
  const Unit unit = UnitOf(text, type);
  if (unit == Unit::kEpoch) return Decimal(time.microseconds, 6);
  if (auto field = ClockField(unit, time.microseconds)) return field;
  NotSupported(text, type);
}

std::optional<Numeric> FieldOf(std::string_view text, postgres::TimeTz time) {
  const char* type = "time with time zone";
  const Unit unit = UnitOf(text, type);
  if (unit == Unit::kTimezone) return Whole(time.offset);
  if (unit == Unit::kTimezoneHour) return Whole(time.offset / 3600);
  if (unit == Unit::kTimezoneMinute) return Whole(time.offset / 60 % 60);
  if (unit == Unit::kEpoch) return Decimal(time.microseconds - time.offset * postgres::kMicrosPerSecond, 6);
  if (auto field = ClockField(unit, time.microseconds)) return field;
  NotSupported(text, type);
}

namespace {

int64_t TruncatedClock(Unit unit, int64_t microseconds) {
  const int64_t length = ClockLength(unit);
  const int64_t step = length == 0 ? kMicrosPerDay : length;
  return FloorQuotient(microseconds, step) * step;
}

/// The first year of the ten, hundred or thousand that a year belongs to.
int64_t FirstYear(int64_t year, int64_t years) {
  if (years == 10) return FloorQuotient(year, 10) * 10;
  return FloorQuotient(year - 1, years) * years + 1;
}

std::optional<int64_t> TruncatedDays(Unit unit, int64_t days) {
  const CivilDate civil = postgres::CivilOf(days);
  switch (unit) {
    case Unit::kWeek: return days - (postgres::WeekdayOf(days) + 6) % 7;
    case Unit::kMonth: return postgres::DaysOf(civil.year, civil.month, 1);
    case Unit::kQuarter: return postgres::DaysOf(civil.year, (civil.month - 1) / 3 * 3 + 1, 1);
    case Unit::kYear: return postgres::DaysOf(civil.year, 1, 1);
    case Unit::kDecade: return postgres::DaysOf(FirstYear(civil.year, 10), 1, 1);
    case Unit::kCentury: return postgres::DaysOf(FirstYear(civil.year, 100), 1, 1);
    case Unit::kMillennium: return postgres::DaysOf(FirstYear(civil.year, 1000), 1, 1);
    case Unit::kMicroseconds:
    case Unit::kMilliseconds:
    case Unit::kSecond:
    case Unit::kMinute:
    case Unit::kHour:
    case Unit::kDayOfMonth:
    case Unit::kDow:
    case Unit::kIsoDow:
    case Unit::kDoy:
    case Unit::kIsoYear:
    case Unit::kEpoch:
    case Unit::kJulian:
    case Unit::kTimezone:
    case Unit::kTimezoneHour:
    case Unit::kTimezoneMinute: break;
  }
  return std::nullopt;
}

}  // namespace

namespace {

/// Fields that are no steps of the calendar have names for extract alone.
[[noreturn]] void NotTruncated(std::string_view text, Unit unit, const char* type) {
  constexpr std::array kFields = {Unit::kDow,     Unit::kIsoDow, Unit::kDoy,
                                  Unit::kIsoYear, Unit::kEpoch,  Unit::kJulian};
  if (std::ranges::find(kFields, unit) != kFields.end()) NotRecognized(postgres::Lowered(text), type);
  NotSupported(text, type);
}

}  // namespace

Timestamp Truncated(std::string_view text, Timestamp local, const char* type) {
  if (!IsFinite(local)) return local;  // whatever the unit is
  const Unit unit = UnitOf(text, type);
  if (unit <= Unit::kDayOfMonth) return {TruncatedClock(unit, local.microseconds)};
  if (auto days = TruncatedDays(unit, FloorQuotient(local.microseconds, kMicrosPerDay))) return {*days * kMicrosPerDay};
  NotTruncated(text, unit, type);
}

Interval Truncated(std::string_view text, const Interval& interval) {
  const Unit unit = UnitOf(text, "interval");
  const auto clock = [&](int64_t step) { return interval.microseconds / step * step; };
  const auto months = [&](int32_t step) { return Interval{interval.months / step * step, 0, 0}; };
  switch (unit) {
    case Unit::kMicroseconds: return interval;
    case Unit::kMilliseconds: return {interval.months, interval.days, clock(1000)};
    case Unit::kSecond: return {interval.months, interval.days, clock(postgres::kMicrosPerSecond)};
    case Unit::kMinute: return {interval.months, interval.days, clock(postgres::kMicrosPerMinute)};
    case Unit::kHour: return {interval.months, interval.days, clock(postgres::kMicrosPerHour)};
    case Unit::kDayOfMonth: return {interval.months, interval.days, 0};
    case Unit::kMonth: return months(1);
    case Unit::kQuarter: return months(3);
    case Unit::kYear: return months(12);
    case Unit::kDecade: return months(120);
    case Unit::kCentury: return months(1200);
    case Unit::kMillennium: return months(12'000);
    case Unit::kWeek:
    case Unit::kDow:
    case Unit::kIsoDow:
    case Unit::kDoy:
    case Unit::kIsoYear:
    case Unit::kEpoch:
    case Unit::kJulian:
    case Unit::kTimezone:
    case Unit::kTimezoneHour:
    case Unit::kTimezoneMinute: break;
  }
  NotTruncated(text, unit, "interval");
}

}  // namespace weir::sql::duck
