#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether the cursor is on one of KWDB's indexes among the columns of CREATE TABLE, and not on a column "index".
bool IsInlineIndex(Cursor cursor);
/// [UNIQUE] INDEX [name] (column [ASC | DESC], …) [STORING (column, …)], all that the cursor has. Without its table.
/// 0A000 for a sharded or partitioned one.
Result<CreateIndex> ParseInlineIndex(Cursor& cursor);

}  // namespace weir::sql::dialect
