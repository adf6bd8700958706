#include "postgres/value/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/value/json_parser.h"
#include "postgres/value/numeric.h"

namespace weir::postgres {
namespace {

/// jsonb's order of an object's keys.
bool KeyBefore(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

/// Sorts an object's keys and keeps the last field of equal ones.
void SortFields(JsonValue* object) {
  auto& fields = object->fields;
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return KeyBefore(a.first, b.first); });
  size_t kept = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i + 1 < fields.size() && fields[i + 1].first == fields[i].first) continue;
    if (kept != i) fields[kept] = std::move(fields[i]);
    ++kept;
  }
  fields.resize(kept);
}

Status AppendCanonical(JsonValue* value, std::string* out) {
  switch (value->kind) {
    case JsonValue::Kind::kNull: *out += "null"; break;
    case JsonValue::Kind::kBool: *out += value->truth ? "true" : "false"; break;
    case JsonValue::Kind::kString: AppendJsonString(value->text, out); break;
    case JsonValue::Kind::kNumber: {
      WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(value->text));
      AppendNumeric(number, out);
      break;
    }
    case JsonValue::Kind::kArray:
      out->push_back('[');
      for (JsonValue& element : value->elements) {
        if (&element != &value->elements.front()) *out += ", ";
        WEIR_RETURN_NOT_OK(AppendCanonical(&element, out));
      }
      out->push_back(']');
      break;
    case JsonValue::Kind::kObject:
      SortFields(value);
      out->push_back('{');
      for (auto& field : value->fields) {
        if (&field != &value->fields.front()) *out += ", ";
        AppendJsonString(field.first, out);
        *out += ": ";
        WEIR_RETURN_NOT_OK(AppendCanonical(&field.second, out));
      }
      out->push_back('}');
  }
  return Status::OK();
}

}  // namespace

Status CheckJson(std::string_view text) { return ParseJson(text, JsonEscapes::kKeep).status(); }

Result<std::string> CanonicalJson(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJson(text, JsonEscapes::kReplace));
  std::string canonical;
  WEIR_RETURN_NOT_OK(AppendCanonical(&value, &canonical));
  return canonical;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    switch (c) {
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      default:
        if (static_cast<uint8_t>(c) < 0x20)
          fmt::format_to(std::back_inserter(*out), "\\u{:04x}", static_cast<uint8_t>(c));
        else out->push_back(c);
    }
  }
  out->push_back('"');
}

}  // namespace weir::postgres
