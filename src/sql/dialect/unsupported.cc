#include "sql/dialect/unsupported.h"

#include <algorithm>
#include <array>

namespace weir::sql::dialect {

namespace {

// Between CREATE and the kind of thing.
bool IsModifier(const Token& token) {
  static constexpr std::array<std::string_view, 11> kWords = {"or",        "replace", "unique", "temp",
                                                              "temporary", "local",   "global", "trusted",
                                                              "procedural", "recursive", "constraint"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return token.Is(word); });
}

// Kinds of things whose names are two words.
bool IsFirstOfTwo(const Token& token) {
  static constexpr std::array<std::string_view, 10> kWords = {"materialized", "foreign", "event", "access", "default",
                                                              "text", "user", "large", "security", "owned"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return token.Is(word); });
}

bool NamesAKind(const Token& token) {
  for (const std::string_view word :
       {"create", "alter", "drop", "comment", "security", "reassign", "import", "refresh"}) {
    if (token.Is(word)) return true;
  }
  return false;
}

}  // namespace

Unsupported UnsupportedStatement(const StatementSource& statement) {
  Cursor cursor(statement);
  const Token& verb = cursor.Next();
  std::string what = Upper(verb.text);
  if (NamesAKind(verb)) {
    while (!cursor.AtEnd() && IsModifier(cursor.Peek())) cursor.Next();
    const bool two = !cursor.AtEnd() && IsFirstOfTwo(cursor.Peek());
    for (int words = two ? 2 : 1; words > 0 && !cursor.AtEnd() && cursor.Peek().kind == TokenKind::kWord; --words) {
      what += " " + Upper(cursor.Next().text);
    }
  }
  const bool trigger = what == "CREATE TRIGGER";
  return {.what = std::move(what),
          .hint = trigger ? "Generated columns, CHECK constraints and foreign keys hold rows to rules." : ""};
}

Unsupported UnsupportedAlter(const Cursor& cursor) {
  std::string what = "ALTER TABLE";
  if (cursor.Peek().kind == TokenKind::kWord) what += " " + Upper(cursor.Peek().text);
  const Token& object = cursor.Peek(1);
  for (const std::string_view word :
       {"column", "constraint", "to", "schema", "tablespace", "trigger", "row", "replica"}) {
    if (object.Is(word)) what += " " + Upper(object.text);
  }
  return {.what = std::move(what), .hint = {}};
}

}  // namespace weir::sql::dialect
