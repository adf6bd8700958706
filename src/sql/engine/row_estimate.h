#pragma once

#include <vector>

#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// About how many rows some tables, partitioned ones among them, have together: as their logs say, and of many as a
/// part of them says. Where those are far away it is a guess.
duckdb::idx_t EstimateRows(duckdb::ClientContext& context, const std::vector<RelationPtr>& tables);

}  // namespace weir::sql
