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

/// An object that a role has just made: it is the role's, with the privileges that ALTER DEFAULT PRIVILEGES has said.
/// `schema`: the database that the object is in.
void OwnNewObject(const access::ObjectKey& key, const std::string& schema, access::RoleId role, access::State* state);

}  // namespace weir::sql
