#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// A view as what it stands for: its query, under the columns that it has had since it was made.
/// Errors: 54001 for views that lie too deep in each other, and those of the query.
Result<RangeEntry> ViewEntry(const Scope& scope, const NamedRelation& view);

/// Notes what * in the query of a new view stands for.
void NoteStar(const Scope& scope, const pg_query::Node& star, const std::vector<ExpandedColumn>& columns);

}  // namespace weir::sql::analyze
