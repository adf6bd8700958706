#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "postgres/value/calendar.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/time_fields.h"
#include "sql/duckdb/time_lanes.h"
#include "sql/duckdb/time_math.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using postgres::CivilDate;
using postgres::Date;
using postgres::FloorQuotient;
using postgres::Interval;
using postgres::kMicrosPerDay;
using postgres::kInfiniteDate;
using postgres::kInfiniteTimestamp;
using postgres::Numeric;
using postgres::Settings;
using postgres::Time;
using postgres::Timestamp;
using postgres::TimeTz;
using Session = SessionValues;
using View = std::string_view;

Interval JustifyHours(Interval value) {
  const int64_t days = value.microseconds / kMicrosPerDay;
  value.microseconds -= days * kMicrosPerDay;
  value.days = CheckedSum(value.days, static_cast<int32_t>(days));
  if (value.days > 0 && value.microseconds < 0) {
    value.microseconds += kMicrosPerDay;
    --value.days;
  } else if (value.days < 0 && value.microseconds > 0) {
    value.microseconds -= kMicrosPerDay;
    ++value.days;
  }
  return value;
}

Interval JustifyDays(Interval value) {
  const int32_t months = value.days / 30;
  value.days -= months * 30;
  value.months = CheckedSum(value.months, months);
  if (value.months > 0 && value.days < 0) {
    value.days += 30;
    --value.months;
  } else if (value.months < 0 && value.days > 0) {
    value.days -= 30;
    ++value.months;
  }
  return value;
}

/// Both at once: all three parts get one sign where they can.
Interval JustifyInterval(Interval value) {
  const int64_t days = value.microseconds / kMicrosPerDay;
  value.microseconds -= days * kMicrosPerDay;
  value.days = CheckedSum(value.days, static_cast<int32_t>(days));
  const int32_t months = value.days / 30;
  value.days -= months * 30;
  value.months = CheckedSum(value.months, months);
  if (value.months > 0 && (value.days < 0 || (value.days == 0 && value.microseconds < 0))) {
    value.days += 30;
    --value.months;
  } else if (value.months < 0 && (value.days > 0 || (value.days == 0 && value.microseconds > 0))) {
    value.days -= 30;
    ++value.months;
  }
  if (value.days > 0 && value.microseconds < 0) {
    value.microseconds += kMicrosPerDay;
    --value.days;
  } else if (value.days < 0 && value.microseconds > 0) {
    value.microseconds -= kMicrosPerDay;
    ++value.days;
  }
  return value;
}

Interval Difference(Timestamp a, Timestamp b) {
  if (!IsFinite(a) || !IsFinite(b)) Throw(Error("22008", "cannot subtract infinite timestamps"));
  int64_t microseconds;
  if (__builtin_sub_overflow(a.microseconds, b.microseconds, &microseconds)) IntervalOutOfRange();
  return JustifyHours({0, 0, microseconds});
}

Interval Sum(const Interval& a, const Interval& b) {
  return {CheckedSum(a.months, b.months), CheckedSum(a.days, b.days), CheckedSum(a.microseconds, b.microseconds)};
}

/// Fractions of months become days, fractions of days the clock's time; rounded to microseconds as PostgreSQL does.
Interval OfParts(double months, double days, double microseconds) {
  const auto fits = [](double part) { return std::fabs(part) <= INT32_MAX; };  // which NaN does not
  if (!fits(months) || !fits(days)) IntervalOutOfRange();
  Interval result{static_cast<int32_t>(months), static_cast<int32_t>(days), 0};
  const auto rounded = [](double seconds) { return std::nearbyint(seconds * 1e6) / 1e6; };
  const double month_days = rounded((months - result.months) * 30);
  double seconds = rounded((days - result.days + month_days - static_cast<int64_t>(month_days)) * 86400);
  if (std::fabs(seconds) >= 86400) {
    result.days = CheckedSum(result.days, static_cast<int32_t>(seconds / 86400));
    seconds -= static_cast<int32_t>(seconds / 86400) * 86400.0;
  }
  result.days = CheckedSum(result.days, static_cast<int32_t>(month_days));
  const double clock = std::nearbyint(microseconds + seconds * 1e6);
  if (!(std::fabs(clock) < 9.2233720368547758e18)) IntervalOutOfRange();
  result.microseconds = static_cast<int64_t>(clock);
  return result;
}

