#pragma once

#include "duckdb/function/scalar_function.hpp"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Makes functions known to every session. Throws.
void AddFunctions(duckdb::DuckDB& database, duckdb::ScalarFunctionSet functions);
void AddFunction(duckdb::DuckDB& database, duckdb::ScalarFunction function);

/// A call of a function or operator of DuckDB's with arguments that are bound. Throws.
duckdb::unique_ptr<duckdb::Expression> BindFunction(duckdb::ClientContext& context, const std::string& name,
                                                    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments);

}  // namespace weir::sql
