#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// DuckDB's step common_subplan runs parts of a plan once that it writes down alike. Of a scan it writes what is asked
/// here, and without it nothing but the names and types of the columns: scans of two tables would be one.
void TellScansApart(duckdb::TableFunction* scan);

/// Of scans that are never taken for one another.
void TakeScansForDifferent(duckdb::TableFunction* scan);

}  // namespace weir::sql
