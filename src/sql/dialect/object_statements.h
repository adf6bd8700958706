#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

Result<Action> ParseTruncate(const StatementSource& statement);
/// DROP TABLE, DATABASE and SCHEMA; what else may be dropped is Unsupported.
Result<Action> ParseDrop(const StatementSource& statement);
/// CREATE DATABASE and SCHEMA.
Result<Action> ParseCreateDatabase(const StatementSource& statement);
/// ALTER SCHEMA … RENAME TO and ALTER DATABASE … RENAME TO.
bool IsRenameDatabase(const StatementSource& statement);
Result<Action> ParseRenameDatabase(Cursor& cursor);

}  // namespace weir::sql::dialect
