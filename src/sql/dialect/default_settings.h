#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// ALTER ROLE … and ALTER DATABASE … SET and RESET.
bool IsDefaultSettings(Cursor cursor);
/// What PostgreSQL's grammar takes.
Result<Action> ParseDefaultSettings(const StatementSource& statement);

}  // namespace weir::sql::dialect
