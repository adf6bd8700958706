#pragma once

#include "duckdb/function/scalar_function.hpp"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Makes functions known to every session. Throws.
void AddFunctions(duckdb::DuckDB& database, duckdb::ScalarFunctionSet functions);
void AddFunction(duckdb::DuckDB& database, duckdb::ScalarFunction function);

/// The functions that statements call for what DuckDB does not know: where a row goes. Throws.
void RegisterFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
