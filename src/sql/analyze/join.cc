#include "sql/analyze/join.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/from.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::Oid;

NamedItem CopyItem(const NamedItem& item) {
  NamedItem copy;
  copy.name = item.name;
  copy.schema = item.schema;
  copy.relation = item.relation;
  copy.changed_view = item.changed_view;
  for (const NamedColumn& column : item.columns) copy.columns.push_back({column.name, Clone(*column.value)});
  copy.name_visible = item.name_visible;
  copy.columns_visible = item.columns_visible;
  copy.lateral_only = item.lateral_only;
  copy.lateral_ok = item.lateral_ok;
  return copy;
}

namespace {

std::vector<NamedColumn> ColumnsOf(Scope& scope, const std::vector<NamedItem>& items) {
  std::vector<NamedColumn> columns;
  for (const NamedItem& item : items) {
    if (!item.columns_visible) continue;
    for (ExpandedColumn& column : ExpandItem({&item, &scope, 0}, 0)) {
      columns.push_back({std::move(column.name), std::move(column.value)});
    }
  }
  return columns;
}

// NATURAL: the left side's columns whose names the right one has too.
std::vector<std::string> CommonNames(const std::vector<NamedColumn>& left, const std::vector<NamedColumn>& right) {
  std::vector<std::string> names;
  for (const NamedColumn& column : left) {
    const bool common = std::any_of(right.begin(), right.end(), [&](const auto& r) { return r.name == column.name; });
    if (common) names.push_back(column.name);
  }
  return names;
}

Result<size_t> PlaceOf(const Scope& scope, const std::vector<NamedColumn>& columns, const std::string& name,
                       std::string_view side) {
  size_t place = columns.size();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name != name) continue;
    if (place != columns.size()) {
      return ErrorAt(scope, -1, sqlstate::kAmbiguousColumn,
                     fmt::format("common column name \"{}\" appears more than once in {} table", name, side));
    }
    place = i;
  }
  if (place < columns.size()) return place;
  return ErrorAt(scope, -1, sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" specified in USING clause does not exist in {} table", name, side));
}

// The one column that two of a USING clause become.
Result<ExpressionPtr> Merge(const Scope& scope, FromItem::Join kind, const Expression& left, const Expression& right) {
  postgres::TypeRef type = left.type;
  if (left.type.oid != right.type.oid) {
    const std::vector<const Expression*> both = {&left, &right};
    WEIR_ASSIGN_OR_RETURN(const Oid common, CommonType(scope, both, "JOIN/USING"));
    type = {common, -1};
  } else if (left.type.modifier != right.type.modifier) {
    type.modifier = -1;
  }
  const bool left_differs = left.type.oid != type.oid;
  const bool right_differs = right.type.oid != type.oid;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr a, Coerce(scope, Clone(left), type.oid));
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr b, Coerce(scope, Clone(right), type.oid));
  switch (kind) {
    case FromItem::Join::kLeft: return a;
    case FromItem::Join::kRight: return b;
    case FromItem::Join::kFull: {
      Coalesce both;
      both.arguments.push_back(std::move(a));
      both.arguments.push_back(std::move(b));
      return MakeExpression(std::move(both), type, 0);
    }
    case FromItem::Join::kInner:
    case FromItem::Join::kCross: break;
  }
  return left_differs && !right_differs ? std::move(b) : std::move(a);
}

struct Merged {
  std::vector<NamedColumn> columns;
  ExpressionPtr condition;
};

// Takes what USING names out of both sides.
Result<Merged> MergeColumns(const Scope& scope, FromItem::Join kind, const std::vector<std::string>& names,
                            std::vector<NamedColumn>* left, std::vector<NamedColumn>* right) {
  Merged merged;
  Logic all{.kind = Logic::Kind::kAnd};
  for (const std::string& name : names) {
    for (const NamedColumn& known : merged.columns) {
      if (known.name != name) continue;
      return ErrorAt(scope, -1, sqlstate::kDuplicateColumn,
                     fmt::format("column name \"{}\" appears more than once in USING clause", name));
    }
    WEIR_ASSIGN_OR_RETURN(const size_t in_left, PlaceOf(scope, *left, name, "left"));
    WEIR_ASSIGN_OR_RETURN(const size_t in_right, PlaceOf(scope, *right, name, "right"));
    const Expression& a = *(*left)[in_left].value;
    const Expression& b = *(*right)[in_right].value;
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr column, Merge(scope, kind, a, b));
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr equal, MakeOperator(scope, {{"="}, -1}, Clone(a), Clone(b)));
    WEIR_ASSIGN_OR_RETURN(equal, CoerceToBoolean(scope, std::move(equal), "JOIN/USING"));
    all.arguments.push_back(std::move(equal));
    merged.columns.push_back({name, std::move(column)});
    left->erase(left->begin() + static_cast<std::ptrdiff_t>(in_left));
    right->erase(right->begin() + static_cast<std::ptrdiff_t>(in_right));
  }
  if (all.arguments.size() == 1) merged.condition = std::move(all.arguments[0]);
  else if (!all.arguments.empty()) merged.condition = MakeExpression(std::move(all), {oid::kBool, -1}, 0);
  return merged;
}

