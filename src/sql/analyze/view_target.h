#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// Puts the table that a view reads in the view's place as the target of an INSERT, UPDATE or DELETE, with what the
/// view's columns are made of (Scope::view_values, RangeEntry::view_columns). Errors: 55000 for a view that PostgreSQL
/// does not change through either, 0A000 for what only Weir does not.
Status OpenViewTarget(Scope& scope, const pg_query::RangeVar& name);

/// `where` and, before it, a condition; null: none.
void AddBefore(ExpressionPtr condition, ExpressionPtr* where);

/// Why nothing can be changed through a view of this query, in PostgreSQL's words; empty: it can there.
std::string WhyNotUpdatable(const Query& query);

/// Whether rows can be changed through a view of this query.
bool IsUpdatable(const Query& query);

/// Places of a view's columns that cannot be assigned through it.
std::vector<int> ComputedColumns(const Query& query);

}  // namespace weir::sql::analyze
