#pragma once

#include "sql/access/role_ddl.h"

namespace weir::sql {

// Statements on privileges and owners, as those of role_ddl.h.
Status Execute(const GrantPrivileges& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
Status Execute(const ChangeOwner& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
Status Execute(const ReassignOwned& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
/// What is left once the objects are dropped: the privileges of the roles.
Status Execute(const DropOwned& statement, const AccessContext& context, access::State* state, AccessNotices* notices);
/// The roles that DROP OWNED names; 42501 unless they are the current role's.
Result<std::set<access::RoleId>> RolesOfDropOwned(const DropOwned& statement, const AccessContext& context,
                                                  const access::State& state);

}  // namespace weir::sql
