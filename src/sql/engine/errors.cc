#include "sql/engine/errors.h"

#include <cstdlib>
#include <duckdb/common/re2_regex.hpp>
#include <iterator>
#include <nlohmann/json.hpp>

namespace weir::sql {
namespace {

constexpr const char* kState = "weir_sqlstate";

// RE2 within DuckDB: its time and stack do not grow with what a text quotes, unlike those of std::regex; a second RE2
// would clash with the one that Arrow's library exports.
using duckdb_re2::Match;
using duckdb_re2::Regex;

/// DuckDB's text → PostgreSQL's. `$n` stands for the n-th group; no message: InsertCountError.
struct Rule {
  const char* pattern;
  const char* sqlstate;
  const char* message;
};

constexpr Rule kRules[] = {
  {R"re(Table(?: Function)? with name "?([^"! ]+)"? does not exist)re", "42P01", "relation \"$1\" does not exist"},
  {R"re(Referenced table "([^"]+)" not found)re", "42P01", "missing FROM-clause entry for table \"$1\""},
  {R"re(Referenced (?:update )?column "?([^" ]+)"? (?:was )?not found)re", "42703", "column \"$1\" does not exist"},
  {R"re(Table "([^"]+)" does not have a column named "([^"]+)")re", "42703", "column $1.$2 does not exist"},
  {R"re(Table "([^"]+)" does not have a column with name "([^"]+)")re", "42703",
   "column \"$2\" of relation \"$1\" does not exist"},
  {R"re(list "([^"]+)" does not have a column named "([^"]+)")re", "42703", "column $1.$2 does not exist"},
  {R"re(Ambiguous reference to column name "([^"]+)")re", "42702", "column reference \"$1\" is ambiguous"},
  {R"re(Duplicate alias "([^"]+)")re", "42712", "table name \"$1\" specified more than once"},
  {R"re(([A-Za-z ]*Function) with name "?([^"! ]+)"? does not exist)re", "42883", "function $2 does not exist"},
  {R"re(No function matches the given name and argument types '([^']+)')re", "42883", "function $1 does not exist"},
  {R"re(Type with name "?([^"! ]+)"? does not exist)re", "42704", "type \"$1\" does not exist"},
  {R"re(Schema with name "?([^"! ]+)"? does not exist)re", "3F000", "schema \"$1\" does not exist"},
  {R"re(table (\S+) has (\d+) columns but (\d+) values were supplied)re", "42601", nullptr},
  {R"re(Column name/value mismatch for insert on (\S+): expected (\d+) columns but (\d+) values)re", "42601",
   nullptr},
  {R"re(column "([^"]+)" must appear in the GROUP BY clause)re", "42803",
   "column \"$1\" must appear in the GROUP BY clause or be used in an aggregate function"},
  {R"re(Could not choose a best candidate function for the function call "([^(]+)\()re", "42725",
   "operator is not unique: $1"},
  {R"re(does not support MERGE INTO)re", "0A000", "MERGE and INSERT ... ON CONFLICT are not supported"},
  {R"re(cannot contain aggregates)re", "42803", "aggregate functions are not allowed in WHERE"},
  {R"re(More than one row returned by a subquery)re", "21000",
   "more than one row returned by a subquery used as an expression"},
  {R"re(syntax error at or near "([^"]+)")re", "42601", "syntax error at or near \"$1\""},
  {R"re(syntax error at end of input)re", "42601", "syntax error at end of input"},
  {R"re([Dd]ivision by zero)re", "22012", "division by zero"},
  {R"re(Max expression depth limit of \d+ exceeded)re", "54001", "stack depth limit exceeded"},
};

/// The patterns of kRules.
const std::vector<Regex>& Patterns() {
  static const auto* patterns = [] {
    auto* all = new std::vector<Regex>;
    for (const Rule& rule : kRules) all->emplace_back(rule.pattern);
    return all;
  }();
  return *patterns;
}

std::string Expand(const char* message, Match& match) {
  std::string text;
  for (const char* at = message; *at; ++at) {
    if (*at == '$' && at[1] >= '0' && at[1] <= '9') {
      text += match.str(static_cast<size_t>(*++at - '0'));
    } else {
      text += *at;
    }
  }
  return text;
}

std::string PgName(const std::string& duck) {
  static const std::unordered_map<std::string, std::string> names = {
      {"INT8", "smallint"},       {"INT16", "smallint"},       {"INT32", "integer"},  {"INT64", "bigint"},
      {"INT128", "numeric"},      {"TINYINT", "smallint"},     {"SMALLINT", "smallint"}, {"INTEGER", "integer"},
      {"BIGINT", "bigint"},       {"HUGEINT", "numeric"},      {"FLOAT", "real"},     {"DOUBLE", "double precision"},
      {"VARCHAR", "text"},        {"BLOB", "bytea"},           {"BOOL", "boolean"},   {"BOOLEAN", "boolean"},
      {"DATE", "date"},           {"TIME", "time"},            {"TIMESTAMP", "timestamp"},
      {"TIMESTAMP WITH TIME ZONE", "timestamp with time zone"}, {"UUID", "uuid"},     {"INTERVAL", "interval"}};
  auto found = names.find(duck);
  if (found != names.end()) return found->second;
  return duck.starts_with("DECIMAL") ? "numeric" : duckdb::StringUtil::Lower(duck);
}

std::string QuotedValue(const std::string& value) { return "\"" + value + "\""; }

/// Errors of casts and arithmetic.
std::optional<Status> ValueError(const std::string& text) {
  Match match;
  static const Regex not_text(R"re([Cc]ould not (?:convert|parse) string ["']((?s:.*?))["'] to ['"]?([A-Z0-9_ ]+))re");
  if (RegexSearch(text, match, not_text)) {
    std::string type = PgName(duckdb::StringUtil::Replace(match.str(2), " when casting from source column", ""));
    return Error("22P02", "invalid input syntax for type " + type + ": " + QuotedValue(match.str(1)));
  }
  static const Regex date_range(R"re((date|timestamp|time) field value out of range: "([^"]+)")re");
  if (RegexSearch(text, match, date_range)) {
    return Error("22008", "date/time field value out of range: " + QuotedValue(match.str(2)));
  }
  static const Regex bad_date(R"re(invalid (date|timestamp|time) field format: "([^"]*)")re");
  if (RegexSearch(text, match, bad_date)) {
    return Error("22007", "invalid input syntax for type " + match.str(1) + ": " + QuotedValue(match.str(2)));
  }
  static const Regex decimal(R"re([Cc](?:asting|ould not cast) value "?([^" ]+)"? to (?:type )?DECIMAL\((\d+),(\d+)\))re");
  if (RegexSearch(text, match, decimal)) {
    int precision = std::atoi(match.str(2).c_str());
    int scale = std::atoi(match.str(3).c_str());
    return Error("22003", "numeric field overflow",
                 {.detail = "A field with precision " + match.str(2) + ", scale " + match.str(3) +
                            " must round to an absolute value less than 10^" + std::to_string(precision - scale) + "."});
  }
  static const Regex cast_range(R"re(out of range for the destination type ([A-Z0-9]+))re");
  if (RegexSearch(text, match, cast_range)) return Error("22003", PgName(match.str(1)) + " out of range");
  static const Regex overflow(R"re(Overflow in \w+ of ([A-Z0-9]+))re");
  if (RegexSearch(text, match, overflow)) return Error("22003", PgName(match.str(1)) + " out of range");
  static const Regex no_cast(R"re(Unimplemented type for cast \(([^)]+(?:\([^)]*\))?) -> ([^)]+(?:\([^)]*\))?)\))re");
  if (RegexSearch(text, match, no_cast)) {
    return Error("42846", "cannot cast type " + PgName(match.str(1)) + " to " + PgName(match.str(2)));
  }
  static const Regex compare(R"re(Cannot compare values of type ([A-Z0-9(), ]+) and (?:values of )?type ([A-Z0-9(), ]+?)(?: -| in)?)re");
  if (RegexSearch(text, match, compare)) {
    return Error("42883", "operator does not exist: " + PgName(match.str(1)) + " = " + PgName(match.str(2)),
                 {.hint = "No operator matches the given name and argument types. You might need to add explicit type "
                          "casts."});
  }
  return std::nullopt;
}

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
    case ExceptionType::OUT_OF_MEMORY: return "53200";
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
int PositionOf(const std::unordered_map<std::string, std::string>& extra, std::string_view query) {
  auto found = extra.find("position");
  if (found == extra.end() || query.empty()) return 0;
  size_t bytes = std::strtoull(found->second.c_str(), nullptr, 10);
  if (bytes > query.size()) return 0;
  int position = 1;
  for (char c : query.substr(0, bytes)) position += (c & 0xC0) != 0x80;
  return position;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Status WithPosition(const Status& status, int position) {
  ErrorFields fields = FieldsOf(status);
  return Error(fields.sqlstate, fields.message,
               {.detail = fields.detail, .hint = fields.hint, .position = position, .schema = fields.schema,
                .table = fields.table, .column = fields.column, .constraint = fields.constraint});
}

Status InsertCountError(Match& match) {
  const bool more = std::atoi(match.str(3).c_str()) > std::atoi(match.str(2).c_str());
  return Error("42601", more ? "INSERT has more expressions than target columns"
                             : "INSERT has more target columns than expressions");
}

Status Translate(duckdb::ExceptionType type, const std::string& text) {
  if (type == duckdb::ExceptionType::INTERRUPT) return Error("57014", "canceling statement due to user request");
  if (auto status = ValueError(text)) return *status;
  Match match;
  for (size_t i = 0; i < std::size(kRules); ++i) {
    const Rule& rule = kRules[i];
    if (!RegexSearch(text, match, Patterns()[i])) continue;
    return rule.message ? Error(rule.sqlstate, Expand(rule.message, match)) : InsertCountError(match);
  }
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
  return Error(text(kState), message,
               {.detail = text("weir_detail"), .hint = text("weir_hint"), .schema = text("weir_schema"),
                .table = text("weir_table"), .column = text("weir_column"), .constraint = text("weir_constraint")});
}

}  // namespace

void Throw(const Status& status, duckdb::optional_idx position) {
  ErrorFields fields = FieldsOf(status);
  std::unordered_map<std::string, std::string> extra = {
      {kState, fields.sqlstate},        {"weir_detail", fields.detail}, {"weir_hint", fields.hint},
      {"weir_schema", fields.schema},   {"weir_table", fields.table},   {"weir_column", fields.column},
      {"weir_constraint", fields.constraint}};
  if (position.IsValid()) extra["position"] = std::to_string(position.GetIndex());
  throw duckdb::Exception(extra, duckdb::ExceptionType::EXECUTOR, fields.message);
}

Status StatusOf(const duckdb::ErrorData& error, std::string_view query) {
  std::string text = error.RawMessage();
  auto extra = error.ExtraInfo();
  ReadJson(&text, &extra);
  const Status status = extra.contains(kState) ? Carried(extra, text) : Translate(error.Type(), text);
  int position = PositionOf(extra, query);
  return position > 0 ? WithPosition(status, position) : status;
}

}  // namespace weir::sql
