#include "sql/catalog/range_steps.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "sql/catalog/bound_text.h"
#include "postgres/value/calendar.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/error.h"
#include "types/floor_div.h"

namespace weir::sql {
namespace {

using postgres::kMicrosPerDay;

/// Of days that calendars are asked for; those of PostgreSQL's dates lie within.
constexpr int64_t kFarthestDay = 4'000'000'000;
/// Years that the calendar library knows, less some.
constexpr int64_t kFarthestCalendarDay = 11'000'000;

/// The greatest value of a whole type; nothing for others.
std::optional<int64_t> Greatest(const DataType& type) {
  switch (type.id()) {
    case TypeId::kSmallInt: return std::numeric_limits<int16_t>::max();
    case TypeId::kInt:
    case TypeId::kDate: return std::numeric_limits<int32_t>::max();
    case TypeId::kBigInt: return std::numeric_limits<int64_t>::max();
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return std::numeric_limits<int64_t>::max();
    default: return std::nullopt;
  }
}

bool IsWholeNumber(TypeId type) { return type == TypeId::kSmallInt || type == TypeId::kInt || type == TypeId::kBigInt; }

std::optional<int64_t> Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// The same day of a later month, or its last one.
std::optional<int64_t> AddMonths(int64_t days, int64_t months) {
  if (months == 0) return days;
  if (days > kFarthestCalendarDay || days < -kFarthestCalendarDay) return std::nullopt;
  const date::year_month_day from{date::sys_days{date::days{days}}};
  const int64_t month = static_cast<int>(from.year()) * int64_t{12} + static_cast<unsigned>(from.month()) - 1 + months;
  const int64_t year = FloorDiv(month, 12);
  if (year > static_cast<int>(date::year::max()) || year < static_cast<int>(date::year::min())) return std::nullopt;
  const date::year_month_day_last last{date::year{static_cast<int>(year)},
                                       date::month_day_last{date::month{static_cast<unsigned>(FloorMod(month, 12) + 1)}}};
  const date::year_month_day to = last.year() / last.month() / std::min(from.day(), last.day());
  return date::sys_days{to}.time_since_epoch().count();
}

Status NoStep(const Relation& parent, const Expression& every) {
  return Error("0A000", fmt::format("EVERY is not supported for partition key data type: {}", KeyPartType(parent, 0)),
               {.hint = "It steps over whole numbers, numeric, date and timestamp without time zone.",
                .position = every.position});
}

Result<int64_t> WholeField(const std::string& expression, const Expression& every, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto values, context.evaluate({{expression, "bigint", every.position}}));
  if (values.size() != 1 || values[0].index() != 1) {
    return Error("42P16", "cannot use NULL with range partition specification", {.position = every.position});
  }
  return std::get<int64_t>(values[0]);
}

}  // namespace

Result<std::optional<KeyValue>> NextValue(const Relation& parent, const KeyValue& value, std::string_view what,
                                          std::string_view hint) {
  const std::string type = KeyPartType(parent, 0);
  const DataType& data_type = parent.partition_key->parts[0].type;
  const auto greatest = Greatest(data_type);
  const bool rounded = !IsWholeNumber(data_type.id()) && type.find('(') != std::string::npos;
  if (!greatest || rounded || value.index() != 1) {
    return Error("0A000", fmt::format("{} not supported for partition key data type: {}", what, type),
                 {.hint = std::string(hint)});
  }
  const int64_t number = std::get<int64_t>(value);
  return number >= *greatest ? std::optional<KeyValue>() : std::optional<KeyValue>(number + 1);
}

Result<RangeStep> RangeStep::Make(const Relation& parent, const Expression& every, const DdlContext& context) {
  const DataType& key = parent.partition_key->parts[0].type;
  std::string type = "interval";
  if (context.type_of) {
    WEIR_ASSIGN_OR_RETURN(type, context.type_of(parent.columns, every));
  }
  const bool whole = type == "integer" || type == "bigint" || type == "smallint";
  RangeStep step;
  if (IsWholeNumber(key.id()) && whole) {
    WEIR_ASSIGN_OR_RETURN(step.number_, WholeField(every.text, every, context));
    return step;
  }
  if (key.id() == TypeId::kDecimal && (whole || type.starts_with("numeric"))) {
    WEIR_ASSIGN_OR_RETURN(step.number_, EvaluateKeyValue(parent, 0, every, context.evaluate));
    const std::string cut = fmt::format("CASE WHEN ({0}) = CAST(({0}) AS {1}) THEN 1 ELSE 0 END", every.text,
                                        KeyPartType(parent, 0));
    WEIR_ASSIGN_OR_RETURN(const int64_t exact, WholeField(cut, every, context));
    if (exact == 1) return step;
    return Error("0A000", fmt::format("EVERY has more digits than partition key data type {}", KeyPartType(parent, 0)),
                 {.position = every.position});
  }
  step.unit_ = key.id() == TypeId::kDate ? Unit::kDate : Unit::kTimestamp;
  if (key.id() == TypeId::kDate && whole) {
    WEIR_ASSIGN_OR_RETURN(step.days_, WholeField(every.text, every, context));
    return step;
  }
  const bool calendar = key.id() == TypeId::kDate || key.id() == TypeId::kTimestamp;
  if (!calendar || type != "interval") return NoStep(parent, every);
  const auto field = [&](const char* format) {
    return WholeField(fmt::format(fmt::runtime(format), every.text), every, context);
  };
  WEIR_ASSIGN_OR_RETURN(step.months_, field("EXTRACT(year FROM ({0})) * 12 + EXTRACT(month FROM ({0}))"));
  WEIR_ASSIGN_OR_RETURN(step.days_, field("EXTRACT(day FROM ({}))"));
  WEIR_ASSIGN_OR_RETURN(step.micros_,
                        field("EXTRACT(hour FROM ({0})) * 3600000000 + EXTRACT(minute FROM ({0})) * 60000000 + "
                              "EXTRACT(microsecond FROM ({0}))"));
  return step;
}

std::optional<KeyValue> RangeStep::AddTo(const KeyValue& value) const {
  if (value.index() == 3) {
    __int128 sum = 0;
    if (__builtin_add_overflow(std::get<3>(value), std::get<3>(number_), &sum)) return std::nullopt;
    return sum;
  }
  if (value.index() != 1) return std::nullopt;
  const int64_t from = std::get<int64_t>(value);
  std::optional<int64_t> sum;
  if (unit_ == Unit::kNumber) {
    sum = Sum(from, std::get<int64_t>(number_));
  } else {
    const bool is_date = unit_ == Unit::kDate;
    const int64_t day = is_date ? from : FloorDiv(from, kMicrosPerDay);
    const auto month = AddMonths(day, months_);
    const auto moved = month ? Sum(*month, days_) : std::nullopt;
    if (!moved || *moved > kFarthestDay || *moved < -kFarthestDay) return std::nullopt;
    // A date is its midnight; what time is left of the sum, its cast cuts off.
    int64_t midnight = 0;
    if (__builtin_mul_overflow(*moved, kMicrosPerDay, &midnight)) return std::nullopt;
    sum = Sum(midnight, micros_ + (is_date ? 0 : FloorMod(from, kMicrosPerDay)));
    if (sum && is_date) sum = FloorDiv(*sum, kMicrosPerDay);
  }
  return sum ? std::optional<KeyValue>(*sum) : std::nullopt;
}

}  // namespace weir::sql
