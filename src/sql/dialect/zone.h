#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Whether it is KWDB's ALTER … CONFIGURE ZONE, which PostgreSQL's grammar does not know.
bool IsConfigureZone(Cursor cursor);
Result<Action> ParseConfigureZone(const StatementSource& statement);

/// RANGE r, DATABASE d, TABLE t, INDEX t@i, PARTITION p OF TABLE t or INDEX t@i.
Result<ZoneTarget> ParseZoneTarget(Cursor& cursor);

}  // namespace weir::sql::dialect
