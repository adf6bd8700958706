#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sql/engine/system_definitions.h"
#include "sql/engine/system_rows.h"

namespace weir::sql {

/// weir_privileges, of which information_schema's views of privileges are made: what is granted on tables (`number` 0)
/// and on their columns, by whom and to whom, as far as the session's role may see it.
std::span<const SystemDefinition> PrivilegeTables();
std::unique_ptr<SystemRows> PrivilegeRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);

/// information_schema's views of roles and privileges, and their columns' types by ColumnsOfSystemView.
std::span<const SystemDefinition> PrivilegeViews();

}  // namespace weir::sql
