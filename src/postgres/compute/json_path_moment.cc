#include "postgres/compute/json_path_moment.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "postgres/compute/datetime_format.h"
#include "postgres/error.h"
#include "postgres/value.h"
#include "postgres/value/calendar.h"

namespace weir::postgres {
namespace {

constexpr std::string_view kNotAMoment = "22031";
constexpr int64_t kSecondsOfHour = 3600;

constexpr std::string_view kOfNothing = "datetime format is not dated and not timed";

Status BadFormat(std::string message) { return Error(sqlstate::kInvalidDatetimeFormat, std::move(message)); }

void AppendZoneOffset(int offset, std::string* out) {
  const int seconds = std::abs(offset);
  *out += fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', seconds / kSecondsOfHour, seconds / 60 % 60);
}

int64_t ClockOf(const TimeByFormat& read) {
  return (int64_t{read.hour} * 60 + read.minute) * kMicrosPerMinute + read.second * kMicrosPerSecond + read.microsecond;
}

Result<JsonMoment> MomentOfDay(const TimeByFormat& read, std::string_view text) {
  const int64_t days = DaysOf(read.year, read.month, read.day);
  if (!IsValidDate(days)) return Error("22008", fmt::format("date out of range: \"{}\"", text));
  JsonMoment moment{.type = oid::kDate};
  AppendDate(Date{static_cast<int32_t>(days)}, {}, &moment.text);
  return moment;
}

/// "2017-03-10 12:34:00 BC" with T between day and time, and the zone behind the time.
Result<JsonMoment> MomentOfDayAndTime(const TimeByFormat& read, bool zoned) {
  int64_t local = DaysOf(read.year, read.month, read.day) * kMicrosPerDay + ClockOf(read);
  if (read.precision) local = ApplyTimestampModifier({local}, *read.precision).microseconds;
  const int64_t moment = local - (zoned ? *read.offset : 0) * kMicrosPerSecond;
  if (!IsValidTimestamp(moment)) return Error("22008", zoned ? "timestamptz out of range" : "timestamp out of range");
  JsonMoment result{.type = zoned ? oid::kTimestamptz : oid::kTimestamp};
  AppendTimestamp({local}, {}, &result.text);
  result.text[result.text.find(' ')] = 'T';
  if (!zoned) return result;
  const size_t era = result.text.find(' ');
  std::string rest = era == std::string::npos ? "" : result.text.substr(era);
  result.text.resize(result.text.size() - rest.size());
  AppendZoneOffset(*read.offset, &result.text);
  result.text += rest;
  return result;
}

JsonMoment MomentOfTime(const TimeByFormat& read, bool zoned) {
  Time time{ClockOf(read)};
  if (read.precision) time = ApplyTimeModifier(time, *read.precision);
  JsonMoment moment{.type = zoned ? oid::kTimetz : oid::kTime};
  AppendTime(time, &moment.text);
  if (zoned) AppendZoneOffset(*read.offset, &moment.text);
  return moment;
}

Result<JsonMoment> ReadWith(const DateTimeFormat& format, std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const TimeByFormat read, format.ReadExactly(text));
  const DateTimeFormat::Parts parts = format.parts();
  if (!parts.date && !parts.time) return BadFormat(std::string(kOfNothing));
  if (parts.zone && !parts.time) return BadFormat("datetime format is zoned but not timed");
  if (parts.zone && !read.offset) {
    const char* type = parts.date ? "timestamptz" : "timetz";
    return BadFormat(fmt::format("missing time zone in input string for type {}", type));
  }
  if (!parts.time) return MomentOfDay(read, text);
  return parts.date ? MomentOfDayAndTime(read, parts.zone) : Result<JsonMoment>(MomentOfTime(read, parts.zone));
}

/// A day, a time of day with or without its zone, and both of them with a blank or T between.
const std::vector<DateTimeFormat>& IsoFormats() {
  static const auto* formats = [] {
    constexpr std::array kTimes = {"HH24:MI:SS.USTZH:TZM", "HH24:MI:SS.USTZH", "HH24:MI:SSTZH:TZM",
                                   "HH24:MI:SSTZH",        "HH24:MI:SS.US",    "HH24:MI:SS"};
    auto* all = new std::vector<DateTimeFormat>{DateTimeFormat("yyyy-mm-dd")};
    for (const std::string day : {"", "yyyy-mm-dd ", "yyyy-mm-dd\"T\""}) {
      for (const char* time : kTimes) all->emplace_back(day + time);
    }
    return all;
  }();
  return *formats;
}

// --- comparison ---

bool HasDay(Oid type) { return type == oid::kDate || type == oid::kTimestamp || type == oid::kTimestamptz; }
bool HasZone(Oid type) { return type == oid::kTimetz || type == oid::kTimestamptz; }

Status NeedsZone(const JsonMoment& from, const JsonMoment& to) {
  return Error("0A000",
               fmt::format("cannot convert value from {} to {} without time zone usage", FindType(from.type)->name,
                           FindType(to.type)->name),
               {.hint = "Use *_tz() function for time zone support."});
}

TimeZonePtr ZoneIn(const Settings& settings) { return settings.zone ? settings.zone : TimeZone::Utc(); }

/// Days and moments as moments: their own, or local ones if there is no zone among them.
Timestamp AsMoment(Oid type, const Value& value, bool zoned, const Settings& settings) {
  const auto* date = std::get_if<Date>(&value);
  int64_t local = date == nullptr ? std::get<Timestamp>(value).microseconds : 0;
  if (date != nullptr && __builtin_mul_overflow(int64_t{date->days}, kMicrosPerDay, &local)) {
    return {date->days > 0 ? INT64_MAX : INT64_MIN};  // beyond all timestamps
  }
  if (!zoned || type == oid::kTimestamptz) return {local};
  return {local - ZoneIn(settings)->OffsetOfLocal(FloorQuotient(local, kMicrosPerSecond)) * kMicrosPerSecond};
}

Value AsTimeTz(Value value, const Settings& settings) {
  const auto* time = std::get_if<Time>(&value);
  if (time == nullptr) return value;
  return TimeTz{time->microseconds, ZoneIn(settings)->OffsetAt(FloorQuotient(settings.now, kMicrosPerSecond))};
}

}  // namespace

