#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// A type in PostgreSQL's canonical spelling. Knows the other spellings of PostgreSQL and KWDB's STRING, BYTES, ….
Result<TypeName> ParseType(Cursor& cursor);

/// serial and its like, which only stand for a column's type: passes the word and gives the type of the column; empty
/// where there is none.
std::string TrySerial(Cursor& cursor);

}  // namespace weir::sql::dialect
