#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sql/engine/system_rows.h"

namespace weir::sql {

/// pg_foreign_data_wrapper, pg_foreign_server, pg_foreign_table, and information_schema's foreign_…; null for a table
/// that is none of these.
std::unique_ptr<SystemRows> ForeignRows(const SystemSources& sources, std::string_view table,
                                        const std::vector<SystemColumn>& columns);

}  // namespace weir::sql
