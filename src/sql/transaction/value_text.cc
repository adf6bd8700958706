#include "sql/transaction/value_text.h"

#include <fmt/format.h>

#include "model/key_value.h"
#include "postgres/value/character.h"
#include "postgres/value/date_time.h"
#include "sql/catalog/bound_text.h"

namespace weir::sql {
namespace {

constexpr size_t kLongestValue = 64;  // bytes of one value in a row's text

/// "12:30:00" and the digits of the fraction that are not zeros at its end.
std::string ClockText(int64_t nanos_of_day) {
  const int64_t seconds = nanos_of_day / 1'000'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  const int64_t fraction = nanos_of_day % 1'000'000'000;
  if (fraction == 0) return text;
  text += fmt::format(".{:09}", fraction);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

std::string TimestampText(const Datum::Time& time, const char* zone) {
  constexpr int64_t kDay = 24 * 3600 * 1000;
  const int64_t days = time.millis >= 0 ? time.millis / kDay : -((-time.millis + kDay - 1) / kDay);
  const int64_t nanos = (time.millis - days * kDay) * 1'000'000 + time.nanos;
  const auto [date, era] = DateText(days);
  return date + " " + ClockText(nanos) + zone + era;
}

std::string HexText(std::string_view bytes) {
  std::string text = "\\x";
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string NestedText(const DataType& type, const Datum& value) {
  const auto items = value.as_items();
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    if (type.id() == TypeId::kArray) {
      text += ValueText(type.element_type(), items[i]);
    } else if (type.id() == TypeId::kRow) {
      text += ValueText(type.fields()[i].type, items[i]);
    } else {
      text += ValueText(i % 2 == 0 ? type.key_type() : type.value_type(), items[i]);
    }
  }
  return type.id() == TypeId::kRow ? "(" + text + ")" : "{" + text + "}";
}

/// At most kLongestValue bytes, without cutting a UTF-8 character in two.
std::string Cut(std::string text) {
  if (text.size() <= kLongestValue) return text;
  return std::string(postgres::Clipped(text, kLongestValue)) + "...";
}

}  // namespace

std::string ValueText(const DataType& type, const Datum& value) {
  if (value.is_null()) return "null";
  switch (type.id()) {
    case TypeId::kBoolean: return value.as_bool() ? "t" : "f";
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return fmt::format("{}", value.as_int());
    case TypeId::kFloat:
    case TypeId::kDouble: return FloatText(type, value.as_double());
    case TypeId::kString:
    case TypeId::kChar: return std::string(value.as_bytes());
    case TypeId::kBytes:
    case TypeId::kBinary: return HexText(value.as_bytes());
    case TypeId::kDate: {
      if (!postgres::IsFinite(postgres::Date{static_cast<int32_t>(value.as_int())})) {
        return value.as_int() > 0 ? "infinity" : "-infinity";
      }
      const auto [date, era] = DateText(value.as_int());
      return date + era;
    }
    case TypeId::kTime: return ClockText(value.as_int() * 1'000'000);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      const auto micros = std::get<int64_t>(ToKeyValue(type, value));
      if (!postgres::IsFinite(postgres::Timestamp{micros})) return micros > 0 ? "infinity" : "-infinity";
      return TimestampText(value.time, type.id() == TypeId::kTimestampLtz ? "+00" : "");
    }
    case TypeId::kDecimal: return DecimalText(value.as_decimal(), type.scale());
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return NestedText(type, value);
  }
  return {};
}

std::string RowText(const std::vector<DataType>& types, RowView row) {
  std::string text;
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ", ";
    text += Cut(ValueText(types[i], row[i]));
  }
  return "(" + text + ")";
}

}  // namespace weir::sql
