#include "sql/system/relation_names.h"

#include <algorithm>

#include "postgres/oid.h"
#include "sql/access/targets.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/index_ddl.h"
#include "sql/duckdb/definition.h"
#include "sql/engine/row_types.h"
#include "sql/error.h"
#include "sql/system/catalog_names.h"
#include "sql/system/names_of_path.h"
#include "sql/system/names_of_view.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_rows.h"
#include "sql/system/system_schema.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

constexpr const char* kTableOid = "tableoid";
constexpr const char* kCtid = "ctid";

const SystemDefinition* FindDefinition(std::span<const SystemDefinition> definitions, std::string_view name) {
  const auto found = std::ranges::find(definitions, name, &SystemDefinition::name);
  return found == definitions.end() ? nullptr : &*found;
}

/// A type by pg_type's name: "oid", "char", "aclitem[]", "varchar(3)".
postgres::TypeRef SystemTypeOf(std::string_view name) {
  if (name.ends_with(')')) {
    const auto type = postgres::ParseType(name);
    return type.ok() ? *type : postgres::TypeRef{postgres::oid::kText};
  }
  const bool array = name.ends_with("[]");
  if (array) name.remove_suffix(2);
  const postgres::Type* type = postgres::FindType(name);
  if (type == nullptr) return {postgres::oid::kText};
  return {array ? type->array : type->oid};
}

using Columns = std::vector<analyze::OutputColumn>;

Columns ColumnsWritten(std::string_view definition) {
  Columns columns;
  for (const SystemColumn& column : ReadColumns(definition)) {
    columns.push_back({column.name, SystemTypeOf(column.type)});
  }
  return columns;
}

/// Of a table or view of a system schema. Nothing where there is none.
std::optional<Columns> SystemColumnsOf(std::string_view schema, std::string_view name) {
  if (const SystemDefinition* table = FindDefinition(TablesOfSchema(schema), name)) {
    Columns columns = ColumnsWritten(table->text);
    columns.push_back({kTableOid, {postgres::oid::kOid}, true});
    return columns;
  }
  if (FindDefinition(ViewsOfSchema(schema), name) == nullptr) return std::nullopt;
  return ColumnsWritten(ColumnsOfSystemView(schema, name));
}

Columns ColumnsOf(const Relation& relation) {
  Columns columns;
  for (const SqlColumn& column : relation.columns) {
    auto type = postgres::ParseType(column.type);
    // Maps and rows of Fluss have no type in PostgreSQL: they are shown as texts.
    columns.push_back({column.name, type.ok() ? *type : postgres::TypeRef{postgres::oid::kText}});
  }
  if (relation.is_view()) return columns;
  columns.push_back({kTableOid, {postgres::oid::kOid}, true});
  if (relation.PrimaryKey().empty() && !relation.is_foreign()) columns.push_back({kCtid, {postgres::oid::kTid}, true});
  return columns;
}

}  // namespace

RelationNames::RelationNames(const SystemSources& sources) : sources_(sources), search_path_(SearchPath(sources)) {
  if (std::ranges::find(search_path_, kCatalogSchemaName) == search_path_.end()) {
    search_path_.insert(search_path_.begin(), kCatalogSchemaName);
  }
  if (!sources.temporary.names.empty()) search_path_.insert(search_path_.begin(), sources.temporary.database);
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
  if (!IsSystemSchema(schema)) return FindTable(schema, name);
  auto columns = SystemColumnsOf(schema, name);
  if (!columns) return std::optional<analyze::NamedRelation>();
  analyze::NamedRelation named;
  named.source = analyze::RangeEntry::SystemTable{std::string(schema), std::string(name)};
  named.schema = schema;
  named.columns = std::move(*columns);
  return std::optional(std::move(named));
}

Result<std::optional<analyze::NamedRelation>> RelationNames::FindTable(std::string_view schema, std::string_view name) {
  const QualifiedName written{.schema = std::string(schema), .name = std::string(name)};
  const TablePath path = PathOf(written, sources_.database, sources_.temporary);
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(path));
  if (!relation || relation->is_functions()) return std::optional<analyze::NamedRelation>();
  if (relation->is_index()) return CannotOpenIndex(*relation);
  return std::optional(Named(std::move(relation), schema));
}

