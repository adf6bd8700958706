#include "sql/dialect/duckdb_text.h"

#include <algorithm>

#include "sql/dialect/parser.h"

namespace weir::sql {

Result<std::vector<Statement>> ParseDuckDbText(std::string_view text) {
  auto statements = Parse(text);
  const auto is_query = [](const Statement& statement) { return std::holds_alternative<Query>(statement.action); };
  if (statements.ok() && std::ranges::none_of(*statements, is_query)) return statements;
  return std::vector<Statement>{{.action = Query{std::string(text), "SELECT"}, .text = std::string(text), .offset = 0}};
}

}  // namespace weir::sql
