#include "sql/engine/errors.h"

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "sql/out_of_memory.h"

namespace weir::sql {
namespace {

constexpr const char* kState = "weir_sqlstate";
constexpr const char* kRow = "weir_row";

/// What else of an error goes along with DuckDB's exceptions, by what it is called there.
constexpr std::array<std::pair<const char*, std::string ErrorFields::*>, 7> kCarried = {{
    {"weir_detail", &ErrorFields::detail},
    {"weir_hint", &ErrorFields::hint},
    {"weir_context", &ErrorFields::context},
    {"weir_schema", &ErrorFields::schema},
    {"weir_table", &ErrorFields::table},
    {"weir_column", &ErrorFields::column},
    {"weir_constraint", &ErrorFields::constraint},
}};

std::string_view StateOf(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::OUT_OF_RANGE: return "22003";
    case ExceptionType::CONVERSION: return "22P02";
    case ExceptionType::DECIMAL: return "22003";
    case ExceptionType::MISMATCH_TYPE: return "42804";
    case ExceptionType::DIVIDE_BY_ZERO: return "22012";
    case ExceptionType::INVALID_TYPE: return "42704";
    case ExceptionType::NOT_IMPLEMENTED: return "0A000";
    case ExceptionType::SYNTAX:
    case ExceptionType::PARSER: return "42601";
    case ExceptionType::BINDER: return "42601";
    case ExceptionType::CATALOG: return "42704";
    case ExceptionType::CONSTRAINT: return "23000";
    case ExceptionType::TRANSACTION: return "25000";
    case ExceptionType::INTERRUPT: return "57014";
    case ExceptionType::PERMISSION: return "42501";
    case ExceptionType::INVALID_INPUT: return "22023";
    case ExceptionType::IO: return "58030";
    case ExceptionType::PARAMETER_NOT_RESOLVED:
    case ExceptionType::PARAMETER_NOT_ALLOWED: return "42P18";
    case ExceptionType::INVALID_CONFIGURATION:
    case ExceptionType::SETTINGS: return "22023";
    default: return "XX000";
  }
}

/// DuckDB counts bytes from 0, PostgreSQL characters from 1.
int CharacterOf(const std::unordered_map<std::string, std::string>& extra, std::string_view query) {
  auto found = extra.find("position");
  if (found == extra.end() || query.empty()) return 0;
  size_t bytes = std::strtoull(found->second.c_str(), nullptr, 10);
  if (bytes > query.size()) return 0;
  int position = 1;
  for (char c : query.substr(0, bytes)) position += (c & 0xC0) != 0x80;
  return position;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What DuckDB says by itself: of its own dialect, or where Weir has not said it before.
Status Translate(duckdb::ExceptionType type, const std::string& text) {
  if (type == duckdb::ExceptionType::INTERRUPT) return Error("57014", "canceling statement due to user request");
  if (type == duckdb::ExceptionType::OUT_OF_MEMORY) return OutOfMemory(FirstLine(text));
  if (text.starts_with("Max expression depth limit")) return Error("54001", "stack depth limit exceeded");
  return Error(StateOf(type), FirstLine(text));
}

/// The database is set to give errors as JSON: the texts for people have lost the position.
void ReadJson(std::string* text, duckdb::unordered_map<std::string, std::string>* extra) {
  if (!text->starts_with("{")) return;
  auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("exception_message") || !json["exception_message"].is_string()) return;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) extra->emplace(key, value.get<std::string>());
  }
  *text = json["exception_message"].get<std::string>();
}

Status Carried(const std::unordered_map<std::string, std::string>& extra, const std::string& message) {
  auto text = [&](const char* key) {
    auto found = extra.find(key);
    return found == extra.end() ? std::string() : found->second;
  };
  ErrorFields fields{.sqlstate = text(kState), .message = message};
  for (const auto& [key, field] : kCarried) fields.*field = text(key);
  fields.row = std::atoll(text(kRow).c_str());
  return Error(std::move(fields));
}

}  // namespace

void Throw(const Status& status, duckdb::optional_idx position) {
  ErrorFields fields = FieldsOf(status);
  std::unordered_map<std::string, std::string> extra = {{kState, fields.sqlstate}, {kRow, std::to_string(fields.row)}};
  for (const auto& [key, field] : kCarried) extra.emplace(key, fields.*field);
  if (position.IsValid()) extra["position"] = std::to_string(position.GetIndex());
  throw duckdb::Exception(extra, duckdb::ExceptionType::EXECUTOR, fields.message);
}

Status StatusOf(const duckdb::ErrorData& error, std::string_view query) {
  std::string text = error.RawMessage();
  auto extra = error.ExtraInfo();
  ReadJson(&text, &extra);
  const Status status = extra.contains(kState) ? Carried(extra, text) : Translate(error.Type(), text);
  int position = CharacterOf(extra, query);
  return position > 0 ? AtPosition(status, position) : status;
}

}  // namespace weir::sql
