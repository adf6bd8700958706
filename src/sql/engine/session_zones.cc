// KWDB's CONFIGURE ZONE, and its SHOW of what the catalog holds.
#include "client/system_table.h"
#include "sql/access/access_ddl.h"
#include "sql/catalog/configure_zone.h"
#include "sql/dialect/show.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

Status MayNotConfigure(const std::string& user, const char* kind, const std::string& object) {
  return Error("42501", "user " + user + " does not have ZONECONFIG or CREATE privilege on " + kind + " " + object);
}

}  // namespace

EngineSession::Outcome EngineSession::RunConfigureZone(const ConfigureZone& configure) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  WEIR_ASSIGN_OR_RETURN(const int written, Configure(configure, Context(), Draft()));
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("CONFIGURE ZONE " + std::to_string(written));
}

/// For who is no admin.
Status EngineSession::CheckMayConfigure(const ZoneTarget& target) {
  const access::StatePtr state = Access();
  const auto wanted = access::kCreate | access::kZoneConfig;
  if (target.kind == ZoneTarget::Kind::kRange) {
    return Error("42501", "only users with the admin role are allowed to alter system ranges");
  }
  if (target.kind == ZoneTarget::Kind::kDatabase) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(target.name));
    if (!exists) return Status::OK();
    const access::Target database = DatabaseTarget(*state, target.name);
    const bool owns = access::HasPrivilegesOf(*state, current_role_, database.owner);
    if (owns || (access::PrivilegesOn(*state, current_role_, database) & wanted)) return Status::OK();
    return MayNotConfigure(NameOfUser(current_role_), "database", target.name);
  }
  const TablePath path = PathOf(target.table);
  if (path.database == kSystemDatabase) {
    return Error("42501", "only users with the admin role are allowed to alter system tables");
  }
  WEIR_ASSIGN_OR_RETURN(const auto table, TargetNamed(path));
  if (!table) return Status::OK();
  const auto held = access::PrivilegesOn(*state, current_role_, *table);
  const auto all = access::AllOf(access::ObjectKind::kTable);
  if ((held & wanted) || (held & all) == all) return Status::OK();
  return MayNotConfigure(NameOfUser(current_role_), "relation", table->name);
}

/// What is not there is said as KWDB says it, where the query alone would be empty.
Result<Query> EngineSession::QueryOf(const ShowCatalog& show) {
  using Kind = ShowCatalog::Kind;
  if (show.kind == Kind::kZone) WEIR_RETURN_NOT_OK(FindZoned(show.zone, Context(), catalog()).status());
  const bool schema = show.kind == Kind::kTables || show.kind == Kind::kSchemas || show.target.name == "public";
  if (show.of == ShowCatalog::Of::kDatabase && !schema) {
    WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(show.target.name));
    if (!exists) return Error("3D000", "database \"" + show.target.name + "\" does not exist");
  }
  return Query{.text = dialect::ShowQuery(show), .command = "SELECT"};
}

}  // namespace weir::sql
