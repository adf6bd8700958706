#pragma once

#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has every plan that DuckDB is about to run held against what the session's role may do to the tables and columns in
/// it: 42501 where it may not. Who only counts rows needs SELECT on one column.
void RegisterPlanAccess(duckdb::DBConfig* config);

}  // namespace weir::sql