Interval Scaled(const Interval& value, double factor) {
  return OfParts(value.months * factor, value.days * factor, value.microseconds * factor);
}

/// Years, months and days between two moments, as a calendar counts them.
Interval Age(Timestamp a, Timestamp b) {
  if (!IsFinite(a) || !IsFinite(b)) Throw(Error("22008", "cannot subtract infinite timestamps"));
  const bool negative = a < b;
  const Timestamp later = negative ? b : a;
  const Timestamp earlier = negative ? a : b;
  const CivilDate to = postgres::CivilOf(FloorQuotient(later.microseconds, kMicrosPerDay));
  const CivilDate from = postgres::CivilOf(FloorQuotient(earlier.microseconds, kMicrosPerDay));
  int64_t clock = ClockOf(later) - ClockOf(earlier);
  int64_t days = to.day - from.day;
  int64_t months = (to.year - from.year) * 12 + to.month - from.month;
  if (clock < 0) {
    clock += kMicrosPerDay;
    --days;
  }
  if (days <
      0) {  // as many days as the month has that the whole months end in: the earlier one's, or before the later's
    const int64_t month = negative ? to.year * 12 + to.month - 2 : from.year * 12 + from.month - 1;
    days +=
        postgres::DaysInMonth(FloorQuotient(month, 12), static_cast<int>(month - FloorQuotient(month, 12) * 12) + 1);
    --months;
  }
  const Interval age{static_cast<int32_t>(months), static_cast<int32_t>(days), clock};
  return negative ? Negative(age) : age;
}

Timestamp Shifted(Timestamp time, int64_t seconds) {
  return IsFinite(time) ? Checked(time.microseconds + seconds * postgres::kMicrosPerSecond) : time;
}

void AddZones(FunctionList* list) {
  list->Add("timezone(text,timestamptz)", [](View zone, Timestamp a) -> Timestamp {
    return IsFinite(a) ? Shifted(a, OffsetOfZone(zone, a.microseconds, false)) : a;
  });
  list->Add("timezone(text,timestamp)", [](View zone, Timestamp a) -> Timestamp {
    return IsFinite(a) ? Shifted(a, -OffsetOfZone(zone, a.microseconds, true)) : a;
  });
  list->Add("timezone(interval,timestamptz)", [](Interval zone, Timestamp a) -> Timestamp {
    return IsFinite(a) ? Shifted(a, OffsetOfZone(zone)) : a;
  });
  list->Add("timezone(interval,timestamp)", [](Interval zone, Timestamp a) -> Timestamp {
    return IsFinite(a) ? Shifted(a, -OffsetOfZone(zone)) : a;
  });
  list->Add("timezone(text,timetz)", [](const Session& s, View zone, TimeTz a) -> TimeTz {
    const int32_t offset = OffsetOfZone(zone, s.settings.now, false);
    return {WithinDay(a.microseconds + (offset - a.offset) * postgres::kMicrosPerSecond), offset};
  });
}

/// generate_series of moments: `move` takes a step.
template <typename Move>
MomentList Series(Timestamp from, Timestamp to, const Interval& step, Move&& move) {
  const Interval none;
  if (step == none) Throw(Error("22023", "step size cannot equal zero"));
  const bool down = step < none;
  MomentList list;
  if (!IsFinite(from)) return list;
  GrowingValue growing;
  for (Timestamp at = from; down ? at >= to : at <= to; at = move(at, step)) {
    growing.Grow(2 * sizeof(at));  // here and in its vector
    list.moments.push_back(at);
  }
  return list;
}

void AddSeries(FunctionList* list) {
  list->Add("generate_series(timestamp,timestamp,interval)",
            [](Timestamp from, Timestamp to, Interval step) -> MomentList { return Series(from, to, step, Moved); });
  list->Add("generate_series(timestamptz,timestamptz,interval)",
            [](const Session& s, Timestamp from, Timestamp to, Interval step) -> MomentList {
              return Series(from, to, step,
                            [&](Timestamp at, const Interval& by) { return MovedMoment(at, by, s.settings); });
            });
}

