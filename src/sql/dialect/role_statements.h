#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE, ALTER and DROP of roles and users, GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, ALTER … OWNER TO, REASSIGN
/// and DROP OWNED.
bool IsAccessStatement(const StatementSource& statement);
/// What PostgreSQL's grammar takes; KWDB's IF NOT EXISTS behind CREATE USER and CREATE ROLE, too.
Result<Action> ParseAccessStatement(const StatementSource& statement);
/// A role where one token names it, as CURRENT_USER and its like do.
RoleName ParseRoleName(Cursor& cursor);

}  // namespace weir::sql::dialect
