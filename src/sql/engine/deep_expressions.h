#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Lets DuckDB plan expressions of many levels (a + a + … of a thousand terms). It looks for parts that an expression has
/// twice by comparing each with all that hash alike, which many levels do: the time grows with the third power of their
/// number. An expression of many levels therefore gets a part that DuckDB leaves alone, with all that is around it.
void RegisterDeepExpressions(duckdb::DBConfig* config);

/// How many levels an expression may have: as many as fit the stack of a thread, at DuckDB's largest frames.
inline constexpr uint64_t kMostExpressionLevels = 2500;

}  // namespace weir::sql
