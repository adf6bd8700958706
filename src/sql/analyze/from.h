#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// FROM's list: `Query::from`, and what it makes visible.
Status AnalyzeFrom(Scope& scope, const Nodes& items);

/// Adds a relation to the query; its index.
int AddRelation(Scope& scope, RangeEntry entry, RelationName name = {}, std::vector<UniqueKey> keys = {});
/// Adds the table that a name means (no item of WITH), under its alias. 42P01.
Result<int> AddTable(Scope& scope, const pg_query::RangeVar& name);
/// The item by which a relation of the query is named.
NamedItem ItemOf(const Scope& scope, int relation);

/// 42712 for two relations of one name side by side.
Status CheckNameConflicts(const Scope& scope, const std::vector<NamedItem>& before,
                          const std::vector<NamedItem>& added);

}  // namespace weir::sql::analyze
