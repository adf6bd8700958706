#pragma once

#include <vector>

#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// So many of a level's tables are looked at to tell how many rows all have.
inline constexpr size_t kTablesLookedAt = 64;

/// About how many rows `number` tables, partitioned ones among them, have together, as the logs of some of them say.
/// Where those are far away it is a guess.
duckdb::idx_t EstimateRows(duckdb::ClientContext& context, const std::vector<RelationPtr>& some, size_t number);

}  // namespace weir::sql
