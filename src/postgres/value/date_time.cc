#include "postgres/value/date_time.h"

#include <array>
#include <cstdlib>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/calendar.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr int64_t kMicrosecondsTo2000 = kDaysTo2000 * kMicrosPerDay;
constexpr int64_t kFirstDay = -kJulianDayOf1970;        // 24 November 4714 BC
constexpr int64_t kEndDay = 2'145'042'906;              // 1 January 5874898
constexpr int64_t kFirstMicrosecond = kFirstDay * kMicrosPerDay;
constexpr int32_t kMostOffset = 15 * 3600 + 59 * 60 + 59;
constexpr size_t kLongestZone = 10;  // characters of an abbreviation that are shown

constexpr std::array<std::string_view, 7> kShortWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kShortMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Writes the infinities; false for another value.
template <typename T>
bool AppendInfinity(T value, T infinity, std::string* out) {
  if (value < infinity && value > -infinity) return false;
  *out += value > 0 ? "infinity" : "-infinity";
  return true;
}

/// Writes two digits.
void PutTwo(uint32_t number, char* text) {
  text[0] = static_cast<char>('0' + number / 10);
  text[1] = static_cast<char>('0' + number % 10);
}

/// "1970-01-01"
void AppendIsoDate(const CivilDate& date, std::string* out) {
  char text[10] = {0, 0, 0, 0, '-', 0, 0, '-', 0, 0};
  const auto year = static_cast<uint32_t>(date.year);
  PutTwo(year / 100, text);
  PutTwo(year % 100, text + 2);
  PutTwo(static_cast<uint32_t>(date.month), text + 5);
  PutTwo(static_cast<uint32_t>(date.day), text + 8);
  out->append(text, sizeof(text));
}

void AppendNumbers(int64_t first, size_t first_width, char delimiter, int64_t second, int64_t third, size_t third_width,
                   std::string* out) {
  AppendPadded(first, first_width, out);
  out->push_back(delimiter);
  AppendPadded(second, 2, out);
  out->push_back(delimiter);
  AppendPadded(third, third_width, out);
}

/// A date in numbers; a year before Christ is said at the text's end.
void AppendDateNumbers(const CivilDate& date, const Settings& settings, std::string* out) {
  if (settings.date_style == DateStyle::kIso && date.year > 0 && date.year < 10'000) return AppendIsoDate(date, out);
  const int64_t year = date.year > 0 ? date.year : 1 - date.year;
  const bool day_first = settings.date_order == DateOrder::kDmy;
  switch (settings.date_style) {
    case DateStyle::kIso: return AppendNumbers(year, 4, '-', date.month, date.day, 2, out);
    case DateStyle::kGerman: return AppendNumbers(date.day, 2, '.', date.month, year, 4, out);
    case DateStyle::kSql:
    case DateStyle::kPostgres: break;
  }
  const char delimiter = settings.date_style == DateStyle::kSql ? '/' : '-';
  if (day_first) AppendNumbers(date.day, 2, delimiter, date.month, year, 4, out);
  else AppendNumbers(date.month, 2, delimiter, date.day, year, 4, out);
}

/// "Thu Jan 01 00:00:00 1970"
void AppendPostgresMoment(int64_t days, const CivilDate& date, int64_t time, const Settings& settings,
                          std::string* out) {
  *out += kShortWeekdays[static_cast<size_t>(WeekdayOf(days))];
  out->push_back(' ');
  const std::string_view month = kShortMonths[static_cast<size_t>(date.month - 1)];
  if (settings.date_order == DateOrder::kDmy) {
    AppendPadded(date.day, 2, out);
    out->push_back(' ');
    *out += month;
  } else {
    *out += month;
    out->push_back(' ');
    AppendPadded(date.day, 2, out);
  }
  out->push_back(' ');
  AppendClock(time, out);
  out->push_back(' ');
  AppendPadded(date.year > 0 ? date.year : 1 - date.year, 4, out);
}

/// Returns whether the year lies before Christ.
bool AppendMoment(int64_t microseconds, const Settings& settings, std::string* out) {
  const int64_t days = FloorQuotient(microseconds, kMicrosPerDay);
  const int64_t time = microseconds - days * kMicrosPerDay;
  const CivilDate date = CivilOf(days);
  if (settings.date_style == DateStyle::kPostgres) {
    AppendPostgresMoment(days, date, time, settings, out);
  } else {
    AppendDateNumbers(date, settings, out);
    out->push_back(' ');
    AppendClock(time, out);
  }
  return date.year <= 0;
}

/// "+02", "-03:30"
void AppendOffset(int32_t offset, std::string* out) {
  out->push_back(offset < 0 ? '-' : '+');
  const int32_t size = std::abs(offset);
  AppendPadded(size / 3600, 2, out);
  if (size % 3600 == 0) return;
  out->push_back(':');
  AppendPadded(size % 3600 / 60, 2, out);
  if (size % 60 == 0) return;
  out->push_back(':');
  AppendPadded(size % 60, 2, out);
}

TimeZone::Local ZoneAt(int64_t microseconds, const Settings& settings) {
  if (settings.zone == nullptr) return {.offset = 0, .daylight = false, .abbreviation = "UTC"};
  return settings.zone->At(FloorQuotient(microseconds, kMicrosPerSecond));
}

Status WrongSize(std::string_view bytes, size_t size) { return bytes.size() < size ? TooFewBytes() : TooManyBytes(); }

/// Rounds half away from zero.
int64_t RoundTo(int64_t value, int32_t modifier) {
  constexpr std::array<int64_t, 7> kUnits = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (modifier < 0 || modifier >= 6) return value;
  const int64_t unit = kUnits[static_cast<size_t>(modifier)];
  const int64_t half = unit / 2;
  return value >= 0 ? (value + half) / unit * unit : -((-value + half) / unit * unit);
}

}  // namespace

