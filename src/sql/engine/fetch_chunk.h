#pragma once

#include "sql/engine/duckdb_headers.h"
#include "weir/status.h"

namespace weir::sql {

/// The next rows of a result; null, or no rows, at its end. Fails with what the query has failed with, whichever thread
/// has met that.
Result<duckdb::unique_ptr<duckdb::DataChunk>> FetchChunk(duckdb::QueryResult& result);

}  // namespace weir::sql
