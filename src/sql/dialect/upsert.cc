#include "sql/dialect/upsert.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/value/text.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {
namespace {

// A statement may begin behind another one's words: EXPLAIN, PREPARE … AS, DECLARE … FOR, WITH ( … ).
bool BeginsStatement(Tokens tokens, size_t at) {
  if (at == 0) return true;
  const Token& before = tokens[at - 1];
  for (const std::string_view word : {"as", "for", "explain", "analyze", "verbose"}) {
    if (before.Is(word)) return true;
  }
  return before.IsSymbol(")");
}

// FROM [SHOW …], which is expanded later.
bool HasShow(Tokens tokens) {
  return std::ranges::adjacent_find(tokens, [](const Token& a, const Token& b) {
           return a.IsSymbol("[") && b.Is("show");
         }) != tokens.end();
}

}  // namespace

Result<std::optional<ExpandedText>> ExpandUpsert(const StatementSource& statement) {
  const Tokens tokens = statement.tokens;
  const size_t at = FindWord(tokens, {"upsert"});
  if (at + 1 >= tokens.size() || !tokens[at + 1].Is("into") || !BeginsStatement(tokens, at)) {
    return std::optional<ExpandedText>();
  }
  ExpandedText expanded{.text = std::string(statement.text()), .pieces = {}};
  expanded.text.replace(tokens[at].begin - statement.begin(), tokens[at].text.size(), "INSERT");
  if (!HasShow(tokens)) WEIR_RETURN_NOT_OK(CheckSyntax(*statement.source, statement.begin(), expanded.text));
  const size_t returning = FindWord(tokens, {"returning"}, at);
  const bool has_returning = returning < tokens.size();
  const Token& next = has_returning ? tokens[returning] : tokens.back();
  const size_t end = (has_returning ? next.begin : next.end) - statement.begin();
  const std::string clause = fmt::format(" ON CONFLICT ON CONSTRAINT \"{}\" DO NOTHING ", kUpsertConstraint);
  expanded.text.insert(end, clause);
  const auto characters = static_cast<int>(postgres::CountCharacters(statement.text()));
  const int position = has_returning ? statement.Position(next) : characters + 1;
  expanded.pieces.push_back({position, 0, static_cast<int>(clause.size())});
  return std::optional(std::move(expanded));
}

}  // namespace weir::sql::dialect
