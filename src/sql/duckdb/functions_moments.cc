#include <cmath>
#include <cstdio>

#include "postgres/value/calendar.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/time_fields.h"
#include "sql/duckdb/time_lanes.h"
#include "sql/duckdb/time_math.h"

namespace weir::sql::duck {
namespace {

using postgres::Date;
using postgres::Interval;
using postgres::kMicrosPerDay;
using postgres::kMicrosPerSecond;
using postgres::Numeric;
using postgres::Settings;
using postgres::Time;
using postgres::Timestamp;
using postgres::TimeTz;
using Session = SessionValues;
using View = std::string_view;

// --- made of parts ---

std::string DateText(int32_t year, int32_t month, int32_t day) {
  char text[64];
  std::snprintf(text, sizeof(text), "%d-%02d-%02d", year, month, day);
  return text;
}
std::string ClockText(int32_t hour, int32_t minute, double second) {
  char text[64];
  std::snprintf(text, sizeof(text), "%d:%02d:", hour, minute);
  if (std::isinf(second)) return text + std::string(second < 0 ? "-Infinity" : "Infinity");
  if (std::isnan(second)) return text + std::string("NaN");
  std::snprintf(text, sizeof(text), "%d:%02d:%02g", hour, minute, second);
  return text;
}

/// Microseconds since midnight; 60 seconds and 24:00 are times too.
int64_t Clock(int32_t hour, int32_t minute, double second) {
  const double microseconds = std::nearbyint(second * 1e6);
  const bool good = hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 && microseconds <= 60e6 &&
                    (hour < 24 || (minute == 0 && microseconds == 0));
  if (!good) Throw(Error("22008", "time field value out of range: " + ClockText(hour, minute, second)));
  return (int64_t{hour} * 60 + minute) * 60 * kMicrosPerSecond + static_cast<int64_t>(microseconds);
}

/// Negative years are BC.
Timestamp Made(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second) {
  const int64_t civil = year < 0 ? int64_t{year} + 1 : year;
  if (year == 0 || year == INT32_MIN || month < 1 || month > 12 || day < 1 ||
      day > postgres::DaysInMonth(civil, month)) {
    Throw(Error("22008", "date field value out of range: " + DateText(year, month, day)));
  }
  const int64_t days = postgres::DaysOf(civil, month, day);
  if (!postgres::IsValidDate(days)) Throw(Error("22008", "date out of range: " + DateText(year, month, day)));
  const int64_t clock = Clock(hour, minute, second);
  int64_t microseconds;
  const bool fits = !__builtin_mul_overflow(days, kMicrosPerDay, &microseconds) &&
                    !__builtin_add_overflow(microseconds, clock, &microseconds) &&
                    postgres::IsValidTimestamp(microseconds);
  if (!fits) {
    Throw(Error("22008",
                "timestamp out of range: " + DateText(year, month, day) + " " + ClockText(hour, minute, second)));
  }
  return {microseconds};
}

/// A numeric offset has its sign; all else is a zone's name.
Timestamp InZone(Timestamp local, View zone, const Settings& settings) {
  if (!zone.empty() && zone[0] >= '0' && zone[0] <= '9') {
    Throw(Error("22023", "invalid input syntax for type numeric time zone: \"" + std::string(zone) + "\"",
                {.hint = "Numeric time zones must have \"-\" or \"+\" as first character."}));
  }
  if (!zone.starts_with('+') && !zone.starts_with('-')) {
    return Checked(local.microseconds - OffsetOfZone(zone, local.microseconds, true) * kMicrosPerSecond);
  }
  const auto read = postgres::ReadTimeTz("00:00:00" + std::string(zone), settings);
  if (!read.ok()) Throw(Error("22023", "numeric time zone \"" + std::string(zone) + "\" out of range"));
  return Checked(local.microseconds - read->offset * kMicrosPerSecond);
}

void AddMade(FunctionList* list) {
  list->Add("make_time(int4,int4,float8)",
            [](int32_t hour, int32_t minute, double second) -> Time { return {Clock(hour, minute, second)}; });
  list->Add("make_timestamp(int4,int4,int4,int4,int4,float8)",
            [](int32_t y, int32_t m, int32_t d, int32_t hour, int32_t minute, double second) -> Timestamp {
              return Made(y, m, d, hour, minute, second);
            });
  list->Add("make_timestamptz(int4,int4,int4,int4,int4,float8)",
            [](const Session& s, int32_t y, int32_t m, int32_t d, int32_t hour, int32_t minute,
               double second) -> Timestamp { return MomentOf(Made(y, m, d, hour, minute, second), s.settings); });
  list->Add("make_timestamptz(int4,int4,int4,int4,int4,float8,text)",
            [](const Session& s, int32_t y, int32_t m, int32_t d, int32_t hour, int32_t minute, double second,
               View zone) -> Timestamp { return InZone(Made(y, m, d, hour, minute, second), zone, s.settings); });
}

// --- of a date and a time ---

Timestamp OnDay(Date date, int64_t clock) {
  const Timestamp midnight = OfDate(date);
  if (!IsFinite(midnight)) return midnight;
  int64_t microseconds;
  if (__builtin_add_overflow(midnight.microseconds, clock, &microseconds)) TimestampOutOfRange();
  return Checked(microseconds);
}
Timestamp OnDay(Date date, TimeTz time) { return OnDay(date, time.microseconds - time.offset * kMicrosPerSecond); }

TimeTz Turned(TimeTz time, int64_t microseconds) {
  return {WithinDay(time.microseconds + microseconds % kMicrosPerDay), time.offset};
}

void AddDayAndTime(FunctionList* list) {
  list->Add("timestamp(date,time)", [](Date a, Time b) -> Timestamp { return OnDay(a, b.microseconds); });
  list->Add("timestamptz(date,time)", [](const Session& s, Date a, Time b) -> Timestamp {
    return MomentOf(OnDay(a, b.microseconds), s.settings);
  });
  for (const char* name : {"timestamptz(date,timetz)", "datetimetz_pl(date,timetz)"}) {
    list->Add(name, [](Date a, TimeTz b) -> Timestamp { return OnDay(a, b); });
  }
  list->Add("timetzdate_pl(timetz,date)", [](TimeTz b, Date a) -> Timestamp { return OnDay(a, b); });
  list->Add("timetz_pl_interval(timetz,interval)",
            [](TimeTz a, Interval b) -> TimeTz { return Turned(a, b.microseconds); });
  list->Add("interval_pl_timetz(interval,timetz)",
            [](Interval b, TimeTz a) -> TimeTz { return Turned(a, b.microseconds); });
  list->Add("timetz_mi_interval(timetz,interval)",
            [](TimeTz a, Interval b) -> TimeTz { return Turned(a, -(b.microseconds % kMicrosPerDay)); });
  list->Add("timezone(interval,timetz)", [](Interval zone, TimeTz a) -> TimeTz {
    const int32_t offset = OffsetOfZone(zone);
    return {WithinDay(a.microseconds + (offset - a.offset) * kMicrosPerSecond), offset};
  });
}

// --- parts, and what is cut off ---

/// The begin of the stride, counted from `origin`, that a time lies in.
Timestamp Binned(const Interval& stride, Timestamp time, Timestamp origin) {
  if (!IsFinite(time)) return time;
  if (!IsFinite(origin)) Throw(Error("22008", "origin out of range"));
  if (stride.months != 0) {
    Throw(Error("0A000", "timestamps cannot be binned into intervals containing months or years"));
  }
  int64_t step;
  if (__builtin_mul_overflow(int64_t{stride.days}, kMicrosPerDay, &step) ||
      __builtin_add_overflow(step, stride.microseconds, &step)) {
    IntervalOutOfRange();
  }
  if (step <= 0) Throw(Error("22008", "stride must be greater than zero"));
  int64_t distance;
  if (__builtin_sub_overflow(time.microseconds, origin.microseconds, &distance)) IntervalOutOfRange();
  return Checked(origin.microseconds + postgres::FloorQuotient(distance, step) * step);
}

void AddMomentParts(FunctionList* list) {
  for (const char* name : {"date_bin(interval,timestamp,timestamp)", "date_bin(interval,timestamptz,timestamptz)"}) {
    list->Add(name, [](Interval stride, Timestamp time, Timestamp origin) -> Timestamp {
      return Binned(stride, time, origin);
    });
  }
  list->Add("date_trunc(text,timestamptz,text)", [](const Session& s, View unit, Timestamp a, View zone) -> Timestamp {
    if (!IsFinite(a)) return a;
    Settings there = s.settings;
    there.zone = ZoneOf(zone);
    return MomentOf(Truncated(unit, LocalTimeOf(a, there), "timestamp with time zone"), there);
  });
  list->Add("extract(text,timetz)", [](View unit, TimeTz a) -> std::optional<Numeric> { return FieldOf(unit, a); });
  list->Add("date_part(text,timetz)", [](View unit, TimeTz a) -> std::optional<double> {
    const auto field = FieldOf(unit, a);
    return field ? std::optional(ValueOrThrow(postgres::DoubleOf(*field))) : std::nullopt;
  });
}

// --- OVERLAPS ---

/// A period by its ends; one of them may be unknown.
template <typename T>
struct Period {
  T begin;
  std::optional<T> end;
};
template <typename T>
std::optional<Period<T>> PeriodOf(std::optional<T> a, std::optional<T> b) {
  if (!a && !b) return std::nullopt;
  if (!a || !b) return Period<T>{a ? *a : *b, std::nullopt};
  return *a > *b ? Period<T>{*b, a} : Period<T>{*a, b};
}

/// Unknown where an end that would decide is. A period is without its end, but a point has its moment.
template <typename T>
std::optional<bool> Overlap(std::optional<T> a, std::optional<T> b, std::optional<T> c, std::optional<T> d) {
  auto first = PeriodOf(a, b);
  auto second = PeriodOf(c, d);
  if (!first || !second) return std::nullopt;
  if (first->begin == second->begin) return first->end && second->end ? std::optional(true) : std::nullopt;
  if (first->begin > second->begin) std::swap(first, second);
  if (!first->end) return std::nullopt;
  if (second->begin < *first->end) return true;
  return second->end ? std::optional(false) : std::nullopt;
}

/// The four forms of OVERLAPS on a type: each end as a moment or as a length.
template <typename T, typename Add>
void AddOverlaps(FunctionList* list, const std::string& type) {
  using Maybe = std::optional<T>;
  using Length = std::optional<Interval>;
  const auto name = [&](const std::string& second, const std::string& fourth) {
    return "overlaps(" + type + "," + second + "," + type + "," + fourth + ")";
  };
  list->Add(name(type, type),
            [](Maybe a, Maybe b, Maybe c, Maybe d) -> std::optional<bool> { return Overlap(a, b, c, d); });
  list->Add(name("interval", type), [](const Session& s, Maybe a, Length b, Maybe c, Maybe d) -> std::optional<bool> {
    return Overlap(a, Add{}(a, b, s.settings), c, d);
  });
  list->Add(name(type, "interval"), [](const Session& s, Maybe a, Maybe b, Maybe c, Length d) -> std::optional<bool> {
    return Overlap(a, b, c, Add{}(c, d, s.settings));
  });
  list->Add(name("interval", "interval"),
            [](const Session& s, Maybe a, Length b, Maybe c, Length d) -> std::optional<bool> {
              return Overlap(a, Add{}(a, b, s.settings), c, Add{}(c, d, s.settings));
            });
}

struct AddToTime {
  std::optional<Time> operator()(const std::optional<Time>& a, const std::optional<Interval>& b,
                                 const Settings&) const {
    if (!a || !b) return std::nullopt;
    return Time{WithinDay(a->microseconds + b->microseconds % kMicrosPerDay)};
  }
};
struct AddToTimestamp {
  std::optional<Timestamp> operator()(const std::optional<Timestamp>& a, const std::optional<Interval>& b,
                                      const Settings&) const {
    return a && b ? std::optional(Moved(*a, *b)) : std::nullopt;
  }
};
struct AddToMoment {
  std::optional<Timestamp> operator()(const std::optional<Timestamp>& a, const std::optional<Interval>& b,
                                      const Settings& settings) const {
    return a && b ? std::optional(MovedMoment(*a, *b, settings)) : std::nullopt;
  }
};

}  // namespace

void AddMoments(FunctionList* list) {
  AddMade(list);
  AddDayAndTime(list);
  AddMomentParts(list);
  AddOverlaps<Time, AddToTime>(list, "time");
  AddOverlaps<Timestamp, AddToTimestamp>(list, "timestamp");
  AddOverlaps<Timestamp, AddToMoment>(list, "timestamptz");
  using MaybeTimeTz = std::optional<TimeTz>;
  list->Add("overlaps(timetz,timetz,timetz,timetz)",
            [](MaybeTimeTz a, MaybeTimeTz b, MaybeTimeTz c, MaybeTimeTz d) -> std::optional<bool> {
              return Overlap(a, b, c, d);
            });
}

}  // namespace weir::sql::duck