void AddDates(FunctionList* list) {
  list->Add("date_mi(date,date)", [](Date a, Date b) -> int32_t {
    if (!IsFinite(a) || !IsFinite(b)) Throw(Error("22008", "cannot subtract infinite dates"));
    return a.days - b.days;
  });
  list->Add("date_pli(date,int4)",
            [](Date a, int32_t b) -> Date { return IsFinite(a) ? CheckedDate(int64_t{a.days} + b) : a; });
  list->Add("integer_pl_date(int4,date)",
            [](int32_t b, Date a) -> Date { return IsFinite(a) ? CheckedDate(int64_t{a.days} + b) : a; });
  list->Add("date_mii(date,int4)",
            [](Date a, int32_t b) -> Date { return IsFinite(a) ? CheckedDate(int64_t{a.days} - b) : a; });
  list->Add("date_pl_interval(date,interval)", [](Date a, Interval b) -> Timestamp { return Moved(OfDate(a), b); });
  list->Add("interval_pl_date(interval,date)", [](Interval b, Date a) -> Timestamp { return Moved(OfDate(a), b); });
  list->Add("date_mi_interval(date,interval)",
            [](Date a, Interval b) -> Timestamp { return Moved(OfDate(a), Negative(b)); });
  list->Add("datetime_pl(date,time)", [](Date a, Time b) -> Timestamp {
    const Timestamp day = OfDate(a);
    return IsFinite(a) ? Checked(day.microseconds + b.microseconds) : day;
  });
  list->Add("timedate_pl(time,date)", [](Time b, Date a) -> Timestamp {
    const Timestamp day = OfDate(a);
    return IsFinite(a) ? Checked(day.microseconds + b.microseconds) : day;
  });
  list->Add("make_date(int4,int4,int4)", [](int32_t year, int32_t month, int32_t day) -> Date {
    const int64_t civil_year = year < 0 ? int64_t{year} + 1 : year;
    const bool given = year != 0 && year != INT32_MIN && month >= 1 && month <= 12 && day >= 1;
    const auto text = [&] { return fmt::format("{}-{:02}-{:02}", year == INT32_MIN ? year : civil_year, month, day); };
    if (!given || day > postgres::DaysInMonth(civil_year, month)) {
      Throw(Error("22008", "date field value out of range: " + text()));
    }
    const int64_t days = postgres::DaysOf(civil_year, month, day);
    if (!postgres::IsValidDate(days)) Throw(Error("22008", "date out of range: " + text()));
    return {static_cast<int32_t>(days)};
  });
}

void AddTimestamps(FunctionList* list) {
  list->Add("timestamp_pl_interval(timestamp,interval)",
            [](Timestamp a, Interval b) -> Timestamp { return Moved(a, b); });
  list->Add("interval_pl_timestamp(interval,timestamp)",
            [](Interval b, Timestamp a) -> Timestamp { return Moved(a, b); });
  list->Add("timestamp_mi_interval(timestamp,interval)",
            [](Timestamp a, Interval b) -> Timestamp { return Moved(a, Negative(b)); });
  list->Add("timestamptz_pl_interval(timestamptz,interval)",
            [](const Session& s, Timestamp a, Interval b) -> Timestamp { return MovedMoment(a, b, s.settings); });
  list->Add("interval_pl_timestamptz(interval,timestamptz)",
            [](const Session& s, Interval b, Timestamp a) -> Timestamp { return MovedMoment(a, b, s.settings); });
  list->Add(
      "timestamptz_mi_interval(timestamptz,interval)",
      [](const Session& s, Timestamp a, Interval b) -> Timestamp { return MovedMoment(a, Negative(b), s.settings); });
  list->Add("timestamp_mi(timestamp,timestamp)", [](Timestamp a, Timestamp b) -> Interval { return Difference(a, b); });
  list->Add("timestamptz_mi(timestamptz,timestamptz)",
            [](Timestamp a, Timestamp b) -> Interval { return Difference(a, b); });
  list->Add("age(timestamp,timestamp)", [](Timestamp a, Timestamp b) -> Interval { return Age(a, b); });
  list->Add("age(timestamptz,timestamptz)", [](const Session& s, Timestamp a, Timestamp b) -> Interval {
    return Age(LocalTimeOf(a, s.settings), LocalTimeOf(b, s.settings));
  });
  list->Add("age(timestamp)", [](const Session& s, Timestamp a) -> Interval {
    return Age(OfDate(DateOf(LocalTimeOf({s.settings.now}, s.settings))), a);
  });
  list->Add("age(timestamptz)", [](const Session& s, Timestamp a) -> Interval {
    return Age(OfDate(DateOf(LocalTimeOf({s.settings.now}, s.settings))), LocalTimeOf(a, s.settings));
  });
}

