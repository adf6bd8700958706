#include "sql/dialect/reject_limit.h"

namespace weir::sql::dialect {

bool IsRejectLimit(const Cursor& cursor) {
  return cursor.IsAt({"log", "errors"}) || cursor.IsAt({"segment", "reject", "limit"});
}

Result<RejectClause> ParseRejectLimit(Cursor& cursor) {
  RejectClause clause;
  clause.logs = cursor.Try({"log", "errors"});
  if (clause.logs && cursor.IsAt({"persistently"})) {
    return cursor.Refuse(cursor.Peek(), "LOG ERRORS PERSISTENTLY", "LOG ERRORS keeps them until the server stops.");
  }
  WEIR_RETURN_NOT_OK(cursor.Expect({"segment", "reject", "limit"}));
  if (cursor.AtEnd() || !cursor.Peek().integer) return cursor.SyntaxError();
  const Token& at = cursor.Next();
  clause.percent = cursor.Try("percent");
  if (!clause.percent) cursor.Try("rows");
  const bool small = at.text.size() <= 9;
  clause.limit = small ? std::stol(std::string(at.text)) : 0;
  if (!clause.percent && clause.limit < 2) {
    return cursor.ErrorAt(at, "22023", "invalid ROWS value in SEGMENT REJECT LIMIT: it must be 2 or larger");
  }
  if (clause.percent && (clause.limit < 1 || clause.limit > 100)) {
    return cursor.ErrorAt(at, "22023", "invalid PERCENT value in SEGMENT REJECT LIMIT: it must be between 1 and 100");
  }
  return clause;
}

}  // namespace weir::sql::dialect
