#pragma once

#include <string>

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The name of a result column that is given none: that of the column or function, of the cast's type, …, or
/// "?column?". `analyzed`: what the node has become.
std::string ColumnName(const pg_query::Node& node, const Expression& analyzed);

}  // namespace weir::sql::analyze