std::strong_ordering TimeTz::operator<=>(const TimeTz& other) const {
  const int64_t moment = microseconds - offset * kMicrosPerSecond;
  const int64_t others = other.microseconds - other.offset * kMicrosPerSecond;
  if (moment != others) return moment <=> others;
  return other.offset <=> offset;
}

bool IsFinite(Date date) { return date.days < kInfiniteDate && date.days > -kInfiniteDate; }
bool IsFinite(Timestamp timestamp) {
  return timestamp.microseconds < kInfiniteTimestamp && timestamp.microseconds > -kInfiniteTimestamp;
}

bool IsValidDate(int64_t days) { return days >= kFirstDay && days < kEndDay; }
bool IsValidTimestamp(int64_t microseconds) {
  return microseconds >= kFirstMicrosecond && microseconds < kInfiniteTimestamp;
}

int64_t LocalOf(int64_t microseconds, const Settings& settings) {
  const int64_t offset = ZoneAt(microseconds, settings).offset * kMicrosPerSecond;
  int64_t local = 0;
  return __builtin_add_overflow(microseconds, offset, &local) ? microseconds : local;
}

void AppendClock(int64_t microseconds, std::string* out) {
  const auto seconds = static_cast<uint32_t>(microseconds / kMicrosPerSecond);  // of a day, or its end
  char text[8] = {0, 0, ':', 0, 0, ':', 0, 0};
  PutTwo(seconds / 3600, text);
  PutTwo(seconds % 3600 / 60, text + 3);
  PutTwo(seconds % 60, text + 6);
  out->append(text, sizeof(text));
  const int64_t fraction = microseconds % kMicrosPerSecond;
  if (fraction == 0) return;
  out->push_back('.');
  AppendPadded(fraction, 6, out);
  while (out->back() == '0') out->pop_back();
}

void AppendDate(Date date, const Settings& settings, std::string* out) {
  if (AppendInfinity(date.days, kInfiniteDate, out)) return;
  const CivilDate civil = CivilOf(date.days);
  AppendDateNumbers(civil, settings, out);
  if (civil.year <= 0) *out += " BC";
}

void AppendTime(Time time, std::string* out) { AppendClock(time.microseconds, out); }

void AppendTimeTz(TimeTz time, std::string* out) {
  AppendClock(time.microseconds, out);
  AppendOffset(time.offset, out);
}

void AppendTimestamp(Timestamp timestamp, const Settings& settings, std::string* out) {
  if (AppendInfinity(timestamp.microseconds, kInfiniteTimestamp, out)) return;
  if (AppendMoment(timestamp.microseconds, settings, out)) *out += " BC";
}

void AppendTimestampTz(Timestamp timestamp, const Settings& settings, std::string* out) {
  if (AppendInfinity(timestamp.microseconds, kInfiniteTimestamp, out)) return;
  const TimeZone::Local zone = ZoneAt(timestamp.microseconds, settings);
  const bool before_christ = AppendMoment(LocalOf(timestamp.microseconds, settings), settings, out);
  if (settings.date_style == DateStyle::kIso) {
    AppendOffset(zone.offset, out);
  } else {
    out->push_back(' ');
    *out += zone.abbreviation.substr(0, kLongestZone);
  }
  if (before_christ) *out += " BC";
}

