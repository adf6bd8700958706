#include "cli/cell_text.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <arrow/util/value_parsing.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

Status NotA(const DataType& type, std::string_view text) {
  constexpr size_t kShown = 60;
  return Status::Invalid(fmt::format("'{}{}' is no {}", text.substr(0, kShown), text.size() > kShown ? "…" : "",
                                     type.WithNullable(true).ToString()));
}

// --- text → value ---

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<Datum> ParseBytes(const DataType& type, std::string_view text, Arena* arena) {
  std::string_view bytes = text;
  std::string decoded;
  if (text.starts_with("\\x")) {
    const std::string_view digits = text.substr(2);
    if (digits.size() % 2 != 0) return NotA(type, text);
    for (size_t i = 0; i < digits.size(); i += 2) {
      const int high = HexDigit(digits[i]);
      const int low = HexDigit(digits[i + 1]);
      if (high < 0 || low < 0) return NotA(type, text);
      decoded.push_back(static_cast<char>(high * 16 + low));
    }
    bytes = decoded;
  }
  if (type.id() == TypeId::kBinary && static_cast<int>(bytes.size()) != type.length()) {
    return Status::Invalid(fmt::format("{} bytes are no {}", bytes.size(), type.ToString()));
  }
  return Datum::Bytes(arena->CopyBytes(bytes));
}

Result<Datum> ParseTimestamp(const DataType& type, std::string_view text) {
  int64_t nanos = 0;
  bool zone = false;
  bool parsed = arrow::internal::ParseTimestampISO8601(text.data(), text.size(), arrow::TimeUnit::NANO, &nanos, &zone);
  int64_t millis = 0;
  if (parsed) {
    millis = nanos >= 0 ? nanos / 1000000 : -((-nanos + 999999) / 1000000);
    nanos -= millis * 1000000;
  } else {
    // Years that nanoseconds do not reach.
    int64_t micros = 0;
    parsed = arrow::internal::ParseTimestampISO8601(text.data(), text.size(), arrow::TimeUnit::MICRO, &micros, &zone);
    millis = micros >= 0 ? micros / 1000 : -((-micros + 999) / 1000);
    nanos = (micros - millis * 1000) * 1000;
  }
  if (!parsed || (zone && type.id() == TypeId::kTimestamp)) return NotA(type, text);
  return Datum::Timestamp(millis, static_cast<int32_t>(nanos));
}

Result<Datum> ParseDecimal(const DataType& type, std::string_view text) {
  arrow::Decimal128 value;
  int32_t precision = 0;
  int32_t scale = 0;
  if (!arrow::Decimal128::FromString(text, &value, &precision, &scale).ok()) return NotA(type, text);
  const auto scaled = value.Rescale(scale, type.scale());
  if (!scaled.ok() || !scaled->FitsInPrecision(type.precision())) return NotA(type, text);
  return Datum::Decimal((static_cast<__int128>(scaled->high_bits()) << 64) | scaled->low_bits());
}

Result<Datum> ParseTime(const DataType& type, std::string_view text) {
  const auto time = arrow::time64(arrow::TimeUnit::NANO);
  int64_t nanos = 0;
  if (!arrow::internal::ParseValue(static_cast<const arrow::Time64Type&>(*time), text.data(), text.size(), &nanos) ||
      nanos % 1000000 != 0) {
    return NotA(type, text);
  }
  return Datum::Int(nanos / 1000000);
}

Result<Datum> ParseDate(const DataType& type, std::string_view text) {
  int32_t days = 0;
  if (!arrow::internal::ParseValue<arrow::Date32Type>(text.data(), text.size(), &days)) return NotA(type, text);
  return Datum::Int(days);
}

Result<Datum> FromJson(const DataType& type, const Json& json, Arena* arena);

Result<Datum> ListFromJson(const DataType& type, const Json& json, Arena* arena) {
  if (!json.is_array()) return NotA(type, json.dump());
  const std::span<Datum> items = arena->NewDatums(json.size());
  for (size_t i = 0; i < json.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(items[i], FromJson(type.element_type(), json[i], arena));
  }
  return Datum::List(items);
}

Result<Datum> MapFromJson(const DataType& type, const Json& json, Arena* arena) {
  const std::span<Datum> items = arena->NewDatums(2 * json.size());
  size_t at = 0;
  for (const auto& [key, value] : json.items()) {
    const bool pair = json.is_array() && value.is_array() && value.size() == 2;
    if (!pair && !json.is_object()) return NotA(type, json.dump());
    WEIR_ASSIGN_OR_RETURN(items[at++], pair ? FromJson(type.key_type(), value[0], arena)
                                            : FromJson(type.key_type(), Json(key), arena));
    WEIR_ASSIGN_OR_RETURN(items[at++], FromJson(type.value_type(), pair ? value[1] : value, arena));
  }
  return Datum::Map(items);
}

