// DROP OWNED: what belongs to roles goes, and then their privileges.
#include "sql/access/access_ddl.h"
#include "sql/access/privilege_ddl.h"
#include "sql/engine/catalog_names.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

/// What is to be dropped, by the statement that drops it.
struct OwnedObjects {
  DropView views;
  DropView materialized;
  DropTable tables;
  DropTable foreign;
  DropSequences sequences;
  DropFunctions functions;
  std::vector<std::string> schemas;
};

void Add(const Relation& relation, OwnedObjects* owned) {
  const QualifiedName name{.schema = relation.path.database, .name = relation.path.table};
  if (relation.is_view()) {
    owned->views.names.push_back(name);
  } else if (relation.is_materialized()) {
    owned->materialized.names.push_back(name);
  } else if (relation.is_sequence()) {
    owned->sequences.names.push_back(name);
  } else if (relation.is_foreign()) {
    owned->foreign.names.push_back(name);
  } else if (relation.is_table()) {
    owned->tables.names.push_back(name);
  }
}

OwnedObjects ThatGoWith(const DropOwned& drop) {
  OwnedObjects owned;
  owned.views = {.names = {}, .if_exists = true, .cascade = drop.cascade};
  owned.materialized = {.names = {}, .if_exists = true, .cascade = drop.cascade, .materialized = true};
  owned.tables = {.names = {}, .if_exists = true, .cascade = drop.cascade};
  owned.foreign = {.names = {}, .if_exists = true, .cascade = drop.cascade, .kind = DropTable::Kind::kForeign};
  owned.sequences = {.names = {}, .if_exists = true, .cascade = drop.cascade};
  owned.functions = {.kind = RoutineKind::kRoutine, .functions = {}, .if_exists = true, .cascade = drop.cascade};
  return owned;
}

}  // namespace

EngineSession::Outcome EngineSession::RunDropOwned(const DropOwned& drop) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  access::State state = *Access();
  WEIR_ASSIGN_OR_RETURN(const std::set<access::RoleId> roles, RolesOfDropOwned(drop, AccessNow(), state));
  OwnedObjects owned = ThatGoWith(drop);
  for (const auto& [key, object] : state.objects) {
    if (!object.owner || !roles.contains(*object.owner)) continue;
    if (key.kind == access::ObjectKind::kSchema) owned.schemas.push_back(key.name);
    if (key.kind != access::ObjectKind::kTable) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().FindById(key.table));
    if (!relation) continue;
    Add(*relation, &owned);
    if (!relation->is_functions()) continue;
    owned.functions.functions.push_back({.name = {.schema = relation->path.database, .name = relation->functions[0]->name},
                                         .arguments = {}});
  }
  const auto run = [&](const auto& statement, bool any) -> Status {
    return any ? ChangeCatalog(statement).status() : Status::OK();
  };
  WEIR_RETURN_NOT_OK(run(owned.views, !owned.views.names.empty()));
  WEIR_RETURN_NOT_OK(run(owned.materialized, !owned.materialized.names.empty()));
  WEIR_RETURN_NOT_OK(run(owned.tables, !owned.tables.names.empty()));
  WEIR_RETURN_NOT_OK(run(owned.foreign, !owned.foreign.names.empty()));
  WEIR_RETURN_NOT_OK(run(owned.sequences, !owned.sequences.names.empty()));
  WEIR_RETURN_NOT_OK(run(owned.functions, !owned.functions.functions.empty()));
  for (const std::string& schema : owned.schemas) {
    WEIR_RETURN_NOT_OK(run(DropDatabase{.name = schema, .if_exists = true, .cascade = drop.cascade, .is_schema = true}, true));
  }
  state = *Access();
  AccessNotices notices;
  WEIR_RETURN_NOT_OK(sql::Execute(AccessStatement(drop), AccessNow(), &state, &notices));
  ChangeAccess(std::move(state));
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("DROP OWNED");
}

}  // namespace weir::sql
