#include "sql/dialect/blank.h"

#include <algorithm>

#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {

BlankedText::BlankedText(const StatementSource& statement)
    : statement_(&statement),
      text_(statement.source->text().substr(statement.begin(), statement.end.end - statement.begin())) {}

Status BlankedText::Check() const { return CheckSyntax(*statement_->source, statement_->begin(), text_); }

void BlankedText::NameOptions(Tokens list) {
  for (const Tokens option : SplitAtCommas(list)) {
    const auto equals = std::find_if(option.begin(), option.end(), [](const Token& t) { return t.IsSymbol("="); });
    const Tokens name = option.first(static_cast<size_t>(equals - option.begin()));
    const bool gap = std::adjacent_find(name.begin(), name.end(), [](const Token& a, const Token& b) {
                       return a.end != b.begin;
                     }) != name.end();
    if (name.size() > 3 && !gap) MakeName(name);
    if (name.size() == 3 && !gap && !name[1].IsSymbol(".")) MakeName(name);
  }
}

std::string TextInPlace(const StatementSource& statement, Tokens part) {
  const Tokens all = statement.tokens;
  BlankedText text(statement);
  text.Blank(all.first(static_cast<size_t>(part.data() - all.data())));
  return text.text().substr(0, part.back().end - statement.begin());
}

// Token by token: comments between them stay, and so do line ends. A character of several bytes gives its first
// byte to the filling and counts once.
void BlankedText::Fill(Tokens part, char with) {
  for (const Token& token : part) {
    const size_t begin = token.begin - statement_->begin();
    std::fill(text_.begin() + static_cast<std::ptrdiff_t>(begin),
              text_.begin() + static_cast<std::ptrdiff_t>(begin + token.text.size()), with);
  }
}

}  // namespace weir::sql::dialect