namespace {

/// Cloudberry's, which the server has itself.
SqlFunctionPtr ErrorLogFunction() {
  static const SqlFunctionPtr function = [] {
    auto made = std::make_shared<SqlFunction>();
    made->id = 7076;  // as Cloudberry's
    made->name = "gp_read_error_log";
    const auto add = [&](const char* name, const char* type, postgres::ParameterMode mode) {
      made->parameters.push_back({.name = name, .type = type, .mode = mode});
    };
    constexpr auto kTable = postgres::ParameterMode::kTable;
    add("exttable", "text", postgres::ParameterMode::kIn);
    add("cmdtime", "timestamp with time zone", kTable);
    for (const char* name : {"relname", "filename"}) add(name, "text", kTable);
    for (const char* name : {"linenum", "bytenum"}) add(name, "integer", kTable);
    for (const char* name : {"errmsg", "rawdata"}) add(name, "text", kTable);
    add("rawbytes", "bytea", kTable);
    made->result = "record";
    made->returns_set = true;
    made->body = "SELECT e.cmdtime, e.relname, e.filename, e.linenum, NULL::integer, e.errmsg, e.rawdata, NULL::bytea "
                 "FROM gp_toolkit.gp_error_log e WHERE e.relid = $1::regclass::oid";
    return made;
  }();
  return function;
}

}  // namespace

/// Those of all schemas of the path; the relation counts as found, so that a plan is made anew when one is replaced.
Result<std::vector<SqlFunctionPtr>> RelationNames::FindFunctions(std::string_view schema, std::string_view name) {
  std::vector<SqlFunctionPtr> functions;
  const std::vector<std::string> schemas = schema.empty() ? search_path_ : std::vector{std::string(schema)};
  for (const std::string& one : schemas) {
    // What anybody can make under any name is called by its whole name only.
    const bool temporary = schema.empty() && !one.empty() && one == sources_.temporary.database;
    if (temporary || IsSystemSchema(one)) continue;
    const QualifiedName written{.schema = one, .name = FunctionSetName(name)};
    WEIR_ASSIGN_OR_RETURN(RelationPtr set, catalog().Find(PathOf(written, sources_.database, sources_.temporary)));
    if (!set || !set->is_functions()) continue;
    for (const SqlFunctionPtr& function : set->functions) functions.push_back(function);
    found_.push_back(std::move(set));
  }
  if (schema.empty() && name == ErrorLogFunction()->name) functions.push_back(ErrorLogFunction());
  return functions;
}

/// Those of its name that were found; null: they were not.
RelationPtr RelationNames::SetOf(const SqlFunction& function) const {
  const auto set = std::ranges::find_if(found_, [&](const RelationPtr& one) {
    return std::ranges::find(one->functions, function.id, &SqlFunction::id) != one->functions.end();
  });
  return set == found_.end() ? nullptr : *set;
}

std::string RelationNames::SchemaOf(const SqlFunction& function) {
  const RelationPtr set = SetOf(function);
  return set ? set->path.database : std::string();
}

Status RelationNames::CheckMayCall(const SqlFunction& function, const analyze::Definer* by) {
  if (!sources_.access) return Status::OK();
  access::RoleId role = sources_.role;
  if (by != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const access::Target definer, TargetOf(*sources_.access, catalog(), *by->functions));
    role = definer.owner;
  }
  const RelationPtr set = access::IsAdmin(*sources_.access, role) ? nullptr : SetOf(function);
  if (!set) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOfFunction(*sources_.access, catalog(), function, *set));
  return access::CheckPrivilege(*sources_.access, role, target, access::kExecute);
}

Result<analyze::DefinerPtr> RelationNames::DefinerOf(const SqlFunction& function) {
  const RelationPtr set = SetOf(function);
  if (!set || !sources_.access) return analyze::DefinerPtr();
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*sources_.access, catalog(), *set));
  return std::make_shared<const analyze::Definer>(analyze::Definer{set, sources_.access->NameOf(target.owner)});
}

std::vector<std::string> RelationNames::SchemasOfPath(const std::string& path) const {
  std::vector<std::string> schemas = SchemasOf(path, sources_.user);
  if (std::ranges::find(schemas, kCatalogSchemaName) == schemas.end()) {
    schemas.insert(schemas.begin(), kCatalogSchemaName);
  }
  if (std::ranges::find(schemas, kTemporarySchema) == schemas.end()) schemas.insert(schemas.begin(), kTemporarySchema);
  return schemas;
}

std::shared_ptr<analyze::Names> RelationNames::WithSearchPath(const std::string& path) {
  return std::make_shared<NamesOfPath>(*this, SchemasOfPath(path));
}

