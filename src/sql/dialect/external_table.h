#pragma once

#include <string_view>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

inline constexpr std::string_view kExternalServer = "gp_exttable_server";

/// CREATE [READABLE | WRITABLE] EXTERNAL … under the cursor.
bool IsCreateExternalTable(Cursor cursor);
/// Cloudberry's external table, as the foreign table of kExternalServer that it is: options as Cloudberry keeps
/// them ("location_uris", "format", …).
Result<Action> ParseCreateExternalTable(const StatementSource& statement);

}  // namespace weir::sql::dialect
