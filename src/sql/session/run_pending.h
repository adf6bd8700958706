#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Runs what has begun until there are rows to give. Unlike DuckDB's own way, this thread rests while others do what is
/// left: it would take as much of a processor as they do, and from them where there are few.
duckdb::unique_ptr<duckdb::QueryResult> RunPending(duckdb::PendingQueryResult& pending);

}  // namespace weir::sql
