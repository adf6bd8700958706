#include "sql/dialect/object_statements.h"

#include "sql/dialect/blank.h"
#include "sql/dialect/index.h"
#include "sql/dialect/type_statements.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

template <typename Drop>
Result<Action> DropTables(Cursor& cursor) {
  Drop drop{.if_exists = cursor.Try({"if", "exists"})};
  do {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
    drop.names.push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  drop.cascade = cursor.Try("cascade");
  cursor.Try("restrict");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(drop));
}

// KWDB takes CASCADE and RESTRICT behind DROP DATABASE, PostgreSQL does not.
Status CheckDrop(const StatementSource& statement) {
  BlankedText text(statement);
  const Token& last = statement.tokens.back();
  const bool database = statement.tokens.size() > 3 && statement.tokens[1].Is("database");
  if (database && (last.Is("cascade") || last.Is("restrict"))) text.Blank(statement.tokens.last(1));
  return text.Check();
}

Result<Action> DropOne(Cursor& cursor, bool is_schema) {
  DropDatabase drop{.if_exists = cursor.Try({"if", "exists"}), .is_schema = is_schema};
  WEIR_ASSIGN_OR_RETURN(drop.name, cursor.Name());
  while (cursor.TrySymbol(",")) {
    WEIR_ASSIGN_OR_RETURN(drop.others.emplace_back(), cursor.Name());
  }
  drop.cascade = cursor.Try("cascade");
  return Action(std::move(drop));
}

// The words PostgreSQL takes for schemas only.
Status CheckCreateDatabase(const StatementSource& statement) {
  BlankedText text(statement);
  Cursor cursor(statement);
  if (cursor.Try({"create", "database"}) && cursor.Try({"if", "not", "exists"})) {
    text.Blank(statement.tokens.subspan(2, 3));
  }
  return text.Check();
}

}  // namespace

Result<Action> ParseTruncate(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect("truncate"));
  cursor.Try("table");
  Truncate truncate;
  do {
    if (cursor.Try("only")) truncate.only = true;
    const bool wrapped = truncate.only && cursor.TrySymbol("(");
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
    if (wrapped) cursor.TrySymbol(")");
    cursor.TrySymbol("*");
    truncate.names.push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  truncate.restart_identity = cursor.Try({"restart", "identity"});
  if (!truncate.restart_identity) cursor.Try({"continue", "identity"});
  truncate.cascade = cursor.Try("cascade");
  return Action(std::move(truncate));
}

Result<Action> ParseDrop(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(CheckDrop(statement));
  Cursor cursor(statement);
  if (cursor.Try({"drop", "table"})) return DropTables<DropTable>(cursor);
  if (cursor.Try({"drop", "view"})) return DropTables<DropView>(cursor);
  if (cursor.Try({"drop", "materialized", "view"})) {
    WEIR_ASSIGN_OR_RETURN(Action drop, DropTables<DropView>(cursor));
    std::get<DropView>(drop).materialized = true;
    return drop;
  }
  if (cursor.Try({"drop", "type"})) return ParseDropTypes(cursor, false);
  if (cursor.Try({"drop", "domain"})) return ParseDropTypes(cursor, true);
  if (cursor.Try({"drop", "sequence"})) return DropTables<DropSequences>(cursor);
  if (cursor.Try({"drop", "index"})) return ParseDropIndexes(cursor);
  if (cursor.Try({"drop", "database"})) return DropOne(cursor, false);
  if (cursor.Try({"drop", "schema"})) return DropOne(cursor, true);
  return Action(UnsupportedStatement(statement));
}

Result<Action> ParseCreateDatabase(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(CheckCreateDatabase(statement));
  Cursor cursor(statement);
  CreateDatabase create;
  create.is_schema = !cursor.Try({"create", "database"});
  if (create.is_schema) WEIR_RETURN_NOT_OK(cursor.Expect({"create", "schema"}));
  create.if_not_exists = cursor.Try({"if", "not", "exists"});
  if (!create.is_schema || !cursor.IsAt({"authorization"})) {
    WEIR_ASSIGN_OR_RETURN(create.name, cursor.Name());
  }
  if (cursor.Try("authorization")) {
    WEIR_ASSIGN_OR_RETURN(create.owner, cursor.AnyName());
    if (create.name.empty()) create.name = create.owner;
  }
  if (!create.is_schema) {
    cursor.Try("with");
    if (cursor.Try("owner")) {
      cursor.TrySymbol("=");
      WEIR_ASSIGN_OR_RETURN(create.owner, cursor.AnyName());
    }
  }
  if (create.is_schema && !cursor.AtEnd()) return cursor.Refuse(cursor.Peek(), "CREATE SCHEMA with things in it");
  return Action(std::move(create));
}

bool IsRenameDatabase(const StatementSource& statement) {
  const Cursor cursor(statement);
  const bool kind = cursor.IsAt({"alter", "schema"}) || cursor.IsAt({"alter", "database"});
  return kind && cursor.Peek(3).Is("rename") && cursor.Peek(4).Is("to");
}

Result<Action> ParseRenameDatabase(Cursor& cursor) {
  RenameDatabase rename{.name = {}, .new_name = {}, .is_schema = cursor.IsAt({"alter", "schema"})};
  cursor.Next();
  cursor.Next();
  WEIR_ASSIGN_OR_RETURN(rename.name, cursor.Name());
  WEIR_RETURN_NOT_OK(cursor.Expect({"rename", "to"}));
  WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(rename));
}

}  // namespace weir::sql::dialect
