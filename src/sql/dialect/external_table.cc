#include "sql/dialect/external_table.h"

#include <array>
#include <utility>

#include "sql/dialect/blank.h"
#include "sql/dialect/column.h"
#include "sql/dialect/reject_limit.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

Result<std::string> TextAt(Cursor& cursor) {
  if (cursor.AtEnd() || cursor.Peek().kind != TokenKind::kString) return cursor.SyntaxError();
  return StringValue(cursor.Next().text);
}

/// The columns: PostgreSQL's grammar reads them as those of a table.
Status CheckColumns(const StatementSource& statement, size_t list_end) {
  const Tokens tokens = statement.tokens;
  size_t table = 1;
  while (!tokens[table].Is("table")) ++table;
  BlankedText text(statement);
  text.Blank(tokens.subspan(1, table - 1));
  text.Blank(tokens.subspan(list_end));
  return text.Check();
}

Status ParseLocation(Cursor& cursor, ForeignOptions* options) {
  WEIR_RETURN_NOT_OK(cursor.Expect("location"));
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  std::string uris;
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor one(cursor.statement(), part);
    const Token& at = one.Peek();
    WEIR_ASSIGN_OR_RETURN(const std::string uri, TextAt(one));
    WEIR_RETURN_NOT_OK(one.ExpectEnd());
    if (!uri.starts_with("file://")) {
      return cursor.ErrorAt(at, "0A000", "protocol of \"" + uri + "\" is not supported",
                            "External tables read files below the server's folder: file://HOST/PATH.");
    }
    uris += (uris.empty() ? "" : "|") + uri;
  }
  if (uris.empty()) return cursor.SyntaxErrorAt(*list.data());
  options->emplace_back("location_uris", std::move(uris));
  return Status::OK();
}

/// FORCE NOT NULL a, b: the columns.
Result<std::string> ParseForced(Cursor& cursor) {
  std::string columns;
  do {
    WEIR_ASSIGN_OR_RETURN(const std::string name, cursor.Name());
    columns += (columns.empty() ? "" : ",") + name;
  } while (cursor.TrySymbol(","));
  return columns;
}

Status ParseFormatOption(Cursor& cursor, ForeignOptions* options) {
  if (cursor.Try("header")) {
    options->emplace_back("header", "true");
    return Status::OK();
  }
  if (cursor.Try({"force", "not", "null"})) {
    WEIR_ASSIGN_OR_RETURN(std::string columns, ParseForced(cursor));
    options->emplace_back("force_not_null", std::move(columns));
    return Status::OK();
  }
  if (cursor.IsAt({"fill"})) return cursor.Refuse(cursor.Peek(), "FILL MISSING FIELDS");
  if (cursor.IsAt({"newline"}))
    return cursor.Refuse(cursor.Peek(), "NEWLINE", "Ends of lines are found by themselves.");
  static constexpr std::array<std::string_view, 4> kNames = {"delimiter", "null", "quote", "escape"};
  for (const std::string_view name : kNames) {
    if (!cursor.Try(name)) continue;
    cursor.Try("as");
    cursor.TrySymbol("=");
    WEIR_ASSIGN_OR_RETURN(std::string value, TextAt(cursor));
    options->emplace_back(name, std::move(value));
    return Status::OK();
  }
  return cursor.SyntaxError();
}

Status ParseFormat(Cursor& cursor, ForeignOptions* options) {
  WEIR_RETURN_NOT_OK(cursor.Expect("format"));
  const Token& at = cursor.Peek();
  WEIR_ASSIGN_OR_RETURN(std::string format, TextAt(cursor));
  format = Folded(format);
  if (format != "csv" && format != "text" && format != "parquet") {
    return cursor.ErrorAt(at, "0A000", "format \"" + format + "\" of external tables is not supported",
                          "It is 'CSV', 'TEXT' or 'PARQUET'.");
  }
  options->emplace_back("format", std::move(format));
  if (!cursor.Peek().IsSymbol("(")) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (Cursor option(cursor.statement(), list); !option.AtEnd();) {
    WEIR_RETURN_NOT_OK(ParseFormatOption(option, options));
  }
  return Status::OK();
}

Status TakeRejectLimit(Cursor& cursor, ForeignOptions* options) {
  WEIR_ASSIGN_OR_RETURN(const RejectClause clause, ParseRejectLimit(cursor));
  options->emplace_back("reject_limit", std::to_string(clause.limit));
  options->emplace_back("reject_limit_type", clause.percent ? "percentage" : "rows");
  if (clause.logs) options->emplace_back("log_errors", "t");
  return Status::OK();
}

Status ParseTailOf(Cursor& cursor, bool writable, CreateTable* table, ForeignOptions* options) {
  while (!cursor.AtEnd()) {
    if (cursor.Try("encoding")) {
      WEIR_ASSIGN_OR_RETURN(std::string encoding, TextAt(cursor));
      options->emplace_back("encoding", std::move(encoding));
    } else if (!writable && IsRejectLimit(cursor)) {
      WEIR_RETURN_NOT_OK(TakeRejectLimit(cursor, options));
    } else if (writable && cursor.Try({"distributed", "randomly"})) {
      table->distribution = Distribution{.kind = Distribution::Kind::kRandomly, .columns = {}};
    } else if (writable && cursor.Try({"distributed", "by"})) {
      WEIR_ASSIGN_OR_RETURN(std::vector<std::string> columns, cursor.Names());
      table->distribution = Distribution{.kind = Distribution::Kind::kBy, .columns = std::move(columns)};
    } else {
      return cursor.SyntaxError();
    }
  }
  return Status::OK();
}

}  // namespace

bool IsCreateExternalTable(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  if (!cursor.Try("readable")) cursor.Try("writable");
  return cursor.IsAt({"external"});
}

Result<Action> ParseCreateExternalTable(const StatementSource& statement) {
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect("create"));
  const bool writable = cursor.Try("writable");
  if (!writable) cursor.Try("readable");
  WEIR_RETURN_NOT_OK(cursor.Expect("external"));
  if (cursor.IsAt({"web"})) return cursor.Refuse(cursor.Peek(), "EXTERNAL WEB TABLE");
  if (cursor.IsAt({"temp"}) || cursor.IsAt({"temporary"})) {
    return cursor.Refuse(cursor.Peek(), "a temporary external table");
  }
  WEIR_RETURN_NOT_OK(cursor.Expect("table"));
  CreateTable table{.if_not_exists = cursor.Try({"if", "not", "exists"})};
  WEIR_ASSIGN_OR_RETURN(table.name, cursor.Qualified());
  WEIR_ASSIGN_OR_RETURN(const Tokens elements, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(CheckColumns(statement, cursor.at()));
  WEIR_RETURN_NOT_OK(ParseTableElements(statement, elements, &table));
  ForeignClause& foreign = table.foreign.emplace();
  foreign.server = kExternalServer;
  foreign.external = true;
  WEIR_RETURN_NOT_OK(ParseLocation(cursor, &foreign.options));
  for (const std::string_view where : {"master", "coordinator", "all"}) {
    if (cursor.Try({"on", where})) break;
  }
  WEIR_RETURN_NOT_OK(ParseFormat(cursor, &foreign.options));
  WEIR_RETURN_NOT_OK(ParseTailOf(cursor, writable, &table, &foreign.options));
  foreign.options.emplace_back("is_writable", writable ? "true" : "false");
  return Action(std::move(table));
}

}  // namespace weir::sql::dialect
