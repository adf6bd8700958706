#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// COMMENT ON; Unsupported on what Weir has none of, or cannot be changed.
Result<Action> ParseComment(const StatementSource& statement);

}  // namespace weir::sql::dialect
