#include "sql/engine/relation_names.h"

#include <algorithm>

#include "postgres/oid.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/index_ddl.h"
#include "sql/engine/kwdb_tables.h"
#include "sql/engine/names_of_view.h"
#include "sql/engine/system_definitions.h"
#include "sql/engine/system_rows.h"
#include "sql/engine/system_schema.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr std::string_view kPublic = "public";
constexpr const char* kTableOid = "tableoid";

const SystemDefinition* FindDefinition(std::span<const SystemDefinition> definitions, std::string_view name) {
  const auto found = std::ranges::find(definitions, name, &SystemDefinition::name);
  return found == definitions.end() ? nullptr : &*found;
}

/// A type by pg_type's name: "oid", "char", "aclitem[]".
postgres::TypeRef SystemTypeOf(std::string_view name) {
  const bool array = name.ends_with("[]");
  if (array) name.remove_suffix(2);
  const postgres::Type* type = postgres::FindType(name);
  if (type == nullptr) return {postgres::oid::kText};
  return {array ? type->array : type->oid};
}

SystemColumns::Columns TableColumns(const SystemDefinition& table) {
  SystemColumns::Columns columns;
  for (const SystemColumn& column : ReadColumns(table.text)) columns.push_back({column.name, SystemTypeOf(column.type)});
  columns.push_back({kTableOid, {postgres::oid::kOid}, true});
  return columns;
}

std::vector<analyze::OutputColumn> ColumnsOf(const Relation& relation) {
  std::vector<analyze::OutputColumn> columns;
  for (const SqlColumn& column : relation.columns) {
    auto type = postgres::ParseType(column.type);
    // Maps and rows of Fluss have no type in PostgreSQL: they are shown as texts.
    columns.push_back({column.name, type.ok() ? *type : postgres::TypeRef{postgres::oid::kText}});
  }
  if (!relation.is_view()) columns.push_back({kTableOid, {postgres::oid::kOid}, true});
  return columns;
}

std::vector<analyze::UniqueKey> KeysOf(const Relation& relation) {
  std::vector<analyze::UniqueKey> keys;
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.kind == SqlConstraint::Kind::kCheck) continue;
    const RelationPtr own = IndexOfConstraint(relation, constraint.name);
    if (own && !own->index->valid) continue;
    analyze::UniqueKey key{.name = constraint.name, .primary = constraint.kind == SqlConstraint::Kind::kPrimaryKey};
    for (const std::string& column : constraint.columns) key.columns.push_back(relation.ColumnIndex(column));
    keys.push_back(std::move(key));
  }
  for (const RelationPtr& index : relation.indexes) {
    if (index->index->constraint || !index->index->valid) continue;
    keys.push_back({.columns = KeyPositionsOf(*index->index, relation)});
  }
  return keys;
}

}  // namespace

Result<std::optional<SystemColumns::Columns>> SystemColumns::Find(std::string_view schema, std::string_view name,
                                                                  const Describe& describe) {
  const bool information = schema == kInformationSchemaName;
  const bool kwdb = schema == kKwdbSchemaName;
  const SystemDefinition* table =
      information ? nullptr : FindDefinition(kwdb ? KwdbTables() : CatalogTables(), name);
  if (table != nullptr) return std::optional(TableColumns(*table));
  if (kwdb) return std::optional<Columns>();
  if (FindDefinition(information ? InformationViews() : CatalogViews(), name) == nullptr) return std::optional<Columns>();
  const std::string key = std::string(schema) + "." + std::string(name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = views_.find(key); known != views_.end()) return std::optional(known->second);
  }
  WEIR_ASSIGN_OR_RETURN(Columns columns, describe(schema, name));
  const std::lock_guard lock(mutex_);
  return std::optional(views_.try_emplace(key, std::move(columns)).first->second);
}

