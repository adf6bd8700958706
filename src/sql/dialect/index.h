#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE INDEX. 0A000 for what is not built: indexes that are not unique, expressions, WHERE, NULLS NOT DISTINCT,
/// and access methods other than btree.
Result<Action> ParseCreateIndex(const StatementSource& statement);
/// ALTER INDEX … RENAME TO and ATTACH PARTITION; of other forms it is Unsupported.
Result<Action> ParseAlterIndex(const StatementSource& statement);
/// Behind DROP INDEX.
Result<Action> ParseDropIndexes(Cursor& cursor);

bool IsCreateIndex(Cursor cursor);

}  // namespace weir::sql::dialect