Result<Date> ReadDateBinary(std::string_view bytes) {
  if (bytes.size() != sizeof(int32_t)) return WrongSize(bytes, sizeof(int32_t));
  const auto since_2000 = LoadBigEndian<int32_t>(bytes);
  if (since_2000 == kInfiniteDate) return Date{kInfiniteDate};
  if (since_2000 == std::numeric_limits<int32_t>::min()) return Date{-kInfiniteDate};
  const int64_t days = int64_t{since_2000} + kDaysTo2000;
  if (!IsValidDate(days)) return Error("22008", "date out of range");
  return Date{static_cast<int32_t>(days)};
}

void AppendDateBinary(Date date, std::string* out) {
  int64_t since_2000 = date.days - kDaysTo2000;
  if (!IsFinite(date)) since_2000 = date.days > 0 ? kInfiniteDate : std::numeric_limits<int32_t>::min();
  AppendBigEndian(static_cast<int32_t>(since_2000), out);
}

Result<Time> ReadTimeBinary(std::string_view bytes) {
  if (bytes.size() != sizeof(int64_t)) return WrongSize(bytes, sizeof(int64_t));
  const auto microseconds = LoadBigEndian<int64_t>(bytes);
  if (microseconds < 0 || microseconds > kMicrosPerDay) return Error("22008", "time out of range");
  return Time{microseconds};
}

void AppendTimeBinary(Time time, std::string* out) { AppendBigEndian(time.microseconds, out); }

Result<TimeTz> ReadTimeTzBinary(std::string_view bytes) {
  constexpr size_t kBytes = sizeof(int64_t) + sizeof(int32_t);
  if (bytes.size() != kBytes) return WrongSize(bytes, kBytes);
  WEIR_ASSIGN_OR_RETURN(const Time time, ReadTimeBinary(bytes.substr(0, sizeof(int64_t))));
  const auto west = LoadBigEndian<int32_t>(bytes.substr(sizeof(int64_t)));
  if (west < -kMostOffset || west > kMostOffset) return Error("22009", "time zone displacement out of range");
  return TimeTz{.microseconds = time.microseconds, .offset = -west};
}

void AppendTimeTzBinary(TimeTz time, std::string* out) {
  AppendBigEndian(time.microseconds, out);
  AppendBigEndian(-time.offset, out);
}

Result<Timestamp> ReadTimestampBinary(std::string_view bytes) {
  if (bytes.size() != sizeof(int64_t)) return WrongSize(bytes, sizeof(int64_t));
  const auto since_2000 = LoadBigEndian<int64_t>(bytes);
  if (since_2000 == kInfiniteTimestamp) return Timestamp{kInfiniteTimestamp};
  if (since_2000 == std::numeric_limits<int64_t>::min()) return Timestamp{-kInfiniteTimestamp};
  int64_t microseconds = 0;
  if (__builtin_add_overflow(since_2000, kMicrosecondsTo2000, &microseconds) || !IsValidTimestamp(microseconds)) {
    return Error("22008", "timestamp out of range");
  }
  return Timestamp{microseconds};
}

void AppendTimestampBinary(Timestamp timestamp, std::string* out) {
  int64_t since_2000 = 0;
  if (!IsFinite(timestamp)) {
    since_2000 = timestamp.microseconds > 0 ? kInfiniteTimestamp : std::numeric_limits<int64_t>::min();
  } else if (__builtin_sub_overflow(timestamp.microseconds, kMicrosecondsTo2000, &since_2000)) {
    since_2000 = std::numeric_limits<int64_t>::min();
  }
  AppendBigEndian(since_2000, out);
}

Time ApplyTimeModifier(Time time, int32_t modifier) { return {RoundTo(time.microseconds, modifier)}; }
TimeTz ApplyTimeModifier(TimeTz time, int32_t modifier) {
  return {.microseconds = RoundTo(time.microseconds, modifier), .offset = time.offset};
}

Timestamp ApplyTimestampModifier(Timestamp timestamp, int32_t modifier) {
  if (!IsFinite(timestamp)) return timestamp;
  // PostgreSQL rounds away from 2000, since that is where it counts from.
  int64_t since_2000 = 0;
  if (__builtin_sub_overflow(timestamp.microseconds, kMicrosecondsTo2000, &since_2000)) return timestamp;
  return {RoundTo(since_2000, modifier) + kMicrosecondsTo2000};
}

}  // namespace weir::postgres
