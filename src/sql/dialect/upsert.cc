#include "sql/dialect/upsert.h"

#include <fmt/format.h>

#include "postgres/value/text.h"

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

}  // namespace

std::optional<ExpandedText> ExpandUpsert(const StatementSource& statement) {
  const Tokens tokens = statement.tokens;
  const size_t at = FindWord(tokens, {"upsert"});
  if (at + 1 >= tokens.size() || !tokens[at + 1].Is("into") || !BeginsStatement(tokens, at)) return std::nullopt;
  const size_t returning = FindWord(tokens, {"returning"}, at);
  const bool has_returning = returning < tokens.size();
  const Token& next = has_returning ? tokens[returning] : tokens.back();
  const size_t end = (has_returning ? next.begin : next.end) - statement.begin();
  const std::string clause = fmt::format(" ON CONFLICT ON CONSTRAINT \"{}\" DO NOTHING ", kUpsertConstraint);
  ExpandedText expanded{.text = std::string(statement.text()), .pieces = {}};
  expanded.text.insert(end, clause);
  expanded.text.replace(tokens[at].begin - statement.begin(), tokens[at].text.size(), "INSERT");
  const auto characters = static_cast<int>(postgres::CountCharacters(statement.text()));
  const int position = has_returning ? statement.Position(next) : characters + 1;
  expanded.pieces.push_back({position, 0, static_cast<int>(clause.size())});
  return expanded;
}

}  // namespace weir::sql::dialect
