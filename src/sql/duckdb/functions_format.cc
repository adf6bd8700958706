#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "postgres/compute/datetime_format.h"
#include "postgres/compute/number_format.h"
#include "postgres/value/calendar.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/time_lanes.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Date;
using pg::FloorQuotient;
using pg::Interval;
using pg::kMicrosPerDay;
using pg::Numeric;
using pg::Timestamp;
using View = std::string_view;
using Text = Result<std::string>;
using MaybeText = Result<std::optional<std::string>>;

/// The template that a thread has used last: they are constant more often than not.
const pg::DateTimeFormat& FormatOf(View pattern) {
  thread_local std::string last;
  thread_local std::optional<pg::DateTimeFormat> format;
  if (!format || last != pattern) {
    last = std::string(pattern);
    format.emplace(pattern);
  }
  return *format;
}

pg::TimeFields TimeFieldsOf(int64_t local) {
  const int64_t days = FloorQuotient(local, kMicrosPerDay);
  const int64_t clock = local - days * kMicrosPerDay;
  const pg::CivilDate civil = pg::CivilOf(days);
  pg::TimeFields fields;
  fields.year = civil.year;
  fields.month = civil.month;
  fields.day = civil.day;
  fields.hour = clock / pg::kMicrosPerHour;
  fields.minute = static_cast<int>(clock / pg::kMicrosPerMinute % 60);
  fields.second = static_cast<int>(clock / pg::kMicrosPerSecond % 60);
  fields.microsecond = static_cast<int>(clock % pg::kMicrosPerSecond);
  return fields;
}

MaybeText Written(View pattern, const pg::TimeFields& fields) {
  if (pattern.empty()) return std::optional<std::string>();
  std::string text;
  WEIR_RETURN_NOT_OK(FormatOf(pattern).Write(fields, &text));
  return std::optional(std::move(text));
}

MaybeText FormattedText(Timestamp local, View pattern) {
  if (!IsFinite(local)) return std::optional<std::string>();
  return Written(pattern, TimeFieldsOf(local.microseconds));
}

MaybeText FormattedText(Timestamp moment, View pattern, const pg::Settings& settings) {
  if (!IsFinite(moment)) return std::optional<std::string>();
  pg::TimeFields fields = TimeFieldsOf(pg::LocalOf(moment.microseconds, settings));
  const auto zone = settings.zone ? settings.zone : pg::TimeZone::Utc();
  const auto at = zone->At(FloorQuotient(moment.microseconds, pg::kMicrosPerSecond));
  fields.offset = at.offset;
  fields.zone = at.abbreviation;
  return Written(pattern, fields);
}

MaybeText FormattedText(const Interval& interval, View pattern) {
  pg::TimeFields fields;
  fields.interval = true;
  fields.year = interval.months / 12;
  fields.month = interval.months % 12;
  fields.day = interval.days;
  fields.hour = interval.microseconds / pg::kMicrosPerHour;
  fields.minute = static_cast<int>(interval.microseconds / pg::kMicrosPerMinute % 60);
  fields.second = static_cast<int>(interval.microseconds / pg::kMicrosPerSecond % 60);
  fields.microsecond = static_cast<int>(interval.microseconds % pg::kMicrosPerSecond);
  return Written(pattern, fields);
}

/// What to_timestamp has read, as a moment.
Result<Timestamp> ParsedMoment(View text, View pattern, const pg::Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const pg::TimeByFormat read, FormatOf(pattern).Read(text));
  const int64_t clock = (int64_t{read.hour} * 60 + read.minute) * pg::kMicrosPerMinute +
                        read.second * pg::kMicrosPerSecond + read.microsecond;
  int64_t local = pg::DaysOf(read.year, read.month, read.day) * kMicrosPerDay + clock;
  if (read.precision) local = pg::ApplyTimestampModifier({local}, *read.precision).microseconds;
  const auto zone = settings.zone ? settings.zone : pg::TimeZone::Utc();
  const int32_t offset = read.offset ? *read.offset : zone->OffsetOfLocal(FloorQuotient(local, pg::kMicrosPerSecond));
  const int64_t moment = local - offset * pg::kMicrosPerSecond;
  if (!pg::IsValidTimestamp(moment)) return Error("22008", "timestamp out of range");
  return Timestamp{moment};
}

Result<Date> ParsedDate(View text, View pattern) {
  WEIR_ASSIGN_OR_RETURN(const pg::TimeByFormat read, FormatOf(pattern).Read(text));
  const int64_t days = pg::DaysOf(read.year, read.month, read.day);
  if (!pg::IsValidDate(days)) return Error("22008", "date out of range: \"" + std::string(text) + "\"");
  return Date{static_cast<int32_t>(days)};
}

std::string PlainText(const Numeric& value) {
  std::string text;
  pg::AppendNumeric(value, &text);
  return text;
}

