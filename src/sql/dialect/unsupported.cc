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

std::optional<Unsupported> UnsupportedOfCloudberry(Cursor cursor) {
  static constexpr std::array<std::string_view, 12> kKinds = {
      "RESOURCE QUEUE", "RESOURCE GROUP", "PROTOCOL", "TRUSTED PROTOCOL", "DYNAMIC TABLE", "DIRECTORY TABLE",
      "TAG",            "PROFILE",        "TASK",     "WAREHOUSE",        "STORAGE SERVER", "INCREMENTAL MATERIALIZED"};
  const Token& verb = cursor.Next();
  if (cursor.AtEnd() || !(verb.Is("create") || verb.Is("alter") || verb.Is("drop"))) return std::nullopt;
  const std::string one = Upper(cursor.Next().text);
  const std::string two = cursor.AtEnd() ? one : one + " " + Upper(cursor.Peek().text);
  for (const std::string_view kind : kKinds) {
    if (kind != one && kind != two) continue;
    const std::string shown = kind.starts_with("INCREMENTAL") ? std::string(kind) + " VIEW" : std::string(kind);
    return Unsupported{.what = Upper(verb.text) + " " + shown, .hint = {}};
  }
  return std::nullopt;
}

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
