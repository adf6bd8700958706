#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// [LOG ERRORS] SEGMENT REJECT LIMIT n [ROWS | PERCENT], of COPY FROM and external tables.
struct RejectClause {
  int64_t limit = 0;
  bool percent = false;
  bool logs = false;
};

bool IsRejectLimit(const Cursor& cursor);
/// Under the cursor. 22023 for numbers that are no limits; 0A000 for LOG ERRORS PERSISTENTLY.
Result<RejectClause> ParseRejectLimit(Cursor& cursor);

}  // namespace weir::sql::dialect
