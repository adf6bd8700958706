#include "sql/duckdb/json_calls.h"

#include "sql/duckdb/physical.h"
#include "sql/duckdb/typed_calls.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::TypeRef;
namespace oid = postgres::oid;

Emitted TextListOf(Parsed list) { return {std::move(list), LogicalType::LIST(LogicalType::VARCHAR), oid::kTextArray}; }

/// The values first, then each as JSON: DISTINCT and ORDER BY are of the values.
Emitted ArrayOfValues(Emitted value, TypeRef result,
                      const std::function<Parsed(const std::string&, ParsedList)>& make) {
  const bool nested = value.type.IsNested();
  EmittedList element;
  element.push_back({duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kElement)), value.type, value.oid});
  Emitted json = TypedHelper("pg.json_of", std::move(element), {oid::kJson});
  Parsed values = make("list", ListOf(std::move(value.expression)));
  EmittedList parts;
  parts.push_back(TextListOf(WithLambda("list_transform", std::move(values), kElement, std::move(json.expression))));
  parts.push_back({Literal(duckdb::Value::BOOLEAN(nested)), LogicalType::BOOLEAN, oid::kBool});
  return TypedHelper("pg.json_array_of", std::move(parts), result);
}

/// pg.record_of_json(json, row, function) or pg.records_of_json(…)
Emitted IntoRow(const postgres::Function& function, bool set, Emitted json, Emitted row) {
  if (row.type.id() != LogicalTypeId::STRUCT && row.oid != oid::kRecord) {
    Throw(Error("42804", "first argument of " + std::string(function.name) + " must be a row type"));
  }
  if (row.type.id() != LogicalTypeId::STRUCT) Throw(Error("0A000", "a row of this type is not supported"));
  Parsed name = Literal(duckdb::Value(std::string(function.name)));
  const LogicalType form = set ? LogicalType::LIST(row.type) : row.type;
  return {Function(set ? "pg.records_of_json" : "pg.record_of_json",
                   ListOf(std::move(json.expression), std::move(row.expression), std::move(name))),
          form, row.oid};
}

}  // namespace

std::optional<Emitted> JsonAggregate(const postgres::Function& function, EmittedList* arguments, TypeRef result,
                                     const std::function<Parsed(const std::string&, ParsedList)>& make) {
  const std::string_view name = function.name;
  if (name == "json_agg" || name == "jsonb_agg") return ArrayOfValues(std::move(arguments->front()), result, make);
  if (name != "json_object_agg" && name != "jsonb_object_agg") return std::nullopt;
  Emitted pair = TypedHelper("pg.json_pair", std::move(*arguments), {oid::kText});
  EmittedList pairs;
  pairs.push_back(TextListOf(make("list", ListOf(std::move(pair.expression)))));
  return TypedHelper("pg.json_object_of", std::move(pairs), result);
}

std::optional<Emitted> JsonIntoRow(const postgres::Function& function, EmittedList* arguments) {
  const std::string_view name = function.name;
  const bool one = name == "json_populate_record" || name == "jsonb_populate_record";
  const bool set = name == "json_populate_recordset" || name == "jsonb_populate_recordset";
  if (!one && !set) return std::nullopt;
  return IntoRow(function, set, std::move((*arguments)[1]), std::move((*arguments)[0]));
}

bool MakesDefinedRows(const postgres::Function& function) {
  const std::string_view name = function.name;
  return name == "json_to_record" || name == "jsonb_to_record" || name == "json_to_recordset" ||
         name == "jsonb_to_recordset";
}

Emitted DefinedRows(const postgres::Function& function, Emitted json, std::span<const analyze::OutputColumn> columns) {
  duckdb::child_list_t<LogicalType> fields;
  for (const auto& column : columns) {
    fields.emplace_back(FieldName(fields.size(), {column.type.oid}, column.name), PhysicalType({column.type.oid}));
  }
  const LogicalType form = LogicalType::STRUCT(std::move(fields));
  Emitted rows = IntoRow(function, function.returns_set, std::move(json), {NullOf(form), form, oid::kRecord});
  if (!function.returns_set) return rows;
  return {Function("unnest", std::move(rows.expression)), form, oid::kRecord};
}

}  // namespace weir::sql::duck
