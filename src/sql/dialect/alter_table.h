#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// ALTER TABLE, ALTER VIEW or ALTER FOREIGN TABLE under the cursor.
bool IsAlterTable(const Cursor& cursor);

/// ALTER TABLE: what changes columns, constraints, names and options, ATTACH and DETACH PARTITION, KWDB's PARTITION BY;
/// other forms are Unsupported.
Result<Action> ParseAlterTable(const StatementSource& statement);

}  // namespace weir::sql::dialect
