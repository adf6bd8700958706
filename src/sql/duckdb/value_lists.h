#pragma once

#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// Has many conditions on one column be one: `a = 1 OR a = 2 OR …` a list of values, and where `all` are to hold
/// `a <> 1 AND a <> 2 AND …` likewise. The time that DuckDB takes to plan a list grows with its length, that of
/// separate conditions with its square and more.
void GatherValueLists(bool all, ParsedList* conditions);

}  // namespace weir::sql::duck
