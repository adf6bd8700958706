#include "sql/dialect/parser.h"

#include <algorithm>
#include <array>
#include <optional>

#include "sql/dialect/alter_table.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/cluster_setting.h"
#include "sql/dialect/comment.h"
#include "sql/dialect/copy.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/cursor.h"
#include "sql/dialect/default_settings.h"
#include "sql/dialect/foreign.h"
#include "sql/dialect/function.h"
#include "sql/dialect/index.h"
#include "sql/dialect/maintenance.h"
#include "sql/dialect/materialized_view.h"
#include "sql/dialect/object_statements.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/query_statements.h"
#include "sql/dialect/role_statements.h"
#include "sql/dialect/sequence.h"
#include "sql/dialect/session_statements.h"
#include "sql/dialect/show.h"
#include "sql/dialect/type_statements.h"
#include "sql/dialect/unsupported.h"
#include "sql/dialect/upsert.h"
#include "sql/dialect/view.h"
#include "sql/dialect/zone.h"
#include "sql/error.h"

namespace weir::sql {

namespace dialect {
namespace {

// PostgreSQL's default stack holds a few thousand levels; what executes the query holds fewer.
constexpr int kMaxNesting = 1000;

Status CheckDepth(const Source& source, Tokens tokens) {
  int depth = 0;
  for (const Token& token : tokens) {
    depth = std::max(0, depth + DepthChange(token, true));
    if (depth <= kMaxNesting) continue;
    return Error("54001", "stack depth limit exceeded",
                 {.hint = "Write it with fewer nested parentheses.", .position = source.Position(token.begin)});
  }
  return Status::OK();
}

// Where the statement that begins at `begin` ends: at its semicolon or behind the last token. The body of a SQL
// function (BEGIN ATOMIC … END) and what parentheses hold have semicolons of their own.
size_t StatementEnd(Tokens tokens, size_t begin) {
  int depth = 0;
  int atomic = 0;
  for (size_t i = begin; i < tokens.size(); ++i) {
    depth = std::max(0, depth + DepthChange(tokens[i]));
    if (tokens[i].Is("atomic") && i > begin && tokens[i - 1].Is("begin")) atomic = 1;
    if (atomic > 0 && tokens[i].Is("case")) ++atomic;
    if (atomic > 0 && tokens[i].Is("end")) --atomic;
    if (depth == 0 && atomic == 0 && tokens[i].IsSymbol(";")) return i;
  }
  return tokens.size();
}

std::vector<StatementSource> SplitStatements(const Source& source, Tokens tokens) {
  std::vector<StatementSource> statements;
  for (size_t begin = 0; begin < tokens.size();) {
    const size_t end = StatementEnd(tokens, begin);
    Token terminator{.begin = static_cast<uint32_t>(source.text().size()), .end = terminator.begin, .text = {}};
    if (end < tokens.size()) terminator = tokens[end];
    if (end > begin) statements.push_back({&source, tokens.subspan(begin, end - begin), terminator});
    begin = end + 1;
  }
  return statements;
}

struct QueryWord {
  std::string_view word;
  std::string_view command;
};
constexpr std::array<QueryWord, 7> kQueryWords = {{
    {"select", "SELECT"},
    {"values", "SELECT"},
    {"table", "SELECT"},
    {"insert", "INSERT"},
    {"update", "UPDATE"},
    {"delete", "DELETE"},
    {"merge", "MERGE"},
}};

std::string_view CommandOf(const Token& token) {
  for (const QueryWord& known : kQueryWords) {
    if (token.Is(known.word)) return known.command;
  }
  return {};
}

// The statement behind WITH a AS ( … ), b AS ( … ): the first verb that follows a closing parenthesis.
std::string_view CommandBehindWith(Tokens tokens) {
  int depth = 0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth != 0 || !tokens[i - 1].IsSymbol(")")) continue;
    if (const std::string_view command = CommandOf(tokens[i]); !command.empty()) return command;
  }
  return "SELECT";
}

std::optional<std::string_view> QueryCommand(const StatementSource& statement) {
  const Token& first = statement.tokens.front();
  if (first.IsSymbol("(")) return "SELECT";
  if (first.Is("with")) return CommandBehindWith(statement.tokens);
  const std::string_view command = CommandOf(first);
  return command.empty() ? std::nullopt : std::optional(command);
}

// Statements that ask for nothing here, with their command tags.
std::optional<NoEffect> NoEffectOf(Cursor cursor) {
  if (cursor.IsAt({"checkpoint"})) return NoEffect{"CHECKPOINT"};
  if (cursor.IsAt({"unlisten"})) return NoEffect{"UNLISTEN"};
  return std::nullopt;
}

Result<Action> ParseQuery(const StatementSource& statement, std::string_view command) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  if (command == "SELECT") {
    WEIR_ASSIGN_OR_RETURN(std::optional<CreateTable> into, TrySelectInto(statement));
    if (into) return Action(std::move(*into));
  }
  return Action(Query{.text = std::string(statement.text()), .command = std::string(command)});
}

