#pragma once

#include <vector>

#include "sql/access/targets.h"
#include "sql/error.h"

namespace weir::sql {

using AccessNotices = std::vector<ErrorFields>;

// Statements on roles change a state; each is checked whole before anything is changed. Errors are PostgreSQL 15's.
Status Execute(const CreateRole& statement, const AccessContext& context, access::State* state, AccessNotices* notices);
Status Execute(const AlterRole& statement, const AccessContext& context, access::State* state, AccessNotices* notices);
/// The parameter's name and value are as the session would set them (EngineSession::ResolveSettings).
Status Execute(const AlterSettings& statement, const AccessContext& context, access::State* state,
               AccessNotices* notices);
Status Execute(const RenameRole& statement, const AccessContext& context, access::State* state, AccessNotices* notices);
Status Execute(const DropRoles& statement, const AccessContext& context, access::State* state, AccessNotices* notices);
Status Execute(const GrantRoles& statement, const AccessContext& context, access::State* state, AccessNotices* notices);

}  // namespace weir::sql
