#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sql/system/system_definitions.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// weir_privileges, of which information_schema's views of privileges are made: what is granted on tables (`number` 0)
/// and on their columns, by whom and to whom, as far as the session's role may see it. And pg_parameter_acl.
std::span<const SystemDefinition> PrivilegeTables();
/// Of these, of pg_language and of pg_db_role_setting; null: none of them.
std::unique_ptr<SystemRows> PrivilegeTableRows(const SystemSources& sources, std::string_view table,
                                               const std::vector<SystemColumn>& columns);

/// information_schema's views of roles and privileges, and their columns' types by ColumnsOfSystemView.
std::span<const SystemDefinition> PrivilegeViews();

}  // namespace weir::sql
