#include "sql/dialect/comment.h"

#include <utility>

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/function.h"
#include "sql/dialect/parse_tree.h"
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

// What is meant by a name, with a schema where `qualified`.
struct CommentTarget {
  std::initializer_list<std::string_view> words;
  CommentOn::Kind kind;
  bool qualified = true;
};

const CommentTarget kCommentTargets[] = {
    {{"table"}, CommentOn::Kind::kTable},
    {{"foreign", "table"}, CommentOn::Kind::kForeignTable},
    {{"view"}, CommentOn::Kind::kView},
    {{"materialized", "view"}, CommentOn::Kind::kMaterializedView},
    {{"index"}, CommentOn::Kind::kIndex},
    {{"sequence"}, CommentOn::Kind::kSequence},
    {{"type"}, CommentOn::Kind::kType},
    {{"domain"}, CommentOn::Kind::kDomain},
    {{"schema"}, CommentOn::Kind::kSchema, false},
    {{"database"}, CommentOn::Kind::kDatabase, false},
    {{"role"}, CommentOn::Kind::kRole, false},
    {{"server"}, CommentOn::Kind::kServer, false},
};

Result<CommentOn> ParseConstraint(Cursor& cursor) {
  CommentOn comment{.kind = CommentOn::Kind::kConstraint};
  WEIR_ASSIGN_OR_RETURN(comment.name, cursor.Name());
  WEIR_RETURN_NOT_OK(cursor.Expect("on"));
  if (cursor.Try("domain")) comment.kind = CommentOn::Kind::kDomainConstraint;
  WEIR_ASSIGN_OR_RETURN(comment.table, cursor.Qualified());
  return comment;
}

Result<CommentOn> ParseRoutine(Cursor& cursor, RoutineKind kind) {
  const StatementSource& statement = cursor.statement();
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree,
                        ParseTree::Of(*statement.source, statement.begin(), std::string(statement.text())));
  const pg_query::Node& object = tree.statement(0).stmt().comment_stmt().object();
  CommentOn comment{.kind = CommentOn::Kind::kRoutine, .routine = kind};
  WEIR_ASSIGN_OR_RETURN(comment.function, FunctionIn(object.object_with_args()));
  cursor.Seek(cursor.at() + FindWord(cursor.Rest(), {"is"}));
  return comment;
}

// Nothing for what there is none of.
Result<std::optional<CommentOn>> ParseTarget(Cursor& cursor) {
  const auto some = [](Result<CommentOn> comment) -> Result<std::optional<CommentOn>> {
    if (!comment.ok()) return comment.status();
    return std::optional(comment.MoveValue());
  };
  if (cursor.Try("column")) return some(ParseColumn(cursor));
  if (cursor.Try("constraint")) return some(ParseConstraint(cursor));
  if (cursor.Try("function")) return some(ParseRoutine(cursor, RoutineKind::kFunction));
  if (cursor.Try("procedure")) return some(ParseRoutine(cursor, RoutineKind::kProcedure));
  if (cursor.Try("routine")) return some(ParseRoutine(cursor, RoutineKind::kRoutine));
  for (const CommentTarget& target : kCommentTargets) {
    if (!cursor.Try(target.words)) continue;
    CommentOn comment{.kind = target.kind};
    if (target.qualified) {
      WEIR_ASSIGN_OR_RETURN(comment.table, cursor.Qualified());
    } else {
      WEIR_ASSIGN_OR_RETURN(comment.name, cursor.AnyName());
    }
    return std::optional(std::move(comment));
  }
  return std::optional<CommentOn>();
}

}  // namespace

Result<Action> ParseComment(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect({"comment", "on"}));
  WEIR_ASSIGN_OR_RETURN(std::optional<CommentOn> target, ParseTarget(cursor));
  if (!target) return Action(UnsupportedStatement(statement));
  CommentOn& comment = *target;
  WEIR_RETURN_NOT_OK(cursor.Expect("is"));
  if (!cursor.Try("null")) comment.text = StringValue(cursor.Next().text);
  return Action(std::move(comment));
}

}  // namespace weir::sql::dialect
