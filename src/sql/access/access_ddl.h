#pragma once

#include <string>

#include "sql/access/role_ddl.h"

namespace weir::sql {

/// Any statement on who may do what; see role_ddl.h and privilege_ddl.h.
Status Execute(const AccessStatement& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
/// "CREATE ROLE", "GRANT": what the client is told that it was.
std::string CommandTag(const AccessStatement& statement);

}  // namespace weir::sql
