#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Statements about queries that are kept under a name; PostgreSQL's grammar has taken them already.

Result<Action> ParsePrepare(Cursor& cursor);
Result<Action> ParseExecute(Cursor& cursor);
Result<Action> ParseDeallocate(Cursor& cursor);
Result<Action> ParseDeclare(Cursor& cursor);
/// FETCH and MOVE.
Result<Action> ParseFetch(Cursor& cursor);
Result<Action> ParseClose(Cursor& cursor);

}  // namespace weir::sql::dialect
