#include "postgres/value/interval.h"

#include <array>
#include <cstdlib>

#include "format/big_endian.h"
#include "postgres/type.h"
#include "postgres/value/calendar.h"
#include "postgres/value/interval_fields.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr int kMonthsPerYear = 12;
constexpr int kDaysPerMonth = 30;

/// The parts that are written, each with its sign.
struct Parts {
  int years, months, days;
  int64_t hours;
  int minutes, seconds, fraction;

  bool has_time() const { return hours != 0 || has_negative_or_positive_clock(); }
  bool has_negative_or_positive_clock() const { return minutes != 0 || seconds != 0 || fraction != 0; }
  bool negative_time() const { return hours < 0 || minutes < 0 || seconds < 0 || fraction < 0; }
  bool positive_time() const { return hours > 0 || minutes > 0 || seconds > 0 || fraction > 0; }
};

Parts PartsOf(const Interval& value) {
  const int64_t us = value.microseconds;
  return {.years = value.months / kMonthsPerYear,
          .months = value.months % kMonthsPerYear,
          .days = value.days,
          .hours = us / kMicrosPerHour,
          .minutes = static_cast<int>(us % kMicrosPerHour / kMicrosPerMinute),
          .seconds = static_cast<int>(us % kMicrosPerMinute / kMicrosPerSecond),
          .fraction = static_cast<int>(us % kMicrosPerSecond)};
}

int64_t Size(int64_t value) { return value < 0 ? -value : value; }

/// Seconds and their fraction without a sign.
void AppendSeconds(const Parts& parts, size_t width, std::string* out) {
  AppendPadded(std::abs(parts.seconds), width, out);
  if (parts.fraction == 0) return;
  out->push_back('.');
  AppendPadded(std::abs(parts.fraction), 6, out);
  while (out->back() == '0') out->pop_back();
}

/// "04:05:06.7" without a sign.
void AppendUnsignedClock(const Parts& parts, size_t hour_width, std::string* out) {
  AppendPadded(Size(parts.hours), hour_width, out);
  out->push_back(':');
  AppendPadded(std::abs(parts.minutes), 2, out);
  out->push_back(':');
  AppendSeconds(parts, 2, out);
}

/// "1 year 2 mons -3 days +04:05:06"
void AppendPostgres(const Parts& parts, std::string* out) {
  bool first = true;
  bool after_negative = false;
  const auto part = [&](int value, std::string_view unit) {
    if (value == 0) return;
    if (!first) out->push_back(' ');
    if (after_negative && value > 0) out->push_back('+');
    AppendInteger(value, out);
    out->push_back(' ');
    *out += unit;
    if (value != 1) out->push_back('s');
    first = false;
    after_negative = value < 0;
  };
  part(parts.years, "year");
  part(parts.months, "mon");
  part(parts.days, "day");
  if (!parts.has_time() && !first) return;
  if (!first) out->push_back(' ');
  if (parts.negative_time()) out->push_back('-');
  else if (after_negative) out->push_back('+');
  AppendUnsignedClock(parts, 2, out);
}

/// "@ 1 year 2 mons -3 days 4 hours 5 mins 6 secs ago"
void AppendVerbose(const Parts& parts, std::string* out) {
  bool zero = true;
  bool ago = false;  // the first part's sign holds for all
  out->push_back('@');
  const auto part = [&](int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (zero) {
      ago = value < 0;
      value = Size(value);
    } else if (ago) {
      value = -value;
    }
    out->push_back(' ');
    AppendInteger(value, out);
    out->push_back(' ');
    *out += unit;
    if (value != 1) out->push_back('s');
    zero = false;
  };
  part(parts.years, "year");
  part(parts.months, "mon");
  part(parts.days, "day");
  part(parts.hours, "hour");
  part(parts.minutes, "min");
  if (parts.seconds != 0 || parts.fraction != 0) {
    const bool negative = parts.seconds < 0 || parts.fraction < 0;
    out->push_back(' ');
    if (zero) ago = negative;
    else if (negative != ago) out->push_back('-');
    AppendSeconds(parts, 1, out);
    *out += std::abs(parts.seconds) != 1 || parts.fraction != 0 ? " secs" : " sec";
    zero = false;
  }
  if (zero) *out += " 0";
  if (ago) *out += " ago";
}

/// "P1Y2M-3DT4H5M6S"
void AppendIso(const Parts& parts, std::string* out) {
  const size_t start = out->size();
  const auto part = [&](int64_t value, char unit) {
    if (value == 0) return;
    AppendInteger(value, out);
    out->push_back(unit);
  };
  out->push_back('P');
  part(parts.years, 'Y');
  part(parts.months, 'M');
  part(parts.days, 'D');
  if (parts.has_time()) out->push_back('T');
  part(parts.hours, 'H');
  part(parts.minutes, 'M');
  if (parts.seconds != 0 || parts.fraction != 0) {
    if (parts.seconds < 0 || parts.fraction < 0) out->push_back('-');
    AppendSeconds(parts, 1, out);
    out->push_back('S');
  }
  if (out->size() == start + 1) *out += "T0S";
}

