#include "sql/duckdb/runtime_error.h"

namespace weir::sql::duck {

namespace {

/// DuckDB's own + - * on integers and decimals name the type that does not hold the result.
Status OutOfRange(const std::string& text) {
  if (text.starts_with("Invalid RANGE"))
    return Error("22013", "invalid preceding or following size in window function");
  constexpr std::pair<const char*, const char*> kTypes[] = {
      {"INT128", "numeric field overflow"}, {"INT16", "smallint out of range"}, {"INT32", "integer out of range"},
      {"INT64", "bigint out of range"},     {"FLOAT", "value out of range: overflow"},
      {"DOUBLE", "value out of range: overflow"}};
  for (const auto& [name, message] : kTypes) {
    if (text.find(name) != std::string::npos) return Error("22003", message);
  }
  return Error("22003", "numeric field overflow", {.detail = text});
}

}  // namespace

Status RuntimeError(const duckdb::ErrorData& error) {
  using duckdb::ExceptionType;
  const Status said = StatusOf(error);
  const std::string text = FieldsOf(said).message;  // DuckDB's own has the stack of calls, too
  const bool ours = error.ExtraInfo().contains("weir_sqlstate") ||
                    error.RawMessage().find("weir_sqlstate") != std::string::npos;
  if (ours || FieldsOf(said).sqlstate == "54001") return said;
  switch (error.Type()) {
    case ExceptionType::INTERRUPT: return Error("57014", "canceling statement due to user request");
    case ExceptionType::OUT_OF_MEMORY: return said;
    case ExceptionType::IO: return Error("58030", text);
    case ExceptionType::PERMISSION: return Error("42501", text);
    case ExceptionType::OUT_OF_RANGE: return OutOfRange(text);
    case ExceptionType::DIVIDE_BY_ZERO: return Error("22012", "division by zero");
    case ExceptionType::INVALID_INPUT:
      if (text.find("More than one row returned by a subquery") != std::string::npos) {
        return Error("21000", "more than one row returned by a subquery used as an expression");
      }
      break;
    case ExceptionType::CATALOG:  // a function that the vocabulary knows and nothing computes yet
      return Error("0A000", "this function is not supported", {.detail = "DuckDB: " + text});
    case ExceptionType::BINDER:
      if (text.find("Referenced table \"system\" not found") != std::string::npos) {
        return Error("0A000", "this function is not supported");
      }
      [[fallthrough]];  // what DuckDB's queries cannot be: UNNEST in GROUP BY, outer columns in a window
    case ExceptionType::NOT_IMPLEMENTED:
      if (text.starts_with("Unsupported join type") || text.find("not supported") != std::string::npos ||
          text.find("can only take constant") != std::string::npos ||
          text.find("Cannot perform non-inner join") != std::string::npos) {
        return Error("0A000", "this form of query is not supported", {.detail = "DuckDB: " + text});
      }
      break;
    default: break;
  }
  return Error("XX000", "DuckDB: " + text);
}

}  // namespace weir::sql::duck
