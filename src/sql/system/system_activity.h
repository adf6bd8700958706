#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sql/system/system_definitions.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// pg_stat_activity, pg_stat_ssl, pg_locks, pg_cursors, pg_prepared_statements.
std::span<const SystemDefinition> ActivityTables();
/// Null for a table that is none of these.
std::unique_ptr<SystemRows> ActivityRows(const SystemSources& sources, std::string_view table,
                                         const std::vector<SystemColumn>& columns);

}  // namespace weir::sql