void AddIntervals(FunctionList* list) {
  list->Add("interval_pl(interval,interval)", [](Interval a, Interval b) -> Interval { return Sum(a, b); });
  list->Add("interval_mi(interval,interval)", [](Interval a, Interval b) -> Interval { return Sum(a, Negative(b)); });
  list->Add("interval_um(interval)", [](Interval a) -> Interval { return Negative(a); });
  list->Add("interval_mul(interval,float8)", [](Interval a, double b) -> Interval { return Scaled(a, b); });
  list->Add("mul_d_interval(float8,interval)", [](double b, Interval a) -> Interval { return Scaled(a, b); });
  list->Add("interval_div(interval,float8)", [](Interval a, double b) -> Interval { return DividedInterval(a, b); });
  // Arrow counts an interval's time in nanoseconds.
  list->Add("pg.interval_in_nanoseconds", {LogicalType::INTERVAL}, LogicalType::INTERVAL, [](Interval a) -> Interval {
    int64_t nanoseconds;
    if (__builtin_mul_overflow(a.microseconds, int64_t{1000}, &nanoseconds)) IntervalOutOfRange();
    return a;
  });
  list->Add("justify_hours(interval)", [](Interval a) -> Interval { return JustifyHours(a); });
  list->Add("justify_days(interval)", [](Interval a) -> Interval { return JustifyDays(a); });
  list->Add("justify_interval(interval)", [](Interval a) -> Interval { return JustifyInterval(a); });
  list->Add("make_interval(int4,int4,int4,int4,int4,int4,float8)",
            [](int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours, int32_t minutes,
               double seconds) -> Interval {
              const double clock = std::nearbyint(seconds * 1e6);
              if (!(std::fabs(clock) < 9.2e18)) IntervalOutOfRange();
              const int64_t all_months = int64_t{years} * 12 + months;
              const int64_t all_days = int64_t{weeks} * 7 + days;
              if (all_months != static_cast<int32_t>(all_months) || all_days != static_cast<int32_t>(all_days))
                IntervalOutOfRange();
              const int64_t time = hours * postgres::kMicrosPerHour + minutes * postgres::kMicrosPerMinute;
              return {static_cast<int32_t>(all_months), static_cast<int32_t>(all_days),
                      CheckedSum(time, static_cast<int64_t>(clock))};
            });
  list->Add("isfinite(interval)", [](Interval) -> bool { return true; });
  list->Add("time_pl_interval(time,interval)",
            [](Time a, Interval b) -> Time { return {WithinDay(a.microseconds + b.microseconds % kMicrosPerDay)}; });
  list->Add("interval_pl_time(interval,time)",
            [](Interval b, Time a) -> Time { return {WithinDay(a.microseconds + b.microseconds % kMicrosPerDay)}; });
  list->Add("time_mi_interval(time,interval)",
            [](Time a, Interval b) -> Time { return {WithinDay(a.microseconds - b.microseconds % kMicrosPerDay)}; });
  list->Add("time_mi_time(time,time)", [](Time a, Time b) -> Interval {
    return {0, 0, a.microseconds - b.microseconds};
  });
}

