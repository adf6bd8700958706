#pragma once

#include "sql/dialect/cursor.h"
#include "sql/dialect/statement.h"

namespace pg_query {
class ObjectWithArgs;
}

namespace weir::sql::dialect {

/// A function as a statement names it.
Result<FunctionName> FunctionIn(const pg_query::ObjectWithArgs& object);

/// CREATE [OR REPLACE] FUNCTION or PROCEDURE.
bool IsCreateFunction(Cursor cursor);
Result<Action> ParseCreateFunction(const StatementSource& statement);

/// ALTER and DROP of FUNCTION, PROCEDURE and ROUTINE.
bool IsFunctionStatement(Cursor cursor);
Result<Action> ParseFunctionStatement(const StatementSource& statement);

/// A routine's name and its arguments.
Result<CallProcedure> ReadCall(Cursor& cursor);
/// CALL.
Result<Action> ParseCall(Cursor& cursor);

}  // namespace weir::sql::dialect
