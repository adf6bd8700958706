#pragma once

#include <memory>

#include "gateway/memory_budget.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has a database of DuckDB that is still to be opened keep to the limits (null: to DuckDB's own), spill where they
/// say, and open no file for a statement. To be called before external access is turned off.
void SetMemoryLimits(const MemoryBudget* memory, duckdb::DBConfig* config);

/// A new database whose pool counts what its vectors take beside it, their lists and their strings: DuckDB takes those
/// from an allocator of the whole process, uncounted. Of it, pieces of a mebibyte and more are counted. With several
/// databases in the process nobody knows whose they are: the one with the largest limit counts all of them.
std::shared_ptr<duckdb::DuckDB> OpenCounted(duckdb::DBConfig* config);

/// What queries have freed goes back to the system at once, where allocators would keep it for the next ones: the limit
/// has been met, and what they keep is not counted.
void GiveBackMemory();

/// The buffer pool of a database, as long as that is open: what is taken of it makes queries spill.
std::shared_ptr<MemoryPool> PoolOf(duckdb::DuckDB& database);

}  // namespace weir::sql
