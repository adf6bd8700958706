#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// What changes or asks the session itself: advisory locks, set_config, pg_backend_pid, pg_sleep. Throws.
void RegisterSessionFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