void AddCastsOfTimes(FunctionList* list) {
  list->Add("timestamp(date)", [](Date a) -> Timestamp { return OfDate(a); });
  list->Add("timestamptz(date)", [](const Session& s, Date a) -> Timestamp { return MomentOf(OfDate(a), s.settings); });
  list->Add("timestamptz(timestamp)",
            [](const Session& s, Timestamp a) -> Timestamp { return MomentOf(a, s.settings); });
  list->Add("timestamp(timestamptz)",
            [](const Session& s, Timestamp a) -> Timestamp { return LocalTimeOf(a, s.settings); });
  list->Add("date(timestamp)", [](Timestamp a) -> Date { return DateOf(a); });
  list->Add("date(timestamptz)",
            [](const Session& s, Timestamp a) -> Date { return DateOf(LocalTimeOf(a, s.settings)); });
  list->Add("time(timestamp)", [](Timestamp a) -> std::optional<Time> {
    return IsFinite(a) ? std::optional(Time{ClockOf(a)}) : std::nullopt;
  });
  list->Add("time(timestamptz)", [](const Session& s, Timestamp a) -> std::optional<Time> {
    return IsFinite(a) ? std::optional(Time{ClockOf(LocalTimeOf(a, s.settings))}) : std::nullopt;
  });
  list->Add("time(interval)", [](Interval a) -> Time { return {WithinDay(a.microseconds)}; });
  list->Add("time(timetz)", [](TimeTz a) -> Time { return {a.microseconds}; });
  list->Add("interval(time)", [](Time a) -> Interval { return {0, 0, a.microseconds}; });
  list->Add("timetz(time)", [](const Session& s, Time a) -> TimeTz {
    return {a.microseconds, OffsetAt(s.settings.now, s.settings)};
  });
  list->Add("timetz(timestamptz)", [](const Session& s, Timestamp a) -> std::optional<TimeTz> {
    if (!IsFinite(a)) return std::nullopt;
    return TimeTz{ClockOf(LocalTimeOf(a, s.settings)), OffsetAt(a.microseconds, s.settings)};
  });
  list->Add("to_timestamp(float8)", [](double seconds) -> Timestamp {
    if (std::isinf(seconds)) return {seconds > 0 ? kInfiniteTimestamp : -kInfiniteTimestamp};
    if (std::isnan(seconds)) Throw(Error("22008", "timestamp cannot be NaN"));
    if (std::fabs(seconds) > 9.2e12) Throw(Error("22008", fmt::format("timestamp out of range: \"{:g}\"", seconds)));
    return Checked(static_cast<int64_t>(std::nearbyint(seconds * 1e6)));
  });
  static constexpr int64_t kZones = 1 << 18;  // places of a moment
  list->Add("pg.timetz_key", {LogicalType::TIME_TZ}, LogicalType::HUGEINT, [](TimeTz a) -> duckdb::hugeint_t {
    // by the moment, then by the zone, the eastern first
    const int64_t moment = a.microseconds - a.offset * postgres::kMicrosPerSecond;
    return duckdb::hugeint_t(moment) * duckdb::hugeint_t(kZones) + duckdb::hugeint_t(kZones / 2 - int64_t{a.offset});
  });
  list->Add("pg.interval_key", {LogicalType::INTERVAL}, LogicalType::HUGEINT,
            [](Interval a) -> duckdb::hugeint_t { return ToHugeint(postgres::SpanOf(a)); });
  // how far a frame goes from such a key: by the clock alone
  list->Add("pg.timetz_step", {LogicalType::INTERVAL}, LogicalType::HUGEINT,
            [](const Interval& step) -> Result<duckdb::hugeint_t> {
              if (step.microseconds < 0)
                return Error("22013", "invalid preceding or following size in window function");
              return duckdb::hugeint_t(step.microseconds) * duckdb::hugeint_t(kZones);
            });
}

Timestamp Clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

/// "Sun Nov 29 01:02:03.123456 2026 UTC", whatever DateStyle is.
std::string TimeOfDay(Timestamp now, Settings settings) {
  settings.date_style = postgres::DateStyle::kPostgres;
  std::string text;
  postgres::AppendTimestampTz(now, settings, &text);
  return text;
}

