#include "sql/access/access_ddl.h"

#include "sql/access/privilege_ddl.h"

namespace weir::sql {
namespace {

std::string TagOf(const CreateRole&) { return "CREATE ROLE"; }
std::string TagOf(const AlterRole&) { return "ALTER ROLE"; }
std::string TagOf(const AlterSettings& alter) {
  return alter.role || !alter.database ? "ALTER ROLE" : "ALTER DATABASE";
}
std::string TagOf(const RenameRole&) { return "ALTER ROLE"; }
std::string TagOf(const DropRoles&) { return "DROP ROLE"; }
std::string TagOf(const GrantRoles& grant) {
  return grant.of_group ? "ALTER ROLE" : grant.grant ? "GRANT ROLE" : "REVOKE ROLE";
}
std::string TagOf(const GrantPrivileges& grant) {
  if (grant.which == GrantPrivileges::Which::kNew) return "ALTER DEFAULT PRIVILEGES";
  return grant.grant ? "GRANT" : "REVOKE";
}
std::string TagOf(const ChangeOwner& change) {
  switch (change.of) {
    case ChangeOwner::Of::kTable: break;
    case ChangeOwner::Of::kDatabase: return "ALTER DATABASE";
    case ChangeOwner::Of::kSchema: return "ALTER SCHEMA";
  }
  return change.table.front().name.ends_with("()") ? "ALTER FUNCTION" : change.command;  // FunctionSetName
}
std::string TagOf(const ReassignOwned&) { return "REASSIGN OWNED"; }
std::string TagOf(const DropOwned&) { return "DROP OWNED"; }

}  // namespace

Status Execute(const AccessStatement& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices) {
  return std::visit([&](const auto& one) { return Execute(one, context, state, notices); }, statement);
}

std::string CommandTag(const AccessStatement& statement) {
  return std::visit([](const auto& one) { return TagOf(one); }, statement);
}

}  // namespace weir::sql