std::vector<analyze::UniqueKey> RelationNames::KeysOf(const Relation& relation) {
  std::vector<analyze::UniqueKey> keys;
  for (const SqlConstraint& constraint : relation.constraints) {
    if (!constraint.is_key()) continue;
    const RelationPtr own = IndexOfConstraint(relation, constraint.name);
    if (own && !own->index->valid) continue;
    const bool primary = constraint.kind == SqlConstraint::Kind::kPrimaryKey || constraint.primary;
    analyze::UniqueKey key{.name = constraint.name, .primary = primary};
    for (const std::string& column : constraint.columns) key.columns.push_back(relation.ColumnIndex(column));
    if (own && !own->index->nulls_distinct) key.index = own->path.table;
    keys.push_back(std::move(key));
  }
  for (const RelationPtr& index : relation.indexes) {
    if (index->index->constraint || !index->index->unique || !index->index->valid) continue;
    analyze::UniqueKey key{.columns = KeyPositionsOf(*index->index, relation), .condition = index->index->condition};
    for (const SqlIndex::Expression& expression : index->index->expressions) key.expressions.push_back(expression.text);
    if (!index->index->is_plain() || !index->index->nulls_distinct) key.index = index->path.table;
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<std::optional<analyze::CursorRow>> RelationNames::FindCursorRow(std::string_view cursor, const Relation& table) {
  asked_for_cursor_ = true;
  return find_cursor_ ? find_cursor_(std::string(cursor), table) : std::optional<analyze::CursorRow>();
}

analyze::NamedRelation RelationNames::Named(RelationPtr relation, std::string_view schema) {
  analyze::NamedRelation named;
  named.columns = ColumnsOf(*relation);
  named.keys = KeysOf(*relation);
  named.schema = schema;
  named.source = analyze::RangeEntry::Table{.relation = relation, .shards = duck::ShardColumnsOf(*relation)};
  if (relation->is_view()) named.of_view = std::make_shared<NamesOfView>(*this, relation);
  found_.push_back(std::move(relation));
  return named;
}

Result<bool> RelationNames::HasSchema(std::string_view schema) {
  WEIR_ASSIGN_OR_RETURN(const bool there, HasSchemaNamed(sources_, std::string(schema)));
  if (!there || !sources_.access || IsSystemSchema(schema) || schema == kTemporarySchema) return there;
  const std::string database =
      PathOf({.schema = std::string(schema), .name = {}}, sources_.database, sources_.temporary).database;
  if (IsTemporary(database)) return there;
  const access::Target target = SchemaTarget(*sources_.access, database, ContextOf(sources_));
  WEIR_RETURN_NOT_OK(access::CheckPrivilege(*sources_.access, sources_.role, target, access::kUsage));
  return there;
}

Result<std::optional<postgres::TypeRef>> RelationNames::FindMadeType(std::string_view schema, std::string_view name) {
  WEIR_ASSIGN_OR_RETURN(const postgres::Oid found, FindMadeTypeHere(sources_, schema, name));
  if (found != 0) return std::optional(postgres::TypeRef{found});
  const std::vector<std::string> schemas = schema.empty() ? search_path_ : std::vector{std::string(schema)};
  for (const std::string& one : schemas) {
    if (IsSystemSchema(one)) continue;
    const QualifiedName written{.schema = one, .name = std::string(name)};
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(PathOf(written, sources_.database, sources_.temporary)));
    if (!relation || relation->is_functions() || relation->is_index() || relation->is_sequence()) continue;
    const postgres::Oid rows = TypeOfRows(relation->path.database, name, ColumnsOf(*relation));
    found_.push_back(std::move(relation));
    return std::optional(postgres::TypeRef{rows});
  }
  return std::optional<postgres::TypeRef>();
}

/// A relation that is named so counts as found: what is planned with its OID is planned anew when it is another one.
Result<std::optional<postgres::Oid>> RelationNames::ReadCatalogName(postgres::Oid type, std::string_view name) {
  WEIR_ASSIGN_OR_RETURN(const int64_t oid, sql::ReadCatalogName(sources_, type, std::string(name)));
  if (type == postgres::oid::kRegclass && oid >= kFirstRelationId) {
    const int64_t indexed = RelationOfIndex(oid);
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().FindById(indexed < 0 ? oid : indexed));
    if (relation) found_.push_back(std::move(relation));
  }
  return std::optional(static_cast<postgres::Oid>(oid));
}

Result<std::string> RelationNames::ReadAclItem(std::string_view text) { return AclItemAsKept(sources_, text); }

Status CannotOpenIndex(const Relation& index) {
  return Error("42809", "cannot open relation \"" + index.path.table + "\"",
               {.detail = "This operation is not supported for indexes."});
}

std::vector<std::string> SchemasOf(std::string_view search_path, const std::string& user) {
  std::vector<std::string> schemas;
  std::string name;
  bool quoted = false;
  const auto add = [&] {
    if (name == "$user") name = user;
    if (!name.empty()) schemas.push_back(std::exchange(name, {}));
  };
  for (size_t i = 0; i < search_path.size(); ++i) {
    const char c = search_path[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < search_path.size() && search_path[i + 1] == '"';
      if (doubled) name += search_path[++i];
      quoted = doubled || !quoted;
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
