#include "sql/dialect/query_statements.h"

#include <limits>

#include "sql/dialect/blank.h"

namespace weir::sql::dialect {

namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

/// The rest of the statement: a query.
std::string RestOf(const Cursor& cursor) { return TextInPlace(cursor.statement(), cursor.Rest()); }

/// A number with its sign.
int64_t Number(Cursor& cursor) {
  const bool negative = cursor.TrySymbol("-");
  if (!negative) cursor.TrySymbol("+");
  const int64_t number = std::strtoll(std::string(cursor.Next().text).c_str(), nullptr, 10);
  return negative ? -number : number;
}

bool IsNumber(const Cursor& cursor) {
  return cursor.Peek().kind == TokenKind::kNumber || cursor.Peek().IsSymbol("-") || cursor.Peek().IsSymbol("+");
}

/// FORWARD and BACKWARD, with or without how many.
void Steps(Cursor& cursor, FetchCursor* fetch) {
  if (cursor.Try("all")) {
    fetch->count = kAll;
  } else if (IsNumber(cursor)) {
    fetch->count = Number(cursor);
  }
}

void DirectionOf(Cursor& cursor, FetchCursor* fetch) {
  using Direction = FetchCursor::Direction;
  if (cursor.Try("next")) return;
  if (cursor.Try("forward")) return Steps(cursor, fetch);
  if (cursor.Try("prior")) {
    fetch->direction = Direction::kBackward;
  } else if (cursor.Try("backward")) {
    fetch->direction = Direction::kBackward;
    Steps(cursor, fetch);
  } else if (cursor.Try("first")) {
    fetch->direction = Direction::kAbsolute;
  } else if (cursor.Try("last")) {
    fetch->direction = Direction::kAbsolute;
    fetch->count = -1;
  } else if (cursor.Try("absolute")) {
    fetch->direction = Direction::kAbsolute;
    fetch->count = Number(cursor);
  } else if (cursor.Try("relative")) {
    fetch->direction = Direction::kRelative;
    fetch->count = Number(cursor);
  } else {
    Steps(cursor, fetch);
  }
}

}  // namespace

Result<Action> ParsePrepare(Cursor& cursor) {
  cursor.Next();
  PrepareQuery prepare;
  WEIR_ASSIGN_OR_RETURN(prepare.name, cursor.Name());
  if (cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(const Tokens types, cursor.Parenthesized());
    for (const Tokens type : SplitAtCommas(types)) {
      prepare.types.push_back({std::string(cursor.statement().Slice(type)), cursor.statement().Position(type[0])});
    }
  }
  WEIR_RETURN_NOT_OK(cursor.Expect("as"));
  prepare.query = RestOf(cursor);
  return Action(std::move(prepare));
}

Result<Action> ParseExecute(Cursor& cursor) {
  cursor.Next();
  ExecutePrepared execute;
  WEIR_ASSIGN_OR_RETURN(execute.name, cursor.Name());
  if (cursor.Peek().IsSymbol("(")) {
    WEIR_ASSIGN_OR_RETURN(const Tokens arguments, cursor.Parenthesized());
    for (const Tokens argument : SplitAtCommas(arguments)) {
      execute.arguments.push_back(cursor.statement().ExpressionOf(argument));
    }
  }
  return Action(std::move(execute));
}

Result<Action> ParseDeallocate(Cursor& cursor) {
  cursor.Next();
  if (cursor.Rest().size() > 1) cursor.Try("prepare");  // else it is the name
  Deallocate deallocate;
  if (cursor.Try("all")) return Action(deallocate);
  WEIR_ASSIGN_OR_RETURN(deallocate.name, cursor.Name());
  return Action(std::move(deallocate));
}

Result<Action> ParseDeclare(Cursor& cursor) {
  cursor.Next();
  DeclareCursor declare;
  WEIR_ASSIGN_OR_RETURN(declare.name, cursor.Name());
  while (!cursor.Try("cursor")) {
    if (cursor.IsAt({"binary"}))
      return cursor.Refuse(cursor.Peek(), "DECLARE BINARY CURSOR", "Ask for the binary format of results.");
    if (cursor.Try({"no", "scroll"})) declare.forward = true;
    else if (cursor.Try("scroll")) declare.scroll = true;
    else if (cursor.Try("insensitive")) declare.insensitive = true;
    else if (cursor.Try("asensitive")) declare.asensitive = true;
    else return cursor.SyntaxError();
  }
  declare.hold = cursor.Try({"with", "hold"});
  cursor.Try({"without", "hold"});
  WEIR_RETURN_NOT_OK(cursor.Expect("for"));
  declare.query = RestOf(cursor);
  return Action(std::move(declare));
}

Result<Action> ParseFetch(Cursor& cursor) {
  FetchCursor fetch{.name = {}, .move = cursor.Next().Is("move")};
  DirectionOf(cursor, &fetch);
  if (!cursor.Try("from")) cursor.Try("in");
  // FETCH next: a cursor may be called so.
  if (cursor.AtEnd()) {
    fetch.name = NameOf(cursor.statement().tokens.back());
    return Action(std::move(fetch));
  }
  WEIR_ASSIGN_OR_RETURN(fetch.name, cursor.Name());
  return Action(std::move(fetch));
}

Result<Action> ParseClose(Cursor& cursor) {
  cursor.Next();
  CloseCursor close;
  if (cursor.Try("all")) return Action(close);
  WEIR_ASSIGN_OR_RETURN(close.name, cursor.Name());
  return Action(std::move(close));
}

}  // namespace weir::sql::dialect
