#pragma once

#include "sql/analyze/tree.h"
#include "sql/analyze/walk.h"
#include "sql/duckdb/emit.h"

namespace weir::sql::duck {

/// What a query (of a scope of Emitter's) is grouped by that is this expression; null: nothing is.
template <typename Scope>
const Emitted* GroupOf(const Scope& scope, const tree::Expression& expression) {
  for (size_t i = 0; i < scope.groups.size(); ++i) {
    const tree::GroupItem& item = scope.query->group_by[i];
    const auto& grouped = item.expression ? *item.expression : *scope.query->targets[item.target].expression;
    if (Equal(grouped, expression)) return &scope.groups[i];
  }
  return nullptr;
}

}  // namespace weir::sql::duck
