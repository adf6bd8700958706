#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Behind REFERENCES: the table, its columns, MATCH and the actions, as PostgreSQL's grammar has taken them.
Status ParseReferences(Cursor& cursor, TableConstraint* constraint);

/// DEFERRABLE, INITIALLY DEFERRED and their opposites behind a foreign key, and NOT VALID. 42601 for what contradicts
/// itself.
Status ParseForeignKeyAttributes(Cursor& cursor, TableConstraint* constraint);

/// SET CONSTRAINTS, behind these words.
Result<Action> ParseSetConstraints(Cursor& cursor);

}  // namespace weir::sql::dialect
