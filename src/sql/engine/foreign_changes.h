#pragma once

#include "sql/engine/duckdb_headers.h"
#include "sql/engine/table_change.h"

namespace weir::sql {

/// How errors name what is done to a foreign table: "update", "delete from".
std::string CommandOf(TableChange::Kind kind);

/// 0A000 for rows of a foreign table that are about to be changed, or locked. Throws.
[[noreturn]] void RefuseRowsOf(duckdb::ClientContext& context, const Relation& table);
/// 0A000 for a foreign table that takes no new rows. Throws.
void CheckTakesRows(duckdb::ClientContext& context, const Relation& table);

}  // namespace weir::sql
