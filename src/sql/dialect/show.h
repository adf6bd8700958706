#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// What follows KWDB's SHOW of what the catalog holds; nothing where the cursor stands on anything else, a parameter.
Result<std::optional<ShowCatalog>> TryShowCatalog(Cursor& cursor);

/// The same as a query on the system's tables. What is not there makes it empty, or fail as PostgreSQL does.
std::string ShowQuery(const ShowCatalog& show);

/// A statement's text with something else in the place of parts of it.
struct ExpandedText {
  std::string text;
  std::vector<ExpandedPiece> pieces;
  std::vector<ShowCatalog> rows = {};  // Query::ranges_of_rows
};
/// Queries in parentheses in the place of FROM [SHOW …]. Nothing for a statement without any.
Result<std::optional<ExpandedText>> ExpandShows(const StatementSource& statement);

}  // namespace weir::sql::dialect
