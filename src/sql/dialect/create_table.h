#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE TABLE in all its forms: declarative, PARTITION OF, AS, and with KWDB's partitions inside.
Result<Action> ParseCreateTable(const StatementSource& statement);

}  // namespace weir::sql::dialect
