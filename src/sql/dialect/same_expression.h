#pragma once

#include <string>

namespace weir::sql::dialect {

/// Whether two expressions of definitions are written alike but for blanks, letters' case and parentheses that change
/// nothing: what a dump shows of one is the same.
bool IsSameExpression(const std::string& a, const std::string& b);

}  // namespace weir::sql::dialect
