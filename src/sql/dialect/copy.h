#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// COPY in every form of PostgreSQL's grammar, with Cloudberry's IGNORE EXTERNAL PARTITIONS at its end: there are none
/// that could be ignored. Options are taken as they are written; what is wrong with them is an error when it runs.
Result<Action> ParseCopy(const StatementSource& statement);

}  // namespace weir::sql::dialect
