#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// The functions of pg_catalog, and the types whose values are names of what it lists (regclass, regtype, …). Throws.
void RegisterSystemFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
