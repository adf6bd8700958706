#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// What is checked for the place where it stands.
enum class Placed { kAggregate, kGrouping, kWindow, kSet };

/// PostgreSQL's text for one that may not stand in a clause; empty where it may.
std::string WhyNotAllowed(Placed what, Clause clause);

/// The level that an aggregate (or GROUPING) with these parts belongs to: that of the nearest column in it, and checks
/// that it may stand there. 42803 for aggregates in aggregates.
Result<int> PlaceAggregate(Scope& scope, Placed what, std::vector<const Expression*> direct,
                           std::vector<const Expression*> aggregated, int location);

/// A window call's arguments hold none themselves, and its clause takes it.
Status PlaceWindowCall(Scope& scope, const std::vector<const Expression*>& arguments, int location);

}  // namespace weir::sql::analyze
