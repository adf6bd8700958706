#include "sql/dialect/foreign.h"

#include <utility>

#include "sql/dialect/blank.h"
#include "sql/dialect/column.h"
#include "sql/dialect/external_table.h"
#include "sql/dialect/partition.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

Result<std::string> StringAt(Cursor& cursor) {
  if (cursor.AtEnd() || cursor.Peek().kind != TokenKind::kString) return cursor.SyntaxError();
  return StringValue(cursor.Next().text);
}

Result<ForeignOptions> ParseOptions(Cursor& cursor) {
  ForeignOptions options;
  if (!cursor.IsAt({"options"})) return options;
  WEIR_ASSIGN_OR_RETURN(std::vector<OptionChange> changes, ParseOptionChanges(cursor));
  for (OptionChange& change : changes) options.emplace_back(std::move(change.name), std::move(change.value));
  return options;
}

Result<Action> ParseCreateServer(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect({"create", "server"}));
  CreateServer create{.if_not_exists = cursor.Try({"if", "not", "exists"})};
  WEIR_ASSIGN_OR_RETURN(create.name, cursor.Name());
  if (cursor.Try("type")) {
    WEIR_ASSIGN_OR_RETURN(create.type, StringAt(cursor));
  }
  if (cursor.Try("version") && !cursor.Try("null")) {
    WEIR_ASSIGN_OR_RETURN(create.version, StringAt(cursor));
  }
  WEIR_RETURN_NOT_OK(cursor.Expect({"foreign", "data", "wrapper"}));
  WEIR_ASSIGN_OR_RETURN(create.wrapper, cursor.Name());
  WEIR_ASSIGN_OR_RETURN(create.options, ParseOptions(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(create));
}

Result<Action> ParseAlterServer(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect({"alter", "server"}));
  AlterServer alter;
  WEIR_ASSIGN_OR_RETURN(alter.name, cursor.Name());
  if (cursor.Try({"owner", "to"})) {
    const Token& role = cursor.Peek();
    WEIR_ASSIGN_OR_RETURN(const std::string owner, cursor.AnyName());
    // Servers belong to whom the directory belongs to, as pg_dump says it.
    if (owner != "weir" && !role.Is("current_user")) return cursor.Refuse(role, "another owner of a server");
    return Action(std::move(alter));
  }
  if (cursor.IsAt({"rename"})) {
    return cursor.Refuse(cursor.Peek(), "ALTER SERVER ... " + Upper(cursor.Peek().text));
  }
  if (cursor.Try("version")) {
    alter.version = std::string();
    if (!cursor.Try("null")) {
      WEIR_ASSIGN_OR_RETURN(alter.version, StringAt(cursor));
    }
  }
  if (cursor.IsAt({"options"})) {
    WEIR_ASSIGN_OR_RETURN(alter.options, ParseOptionChanges(cursor));
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(alter));
}

Status ParseBoundOf(Cursor& cursor, CreateTable* table) {
  const size_t begin = cursor.at();
  const size_t end = FindWord(cursor.Rest(), {"server"});
  Cursor bound(cursor.statement(), cursor.Rest().first(end));
  WEIR_ASSIGN_OR_RETURN(table->bound, ParseBound(bound));
  WEIR_RETURN_NOT_OK(bound.ExpectEnd());
  cursor.Seek(begin + end);
  return Status::OK();
}

// The columns' own OPTIONS would be read by nobody.
Status RefuseColumnOptions(const Cursor& cursor, Tokens elements) {
  for (const Tokens element : SplitAtCommas(elements)) {
    const size_t at = FindWord(element, {"options"}, 1);
    if (at >= element.size() || at + 1 >= element.size() || !element[at + 1].IsSymbol("(")) continue;
    return cursor.Refuse(element[at], "OPTIONS of a column");
  }
  return Status::OK();
}

Result<Action> ParseCreateForeignTable(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect({"create", "foreign", "table"}));
  CreateTable table{.if_not_exists = cursor.Try({"if", "not", "exists"})};
  WEIR_ASSIGN_OR_RETURN(table.name, cursor.Qualified());
  if (cursor.Try({"partition", "of"})) {
    WEIR_ASSIGN_OR_RETURN(table.parent, cursor.Qualified());
  }
  if (cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(const Tokens elements, cursor.Parenthesized());
    WEIR_RETURN_NOT_OK(RefuseColumnOptions(cursor, elements));
    if (!elements.empty()) WEIR_RETURN_NOT_OK(ParseTableElements(cursor.statement(), elements, &table));
  }
  if (table.parent) WEIR_RETURN_NOT_OK(ParseBoundOf(cursor, &table));
  if (cursor.IsAt({"inherits"})) return cursor.Refuse(cursor.Peek(), "table inheritance");
  WEIR_RETURN_NOT_OK(cursor.Expect("server"));
  ForeignClause& foreign = table.foreign.emplace();
  WEIR_ASSIGN_OR_RETURN(foreign.server, cursor.Name());
  WEIR_ASSIGN_OR_RETURN(foreign.options, ParseOptions(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return Action(std::move(table));
}

Result<Action> ParseImport(Cursor& cursor) {
  const size_t from = FindWord(cursor.Rest(), {"server"});
  cursor.Seek(from + 1);
  ImportSchema import;
  WEIR_ASSIGN_OR_RETURN(import.server, cursor.Name());
  return Action(std::move(import));
}

Result<Action> ParseCreateExtension(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect({"create", "extension"}));
  CreateExtension create{.if_not_exists = cursor.Try({"if", "not", "exists"})};
  WEIR_ASSIGN_OR_RETURN(create.name, cursor.Name());
  return Action(std::move(create));
}

