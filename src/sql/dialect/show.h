#pragma once

#include <optional>
#include <string>

#include "sql/dialect/cursor.h"

namespace weir::sql::dialect {

/// What follows KWDB's SHOW of what the catalog holds; nothing where the cursor stands on anything else, a parameter.
Result<std::optional<ShowCatalog>> TryShowCatalog(Cursor& cursor);

/// The same as a query on the system's tables. What is not there makes it empty, or fail as PostgreSQL does.
std::string ShowQuery(const ShowCatalog& show);

/// A statement's text with queries in parentheses in the place of FROM [SHOW …].
struct ExpandedShows {
  std::string text;
  std::vector<ExpandedPiece> pieces;
};
/// Nothing for a statement without any.
Result<std::optional<ExpandedShows>> ExpandShows(const StatementSource& statement);

}  // namespace weir::sql::dialect
