#include "postgres/compute/json_build.h"

#include <fmt/format.h>

#include "postgres/compute/json_text.h"
#include "postgres/error.h"
#include "postgres/value/json.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

bool IsNumber(Oid type) {
  return type == oid::kInt2 || type == oid::kInt4 || type == oid::kInt8 || type == oid::kFloat4 ||
         type == oid::kFloat8 || type == oid::kNumeric;
}
bool IsMoment(Oid type) { return type == oid::kDate || type == oid::kTimestamp || type == oid::kTimestamptz; }
bool IsJson(Oid type) { return type == oid::kJson || type == oid::kJsonb; }

/// Not NaN and the infinities.
bool IsJsonNumber(std::string_view text) {
  return !text.empty() && (IsDigit(text.back())) && text.find_first_of("Nn") == text.npos;
}

/// 2020-01-02T03:04:05+00:00, whatever the session's style is.
std::string MomentText(Oid type, const Value& value, const Settings& settings) {
  Settings iso = settings;
  iso.date_style = DateStyle::kIso;
  std::string text;
  WriteText(type, value, iso, &text);
  const size_t blank = text.find(' ');
  if (type == oid::kDate || blank == std::string::npos || !IsDigit(text[0])) return text;
  text[blank] = 'T';
  if (type != oid::kTimestamptz) return text;
  const size_t end = std::min(text.find(' '), text.size());  // " BC" may follow
  const size_t sign = text.find_last_of("+-", end - 1);
  if (end - sign == 3) text.insert(end, ":00");
  return text;
}

std::string TextOf(Oid type, const Value& value, const Settings& settings) {
  if (IsMoment(type)) return MomentText(type, value, settings);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  std::string text;
  WriteText(type, value, settings, &text);
  return text;
}

Status CannotCast(std::string_view json, std::string_view type) {
  const std::string_view kind = JsonTypeOf(json);
  return Error("22023", fmt::format("cannot cast jsonb {} to type {}", kind == "number" ? "numeric" : kind, type));
}

}  // namespace

void AppendJsonOf(Oid type, const Value& value, const Settings& settings, std::string* out) {
  if (value.is_null()) {
    *out += "null";
    return;
  }
  const std::string text = TextOf(type, value, settings);
  const bool plain = type == oid::kBool || IsJson(type) || (IsNumber(type) && IsJsonNumber(text));
  if (plain) *out += text;
  else AppendJsonString(text, out);
}

Status AppendJsonKeyOf(Oid type, const Value& value, const Settings& settings, std::string* out) {
  const bool nested = std::holds_alternative<Array>(value) || std::holds_alternative<Record>(value);
  if (IsJson(type) || nested) return Error("22023", "key value must be scalar, not array, composite, or json");
  AppendJsonString(TextOf(type, value, settings), out);
  return Status::OK();
}

Result<std::string> JsonObjectOfTexts(std::span<const std::optional<std::string>> keys,
                                      std::span<const std::optional<std::string>> values) {
  std::string out = "{";
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i]) return Error("22004", "null value not allowed for object key");
    if (i > 0) out += ", ";
    AppendJsonString(*keys[i], &out);
    out += " : ";
    if (values[i]) AppendJsonString(*values[i], &out);
    else out += "null";
  }
  return out + "}";
}

Result<Numeric> NumericOfJsonb(std::string_view json, std::string_view type) {
  if (JsonTypeOf(json) != "number") return CannotCast(json, type);
  return ReadNumeric(json);
}

Result<bool> BoolOfJsonb(std::string_view json) {
  if (JsonTypeOf(json) != "boolean") return CannotCast(json, "boolean");
  return json == "true";
}

}  // namespace weir::postgres
