#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// What these statements say; PostgreSQL's grammar has taken them already.

/// BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, SAVEPOINT, RELEASE.
Result<Action> ParseTransaction(Cursor& cursor);
Result<Action> ParseSet(Cursor& cursor);
Result<Action> ParseReset(Cursor& cursor);
Result<Action> ParseLock(Cursor& cursor);
Result<Action> ParseDiscard(Cursor& cursor);
Result<Action> ParseExplain(Cursor& cursor);

/// SHOW of a parameter, or of the catalog as KWDB has it, which PostgreSQL's grammar does not know.
Result<Action> ParseShow(Cursor& cursor);

}  // namespace weir::sql::dialect
