#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether the cursor is on one of KWDB's indexes among the columns of CREATE TABLE, and not on a column "index".
bool IsInlineIndex(Cursor cursor);
/// [UNIQUE] INDEX [name] (column [ASC | DESC], …) [USING HASH WITH BUCKET_COUNT = n] [STORING (column, …)]
/// [PARTITION BY …], all that the cursor has.
Result<InlineIndex> ParseInlineIndex(Cursor& cursor);

}  // namespace weir::sql::dialect
