#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Lets DuckDB plan expressions of many levels (a + a + … of a thousand terms). It looks for parts that an expression
/// has twice by comparing each with all that hash alike, which many levels do: the time grows with the third power of
/// their number. An expression of many levels therefore gets a part that DuckDB leaves alone, with all that is around
/// it.
void RegisterDeepExpressions(duckdb::DBConfig* config);

/// How many levels an expression may have. The stack of a thread has room for several times as many, but an expression
/// of constants alone, which DuckDB's binder computes anew at each level, takes a minute from here on.
inline constexpr uint64_t kMostExpressionLevels = 1100;

}  // namespace weir::sql
