#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// VACUUM, ANALYZE and REINDEX with the tables that they name; PostgreSQL's grammar has taken them already.
Result<NoEffect> ParseMaintenance(Cursor& cursor);

}  // namespace weir::sql::dialect
