#include "sql/system/catalog_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "postgres/catalog_name.h"
#include "postgres/function.h"
#include "postgres/made_type.h"
#include "postgres/type.h"
#include "postgres/value/number.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/engine/errors.h"
#include "sql/system/made_functions.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_schema.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using NameParts = std::vector<std::string>;

std::string Dotted(const NameParts& names) {
  std::string text;
  for (const std::string& name : names) (text += text.empty() ? "" : ".") += name;
  return text;
}

Status CheckSchema(const SystemSources& sources, const std::string& schema) {
  WEIR_ASSIGN_OR_RETURN(const bool there, HasSchemaNamed(sources, schema));
  if (there) return Status::OK();
  return Error(sqlstate::kInvalidSchemaName, fmt::format("schema \"{}\" does not exist", schema));
}

/// Of what has no schema.
Result<std::string> SingleName(const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(NameParts names, postgres::SplitQualifiedName(text));
  if (names.size() != 1) return Error(sqlstate::kInvalidName, "invalid name syntax");
  return std::move(names[0]);
}

// --- relations

const SqlConstraint* PrimaryKeyOf(const Relation& relation) {
  const auto found = std::ranges::find(relation.constraints, SqlConstraint::Kind::kPrimaryKey, &SqlConstraint::kind);
  return found == relation.constraints.end() ? nullptr : &*found;
}

/// The index of a primary key that has the name; 0 without one.
Result<int64_t> KeyIndexNamed(const SystemSources& sources, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const auto relations, sources.catalog.ListRelations(path.database));
  for (const RelationPtr& relation : relations) {
    const SqlConstraint* key = PrimaryKeyOf(*relation);
    if (key != nullptr && key->name == path.table) return IndexOid(relation->id);
  }
  return int64_t{0};
}

int64_t SystemTableNamed(std::string_view name) {
  const auto table = std::ranges::find(CatalogTables(), name, &SystemDefinition::name);
  return table == CatalogTables().end() ? 0 : table->oid;
}

/// Schema, which may be empty, and name.
Result<std::pair<std::string, std::string>> ReadRelationName(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const NameParts names, postgres::SplitQualifiedName(text));
  if (names.size() > 3) {
    return Error(sqlstate::kSyntaxError, "improper relation name (too many dotted names): " + Dotted(names));
  }
  if (names.size() == 3 && names[0] != sources.database) {
    return Error(sqlstate::kFeatureNotSupported,
                 fmt::format("cross-database references are not implemented: \"{}\"", Dotted(names)));
  }
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : "";
  if (!schema.empty()) WEIR_RETURN_NOT_OK(CheckSchema(sources, schema));
  return std::pair(schema, names.back());
}

/// Where a name without a schema is looked for.
std::vector<std::string> SchemasOfName(const SystemSources& sources, const std::string& name) {
  if (sources.temporary.names.contains(name)) return {sources.temporary.database};
  return SearchPath(sources);
}

Result<int64_t> FindRegclass(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const auto written, ReadRelationName(sources, text));
  const auto& [schema, name] = written;
  int64_t oid = schema.empty() || schema == kCatalogSchemaName ? SystemTableNamed(name) : 0;
  for (const std::string& one : schema.empty() ? SchemasOfName(sources, name) : std::vector{schema}) {
    if (oid != 0) break;
    WEIR_ASSIGN_OR_RETURN(const bool there, HasSchemaNamed(sources, one));
    if (!there || IsSystemSchema(one)) continue;
    const TablePath path = PathOf({.schema = one, .name = name}, sources.database, sources.temporary);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, sources.catalog.Find(path));
    if (relation) return relation->id;
    WEIR_ASSIGN_OR_RETURN(oid, KeyIndexNamed(sources, path));
  }
  if (oid != 0) return oid;
  const std::string shown = schema.empty() ? name : schema + "." + name;
  return Error(sqlstate::kUndefinedTable, fmt::format("relation \"{}\" does not exist", shown));
}

