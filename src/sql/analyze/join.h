#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

NamedItem CopyItem(const NamedItem& item);

/// A join whose sides are analysed.
struct JoinInput {
  const pg_query::JoinExpr& join;
  FromItem::Join kind = FromItem::Join::kInner;
  std::vector<NamedItem> left;
  std::vector<NamedItem> right;
};
struct JoinOutput {
  ExpressionPtr condition;  // null: none
  std::vector<NamedItem> names;
  std::vector<std::string> merged;  // what USING and NATURAL name
};
/// Its condition (ON, USING or NATURAL), and what it makes visible: the columns that USING merges first.
Result<JoinOutput> CombineJoin(Scope& scope, JoinInput input);

}  // namespace weir::sql::analyze
