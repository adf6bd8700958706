#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether a statement is about servers, foreign or external tables; DROP is not asked for.
bool IsForeignStatement(const Cursor& cursor);
Result<Action> ParseForeignStatement(const StatementSource& statement);

/// CALL weir.archive_partition or weir.restore_partition under the cursor.
bool IsArchiveCall(Cursor cursor);
Result<Action> ParseArchiveCall(const StatementSource& statement);

/// Whether DROP names a server, a foreign or an external table.
bool IsForeignDrop(const Cursor& cursor);
Result<Action> ParseForeignDrop(const StatementSource& statement);

/// OPTIONS ( [ADD | SET | DROP] name ['value'], … ) under the cursor.
Result<std::vector<OptionChange>> ParseOptionChanges(Cursor& cursor);

}  // namespace weir::sql::dialect
