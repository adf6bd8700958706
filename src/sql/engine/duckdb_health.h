#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// DuckDB gives a whole database up after an error that it takes for one of its own, as its files might be damaged.
/// Weir keeps nothing in them: such an error ends its statement, and this lets the next ones go on.
void StayUsable(duckdb::DatabaseInstance& database);

}  // namespace weir::sql
