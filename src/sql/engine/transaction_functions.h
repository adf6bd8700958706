#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Functions of the transaction that runs: its time, and advisory locks. now() takes the place of DuckDB's, which is the
/// time of each statement. Throws.
void RegisterTransactionFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
