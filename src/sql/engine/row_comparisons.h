#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Rewrites a parsed comparison of rows, ROW(a, b) or (a, b), to comparisons of their elements, as SQL defines them:
/// every operator, IN and BETWEEN, comparisons with a subquery, IS NULL. DuckDB would compare the rows as values, in
/// which NULL equals NULL. Other expressions stay. `true_only`: whatever is not true may be false instead of NULL.
/// Throws: 42601 for rows of different lengths.
void CompareElements(duckdb::unique_ptr<duckdb::ParsedExpression>& slot, bool true_only);

/// weir_is_null and weir_is_not_null, which look into the value of a row. Throws.
void RegisterRowFunctions(duckdb::DuckDB& database);

}  // namespace weir::sql
