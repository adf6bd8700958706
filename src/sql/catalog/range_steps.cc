#include "sql/catalog/range_steps.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "postgres/oid.h"
#include "postgres/value/calendar.h"
#include "postgres/value/date_time.h"
#include "postgres/value/ordered_text.h"
#include "sql/catalog/bound_text.h"
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
    case TypeId::kTime: return kMicrosPerDay;  // 24:00
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::nullopt;
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
  const date::year_month_day_last last{
      date::year{static_cast<int>(year)},
      date::month_day_last{date::month{static_cast<unsigned>(FloorMod(month, 12) + 1)}}};
  const date::year_month_day to = last.year() / last.month() / std::min(from.day(), last.day());
  return date::sys_days{to}.time_since_epoch().count();
}

Status NullStep(const Expression& every) {
  return Error("42P16", "could not compute next partition boundary with EVERY, plus-operator returned NULL",
               {.position = every.position});
}

Result<int64_t> WholeField(const std::string& expression, const Expression& every, const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto values, context.evaluate({{expression, "bigint", every.position}}));
  if (values.size() != 1 || values[0].index() != 1) {
    return NullStep(every);
  }
  return std::get<int64_t>(values[0]);
}

}  // namespace

Result<std::optional<KeyValue>> NextValue(const Relation& parent, const KeyValue& value, std::string_view what,
                                          std::string_view hint) {
  const std::string type = KeyPartType(parent, 0);
  const DataType& data_type = parent.partition_key->parts[0].type;
  const size_t modifiers = type.find('(');
  if (const auto* text = std::get_if<OrderedText>(&value); text != nullptr && text->type == postgres::oid::kTime) {
    WEIR_ASSIGN_OR_RETURN(const postgres::Time time, postgres::ReadTime(text->text, {}));
    if (time.microseconds >= kMicrosPerDay) return std::optional<KeyValue>();
    WEIR_ASSIGN_OR_RETURN(KeyValue next, postgres::ToOrderedText(text->type, postgres::Time{time.microseconds + 1}));
    return std::optional<KeyValue>(std::move(next));
  }
  const auto greatest = Greatest(data_type);
  if (!greatest || value.index() != 1) {
    return Error("0A000", fmt::format("{} not supported for partition key data type: {}", what,
                                      type.substr(0, modifiers)),
                 {.hint = std::string(hint)});
  }
  if (!IsWholeNumber(data_type.id()) && modifiers != std::string::npos) {
    return Error("0A000",
                 fmt::format("{} not supported when partition key has precision specification: {}", what, type),
                 {.hint = std::string(hint)});
  }
  const int64_t number = std::get<int64_t>(value);
  return number >= *greatest ? std::optional<KeyValue>() : std::optional<KeyValue>(number + 1);
}

Result<RangeStep> RangeStep::Make(const Relation& parent, const Expression& every, const DdlContext& context) {
  const SqlPartitionKeyPart& part = parent.partition_key->parts[0];
  const DataType& key = part.type;
  if (key.id() == TypeId::kString && part.value_type == 0) {
    return Error("0A000", fmt::format("EVERY is not supported for partition key data type: {}", KeyPartType(parent, 0)),
                 {.position = every.position});
  }
  std::string type = "interval";
  if (context.type_of) {
    WEIR_ASSIGN_OR_RETURN(type, context.type_of(parent.columns, every));
  }
  const bool whole = type == "integer" || type == "bigint" || type == "smallint";
  RangeStep step(parent, every, context);
  if (whole && IsWholeNumber(key.id())) {
    step.unit_ = Unit::kNumber;
    WEIR_ASSIGN_OR_RETURN(step.number_, WholeField(every.text, every, context));
  } else if (whole && key.id() == TypeId::kDate) {
    step.unit_ = Unit::kDate;
    WEIR_ASSIGN_OR_RETURN(step.days_, WholeField(every.text, every, context));
  } else if (type == "interval" && (key.id() == TypeId::kDate || key.id() == TypeId::kTimestamp)) {
    step.unit_ = key.id() == TypeId::kDate ? Unit::kDate : Unit::kTimestamp;
    WEIR_RETURN_NOT_OK(step.ReadInterval());
  }
  return step;
}

Status RangeStep::ReadInterval() {
  const auto field = [&](const char* format) {
    return WholeField(fmt::format(fmt::runtime(format), every_->text), *every_, *context_);
  };
  WEIR_ASSIGN_OR_RETURN(months_, field("EXTRACT(year FROM ({0})) * 12 + EXTRACT(month FROM ({0}))"));
  WEIR_ASSIGN_OR_RETURN(days_, field("EXTRACT(day FROM ({}))"));
  WEIR_ASSIGN_OR_RETURN(micros_,
                        field("EXTRACT(hour FROM ({0})) * 3600000000 + EXTRACT(minute FROM ({0})) * 60000000 + "
                              "EXTRACT(microsecond FROM ({0}))"));
  return Status::OK();
}

Result<std::optional<KeyValue>> RangeStep::AddTo(const KeyValue& value) const {
  switch (unit_) {
    case Unit::kNumber: return AddNumber(value);
    case Unit::kDate:
    case Unit::kTimestamp: return AddInterval(std::get<int64_t>(value));
    case Unit::kExpression: break;
  }
  return Evaluate(value);
}

std::optional<KeyValue> RangeStep::AddNumber(const KeyValue& value) const {
  const auto sum = Sum(std::get<int64_t>(value), std::get<int64_t>(number_));
  return sum ? std::optional<KeyValue>(*sum) : std::nullopt;
}

/// Months first, then days, then the time, as PostgreSQL adds intervals.
std::optional<KeyValue> RangeStep::AddInterval(int64_t from) const {
  const bool is_date = unit_ == Unit::kDate;
  const int64_t day = is_date ? from : FloorDiv(from, kMicrosPerDay);
  const auto month = AddMonths(day, months_);
  const auto moved = month ? Sum(*month, days_) : std::nullopt;
  if (!moved || *moved > kFarthestDay || *moved < -kFarthestDay) return std::nullopt;
  // A date is its midnight; what time is left of the sum, its cast cuts off.
  int64_t midnight = 0;
  if (__builtin_mul_overflow(*moved, kMicrosPerDay, &midnight)) return std::nullopt;
  const auto sum = Sum(midnight, micros_ + (is_date ? 0 : FloorMod(from, kMicrosPerDay)));
  if (!sum) return std::nullopt;
  return std::optional<KeyValue>(is_date ? FloorDiv(*sum, kMicrosPerDay) : *sum);
}

/// The sum is assigned to the key's type: 1 + 0.6 makes 2 of an integer.
Result<std::optional<KeyValue>> RangeStep::Evaluate(const KeyValue& value) const {
  const SqlPartitionKeyPart& key = parent_->partition_key->parts[0];
  const std::string type = KeyPartType(*parent_, 0);
  const std::string sum = fmt::format("CAST({} AS {}) + ({})", QuoteLiteral(KeyValueText(key.type, value)), type,
                                      every_->text);
  auto values = context_->evaluate({{sum, type, every_->position}});
  if (!values.ok()) {
    const std::string state = FieldsOf(values.status()).sqlstate;
    if (state == "22003" || state == "22008") return std::optional<KeyValue>();  // out of the type's range
    return values.status();
  }
  if (values->size() != 1 || IsNull(values->front())) return NullStep(*every_);
  WEIR_ASSIGN_OR_RETURN(KeyValue next, postgres::InOrder(key.value_type, std::move(values->front())));
  return std::optional<KeyValue>(std::move(next));
}

}  // namespace weir::sql
