#include "sql/dialect/call_statement.h"

#include "sql/dialect/cursor.h"
#include "sql/dialect/function.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {
namespace {

bool ReadAlias(Cursor& cursor, CallStatement* read) {
  if (cursor.AtEnd()) return true;
  cursor.Try("as");
  auto alias = cursor.Name();
  if (!alias.ok() || !cursor.AtEnd()) return false;
  read->alias = *std::move(alias);
  return true;
}

}  // namespace

Result<std::optional<CallStatement>> ReadCallStatement(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(std::vector<Token> tokens, Scan(source));
  while (!tokens.empty() && tokens.back().IsSymbol(";")) tokens.pop_back();
  std::optional<CallStatement> none;
  if (tokens.empty()) return none;
  const StatementSource statement{&source, tokens, {}};
  Cursor cursor(statement);
  CallStatement read;
  if (!cursor.Try("select")) return none;
  if (cursor.TrySymbol("*")) {
    if (!cursor.Try("from")) return none;
    read.in_from = true;
  }
  auto call = ReadCall(cursor);
  if (!call.ok() || !ReadAlias(cursor, &read)) return none;
  read.call = call.MoveValue();
  return std::optional(std::move(read));
}

}  // namespace weir::sql::dialect
