#include "sql/dialect/comment.h"

#include "sql/dialect/blank.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

// table.column, schema.table.column, …
Result<CommentOn> ParseColumn(Cursor& cursor) {
  CommentOn comment{.kind = CommentOn::Kind::kColumn};
  std::vector<std::string> parts;
  comment.table.position = cursor.Position();
  do {
    WEIR_ASSIGN_OR_RETURN(parts.emplace_back(), cursor.AnyName());
  } while (cursor.TrySymbol("."));
  if (parts.size() < 2) {
    return cursor.ErrorAt(cursor.statement().tokens[3], "42601", "column name must be qualified");
  }
  if (parts.size() > 4) {
    return cursor.ErrorAt(cursor.statement().tokens[3], "42601", "improper relation name (too many dotted names)");
  }
  comment.name = std::move(parts.back());
  parts.pop_back();
  comment.table.name = std::move(parts.back());
  if (parts.size() > 1) comment.table.schema = std::move(parts[parts.size() - 2]);
  if (parts.size() > 2) comment.table.database = std::move(parts.front());
  return comment;
}

Result<CommentOn> ParseTarget(Cursor& cursor) {
  if (cursor.Try("column")) return ParseColumn(cursor);
  CommentOn comment;
  if (cursor.Try("constraint")) {
    comment.kind = CommentOn::Kind::kConstraint;
    WEIR_ASSIGN_OR_RETURN(comment.name, cursor.Name());
    WEIR_RETURN_NOT_OK(cursor.Expect("on"));
  } else if (cursor.Try("view")) {
    comment.kind = CommentOn::Kind::kView;
  } else if (cursor.Try({"foreign", "table"})) {
    comment.kind = CommentOn::Kind::kForeignTable;
  } else if (cursor.Try({"materialized", "view"})) {
    comment.kind = CommentOn::Kind::kMaterializedView;
  } else if (cursor.Try("index")) {
    comment.kind = CommentOn::Kind::kIndex;
  } else {
    WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  }
  WEIR_ASSIGN_OR_RETURN(comment.table, cursor.Qualified());
  return comment;
}

}  // namespace

Result<Action> ParseComment(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect({"comment", "on"}));
  const bool known = cursor.IsAt({"table"}) || cursor.IsAt({"foreign", "table"}) ||
                     cursor.IsAt({"view"}) || cursor.IsAt({"materialized", "view"}) ||
                     cursor.IsAt({"column"}) || cursor.IsAt({"index"}) ||
                     (cursor.IsAt({"constraint"}) && !cursor.Peek(3).Is("domain"));
  if (!known) return Action(UnsupportedStatement(statement));
  WEIR_ASSIGN_OR_RETURN(CommentOn comment, ParseTarget(cursor));
  WEIR_RETURN_NOT_OK(cursor.Expect("is"));
  if (!cursor.Try("null")) comment.text = StringValue(cursor.Next().text);
  return Action(std::move(comment));
}

}  // namespace weir::sql::dialect
