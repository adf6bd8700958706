#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sql/system/system_definitions.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

// Functions of pg_catalog without arguments that give sets of rows: each is a system table that is read under its
// function's name, too (see TableOfSetFunction).

/// The tables that are there for such functions: pg_get_keywords, pg_timezone_names, pg_timezone_abbrevs.
std::span<const SystemDefinition> SetFunctionTables();
/// Null for a table that is none of these.
std::unique_ptr<SystemRows> SetFunctionRows(std::string_view table, const std::vector<SystemColumn>& columns);

}  // namespace weir::sql