std::string RelationText(const SystemSources& sources, int64_t oid) {
  const auto system = std::ranges::find(CatalogTables(), oid, &SystemDefinition::oid);
  if (oid != 0 && system != CatalogTables().end()) return QuoteIdentifier(std::string(system->name));
  const RelationPtr relation = RelationOfOid(sources, oid);
  if (!relation) return std::to_string(oid);
  const std::string& name = relation->id == oid ? relation->path.table : PrimaryKeyOf(*relation)->name;
  const bool visible = IsVisible(sources, *relation);
  const std::string schema = SchemaSeenFrom(sources.database, relation->path.database);
  return (visible ? "" : QuoteIdentifier(schema) + ".") + QuoteIdentifier(name);
}

// --- schemas, roles, types, collations

std::string NamespaceText(const SystemSources& sources, int64_t oid) {
  if (oid == kCatalogSchema) return kCatalogSchemaName;
  if (oid == kPublicSchema) return "public";
  if (oid == kInformationSchema) return kInformationSchemaName;
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    if (DatabaseOid(name) == oid) return QuoteIdentifier(name);
  }
  return std::to_string(oid);
}

Result<int64_t> FindRegnamespace(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const std::string name, SingleName(text));
  if (name == kCatalogSchemaName) return kCatalogSchema;
  if (name == "public" || name == sources.database) return kPublicSchema;
  if (name == kInformationSchemaName) return kInformationSchema;
  WEIR_RETURN_NOT_OK(CheckSchema(sources, name));
  return DatabaseOid(name);
}

std::string RoleText(const SystemSources& sources, int64_t oid) {
  const access::Role* role = sources.access->Find(oid);
  return role == nullptr ? std::to_string(oid) : QuoteIdentifier(role->name);
}

Result<int64_t> FindRegrole(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const std::string name, SingleName(text));
  const access::Role* role = sources.access->Find(name);
  if (role == nullptr) return Error(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
  return role->id;
}

std::string TypeNameText(const SystemSources& sources, int64_t oid) {
  const auto type = static_cast<postgres::Oid>(oid);
  if (oid >= postgres::kFirstMadeOid) {
    return postgres::FindType(type) == nullptr ? std::to_string(oid) : TypeTextHere(sources, {type});
  }
  return postgres::FindType(type) == nullptr ? std::to_string(oid) : postgres::FormatType(type);
}

Result<int64_t> FindRegtype(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, ReadTypeHere(sources, text));
  return int64_t{type.oid};
}

std::string CollationText(int64_t oid) {
  const auto found = std::ranges::find(kCollations, oid, &SystemCollation::oid);
  return found == std::end(kCollations) ? std::to_string(oid) : QuoteIdentifier(std::string(found->name));
}

Result<int64_t> FindRegcollation(const SystemSources& sources, const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const NameParts names, postgres::SplitQualifiedName(text));
  if (names.size() > 1) WEIR_RETURN_NOT_OK(CheckSchema(sources, names[names.size() - 2]));
  const bool here = names.size() == 1 || names[names.size() - 2] == kCatalogSchemaName;
  const auto found = std::ranges::find(kCollations, names.back(), &SystemCollation::name);
  if (here && found != std::end(kCollations)) return found->oid;
  return Error(sqlstate::kUndefinedObject,
               fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", Dotted(names)));
}

