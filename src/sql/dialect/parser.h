#pragma once

#include <string_view>
#include <vector>

#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

/// Splits a text into statements and parses each: PostgreSQL's grammar by libpg_query, Cloudberry's and
/// KWDB's additions by a recursive descent on its tokens. Empty statements are left out. A mistake is
/// a SQLSTATE error (42601, and those of Cloudberry's and KWDB's checks) with its position in `text`.
Result<std::vector<Statement>> Parse(std::string_view text);

/// An error with its position where [SHOW …] still stands, `before` characters behind the text's beginning.
Status AsWritten(const Status& failure, const std::vector<ExpandedPiece>& pieces, int before);

}  // namespace weir::sql
