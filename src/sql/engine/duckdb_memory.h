#pragma once

#include <memory>

#include "gateway/memory_budget.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has a database of DuckDB that is still to be opened keep to the limits (null: to DuckDB's own), spill where they say,
/// and open no file for a statement. To be called before external access is turned off.
void SetMemoryLimits(const MemoryBudget* memory, duckdb::DBConfig* config);

/// The buffer pool of a database, as long as that is open: what is taken of it makes queries spill.
std::shared_ptr<MemoryPool> PoolOf(duckdb::DuckDB& database);
}  // namespace weir::sql
