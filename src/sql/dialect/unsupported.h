#pragma once

#include <optional>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// What a statement is called: "CREATE INDEX", "DROP MATERIALIZED VIEW", "GRANT".
Unsupported UnsupportedStatement(const StatementSource& statement);
/// CREATE, ALTER and DROP of what Cloudberry alone has, and Weir has not.
std::optional<Unsupported> UnsupportedOfCloudberry(Cursor cursor);
/// ALTER TABLE with the action under the cursor.
Unsupported UnsupportedAlter(const Cursor& cursor);

}  // namespace weir::sql::dialect