bool IsCreateExtension(Cursor cursor) {
  if (!cursor.Try({"create", "extension"})) return false;
  cursor.Try({"if", "not", "exists"});
  return cursor.IsAt({"file_fdw"}) || cursor.IsAt({"parquet_fdw"});
}

/// A relation's name as regclass reads it.
Result<QualifiedName> NameInText(const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  if (tokens.empty()) return Error("42602", "invalid name syntax");
  const StatementSource statement{&source, tokens, {}};
  Cursor cursor(statement);
  auto name = cursor.Qualified();
  if (!name.ok() || !cursor.AtEnd()) return Error("42602", "invalid name syntax");
  return name;
}

}  // namespace

Result<std::vector<OptionChange>> ParseOptionChanges(Cursor& cursor) {
  WEIR_RETURN_NOT_OK(cursor.Expect("options"));
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  std::vector<OptionChange> changes;
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor option(cursor.statement(), part);
    OptionChange& change = changes.emplace_back();
    const bool named = part.size() > 1 && part[1].kind != TokenKind::kString;  // else the word is the option's name
    if (named && option.Try("set")) change.kind = OptionChange::Kind::kSet;
    else if (named && option.Try("drop")) change.kind = OptionChange::Kind::kDrop;
    else if (named) option.Try("add");
    WEIR_ASSIGN_OR_RETURN(change.name, option.AnyName());
    if (change.kind != OptionChange::Kind::kDrop) {
      WEIR_ASSIGN_OR_RETURN(change.value, StringAt(option));
    }
    WEIR_RETURN_NOT_OK(option.ExpectEnd());
  }
  return changes;
}

bool IsForeignStatement(const Cursor& cursor) {
  return cursor.IsAt({"create", "server"}) || cursor.IsAt({"alter", "server"}) ||
         cursor.IsAt({"create", "foreign", "table"}) || cursor.IsAt({"import", "foreign", "schema"}) ||
         IsCreateExtension(cursor) || IsCreateExternalTable(cursor);
}

Result<Action> ParseForeignStatement(const StatementSource& statement) {
  Cursor cursor(statement);
  if (IsCreateExternalTable(cursor)) return ParseCreateExternalTable(statement);
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  if (cursor.IsAt({"create", "server"})) return ParseCreateServer(cursor);
  if (cursor.IsAt({"alter", "server"})) return ParseAlterServer(cursor);
  if (cursor.IsAt({"create", "foreign"})) return ParseCreateForeignTable(cursor);
  if (cursor.IsAt({"create", "extension"})) return ParseCreateExtension(cursor);
  return ParseImport(cursor);
}

bool IsArchiveCall(Cursor cursor) {
  if (!cursor.Try({"call", "weir"}) || !cursor.TrySymbol(".")) return false;
  return cursor.IsAt({"archive_partition"}) || cursor.IsAt({"restore_partition"});
}

Result<Action> ParseArchiveCall(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  cursor.Try({"call", "weir"});
  cursor.TrySymbol(".");
  ArchivePartition archive{.name = {}, .restore = cursor.Next().Is("restore_partition")};
  WEIR_ASSIGN_OR_RETURN(const Tokens arguments, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  Cursor argument(statement, arguments);
  const Token& at = argument.Peek();
  WEIR_ASSIGN_OR_RETURN(const std::string name, StringAt(argument));
  if (argument.TrySymbol("::")) WEIR_RETURN_NOT_OK(argument.Expect("regclass"));
  WEIR_RETURN_NOT_OK(argument.ExpectEnd());
  WEIR_ASSIGN_OR_RETURN(archive.name, NameInText(name));
  archive.name.position = statement.Position(at);
  return Action(std::move(archive));
}

bool IsForeignDrop(const Cursor& cursor) {
  return cursor.IsAt({"drop", "server"}) || cursor.IsAt({"drop", "foreign", "table"}) ||
         cursor.IsAt({"drop", "external"});
}

Result<Action> ParseForeignDrop(const StatementSource& statement) {
  Cursor cursor(statement);
  BlankedText text(statement);
  DropTable drop;
  DropServers servers;
  const bool of_servers = cursor.Try({"drop", "server"});
  if (!of_servers && cursor.Try({"drop", "external"})) {
    drop.kind = DropTable::Kind::kExternal;
    const bool web = cursor.Try("web");
    text.Blank(statement.tokens.subspan(1, web ? 2 : 1));  // PostgreSQL has DROP TABLE
    WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  } else if (!of_servers) {
    drop.kind = DropTable::Kind::kForeign;
    WEIR_RETURN_NOT_OK(cursor.Expect({"drop", "foreign", "table"}));
  }
  WEIR_RETURN_NOT_OK(text.Check());
  drop.if_exists = servers.if_exists = cursor.Try({"if", "exists"});
  do {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
    servers.names.push_back(name.name);
    drop.names.push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  drop.cascade = servers.cascade = cursor.Try("cascade");
  cursor.Try("restrict");
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  if (of_servers) return Action(std::move(servers));
  return Action(std::move(drop));
}

}  // namespace weir::sql::dialect
