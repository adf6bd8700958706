#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE [READABLE | WRITABLE] EXTERNAL … under the cursor.
bool IsCreateExternalTable(Cursor cursor);
/// Cloudberry's external table, as the foreign table of `gp_exttable_server` that it is: options as Cloudberry keeps
/// them ("location_uris", "format", …).
Result<Action> ParseCreateExternalTable(const StatementSource& statement);

}  // namespace weir::sql::dialect
