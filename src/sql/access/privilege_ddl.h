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

}  // namespace weir::sql