// Takes the statement when PostgreSQL's grammar does, then reads it.
template <typename Read>
Result<Action> ParseChecked(const StatementSource& statement, Read read) {
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  Cursor cursor(statement);
  return read(cursor);
}

bool IsCreateTable(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  if (!cursor.Try("global")) cursor.Try("local");
  if (!cursor.Try("temporary") && !cursor.Try("temp")) cursor.Try("unlogged");
  return cursor.IsAt({"table"});
}

bool IsOfType(const Cursor& cursor, std::string_view verb) {
  return cursor.IsAt({verb, "type"}) || cursor.IsAt({verb, "domain"});
}

bool IsTransaction(const Cursor& cursor) {
  for (const std::string_view word : {"begin", "commit", "end", "rollback", "abort", "savepoint", "release", "start"}) {
    if (cursor.IsAt({word})) return true;
  }
  return false;
}

Result<Action> ParseOther(const StatementSource& statement) {
  const Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(BlankedText(statement).Check());
  if (const auto none = NoEffectOf(cursor)) return Action(*none);
  return Action(UnsupportedStatement(statement));
}

Result<Action> ParseAction(const StatementSource& statement) {
  const Cursor cursor(statement);
  if (const auto unsupported = UnsupportedOfCloudberry(cursor)) return Action(*unsupported);
  if (IsConfigureZone(cursor)) return ParseConfigureZone(statement);
  if (IsClusterSetting(cursor)) return ParseClusterSetting(statement);
  if (IsDefaultSettings(cursor)) return ParseDefaultSettings(statement);
  if (IsAccessStatement(statement)) return ParseAccessStatement(statement);
  if (IsCreateTable(cursor)) return ParseCreateTable(statement);
  if (IsForeignStatement(cursor)) return ParseForeignStatement(statement);
  if (IsArchiveCall(cursor)) return ParseArchiveCall(statement);
  if (cursor.IsAt({"create", "database"}) || cursor.IsAt({"create", "schema"})) return ParseCreateDatabase(statement);
  if (IsRenameDatabase(statement)) return ParseChecked(statement, ParseRenameDatabase);
  if (IsCreateSequence(cursor)) return ParseChecked(statement, ParseCreateSequence);
  if (cursor.IsAt({"alter", "sequence"})) return ParseChecked(statement, ParseAlterSequence);
  if (IsOfType(cursor, "create")) return ParseChecked(statement, ParseCreateType);
  if (IsOfType(cursor, "alter")) return ParseChecked(statement, ParseAlterType);
  if (IsCreateView(cursor)) return ParseCreateView(statement);
  if (IsCreateMaterializedView(cursor)) return ParseCreateMaterializedView(statement);
  if (IsCreateFunction(cursor)) return ParseCreateFunction(statement);
  if (IsFunctionStatement(cursor)) return ParseFunctionStatement(statement);
  if (cursor.IsAt({"call"})) return ParseChecked(statement, ParseCall);
  if (cursor.IsAt({"refresh"})) return ParseChecked(statement, ParseRefresh);
  if (IsCreateIndex(cursor)) return ParseCreateIndex(statement);
  if (cursor.IsAt({"alter", "index"})) return ParseAlterIndex(statement);
  if (IsAlterTable(cursor)) return ParseAlterTable(statement);
  if (IsForeignDrop(cursor)) return ParseForeignDrop(statement);
  if (cursor.IsAt({"drop"})) {
    Cursor of_absent(statement);
    WEIR_ASSIGN_OR_RETURN(auto absent, TryDropAbsent(of_absent));
    if (!absent) return ParseDrop(statement);
    return ParseChecked(statement, [&](Cursor&) { return Result<Action>(std::move(*absent)); });
  }
  if (cursor.IsAt({"truncate"})) return ParseTruncate(statement);
  if (cursor.IsAt({"comment"})) return ParseComment(statement);
  if (cursor.IsAt({"vacuum"}) || cursor.IsAt({"analyze"}) || cursor.IsAt({"analyse"}) || cursor.IsAt({"reindex"})) {
    BlankedText text(statement);
    text.Blank(RootPartitionClause(cursor));
    WEIR_RETURN_NOT_OK(text.Check());
    Cursor at(statement);
    WEIR_ASSIGN_OR_RETURN(NoEffect nothing, ParseMaintenance(at));
    return Action(std::move(nothing));
  }
  if (cursor.IsAt({"explain"})) return ParseChecked(statement, ParseExplain);
  if (cursor.IsAt({"show"})) {
    Cursor show(statement);
    return ParseShow(show);
  }
  if (cursor.IsAt({"set"})) return ParseChecked(statement, ParseSet);
  if (cursor.IsAt({"lock"})) return ParseChecked(statement, ParseLock);
  if (cursor.IsAt({"copy"})) return ParseCopy(statement);
  if (cursor.IsAt({"discard"})) return ParseChecked(statement, ParseDiscard);
  if (cursor.IsAt({"reset"})) return ParseChecked(statement, ParseReset);
  if (IsTransaction(cursor)) return ParseChecked(statement, ParseTransaction);
  if (cursor.IsAt({"prepare", "transaction"})) return Action(Unsupported{"two-phase commit", {}});
  if (cursor.IsAt({"prepare"})) return ParseChecked(statement, ParsePrepare);
  if (cursor.IsAt({"execute"})) return ParseChecked(statement, ParseExecute);
  if (cursor.IsAt({"deallocate"})) return ParseChecked(statement, ParseDeallocate);
  if (cursor.IsAt({"declare"})) return ParseChecked(statement, ParseDeclare);
  if (cursor.IsAt({"fetch"}) || cursor.IsAt({"move"})) return ParseChecked(statement, ParseFetch);
  if (cursor.IsAt({"close"})) return ParseChecked(statement, ParseClose);
  const bool none = NoEffectOf(cursor).has_value();
  if (const auto command = QueryCommand(statement); command && !none) {
    return ParseQuery(statement, *command);
  }
  return ParseOther(statement);
}

