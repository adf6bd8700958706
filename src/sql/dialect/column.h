#pragma once

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// Reads what the parentheses of CREATE TABLE hold into its columns, constraints and options.
Status ParseTableElements(const StatementSource& statement, Tokens elements, CreateTable* table);

/// One column with its type and constraints.
Status ParseColumnElement(const StatementSource& statement, Tokens element, CreateTable* table);

/// The expression behind DEFAULT, which it passes: it ends where the next constraint begins.
Tokens DefaultExpression(Cursor& cursor);

/// Whether COLUMN name ENCODING or DEFAULT COLUMN ENCODING is under the cursor.
bool IsEncodingElement(const Cursor& cursor);
Result<ColumnEncoding> ParseEncodingElement(Cursor& cursor);

}  // namespace weir::sql::dialect
