#pragma once

#include <span>

#include "sql/system/system_definitions.h"

namespace weir::sql {

// What PostgreSQL 15's system schemas show of things that Weir has none of: tables without rows, with PostgreSQL's
// columns. Views of PostgreSQL are among them: nothing tells a view without rows from such a table.

std::span<const SystemDefinition> AbsentCatalogTables();
std::span<const SystemDefinition> AbsentInformationTables();

}  // namespace weir::sql