Result<Datum> RowFromJson(const DataType& type, const Json& json, Arena* arena) {
  const std::vector<Field>& fields = type.fields();
  const std::span<Datum> values = arena->NewDatums(fields.size());
  if (json.is_array()) {
    if (json.size() != fields.size()) return NotA(type, json.dump());
    for (size_t i = 0; i < fields.size(); ++i) {
      WEIR_ASSIGN_OR_RETURN(values[i], FromJson(fields[i].type, json[i], arena));
    }
    return Datum::Row(values);
  }
  if (!json.is_object()) return NotA(type, json.dump());
  size_t known = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto found = json.find(fields[i].name);
    known += found == json.end() ? 0 : 1;
    WEIR_ASSIGN_OR_RETURN(values[i], FromJson(fields[i].type, found == json.end() ? Json() : *found, arena));
  }
  if (known != json.size()) return NotA(type, json.dump());
  return Datum::Row(values);
}

Result<Datum> IntFromJson(const DataType& type, const Json& json) {
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX)) {
    return NotA(type, json.dump());
  }
  const int64_t value = json.get<int64_t>();
  const int bits = type.id() == TypeId::kTinyInt    ? 8
                   : type.id() == TypeId::kSmallInt ? 16
                   : type.id() == TypeId::kInt      ? 32
                                                    : 64;
  const int64_t limit = std::numeric_limits<int64_t>::max() >> (64 - bits);
  if (value > limit || value < -limit - 1) return NotA(type, json.dump());
  return Datum::Int(value);
}

Result<Datum> DoubleFromJson(const DataType& type, const Json& json) {
  if (json == "NaN") return Datum::Double(std::numeric_limits<double>::quiet_NaN());
  if (json == "Infinity") return Datum::Double(std::numeric_limits<double>::infinity());
  if (json == "-Infinity") return Datum::Double(-std::numeric_limits<double>::infinity());
  if (!json.is_number()) return NotA(type, json.dump());
  const double value = json.get<double>();
  return Datum::Double(type.id() == TypeId::kFloat ? static_cast<float>(value) : value);
}

Result<Datum> FromJson(const DataType& type, const Json& json, Arena* arena) {
  if (json.is_null()) {
    if (type.nullable()) return Datum::Null();
    return Status::Invalid(fmt::format("null is no {}", type.ToString()));
  }
  switch (type.id()) {
    case TypeId::kArray: return ListFromJson(type, json, arena);
    case TypeId::kMap: return MapFromJson(type, json, arena);
    case TypeId::kRow: return RowFromJson(type, json, arena);
    case TypeId::kBoolean:
      if (!json.is_boolean()) return NotA(type, json.dump());
      return Datum::Bool(json.get<bool>());
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return IntFromJson(type, json);
    case TypeId::kFloat:
    case TypeId::kDouble: return DoubleFromJson(type, json);
    case TypeId::kDecimal:
      if (json.is_number_integer()) return ParseDecimal(type, json.dump());
      break;
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kChar:
    case TypeId::kBinary: break;
  }
  if (!json.is_string()) return NotA(type, json.dump());
  return ParseCellText(type, json.get_ref<const std::string&>(), arena);
}

// --- value → text ---

