#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// KWDB's SET, RESET and SHOW CLUSTER SETTING, and SHOW [ALL] CLUSTER SETTINGS.
bool IsClusterSetting(Cursor cursor);
Result<Action> ParseClusterSetting(const StatementSource& statement);

}  // namespace weir::sql::dialect
