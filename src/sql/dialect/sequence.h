#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// CREATE SEQUENCE, of a temporary or unlogged one, too.
bool IsCreateSequence(Cursor cursor);

// The statement's syntax has been checked.
Result<Action> ParseCreateSequence(Cursor& cursor);
Result<Action> ParseAlterSequence(Cursor& cursor);

/// As far as there are options. 42601 for one that is written twice, 22003 for numbers behind bigint's.
Result<SequenceOptions> ParseSequenceOptions(Cursor& cursor);
/// Whether ALTER COLUMN … goes on with what it does to the column's identity: SET GENERATED, SET option, RESTART.
bool IsIdentityChange(const Cursor& cursor);
/// That, up to the end.
Result<alter::SetIdentity> ParseIdentityChange(Cursor& cursor, std::string column);
/// GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(options)]; 0A000 for generated columns.
Result<IdentityClause> ParseIdentity(Cursor& cursor);

}  // namespace weir::sql::dialect
