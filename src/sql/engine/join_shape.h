#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Keeps the planning of a FROM of many tables short. DuckDB pushes the conditions of `FROM a, b, c, …` down a tree
/// that leans to one side, and makes all that follow from them anew at each of its levels; in a tree of few levels the
/// halves have few of them.
void RegisterJoinShape(duckdb::DBConfig* config);

}  // namespace weir::sql
