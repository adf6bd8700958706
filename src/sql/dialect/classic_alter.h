#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether what follows a table's name in ALTER TABLE is Cloudberry's: ADD PARTITION, SPLIT, … A column may be called
/// "partition": what PostgreSQL would take is not.
bool IsClassicAction(Cursor cursor);

/// Reads it. `table`: that ALTER TABLE names.
Result<Action> ParseClassicAction(Cursor& cursor, QualifiedName table, bool if_exists);

}  // namespace weir::sql::dialect