// As the text that the statement stands for.
Result<Statement> ParseExpanded(const StatementSource& statement, const ExpandedText& text) {
  const int before = statement.source->CharactersBefore(statement.begin());
  auto parsed = sql::Parse(text.text);
  if (!parsed.ok()) return AsWritten(parsed.status(), text.pieces, before);
  Statement expanded = std::move(parsed->front());
  expanded.offset = before;
  expanded.expanded = text.pieces;
  if (text.rows.empty()) return expanded;
  auto* query = std::get_if<Query>(&expanded.action);
  if (query == nullptr) return Error("0A000", "SHOW RANGE ... FOR ROW is not supported in this statement");
  query->ranges_of_rows = text.rows;
  return expanded;
}

Result<Statement> ParseStatement(const StatementSource& statement) {
  WEIR_ASSIGN_OR_RETURN(const std::optional<ExpandedText> upsert, ExpandUpsert(statement));
  if (upsert) return ParseExpanded(statement, *upsert);
  WEIR_ASSIGN_OR_RETURN(const std::optional<ExpandedText> shows, ExpandShows(statement));
  if (shows) return ParseExpanded(statement, *shows);
  WEIR_ASSIGN_OR_RETURN(Action action, ParseAction(statement));
  return Statement{.action = std::move(action),
                   .text = std::string(statement.text()),
                   .offset = statement.source->CharactersBefore(statement.begin())};
}

}  // namespace
}  // namespace dialect

Status AsWritten(const Status& failure, const std::vector<ExpandedPiece>& pieces, int before) {
  if (pieces.empty() && before == 0) return failure;
  const int position = FieldsOf(failure).position;
  if (position == 0) return failure;
  int shift = 0;
  for (const ExpandedPiece& piece : pieces) {
    const int begin = piece.position + shift;  // in the new text
    if (position < begin) break;
    if (position < begin + piece.new_length) shift += position - begin;
    if (position < begin + piece.new_length) break;
    shift += piece.new_length - piece.length;
  }
  return AtPosition(failure, position - shift + before);
}

Result<std::vector<Statement>> Parse(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const std::vector<dialect::Token> tokens, dialect::Scan(source));
  WEIR_RETURN_NOT_OK(dialect::CheckDepth(source, tokens));
  std::vector<Statement> statements;
  for (const dialect::StatementSource& statement : dialect::SplitStatements(source, tokens)) {
    WEIR_ASSIGN_OR_RETURN(Statement parsed, dialect::ParseStatement(statement));
    statements.push_back(std::move(parsed));
  }
  return statements;
}

}  // namespace weir::sql
