#pragma once

#include <memory>
#include <span>

#include "sql/system/system_definitions.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// The tables of the schema kwdb_internal, with KWDB's columns; those whose names begin with "weir_" are what its SHOW
/// statements read. Objects that the session's role has nothing to do with are left out.
std::span<const SystemDefinition> KwdbTables();

/// Whether only admins may read it.
bool IsForAdmins(std::string_view table);

/// Throws. Null for a table that is none of theirs. Of the keys, `table_id` counts.
std::unique_ptr<SystemRows> KwdbRows(const SystemSources& sources, std::string_view table, const SystemKeys& keys);

}  // namespace weir::sql