void AppendYearsMonths(const Parts& parts, std::string* out) {
  AppendInteger(std::abs(parts.years), out);
  out->push_back('-');
  AppendInteger(std::abs(parts.months), out);
}

/// "1-2", "3 4:05:06"; "+1-2 -3 +4:05:06" for what the standard has no form of.
void AppendStandard(const Parts& parts, std::string* out) {
  const bool negative = parts.years < 0 || parts.months < 0 || parts.days < 0 || parts.negative_time();
  const bool positive = parts.years > 0 || parts.months > 0 || parts.days > 0 || parts.positive_time();
  const bool year_month = parts.years != 0 || parts.months != 0;
  const bool day_time = parts.days != 0 || parts.has_time();
  const auto sign = [&](bool minus) { out->push_back(minus ? '-' : '+'); };
  if (!negative && !positive) {
    out->push_back('0');
    return;
  }
  if ((negative && positive) || (year_month && day_time)) {
    sign(parts.years < 0 || parts.months < 0);
    AppendYearsMonths(parts, out);
    out->push_back(' ');
    sign(parts.days < 0);
    AppendInteger(Size(parts.days), out);
    out->push_back(' ');
    sign(parts.negative_time());
    AppendUnsignedClock(parts, 1, out);
    return;
  }
  if (negative) out->push_back('-');
  if (year_month) {
    AppendYearsMonths(parts, out);
    return;
  }
  if (parts.days != 0) {
    AppendInteger(Size(parts.days), out);
    out->push_back(' ');
  }
  AppendUnsignedClock(parts, 1, out);
}

}  // namespace

__int128 SpanOf(const Interval& value) {
  const int64_t days = int64_t{value.months} * kDaysPerMonth + value.days;
  return static_cast<__int128>(days) * kMicrosPerDay + value.microseconds;
}

std::strong_ordering Interval::operator<=>(const Interval& other) const { return SpanOf(*this) <=> SpanOf(other); }

void AppendInterval(const Interval& value, IntervalStyle style, std::string* out) {
  const Parts parts = PartsOf(value);
  switch (style) {
    case IntervalStyle::kPostgres: return AppendPostgres(parts, out);
    case IntervalStyle::kPostgresVerbose: return AppendVerbose(parts, out);
    case IntervalStyle::kSqlStandard: return AppendStandard(parts, out);
    case IntervalStyle::kIso8601: return AppendIso(parts, out);
  }
}

Result<Interval> ReadIntervalBinary(std::string_view bytes) {
  constexpr size_t kBytes = 16;
  if (bytes.size() != kBytes) return bytes.size() < kBytes ? TooFewBytes() : TooManyBytes();
  return Interval{.months = LoadBigEndian<int32_t>(bytes.substr(12)),
                  .days = LoadBigEndian<int32_t>(bytes.substr(8)),
                  .microseconds = LoadBigEndian<int64_t>(bytes)};
}

void AppendIntervalBinary(const Interval& value, std::string* out) {
  AppendBigEndian(value.microseconds, out);
  AppendBigEndian(value.days, out);
  AppendBigEndian(value.months, out);
}

Interval ApplyIntervalModifier(Interval value, int32_t modifier) {
  if (modifier < 0) return value;
  const IntervalModifier declared = UnpackInterval(modifier);
  const int32_t fields = declared.fields;
  const bool full = fields == kIntervalAllFields;
  const auto cut = [&](int64_t unit) { value.microseconds -= value.microseconds % unit; };
  if (!full && (fields & kIntervalSecond) == 0) {
    if (fields & kIntervalMinute) cut(kMicrosPerMinute);
    else if (fields & kIntervalHour) cut(kMicrosPerHour);
    else value.microseconds = 0;
  }
  if (!full && (fields & (kIntervalDay | kIntervalHour | kIntervalMinute | kIntervalSecond)) == 0) value.days = 0;
  if (fields == kIntervalYear) value.months -= value.months % kMonthsPerYear;
  constexpr std::array<int64_t, 7> kUnits = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (declared.precision >= 0 && declared.precision < 6) {
    const int64_t unit = kUnits[static_cast<size_t>(declared.precision)];
    const int64_t half = value.microseconds < 0 ? -(unit / 2) : unit / 2;
    int64_t shifted = 0;
    if (!__builtin_add_overflow(value.microseconds, half, &shifted)) value.microseconds = shifted - shifted % unit;
  }
  return value;
}

}  // namespace weir::postgres
