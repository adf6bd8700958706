#pragma once

#include <optional>
#include <string>

#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// Registers what DuckDB is taught: functions and aggregates of PostgreSQL's meaning, named "pg.…". Throws.
void RegisterPostgres(duckdb::DuckDB& database);

/// Whether a function of that name (operators.h: OwnName) is among them.
bool HasOwnFunction(const std::string& name);
/// Whether it takes what its call tells of its types before the arguments (typed_function.h).
bool IsTypedFunction(const std::string& name);
/// The form of the rows of one that gives a list of records.
std::optional<duckdb::LogicalType> RowTypeOf(const std::string& name);

}  // namespace weir::sql::duck
