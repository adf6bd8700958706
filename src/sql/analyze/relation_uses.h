#pragma once

#include <set>
#include <vector>

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// A table or view that a query names.
struct RelationUse {
  RelationPtr relation;
  RelationPtr of_view;    // whose query names it, or the functions whose owner's rights it needs; null: the statement
  std::set<int> columns;  // that are read, by their places
  /// What is done to it: SELECT, or of the target of a statement INSERT, UPDATE or DELETE.
  Query::Command command = Query::Command::kSelect;
  std::set<int> written;  // by an INSERT or UPDATE
};

/// What a statement names and what of it is read, the queries of its views included.
std::vector<RelationUse> UsesOf(Query& query);

}  // namespace weir::sql::analyze
