// DROP OWNED and REASSIGN OWNED, as far as they are about what the catalog holds.
#include <algorithm>

#include "sql/access/privilege_ddl.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

QualifiedName FullName(const TablePath& path) { return {.database = {}, .schema = path.database, .name = path.table}; }

/// What goes by itself: not a partition, an index or the sequence of a column.
bool StandsAlone(const Relation& relation) {
  return !relation.parent && !relation.is_index() && !(relation.is_sequence() && relation.sequence->owner >= 0);
}

/// What of the catalog belongs to some roles, by the statement that drops it.
struct OwnedObjects {
  std::vector<RelationPtr> views;  // those on others first
  DropTable tables;
  DropTable foreign_tables;
  DropSequences sequences;
  std::vector<DropFunctions> functions;
  DropTypes types;
  std::vector<DropDatabase> schemas;
  DropServers servers;
};

void AddFunctionsOf(const Relation& set, bool cascade, OwnedObjects* owned) {
  for (const SqlFunctionPtr& function : set.functions) {
    FunctionName name{.name = {.database = {}, .schema = set.path.database, .name = function->name}, .arguments = {}};
    name.arguments.emplace();
    for (const auto* input : function->Inputs()) name.arguments->push_back(postgres::WithTypeNames(input->type));
    owned->functions.push_back({.kind = function->procedure ? RoutineKind::kProcedure : RoutineKind::kFunction,
                                .functions = {std::move(name)},
                                .cascade = cascade});
  }
}

void Add(const RelationPtr& relation, bool cascade, OwnedObjects* owned) {
  if (relation->definition() != nullptr) {
    owned->views.push_back(relation);
  } else if (relation->is_functions()) {
    AddFunctionsOf(*relation, cascade, owned);
  } else if (relation->is_sequence()) {
    owned->sequences.names.push_back(FullName(relation->path));
  } else {
    (relation->is_foreign() ? owned->foreign_tables : owned->tables).names.push_back(FullName(relation->path));
  }
}

Result<OwnedObjects> OwnedBy(const std::set<access::RoleId>& roles, bool cascade, const access::State& state,
                             CatalogView& catalog) {
  OwnedObjects owned{.views = {},
                     .tables = {.names = {}, .cascade = cascade},
                     .foreign_tables = {.names = {}, .cascade = cascade, .kind = DropTable::Kind::kForeign},
                     .sequences = {.names = {}, .cascade = cascade},
                     .functions = {},
                     .types = {.cascade = cascade},
                     .schemas = {},
                     .servers = {.names = {}, .cascade = cascade}};
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> databases, catalog.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<RelationPtr> relations, catalog.ListRelations(database));
    for (const RelationPtr& relation : relations) {
      const auto owner = state.OwnerOf(access::ObjectKey::Table(relation->id));
      if (owner && roles.contains(*owner) && StandsAlone(*relation)) Add(relation, cascade, &owned);
    }
    const auto owner = state.OwnerOf(access::ObjectKey::Schema(database));
    if (!owner || !roles.contains(*owner)) continue;
    owned.schemas.push_back({.name = database, .cascade = cascade, .is_schema = true});
  }
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog.Types());
  for (const auto& [oid, type] : *types) {
    if (roles.contains(type->owner)) owned.types.names.push_back(FullName({type->schema, type->name}));
  }
  WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr servers, catalog.Servers());
  for (const auto& [name, server] : *servers) {
    const auto owner = state.OwnerOf(access::ObjectKey::Named(access::ObjectKind::kServer, name));
    if (owner && roles.contains(*owner)) owned.servers.names.push_back(name);
  }
  // A view stands on what was there before it.
  std::ranges::sort(owned.views, std::ranges::greater(), &Relation::id);
  return owned;
}

}  // namespace

template <typename Drop>
Status EngineSession::DropAlong(const Drop& drop, std::vector<ErrorFields>* notices) {
  WEIR_ASSIGN_OR_RETURN(const Notices said, ChangeCatalog(drop));
  for (const DdlNotice& notice : said) {
    notices->push_back({.severity = "NOTICE",
                        .sqlstate = "00000",
                        .message = notice.text,
                        .detail = notice.detail,
                        .hint = notice.hint});
  }
  return Status::OK();
}

/// All of a statement is one change: what is not the roles' own keeps it from being made, or goes with CASCADE.
Status EngineSession::DropOwnedBy(const DropOwned& statement, std::vector<ErrorFields>* notices) {
  WEIR_ASSIGN_OR_RETURN(const std::set<access::RoleId> roles, OwnersIn(statement, AccessNow(), *Access()));
  WEIR_ASSIGN_OR_RETURN(const OwnedObjects owned, OwnedBy(roles, statement.cascade, *Access(), catalog()));
  for (const RelationPtr& view : owned.views) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr there, catalog().FindById(view->id));
    if (!there) continue;  // it went with another
    const DropView drop{.names = {FullName(there->path)}, .cascade = statement.cascade,
                        .materialized = there->is_materialized()};
    WEIR_RETURN_NOT_OK(DropAlong(drop, notices));
  }
  if (!owned.tables.names.empty()) WEIR_RETURN_NOT_OK(DropAlong(owned.tables, notices));
  if (!owned.foreign_tables.names.empty()) WEIR_RETURN_NOT_OK(DropAlong(owned.foreign_tables, notices));
  if (!owned.sequences.names.empty()) WEIR_RETURN_NOT_OK(DropAlong(owned.sequences, notices));
  for (const DropFunctions& drop : owned.functions) WEIR_RETURN_NOT_OK(DropAlong(drop, notices));
  if (!owned.types.names.empty()) WEIR_RETURN_NOT_OK(DropAlong(owned.types, notices));
  if (!owned.servers.names.empty()) WEIR_RETURN_NOT_OK(DropAlong(owned.servers, notices));
  for (const DropDatabase& drop : owned.schemas) WEIR_RETURN_NOT_OK(DropAlong(drop, notices));
  return Status::OK();
}

/// Whom a type belongs to stands in its definition.
Status EngineSession::ReassignTypes(const ReassignOwned& statement) {
  WEIR_ASSIGN_OR_RETURN(const std::set<access::RoleId> roles, OwnersIn(statement, AccessNow(), *Access()));
  WEIR_ASSIGN_OR_RETURN(const access::RoleId owner, FindRole(*Access(), statement.owner, AccessNow()));
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog().Types());
  for (const auto& [oid, type] : *types) {
    if (!roles.contains(type->owner)) continue;
    auto given = std::make_shared<postgres::MadeType>(*type);
    given->owner = owner;
    WEIR_RETURN_NOT_OK(Draft()->PutType(given));
  }
  return Status::OK();
}

}  // namespace weir::sql
