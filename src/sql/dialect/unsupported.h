#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// What a statement is called: "CREATE INDEX", "DROP MATERIALIZED VIEW", "GRANT".
Unsupported UnsupportedStatement(const StatementSource& statement);
/// ALTER TABLE with the action under the cursor.
Unsupported UnsupportedAlter(const Cursor& cursor);

}  // namespace weir::sql::dialect
