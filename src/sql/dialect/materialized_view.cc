#include "sql/dialect/materialized_view.h"

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {

namespace {

// WITH [NO] DATA at the end of a statement; empty: it is not there.
Tokens DataClause(Tokens tokens) {
  const size_t size = tokens.size();
  const auto is = [&](size_t from_end, std::string_view word) {
    return size >= from_end && tokens[size - from_end].Is(word);
  };
  if (is(1, "data") && is(2, "with")) return tokens.last(2);
  if (is(1, "data") && is(2, "no") && is(3, "with")) return tokens.last(3);
  return {};
}

// What stands between the name and AS, and CREATE VIEW does not have.
Result<const char*> UnknownClause(Cursor cursor) {
  if (cursor.Peek().IsSymbol("(")) WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
  if (cursor.IsAt({"using"})) return "USING of CREATE MATERIALIZED VIEW";
  if (cursor.IsAt({"with"})) return "WITH of CREATE MATERIALIZED VIEW";
  if (cursor.IsAt({"tablespace"})) return "TABLESPACE of CREATE MATERIALIZED VIEW";
  return nullptr;
}

// Cloudberry's clause, which PostgreSQL's grammar does not know.
Status RefuseDistribution(const StatementSource& statement) {
  const size_t at = FindWord(statement.tokens, {"distributed"});
  if (at + 1 >= statement.tokens.size()) return Status::OK();
  const Token& how = statement.tokens[at + 1];
  if (!how.Is("by") && !how.Is("randomly") && !how.Is("replicated")) return Status::OK();
  return Cursor(statement).Refuse(statement.tokens[at], "DISTRIBUTED of CREATE MATERIALIZED VIEW");
}

}  // namespace

bool IsCreateMaterializedView(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  cursor.Try("unlogged");
  return cursor.IsAt({"materialized", "view"});
}

// Read as CREATE VIEW, with what that does not have overwritten, so that positions stay what they are.
Result<Action> ParseCreateMaterializedView(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(RefuseDistribution(statement));
  BlankedText text(statement);
  WEIR_RETURN_NOT_OK(text.Check());
  Cursor cursor(statement);
  cursor.Next();
  if (cursor.IsAt({"unlogged"})) return Action(Unsupported{"CREATE UNLOGGED MATERIALIZED VIEW", {}});
  text.Blank(cursor.Rest().first(1));
  cursor.Try({"materialized", "view"});
  CreateView create{.materialized = true};
  if (cursor.IsAt({"if", "not", "exists"})) {
    text.Blank(cursor.Rest().first(3));
    create.if_not_exists = cursor.Try({"if", "not", "exists"});
  }
  WEIR_RETURN_NOT_OK(cursor.Qualified().status());
  WEIR_ASSIGN_OR_RETURN(const char* unknown, UnknownClause(cursor));
  if (unknown != nullptr) return Action(Unsupported{unknown, {}});
  const Tokens data = DataClause(statement.tokens);
  create.with_no_data = data.size() == 3;
  text.Blank(data);
  create.text = text.text();
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(*statement.source, statement.begin(), create.text));
  const pg_query::ViewStmt& written = tree.statement(0).stmt().view_stmt();
  create.name = RelationName(written.view());
  for (const pg_query::Node& column : written.aliases()) create.columns.push_back(column.string().sval());
  return Action(std::move(create));
}

Result<Action> ParseRefresh(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect({"refresh", "materialized", "view"}));
  RefreshMaterializedView refresh{.concurrently = cursor.Try("concurrently")};
  WEIR_ASSIGN_OR_RETURN(refresh.name, cursor.Qualified());
  refresh.with_no_data = cursor.Try({"with", "no", "data"});
  if (!refresh.with_no_data) cursor.Try({"with", "data"});
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(refresh));
}

}  // namespace weir::sql::dialect
