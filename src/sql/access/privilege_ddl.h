#pragma once

#include <set>

#include "sql/access/role_ddl.h"

namespace weir::sql {

// Statements on privileges and owners, as those of role_ddl.h.
Status Execute(const GrantPrivileges& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
Status Execute(const ChangeOwner& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
/// Of what belongs to the roles, and of what is granted to them: that of the catalog is dropped or given away before.
Status Execute(const ReassignOwned& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
Status Execute(const DropOwned& statement, const AccessContext& context, access::State* state, AccessNotices* notices);

/// The roles of REASSIGN OWNED and DROP OWNED; 42501 where one may not act for them all.
Result<std::set<access::RoleId>> OwnersIn(const ReassignOwned& statement, const AccessContext& context,
                                          const access::State& state);
Result<std::set<access::RoleId>> OwnersIn(const DropOwned& statement, const AccessContext& context,
                                          const access::State& state);

}  // namespace weir::sql
