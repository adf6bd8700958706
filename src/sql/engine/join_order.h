#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has DuckDB make the joins of a FROM with more than kMostOrdered relations as they are written. The time that it takes
/// to order them grows with about the fifth power of their number, and nothing ends it meanwhile. (PostgreSQL keeps to
/// the written order beyond join_collapse_limit.)
void RegisterJoinOrder(duckdb::DBConfig* config);

inline constexpr int kMostOrdered = 40;

/// Before a statement is planned: joins are ordered, whatever the last one has left.
void OrderJoins(duckdb::ClientContext& context);

}  // namespace weir::sql
