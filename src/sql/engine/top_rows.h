#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Tells the scan below ORDER BY … LIMIT from which end it had better begin, and from which value on floating point
/// numbers do not count any more, as DuckDB does by itself for whole numbers and texts.
void RegisterTopRows(duckdb::DBConfig* config);

}  // namespace weir::sql
