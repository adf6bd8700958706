#include "sql/duckdb/blanks.h"

#include "sql/duckdb/functions.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {
namespace {

namespace oid = postgres::oid;

/// LIKE, ~ and their like, of a char(n) and a pattern.
bool MatchesPattern(const postgres::Function& function) {
  return function.result == oid::kBool && function.arguments.size() == 2 && function.arguments[0] == oid::kBpchar &&
         function.arguments[1] == oid::kText;
}

/// Aggregates that make JSON of any values.
bool GathersJson(const postgres::Function& function) {
  return function.name.starts_with("json") && function.name.ends_with("_agg");
}

/// Functions of any type see the blanks, as they see the value's text.
bool SeesBlanks(const postgres::Function& function) {
  return function.name == "octet_length" || function.name == "pg_column_size" ||
         function.name == "array_to_string" || function.variadic == oid::kAny ||
         function.computation == postgres::Computation::kForm ||
         MatchesPattern(function) || GathersJson(function) || IsTypedFunction(OwnName(function));
}

/// As texts that have them. An array is one of one dimension.
Emitted WithBlanks(Emitted value, postgres::TypeRef type) {
  using duckdb::LogicalType;
  if (type.oid == oid::kBpchar) return {TextOf(std::move(value), type), LogicalType::VARCHAR, type.oid};
  Emitted element{duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kElement)), LogicalType::VARCHAR,
                  oid::kBpchar};
  Parsed text = TextOf(std::move(element), {oid::kBpchar, type.modifier});
  return {WithLambda("list_transform", std::move(value.expression), kElement, std::move(text)), std::move(value.type),
          value.oid};
}

}  // namespace

Emitted ArgumentOf(const postgres::Function& function, Emitted value, postgres::TypeRef type) {
  if (!HasBlanks(type) || !SeesBlanks(function)) return value;
  const auto texts = duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR);
  if (type.oid != oid::kBpchar && value.type != texts) return value;
  return WithBlanks(std::move(value), type);
}

}  // namespace weir::sql::duck
