#pragma once

#include "sql/dialect/cursor.h"
#include "sql/dialect/statement.h"

namespace weir::sql::dialect {

/// CREATE [UNLOGGED] MATERIALIZED VIEW.
bool IsCreateMaterializedView(Cursor cursor);
Result<Action> ParseCreateMaterializedView(const StatementSource& statement);

/// Behind REFRESH MATERIALIZED VIEW's first word.
Result<Action> ParseRefresh(Cursor& cursor);

}  // namespace weir::sql::dialect