// ON sees the two sides, and what is around the query.
Result<ExpressionPtr> AnalyzeOn(Scope& scope, const pg_query::Node& condition, const std::vector<NamedItem>& visible) {
  std::vector<NamedItem> before = std::exchange(scope.names, {});
  for (const NamedItem& item : visible) {
    scope.names.push_back(CopyItem(item));
    scope.names.back().lateral_only = false;
    scope.names.back().lateral_ok = true;
  }
  Result<ExpressionPtr> result = AnalyzeCondition(scope, condition, Clause::kJoinOn);
  scope.names = std::move(before);
  return result;
}

Status RenameColumns(const Scope& scope, const pg_query::Alias& alias, std::vector<NamedColumn>* columns) {
  if (static_cast<size_t>(alias.colnames_size()) > columns->size()) {
    return ErrorAt(scope, -1, sqlstate::kInvalidColumnReference,
                   fmt::format("join expression \"{}\" has {} columns available but {} columns specified",
                               alias.aliasname(), columns->size(), alias.colnames_size()));
  }
  for (int i = 0; i < alias.colnames_size(); ++i) {
    (*columns)[static_cast<size_t>(i)].name = alias.colnames(i).string().sval();
  }
  return Status::OK();
}

std::vector<NamedColumn> CopyColumns(const std::vector<NamedColumn>& columns) {
  std::vector<NamedColumn> copies;
  for (const NamedColumn& column : columns) copies.push_back({column.name, Clone(*column.value)});
  return copies;
}

// What is visible of a join: its own columns, and what qualifies those of its sides unless it has an alias.
Result<std::vector<NamedItem>> VisibleOf(Scope& scope, const JoinInput& input, std::vector<NamedItem> sides,
                                         std::vector<NamedColumn> merged, std::vector<NamedColumn> columns) {
  const pg_query::JoinExpr& join = input.join;
  std::vector<NamedItem> names;
  NamedItem item;
  item.columns = std::move(columns);
  item.name_visible = join.has_alias();
  if (join.has_alias()) {
    item.name = join.alias().aliasname();
    WEIR_RETURN_NOT_OK(RenameColumns(scope, join.alias(), &item.columns));
  } else {
    names = std::move(sides);
    for (NamedItem& side : names) side.columns_visible = false;
  }
  if (join.has_join_using_alias() && !join.has_alias()) {
    NamedItem by_using;
    by_using.name = join.join_using_alias().aliasname();
    by_using.columns = std::move(merged);
    by_using.columns_visible = false;
    std::vector<NamedItem> added;
    added.push_back(CopyItem(by_using));
    WEIR_RETURN_NOT_OK(CheckNameConflicts(scope, names, added));
    names.push_back(std::move(by_using));
  }
  names.push_back(std::move(item));
  return names;
}

}  // namespace

Result<JoinOutput> CombineJoin(Scope& scope, JoinInput input) {
  std::vector<NamedColumn> left = ColumnsOf(scope, input.left);
  std::vector<NamedColumn> right = ColumnsOf(scope, input.right);
  std::vector<std::string> shared;
  for (const pg_query::Node& node : input.join.using_clause()) shared.push_back(node.string().sval());
  if (input.join.is_natural()) shared = CommonNames(left, right);
  WEIR_ASSIGN_OR_RETURN(Merged merged, MergeColumns(scope, input.kind, shared, &left, &right));

  std::vector<NamedItem> sides = std::move(input.left);
  for (NamedItem& item : input.right) sides.push_back(std::move(item));
  JoinOutput output;
  output.merged = shared;
  output.condition = std::move(merged.condition);
  if (input.join.has_quals()) {
    WEIR_ASSIGN_OR_RETURN(output.condition, AnalyzeOn(scope, input.join.quals(), sides));
  }
  std::vector<NamedColumn> columns = CopyColumns(merged.columns);
  for (std::vector<NamedColumn>* side : {&left, &right}) {
    for (NamedColumn& column : *side) columns.push_back(std::move(column));
  }
  if (!output.condition && input.kind != FromItem::Join::kCross) {  // NATURAL of nothing in common
    output.condition = MakeExpression(Constant{postgres::Value(true)}, {oid::kBool, -1}, 0);
  }
  WEIR_ASSIGN_OR_RETURN(output.names, VisibleOf(scope, input, std::move(sides), std::move(merged.columns),
                                                std::move(columns)));
  return output;
}

}  // namespace weir::sql::analyze
