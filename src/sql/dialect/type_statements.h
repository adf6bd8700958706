#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE TYPE and CREATE DOMAIN.
Result<Action> ParseCreateType(Cursor& cursor);
/// ALTER TYPE and ALTER DOMAIN.
Result<Action> ParseAlterType(Cursor& cursor);
/// DROP TYPE and DROP DOMAIN, behind these words.
Result<Action> ParseDropTypes(Cursor& cursor, bool domain);

}  // namespace weir::sql::dialect
