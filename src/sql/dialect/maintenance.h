#pragma once

#include <optional>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Cloudberry's ROOTPARTITION [ALL] of ANALYZE, which PostgreSQL's grammar does not know; empty: it is not there. The
/// partitions are counted, too.
Tokens RootPartitionClause(Cursor cursor);
/// VACUUM, ANALYZE and REINDEX with the tables that they name; PostgreSQL's grammar has taken them already.
Result<NoEffect> ParseMaintenance(Cursor& cursor);
/// DROP of a kind of thing of which there is none here; nothing: it is no such statement.
Result<std::optional<DropAbsent>> TryDropAbsent(Cursor& cursor);

}  // namespace weir::sql::dialect
