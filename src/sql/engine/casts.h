#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Makes DuckDB read texts as PostgreSQL's input functions do (bytea, arrays, dates and times, numbers, boolean), in
/// whatever position a text takes a type, and write bytea, arrays and floating point numbers as PostgreSQL does.
/// Decimals of numeric without precision that need more digits than it holds are refused (22003). To be called before
/// extensions are loaded, which have casts for some of the same types.
void RegisterCasts(duckdb::DuckDB& database);

/// The value that a text stands for. Throws.
duckdb::Value ValueOfText(duckdb::ClientContext& context, const std::string& text, const duckdb::LogicalType& type);

}  // namespace weir::sql