RelationNames::RelationNames(CatalogView& catalog, const Parameters& parameters, std::string database,
                             const TemporaryTables& temporary, std::string user, SystemColumns& system, SystemColumns::Describe describe)
    : catalog_(catalog),
      database_(std::move(database)),
      temporary_(temporary),
      search_path_(SchemasOf(parameters.Get("search_path").value_or(""), user)),
      system_(system),
      describe_(std::move(describe)) {
  if (std::ranges::find(search_path_, kCatalogSchemaName) == search_path_.end()) {
    search_path_.insert(search_path_.begin(), kCatalogSchemaName);
  }
  if (!temporary_.names.empty()) search_path_.insert(search_path_.begin(), temporary_.database);
}

Result<std::optional<analyze::NamedRelation>> RelationNames::FindRelation(std::string_view schema,
                                                                          std::string_view name) {
  if (!schema.empty()) return FindIn(schema, name);
  for (const std::string& one : search_path_) {
    WEIR_ASSIGN_OR_RETURN(auto relation, FindIn(one, name));
    if (relation) return relation;
  }
  return std::optional<analyze::NamedRelation>();
}

Result<std::optional<analyze::NamedRelation>> RelationNames::FindIn(std::string_view schema, std::string_view name) {
  if (!IsSystemSchema(std::string(schema))) return FindTable(schema, name);
  WEIR_ASSIGN_OR_RETURN(auto columns, system_.Find(schema, name, describe_));
  if (!columns) return std::optional<analyze::NamedRelation>();
  analyze::NamedRelation named;
  named.source = analyze::RangeEntry::SystemTable{std::string(schema), std::string(name)};
  named.schema = schema;
  named.columns = std::move(*columns);
  return std::optional(std::move(named));
}

Result<std::optional<analyze::NamedRelation>> RelationNames::FindTable(std::string_view schema, std::string_view name) {
  const QualifiedName written{.schema = std::string(schema), .name = std::string(name)};
  const TablePath path = PathOf(written, database_, temporary_);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog_.Find(path));
  if (!relation) return std::optional<analyze::NamedRelation>();
  if (relation->is_index()) {
    return Error("42809", "cannot open relation \"" + relation->path.table + "\"",
                 {.detail = "This operation is not supported for indexes."});
  }
  return std::optional(Named(std::move(relation), schema));
}

analyze::NamedRelation RelationNames::Named(RelationPtr relation, std::string_view schema) {
  analyze::NamedRelation named;
  named.columns = ColumnsOf(*relation);
  named.keys = KeysOf(*relation);
  named.schema = schema;
  named.source = analyze::RangeEntry::Table{relation};
  if (relation->is_view()) named.of_view = std::make_shared<NamesOfView>(*this, relation);
  found_.push_back(std::move(relation));
  return named;
}

Result<bool> RelationNames::HasSchema(std::string_view schema) {
  if (schema == kPublic || IsSystemSchema(std::string(schema))) return true;
  if (schema == kTemporarySchema) return !temporary_.names.empty();
  return catalog_.DatabaseExists(std::string(schema));
}

Result<std::optional<postgres::TypeRef>> RelationNames::FindMadeType(std::string_view, std::string_view) {
  return std::optional<postgres::TypeRef>();  // CREATE TYPE and CREATE DOMAIN are refused
}

std::vector<std::string> SchemasOf(std::string_view search_path, const std::string& user) {
  std::vector<std::string> schemas;
  std::string name;
  bool quoted = false;
  bool was_quoted = false;
  const auto add = [&] {
    if (name == "$user") name = user;
    if (!name.empty() || was_quoted) schemas.push_back(std::exchange(name, {}));
    was_quoted = false;
  };
  for (size_t i = 0; i < search_path.size(); ++i) {
    const char c = search_path[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < search_path.size() && search_path[i + 1] == '"';
      if (doubled) name += search_path[++i];
      quoted = doubled || !quoted;
      was_quoted = true;
    } else if (c == ',' && !quoted) {
      add();
    } else if (quoted || c != ' ') {
      name += quoted ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  add();
  return schemas;
}

}  // namespace weir::sql
