#pragma once

#include <string>
#include <vector>

#include "access/state.h"
#include "sql/catalog/catalog.h"
#include "sql/dialect/access_statement.h"

namespace weir::sql {

/// Who runs a statement, and what it sees.
struct AccessContext {
  access::RoleId session_role = access::kWeir;
  access::RoleId current_role = access::kWeir;
  std::string database;  // that "public" and unqualified names mean
  CatalogView* catalog = nullptr;
};

/// A table with its owner: a partition that has none of its own belongs to the owner of its parent.
Result<access::Target> TargetOf(const access::State& state, CatalogView& catalog, const Relation& relation);
/// A function, which belongs to whom all of its name do.
Result<access::Target> TargetOfFunction(const access::State& state, CatalogView& catalog, const SqlFunction& function,
                                        const Relation& set);
access::Target TargetOfType(const postgres::MadeType& type);
access::Target DatabaseTarget(const access::State& state, const std::string& name);
/// The schema that a database is; it belongs to the database's owner unless it has one of its own.
access::Target SchemaTarget(const access::State& state, const std::string& database, const AccessContext& context);

/// 42P01 where there is no such table.
Result<RelationPtr> FindTable(const QualifiedName& name, const AccessContext& context);
/// 3D000 where there is no such database.
Result<access::Target> FindDatabase(const access::State& state, const std::string& name, const AccessContext& context);
/// 3F000 where there is no such schema.
Result<access::Target> FindSchema(const access::State& state, const std::string& name, const AccessContext& context);

/// The language that functions are written in.
inline constexpr const char* kSqlLanguageName = "sql";
/// A language, foreign server or foreign-data wrapper; 42704 where there is none of the name. A parameter, which the
/// session knows.
Result<access::Target> FindNamed(const access::State& state, access::ObjectKind kind, const std::string& name,
                                 const AccessContext& context);

/// 42704 where there is no such role. PUBLIC is kEverybody where `everybody` says that it may stand there.
Result<access::RoleId> FindRole(const access::State& state, const RoleName& name, const AccessContext& context,
                                bool everybody = false);

}  // namespace weir::sql