Result<JsonMoment> ReadJsonMoment(std::string_view text) {
  for (const DateTimeFormat& format : IsoFormats()) {
    auto moment = ReadWith(format, text);
    if (moment.ok()) return moment;
  }
  return Error(kNotAMoment, fmt::format("datetime format is not recognized: \"{}\"", text),
               {.hint = "Use a datetime template argument to specify the input data format."});
}

Result<JsonMoment> ReadJsonMoment(std::string_view text, std::string_view pattern, bool* bad_template) {
  const Status status = DateTimeFormat::CheckExact(pattern);
  *bad_template = !status.ok();
  if (!status.ok()) return status;
  if (pattern.empty()) return BadFormat(std::string(kOfNothing));  // whatever the text is
  return ReadWith(DateTimeFormat(pattern), text);
}

Result<std::optional<std::strong_ordering>> CompareJsonMoments(const JsonMoment& a, const JsonMoment& b,
                                                               const Settings* settings) {
  using Order = std::optional<std::strong_ordering>;
  if (HasDay(a.type) != HasDay(b.type)) return Order();
  const bool zoned = HasZone(a.type) || HasZone(b.type);
  if (HasZone(a.type) != HasZone(b.type) && settings == nullptr) {
    return HasZone(a.type) ? NeedsZone(b, a) : NeedsZone(a, b);
  }
  WEIR_ASSIGN_OR_RETURN(Value left, ReadText({a.type}, a.text, {}));
  WEIR_ASSIGN_OR_RETURN(Value right, ReadText({b.type}, b.text, {}));
  const Settings& in = settings == nullptr ? Settings() : *settings;
  if (HasDay(a.type)) {
    return Order(AsMoment(a.type, left, zoned, in).microseconds <=> AsMoment(b.type, right, zoned, in).microseconds);
  }
  if (!zoned) return Order(CompareValues(oid::kTime, left, right));
  return Order(CompareValues(oid::kTimetz, AsTimeTz(std::move(left), in), AsTimeTz(std::move(right), in)));
}

}  // namespace weir::postgres
