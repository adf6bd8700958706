#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// A type in PostgreSQL's canonical spelling. Knows the other spellings of PostgreSQL and KWDB's STRING, BYTES, ….
Result<TypeName> ParseType(Cursor& cursor);

}  // namespace weir::sql::dialect
