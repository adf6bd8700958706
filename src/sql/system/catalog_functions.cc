#include <algorithm>

#include "postgres/oid.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/relation_names.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_scalars.h"
#include "sql/system/system_schema.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

// --- the search path

duckdb::vector<Value> SchemasSearched(const SystemSources& sources) {
  duckdb::vector<Value> schemas;
  for (const std::string& schema : SearchPath(sources)) {
    if (ValueOrThrow(HasSchemaNamed(sources, schema))) schemas.emplace_back(schema);
  }
  return schemas;
}

Value FirstSchema(const SystemSources& sources, const Arguments&) {
  const auto schemas = SchemasSearched(sources);
  return schemas.empty() ? Value(LogicalType::VARCHAR) : schemas.front();
}

/// current_schemas(implicit): with those that are searched without being named.
Value AllSchemas(const SystemSources& sources, const Arguments& arguments) {
  duckdb::vector<Value> schemas = SchemasSearched(sources);
  if (duckdb::BooleanValue::Get(arguments[0])) {
    const auto is_catalog = [](const Value& schema) { return duckdb::StringValue::Get(schema) == kCatalogSchemaName; };
    if (std::ranges::none_of(schemas, is_catalog)) schemas.insert(schemas.begin(), Value(kCatalogSchemaName));
    if (!sources.temporary.names.empty()) schemas.insert(schemas.begin(), Value(sources.temporary.database));
  }
  return Value::LIST(LogicalType::VARCHAR, std::move(schemas));
}

// --- options

/// option_name, option_value.
const LogicalType& OptionType() {
  static const auto* type = new LogicalType(LogicalType::STRUCT({
      {duck::FieldName(0, {postgres::oid::kText}), LogicalType::VARCHAR},
      {duck::FieldName(1, {postgres::oid::kText}), LogicalType::VARCHAR},
  }));
  return *type;
}

/// pg_options_to_table(options): "name=value", or a name alone.
Value OptionRows(const SystemSources&, const Arguments& arguments) {
  duckdb::vector<Value> rows;
  for (const Value& option : duckdb::ListValue::GetChildren(arguments[0])) {
    const std::string text = option.IsNull() ? "" : duckdb::StringValue::Get(option);
    const size_t equals = text.find('=');
    const Value value = equals == std::string::npos ? Value(LogicalType::VARCHAR) : Value(text.substr(equals + 1));
    rows.push_back(Value::STRUCT(OptionType(), {Value(text.substr(0, equals)), value}));
  }
  return Value::LIST(OptionType(), std::move(rows));
}

// --- relations

/// What pg_class.relfilenode says.
Value FileNode(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(arguments[0].GetValue<int64_t>()));
  const bool has_file = relation && !relation->is_partitioned() && !relation->is_view();
  return has_file ? cells::Oid(relation->id) : Value(LogicalType::BIGINT);
}

/// The index by which rows are replicated: that of the primary key.
Value IdentityIndex(const SystemSources& sources, const Arguments& arguments) {
  const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(arguments[0].GetValue<int64_t>()));
  const bool has_key = relation && !relation->PrimaryKey().empty();
  return has_key ? cells::Oid(IndexOid(relation->id)) : Value(LogicalType::BIGINT);
}

}  // namespace

std::vector<ScalarSpec> CatalogScalars() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  return {
      {"current_schema", {}, text, FirstSchema},
      {"current_schemas", {LogicalType::BOOLEAN}, LogicalType::LIST(text), AllSchemas},
      {"pg_options_to_table", {LogicalType::LIST(text)}, LogicalType::LIST(OptionType()), OptionRows},
      {"pg_relation_filenode", {number}, number, FileNode},
      {"pg_get_replica_identity_index", {number}, number, IdentityIndex},
  };
}

}  // namespace weir::sql
