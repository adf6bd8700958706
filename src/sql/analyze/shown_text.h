#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "postgres/value.h"
#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// What the texts of definitions call things, as the session sees them. Names come quoted.
struct ShownNames {
  std::function<std::string(postgres::TypeRef)> type;
  std::function<std::string(const Relation&)> relation;
  /// How the query calls a relation whose name may be another one by now.
  std::function<std::string(const Relation&)> known_name;
  /// How the query calls a column of a relation whose name may be another one by now.
  std::function<std::string(const Relation&, size_t)> known_column;
  /// The name of what an OID of regclass or its like means.
  std::function<std::string(postgres::Oid type, postgres::Oid value)> catalog_name;
  /// A function that is written in SQL, as a call of it begins.
  std::function<std::string(const CalledFunction&)> function = {};
  const postgres::Settings& settings;
  std::set<std::string> renamed = {};  // columns that are not called so any more: USING would not find them
};

struct ShownForm {
  bool sparse = false;   // parentheses only where they are needed, as people are shown it
  bool indented = true;  // CASE and queries over several lines
  bool kept = false;     // as the catalog keeps it: calls of functions with what these are made of
};

/// The text that pg_get_expr() and its like give of an expression over `columns` (none: of VALUE, which a domain
/// checks). Nothing: a part of it has no such text.
std::optional<std::string> ShownExpression(const Expression& expression, std::span<const OutputColumn> columns,
                                           const ShownNames& names, ShownForm form);
/// Whether an expression of a key is shown as it is, as calls are: others get parentheses around them.
bool StandsWithoutParentheses(const Expression& expression);
/// The text that pg_get_viewdef() gives of the query of a view of these columns, without the semicolon.
std::optional<std::string> ShownQuery(const Query& query, const std::vector<std::string>& columns,
                                      const ShownNames& names, ShownForm form);

}  // namespace weir::sql::analyze
