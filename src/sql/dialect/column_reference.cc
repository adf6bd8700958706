#include "sql/dialect/column_reference.h"

#include <vector>

#include "postgres/identifier.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {

namespace {

// The tokens that name the column, in the order of the text.
Result<std::vector<Token>> ReferencesTo(const Source& source, std::string_view column) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  std::vector<Token> references;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!IsColumnReference(tokens, i)) continue;
    size_t last = i;  // of table.column
    while (last + 2 < tokens.size() && tokens[last + 1].IsSymbol(".")) last += 2;
    if (NameOf(tokens[last]) == column) references.push_back(tokens[last]);
  }
  return references;
}

}  // namespace

Result<bool> RefersTo(std::string_view expression, std::string_view column) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(expression));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> references, ReferencesTo(source, column));
  return !references.empty();
}

Result<std::string> WithColumnRenamed(std::string_view expression, std::string_view from, std::string_view to) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(expression));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> references, ReferencesTo(source, from));
  std::string renamed;
  size_t end = 0;
  for (const Token& reference : references) {
    renamed += expression.substr(end, reference.begin - end);
    renamed += postgres::QuoteIdentifier(to);
    end = reference.end;
  }
  return renamed + std::string(expression.substr(end));
}

Result<std::string> WithoutTable(std::string_view expression, std::string_view table) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(expression));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  std::string bare;
  size_t end = 0;
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    const bool qualified = IsColumnReference(tokens, i) && tokens[i + 1].IsSymbol(".") && NameOf(tokens[i]) == table;
    if (!qualified) continue;
    bare += expression.substr(end, tokens[i].begin - end);
    end = tokens[i + 2].begin;
  }
  return bare + std::string(expression.substr(end));
}

}  // namespace weir::sql::dialect