std::string HexText(std::string_view bytes) {
  std::string text = "\\x";
  text.reserve(2 + 2 * bytes.size());
  for (const char c : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string DateText(int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string TimeOfDayText(int64_t millis) {
  std::string text = fmt::format("{:02}:{:02}:{:02}", millis / 3600000, millis / 60000 % 60, millis / 1000 % 60);
  if (millis % 1000 != 0) text += fmt::format(".{:03}", millis % 1000);
  return text;
}

std::string TimestampText(const Datum& value, bool zoned) {
  constexpr int64_t kDay = 24 * 3600 * 1000;
  const int64_t days = value.time.millis >= 0 ? value.time.millis / kDay : -((-value.time.millis + kDay - 1) / kDay);
  const int64_t millis = value.time.millis - days * kDay;
  std::string text = DateText(days) + " " + TimeOfDayText(millis - millis % 1000);
  const int64_t nanos = millis % 1000 * 1000000 + value.time.nanos;
  if (nanos % 1000 != 0) {
    text += fmt::format(".{:09}", nanos);
  } else if (nanos % 1000000 != 0) {
    text += fmt::format(".{:06}", nanos / 1000);
  } else if (nanos != 0) {
    text += fmt::format(".{:03}", nanos / 1000000);
  }
  return zoned ? text + "Z" : text;
}

Json ToJson(const DataType& type, const Datum& value) {
  if (value.is_null()) return nullptr;
  switch (type.id()) {
    case TypeId::kBoolean: return value.as_bool();
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return value.as_int();
    case TypeId::kFloat:
    case TypeId::kDouble:
      if (std::isnan(value.as_double())) return "NaN";
      if (std::isinf(value.as_double())) return value.as_double() > 0 ? "Infinity" : "-Infinity";
      return value.as_double();
    case TypeId::kChar:
    case TypeId::kString: return value.as_bytes();
    case TypeId::kBinary:
    case TypeId::kBytes: return HexText(value.as_bytes());
    case TypeId::kDate: return DateText(value.as_int());
    case TypeId::kTime: return TimeOfDayText(value.as_int());
    case TypeId::kTimestamp: return TimestampText(value, false);
    case TypeId::kTimestampLtz: return TimestampText(value, true);
    case TypeId::kDecimal: {
      const __int128 unscaled = value.as_decimal();
      return arrow::Decimal128(static_cast<int64_t>(unscaled >> 64), static_cast<uint64_t>(unscaled))
          .ToString(type.scale());
    }
    case TypeId::kArray: {
      Json json = Json::array();
      for (const Datum& item : value.as_items()) json.push_back(ToJson(type.element_type(), item));
      return json;
    }
    case TypeId::kMap: {
      Json json = Json::array();
      const std::span<const Datum> items = value.as_items();
      for (size_t i = 0; i + 1 < items.size(); i += 2) {
        json.push_back(Json::array({ToJson(type.key_type(), items[i]), ToJson(type.value_type(), items[i + 1])}));
      }
      return json;
    }
    case TypeId::kRow: {
      Json json = Json::object();
      for (size_t i = 0; i < type.fields().size(); ++i) {
        json[type.fields()[i].name] = ToJson(type.fields()[i].type, value.as_items()[i]);
      }
      return json;
    }
  }
  return nullptr;
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string CellText(const DataType& type, const Datum& value) {
  const Json json = ToJson(type, value);
  return json.is_string() ? json.get<std::string>() : Dump(json);
}

/// The one column of a batch as rows.
std::shared_ptr<arrow::Schema> OneColumn(const DataType& type) {
  return ToArrowSchema(*Schema::Make({{"c", type}}), LtzZone::kUtc);
}

}  // namespace

bool NeedsCellText(const DataType& type) {
  return type.is_nested() || type.id() == TypeId::kBytes || type.id() == TypeId::kBinary ||
         type.id() == TypeId::kTimestampLtz;
}

Result<Datum> ParseCellText(const DataType& type, std::string_view text, Arena* arena) {
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kString: return Datum::Bytes(arena->CopyBytes(text));
    case TypeId::kBytes:
    case TypeId::kBinary: return ParseBytes(type, text, arena);
    case TypeId::kDate: return ParseDate(type, text);
    case TypeId::kTime: return ParseTime(type, text);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return ParseTimestamp(type, text);
    case TypeId::kDecimal: return ParseDecimal(type, text);
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return NotA(type, text);
  return FromJson(type, json, arena);
}

std::string JsonText(const DataType& type, const Datum& value) { return Dump(ToJson(type, value)); }

Result<std::shared_ptr<arrow::Array>> ParseCells(const DataType& type, const arrow::Array& text, int64_t* row) {
  const DataType nullable = type.WithNullable(true);
  WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder, ArrowRowBuilder::Make(OneColumn(nullable), {nullable}));
  const auto& cells = static_cast<const arrow::BinaryArray&>(text);
  Arena arena;
  for (*row = 0; *row < cells.length(); ++*row) {
    Datum value;
    if (!cells.IsNull(*row)) {
      WEIR_ASSIGN_OR_RETURN(value, ParseCellText(type, cells.GetView(*row), &arena));
    }
    WEIR_RETURN_NOT_OK(builder.Append({&value, 1}));
    if (*row % 1024 == 1023) arena.Clear();
  }
  WEIR_ASSIGN_OR_RETURN(const auto batch, builder.Finish());
  return batch->column(0);
}

Result<std::shared_ptr<arrow::Array>> FormatCells(const DataType& type, const std::shared_ptr<arrow::Array>& values) {
  const DataType nullable = type.WithNullable(true);
  const auto batch = arrow::RecordBatch::Make(OneColumn(nullable), values->length(), {values});
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, {nullable}));
  arrow::StringBuilder builder;
  Arena arena;
  for (int64_t i = 0; i < values->length(); ++i) {
    const Datum value = reader.ReadCell(i, 0, &arena);
    WEIR_RETURN_NOT_OK(FromArrow(value.is_null() ? builder.AppendNull() : builder.Append(CellText(type, value))));
    if (i % 1024 == 1023) arena.Clear();
  }
  return FromArrow(builder.Finish());
}

}  // namespace weir
