#include "sql/catalog/kwdb_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

struct KwdbType {
  std::string_view type;    // PostgreSQL's
  std::string_view name;    // KWDB's
  std::string_view family;  // KWDB's, in errors
};

constexpr auto kKwdbTypes = std::to_array<KwdbType>({
    {"smallint", "INT2", "int"},
    {"integer", "INT4", "int"},
    {"bigint", "INT8", "int"},
    {"numeric", "DECIMAL", "decimal"},
    {"real", "FLOAT4", "float"},
    {"double precision", "FLOAT8", "float"},
    {"boolean", "BOOL", "bool"},
    {"text", "STRING", "string"},
    {"character varying", "VARCHAR", "string"},
    {"character", "CHAR", "string"},
    {"unknown", "STRING", "unknown"},
    {"bytea", "BYTES", "bytes"},
    {"date", "DATE", "date"},
    {"time without time zone", "TIME", "time"},
    {"time with time zone", "TIMETZ", "timetz"},
    {"timestamp without time zone", "TIMESTAMP", "timestamp"},
    {"timestamp with time zone", "TIMESTAMPTZ", "timestamptz"},
    {"interval", "INTERVAL", "interval"},
    {"uuid", "UUID", "uuid"},
    {"inet", "INET", "inet"},
    {"jsonb", "JSONB", "jsonb"},
    {"bit", "BIT", "bit"},
    {"\"bit\"", "BIT", "bit"},  // of any length
    {"bit varying", "VARBIT", "varbit"},
});

/// "timestamp(3) without time zone" as its name, and what is in the parentheses, with them.
std::pair<std::string, std::string> Parts(std::string_view type) {
  const size_t open = type.find('(');
  if (open == std::string_view::npos) return {std::string(type), {}};
  const size_t close = type.find(')', open);
  const size_t end = close == std::string_view::npos ? type.size() : close + 1;
  std::string name(type.substr(0, open));
  name += type.substr(end);
  return {std::move(name), std::string(type.substr(open, end - open))};
}

const KwdbType* Find(std::string_view name) {
  const auto found = std::ranges::find(kKwdbTypes, name, &KwdbType::type);
  return found == kKwdbTypes.end() ? nullptr : &*found;
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

bool IsPlain(std::string_view family) {
  return family == "int" || family == "decimal" || family == "float" || family == "bool";
}

}  // namespace

std::string KwdbTypeName(std::string_view type) {
  if (!postgres::TypesNamedIn(type).empty()) return postgres::WithTypeNames(type);
  if (type.ends_with("[]")) return KwdbTypeName(type.substr(0, type.size() - 2)) + "[]";
  const auto [name, modifier] = Parts(type);
  const KwdbType* known = Find(name);
  return known == nullptr ? UpperCase(type) : std::string(known->name) + modifier;
}

std::string KwdbTypeFamily(std::string_view type) {
  const std::string name = Parts(type).first;
  const KwdbType* known = Find(name);
  return known == nullptr ? name : std::string(known->family);
}

bool IsUntypedConstant(std::string_view expression) {
  const std::string_view text = expression.starts_with('E') ? expression.substr(1) : expression;
  const bool quoted = text.size() > 1 && text.front() == '\'' && text.back() == '\'';
  return quoted || expression == "NULL" || expression == "null";
}

Status KwdbReadError(const Status& failure, std::string_view type) {
  ErrorFields fields = FieldsOf(failure);
  const size_t quote = fields.message.find(": \"");
  const bool reading = fields.sqlstate.starts_with("22") && fields.message.starts_with("invalid input syntax for type");
  if (!reading || quote == std::string::npos) return failure;
  fields.message = fmt::format("could not parse {} as type {}", fields.message.substr(quote + 2), KwdbTypeFamily(type));
  return Error(std::move(fields));
}

std::string KwdbValueText(const DataType& data_type, std::string_view type, const KeyValue& value) {
  if (IsNull(value)) return "NULL";
  const std::string family = KwdbTypeFamily(type);
  std::string text = KeyValueText(data_type, value);
  if (IsPlain(family)) return text;
  // KWDB's TIMESTAMP is one of UTC.
  if (family == "timestamp") text += "+00:00";
  if (family == "timestamptz" && text.ends_with("+00")) text += ":00";
  return QuoteLiteral(text);
}

std::string KwdbPartitionName(const Relation& table, const Relation& partition) {
  if (partition.declared) return partition.declared->name;
  const std::string prefix = table.path.table + "_1_prt_";
  const std::string& name = partition.path.table;
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

}  // namespace weir::sql