void AddNow(FunctionList* list) {
  for (const char* name : {"now()", "transaction_timestamp()"}) {
    list->Add(name, [](const Session& s) -> Timestamp { return {s.settings.now}; });
  }
  list->Add(
      "clock_timestamp()", [](const Session&) -> Timestamp { return Clock(); }, FunctionList::Volatility::kVolatile);
  list->Add("timeofday()", [](const Session& s) -> std::string { return TimeOfDay(Clock(), s.settings); },
            FunctionList::Volatility::kVolatile);
  list->Add("statement_timestamp()", [](const Session& s) -> Timestamp { return {s.statement_start}; });
  list->Add("pg.current_timestamp", {}, LogicalType::TIMESTAMP_TZ,
            [](const Session& s) -> Timestamp { return {s.settings.now}; });
  list->Add("pg.localtimestamp", {}, LogicalType::TIMESTAMP, [](const Session& s) -> Timestamp {
    return LocalTimeOf({s.settings.now}, s.settings);
  });
  list->Add("pg.current_date", {}, LogicalType::DATE,
            [](const Session& s) -> Date { return DateOf(LocalTimeOf({s.settings.now}, s.settings)); });
  list->Add("pg.localtime", {}, LogicalType::TIME,
            [](const Session& s) -> Time { return {ClockOf(LocalTimeOf({s.settings.now}, s.settings))}; });
  list->Add("pg.current_time", {}, LogicalType::TIME_TZ, [](const Session& s) -> TimeTz {
    return {ClockOf(LocalTimeOf({s.settings.now}, s.settings)), OffsetAt(s.settings.now, s.settings)};
  });
}

void AddFields(FunctionList* list) {
  list->Add("extract(text,timestamp)",
            [](View unit, Timestamp a) -> std::optional<Numeric> { return FieldOf(unit, a); });
  list->Add("extract(text,timestamptz)", [](const Session& s, View unit, Timestamp a) -> std::optional<Numeric> {
    return FieldOf(unit, a, s.settings);
  });
  list->Add("extract(text,date)", [](View unit, Date a) -> std::optional<Numeric> { return FieldOf(unit, a); });
  list->Add("extract(text,interval)", [](View unit, Interval a) -> std::optional<Numeric> { return FieldOf(unit, a); });
  list->Add("extract(text,time)", [](View unit, Time a) -> std::optional<Numeric> { return FieldOf(unit, a); });
  const auto real = [](const std::optional<Numeric>& value) -> std::optional<double> {
    return value ? std::optional(ValueOrThrow(postgres::DoubleOf(*value))) : std::nullopt;
  };
  static constexpr auto kReal = real;
  list->Add("date_part(text,timestamp)",
            [](View unit, Timestamp a) -> std::optional<double> { return kReal(FieldOf(unit, a)); });
  list->Add("date_part(text,timestamptz)", [](const Session& s, View unit, Timestamp a) -> std::optional<double> {
    return kReal(FieldOf(unit, a, s.settings));
  });
  list->Add("date_part(text,date)",
            [](View unit, Date a) -> std::optional<double> { return kReal(FieldOf(unit, OfDate(a))); });
  list->Add("date_part(text,interval)",
            [](View unit, Interval a) -> std::optional<double> { return kReal(FieldOf(unit, a)); });
  list->Add("date_part(text,time)", [](View unit, Time a) -> std::optional<double> { return kReal(FieldOf(unit, a)); });
  list->Add("date_trunc(text,timestamp)", [](View unit, Timestamp a) -> Timestamp { return Truncated(unit, a); });
  list->Add("date_trunc(text,timestamptz)", [](const Session& s, View unit, Timestamp a) -> Timestamp {
    return MomentOf(Truncated(unit, LocalTimeOf(a, s.settings), "timestamp with time zone"), s.settings);
  });
  list->Add("date_trunc(text,interval)", [](View unit, Interval a) -> Interval { return Truncated(unit, a); });
}

}  // namespace

Interval IntervalBetween(const Interval& low, const Interval& high, double share) {
  const Interval way = Sum(high, Negative(low));
  return Sum(Scaled(way, share), low);
}

Interval DividedInterval(const Interval& value, double divisor) {
  if (divisor == 0) Throw(Error("22012", "division by zero"));
  return OfParts(value.months / divisor, value.days / divisor, value.microseconds / divisor);
}

void AddTimes(FunctionList* list) {
  AddDates(list);
  AddTimestamps(list);
  AddIntervals(list);
  AddCastsOfTimes(list);
  AddNow(list);
  AddFields(list);
  AddZones(list);
  AddSeries(list);
}

}  // namespace weir::sql::duck
