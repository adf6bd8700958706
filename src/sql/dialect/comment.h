#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// COMMENT ON TABLE, COLUMN, INDEX and CONSTRAINT … ON a table; of other things it is Unsupported.
Result<Action> ParseComment(const StatementSource& statement);

}  // namespace weir::sql::dialect
