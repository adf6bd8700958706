#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect/source.h"
#include "sql/dialect/token.h"
#include "weir/status.h"

namespace weir::sql::dialect {

/// What libpg_query does for this dialect. Its memory belongs to the calling thread and goes with it.

/// The tokens of a text without its comments. Errors are those of PostgreSQL's scanner.
Result<std::vector<Token>> Scan(const Source& source);

/// Whether PostgreSQL's grammar takes `text`, which stands at byte `begin` of the source (or is what was made of
/// it byte for byte); else its error, with the position in the source.
Status CheckSyntax(const Source& source, size_t begin, const std::string& text);

/// libpg_query's error as PostgreSQL's, its SQLSTATE included. `cursor`: characters behind `begin`; 0: none.
Status SyntaxError(const std::string& message, int cursor, const Source& source, size_t begin);

/// 54001
Status TooDeep(int position);

}  // namespace weir::sql::dialect
