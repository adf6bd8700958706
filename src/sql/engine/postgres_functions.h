#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Gives a parsed call of a function or operator that DuckDB knows by another name, or with another meaning, what
/// PostgreSQL means by it: LIKE's escape, regular expressions, SIMILAR TO, functions that give rows, extract, mod,
/// round, to_hex. Other expressions stay.
void UsePostgresFunction(duckdb::unique_ptr<duckdb::ParsedExpression>& slot);

/// Of FROM: a long generate_series stays DuckDB's function, which makes its rows (bigint) as they are asked for. Null
/// for other functions.
duckdb::unique_ptr<duckdb::ParsedExpression> LongSeries(const duckdb::FunctionExpression& unnest);

/// The functions that UsePostgresFunction calls. Throws.
void RegisterPostgresFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