/// One digit before the point, `scale` behind it, and the exponent.
Text ScientificText(const Numeric& value, int scale) {
  std::string digits;
  int exponent = -1;
  bool fraction = false;
  for (char c : PlainText(pg::Abs(value))) {
    if (c == '.') {
      fraction = true;
    } else if (!digits.empty() || c != '0') {
      digits += c;
      if (!fraction) ++exponent;
    } else if (fraction) {
      --exponent;
    }
  }
  if (digits.empty()) {
    digits = "0";
    exponent = 0;
  }
  WEIR_ASSIGN_OR_RETURN(Numeric mantissa,
                        pg::ReadNumeric(digits.substr(0, 1) + "." + (digits.size() > 1 ? digits.substr(1) : "0")));
  WEIR_ASSIGN_OR_RETURN(mantissa, pg::Round(mantissa, scale));
  if (mantissa >= Numeric(int64_t{10})) {
    WEIR_ASSIGN_OR_RETURN(mantissa, pg::Divide(mantissa, Numeric(int64_t{10})));
    WEIR_ASSIGN_OR_RETURN(mantissa, pg::Round(mantissa, scale));
    ++exponent;
  }
  char power[16];
  std::snprintf(power, sizeof power, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
  return (value.sign() < 0 ? "-" : "") + PlainText(mantissa) + power;
}

Text NumberText(const Numeric& value, View pattern) {
  WEIR_ASSIGN_OR_RETURN(const pg::NumberFormat format, pg::NumberFormat::Parse(pattern));
  if (!value.is_finite()) return format.WriteNotFinite(PlainText(value));
  if (format.scientific()) {
    WEIR_ASSIGN_OR_RETURN(std::string text, ScientificText(value, format.scale()));
    return format.Write(text);
  }
  Numeric shifted = value;
  if (format.shift() > 0) {
    WEIR_ASSIGN_OR_RETURN(const Numeric power, pg::Power(Numeric(int64_t{10}), Numeric(int64_t{format.shift()})));
    WEIR_ASSIGN_OR_RETURN(shifted, pg::Multiply(value, power));
  }
  WEIR_ASSIGN_OR_RETURN(shifted, pg::Round(shifted, format.roman() ? 0 : format.scale()));
  return format.Write(PlainText(shifted));
}

Result<std::optional<Numeric>> NumberOf(View text, View pattern) {
  if (pattern.empty()) return std::optional<Numeric>();
  WEIR_ASSIGN_OR_RETURN(const pg::NumberFormat format, pg::NumberFormat::Parse(pattern));
  WEIR_ASSIGN_OR_RETURN(const std::string plain, format.Read(text));
  WEIR_ASSIGN_OR_RETURN(Numeric value, pg::ReadNumeric(plain));
  if (format.shift() > 0) {
    WEIR_ASSIGN_OR_RETURN(const Numeric power, pg::Power(Numeric(int64_t{10}), Numeric(int64_t{format.shift()})));
    WEIR_ASSIGN_OR_RETURN(value, pg::Divide(value, power));
  }
  return std::optional(std::move(value));
}

/// Of a floating point number: as many digits as it has that are true, the last one rounded as its bits say (2.5 to 2).
template <typename Number>
Text FloatingText(Number value, View pattern) {
  WEIR_ASSIGN_OR_RETURN(pg::NumberFormat format, pg::NumberFormat::Parse(pattern));
  if (!std::isfinite(value)) return NumberText(pg::NumericOfDouble(value), pattern);
  if (format.roman()) return NumberText(pg::NumericOfDouble(std::rint(value)), pattern);
  if (format.scientific()) return format.Write(fmt::format("{:.{}e}", double{value}, format.scale()));
  if (format.shift() > 0) value *= static_cast<Number>(std::pow(10.0, format.shift()));
  const auto whole = static_cast<int>(fmt::format("{:.0f}", std::abs(double{value})).size());
  format.SetScale(std::clamp(std::numeric_limits<Number>::digits10 - whole, 0, format.scale()));
  return format.Write(fmt::format("{:.{}f}", double{value}, format.scale()));
}

}  // namespace

void AddFormats(FunctionList* list) {
  list->Add("to_char(timestamp,text)",
            [](Timestamp a, View pattern) -> MaybeText { return FormattedText(a, pattern); });
  list->Add("to_char(timestamptz,text)", [](const SessionValues& s, Timestamp a, View pattern) -> MaybeText {
    return FormattedText(a, pattern, s.settings);
  });
  list->Add("to_char(interval,text)", [](Interval a, View pattern) -> MaybeText { return FormattedText(a, pattern); });
  list->Add("to_char(numeric,text)", [](const Numeric& a, View pattern) -> Text { return NumberText(a, pattern); });
  list->Add("to_char(int4,text)",
            [](int32_t a, View pattern) -> Text { return NumberText(Numeric(int64_t{a}), pattern); });
  list->Add("to_char(int8,text)", [](int64_t a, View pattern) -> Text { return NumberText(Numeric(a), pattern); });
  list->Add("to_char(float4,text)", [](float a, View pattern) -> Text { return FloatingText(a, pattern); });
  list->Add("to_char(float8,text)", [](double a, View pattern) -> Text { return FloatingText(a, pattern); });
  list->Add("to_number(text,text)",
            [](View text, View pattern) -> Result<std::optional<Numeric>> { return NumberOf(text, pattern); });
  list->Add("to_date(text,text)", [](View text, View pattern) -> Result<Date> { return ParsedDate(text, pattern); });
  list->Add("to_timestamp(text,text)", [](const SessionValues& s, View text, View pattern) -> Result<Timestamp> {
    return ParsedMoment(text, pattern, s.settings);
  });
}

}  // namespace weir::sql::duck