Result<int64_t> FindName(const SystemSources& sources, postgres::Oid type, const std::string& text) {
  switch (type) {
    case postgres::oid::kRegclass: return FindRegclass(sources, text);
    case postgres::oid::kRegnamespace: return FindRegnamespace(sources, text);
    case postgres::oid::kRegrole: return FindRegrole(sources, text);
    case postgres::oid::kRegtype: return FindRegtype(sources, text);
    case postgres::oid::kRegcollation: return FindRegcollation(sources, text);
    default: break;  // functions and operators
  }
  const auto has_schema = [&](std::string_view schema) { return HasSchemaNamed(sources, std::string(schema)); };
  const auto oid = postgres::FindRoutineName(type, text, {sources.database, has_schema});
  if (oid.ok()) return int64_t{*oid};
  if (FieldsOf(oid.status()).sqlstate != sqlstate::kUndefinedFunction) return oid.status();
  WEIR_ASSIGN_OR_RETURN(const auto made, FindMadeFunctionNamed(sources, type, text));
  return made ? Result<int64_t>(*made) : Result<int64_t>(oid.status());
}

bool IsOperatorName(postgres::Oid type) {
  return type == postgres::oid::kRegoper || type == postgres::oid::kRegoperator;
}

bool IsOfDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Whether an error says that there is no such thing, or not one alone.
bool SaysMissing(const Status& status) {
  static constexpr std::array kStates = {sqlstate::kUndefinedTable, sqlstate::kUndefinedFunction,
                                         sqlstate::kUndefinedObject, sqlstate::kInvalidSchemaName,
                                         sqlstate::kAmbiguousFunction};
  return std::ranges::find(kStates, FieldsOf(status).sqlstate) != kStates.end();
}

}  // namespace

Result<bool> HasSchemaNamed(const SystemSources& sources, const std::string& name) {
  if (name == "public" || IsSystemSchema(name)) return true;
  if (name == kTemporarySchema) return !sources.temporary.names.empty();
  return sources.catalog.DatabaseExists(name);
}

std::string SchemaSeenFrom(const std::string& here, const std::string& database) {
  return database == here ? "public" : database;
}

Status WithSchemaSeen(const Status& failure, const std::string& here) {
  ErrorFields fields = FieldsOf(failure);
  if (fields.schema != here || here.empty()) return failure;
  fields.schema = SchemaSeenFrom(here, fields.schema);
  return Error(std::move(fields));
}

std::string CatalogNameText(const SystemSources& sources, postgres::Oid type, int64_t oid) {
  if (oid == 0 && !IsOperatorName(type)) return "-";
  switch (type) {
    case postgres::oid::kRegclass: return RelationText(sources, oid);
    case postgres::oid::kRegnamespace: return NamespaceText(sources, oid);
    case postgres::oid::kRegrole: return RoleText(sources, oid);
    case postgres::oid::kRegtype: return TypeNameText(sources, oid);
    case postgres::oid::kRegcollation: return CollationText(oid);
    default: break;  // functions and operators
  }
  TablePath path;
  const bool of_function = type == postgres::oid::kRegproc || type == postgres::oid::kRegprocedure;
  const bool own = !of_function || postgres::FindFunction(static_cast<postgres::Oid>(oid)) != nullptr;
  const SqlFunctionPtr made = own ? nullptr : FindMadeFunction(sources, oid, &path);
  if (made) return MadeFunctionNameText(sources, type, *made, path);
  return postgres::RoutineNameText(type, static_cast<postgres::Oid>(oid));
}

Result<int64_t> ReadCatalogName(const SystemSources& sources, postgres::Oid type, const std::string& text) {
  if (text == "-" && !IsOperatorName(type)) return int64_t{0};
  if (!IsOfDigits(text)) return FindName(sources, type, text);
  WEIR_ASSIGN_OR_RETURN(const uint32_t number, postgres::ReadOid(text));
  return int64_t{number};
}

Result<std::optional<int64_t>> FindCatalogName(const SystemSources& sources, postgres::Oid type,
                                               const std::string& text) {
  const auto found = FindName(sources, type, text);
  if (found.ok()) return std::optional(*found);
  if (SaysMissing(found.status())) return std::optional<int64_t>();
  return found.status();
}

int64_t RegclassOid(const SystemSources& sources, const std::string& text) {
  return ValueOrThrow(ReadCatalogName(sources, postgres::oid::kRegclass, text));
}

}  // namespace weir::sql
