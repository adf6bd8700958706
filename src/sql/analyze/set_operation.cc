#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/search_cycle.h"
#include "sql/analyze/select.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/walk.h"
#include "sql/analyze/with.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::SelectStmt;
using postgres::Oid;
using postgres::TypeRef;

namespace {

std::vector<Target*> VisibleTargets(Query& query) {
  std::vector<Target*> visible;
  for (Target& target : query.targets) {
    if (!target.hidden) visible.push_back(&target);
  }
  return visible;
}

// Whether converting a target changes what the query sorts, groups or compares by.
bool IsUsed(const Query& query, size_t index) {
  if (query.distinct || query.set_operation) return true;
  const int target = static_cast<int>(index);
  const auto is_target = [&](int other) { return other == target; };
  return std::any_of(query.distinct_on.begin(), query.distinct_on.end(), is_target) ||
         std::any_of(query.order_by.begin(), query.order_by.end(), [&](const auto& k) { return k.target == target; }) ||
         std::any_of(query.group_by.begin(), query.group_by.end(), [&](const auto& g) { return g.target == target; });
}

bool IsLiteral(const Expression& expression) {
  return IsUnknown(expression) && (std::holds_alternative<Constant>(expression.node) ||
                                   std::holds_alternative<Parameter>(expression.node));
}

}  // namespace

Status ConvertColumns(const Scope& scope, ConvertedQuery* converted, const std::vector<TypeRef>& types,
                      std::string_view construct) {
  Query& query = *converted->query;
  const bool modifies = query.command != Query::Command::kSelect;
  Expressions columns;
  bool outside = false;
  size_t column = 0;
  for (size_t i = 0; i < query.targets.size(); ++i) {
    Target& target = query.targets[i];
    if (target.hidden) continue;
    const TypeRef type = types[column];
    ExpressionPtr value = MakeExpression(ColumnReference{0, 0, static_cast<int>(column)}, target.expression->type, 0);
    ++column;
    if (target.expression->type.oid != type.oid) {
      if (IsLiteral(*target.expression) || (!modifies && !IsUsed(query, i))) {
        WEIR_ASSIGN_OR_RETURN(target.expression,
                              CoerceToCommon(scope, std::move(target.expression), type.oid, construct));
        value->type = target.expression->type;
      } else {
        WEIR_ASSIGN_OR_RETURN(value, CoerceToCommon(scope, std::move(value), type.oid, construct));
        outside = true;
      }
    }
    columns.push_back(std::move(value));
  }
  if (outside) converted->columns = std::move(columns);
  return Status::OK();
}

namespace {

struct Operation {
  SetOperation::Kind kind = SetOperation::Kind::kUnion;
  std::string_view name = "UNION";
};

Operation OperationOf(const SelectStmt& select) {
  if (select.op() == pg_query::SETOP_INTERSECT) return {SetOperation::Kind::kIntersect, "INTERSECT"};
  if (select.op() == pg_query::SETOP_EXCEPT) return {SetOperation::Kind::kExcept, "EXCEPT"};
  return {};
}

bool IsLeaf(const SelectStmt& select) {
  return select.op() <= pg_query::SETOP_NONE || !select.sort_clause().empty() || select.has_limit_offset() ||
         select.has_limit_count() || !select.locking_clause().empty() || select.has_with_clause();
}

Status BuildOperation(Scope& scope, const SelectStmt& select, WithEntry* with);

// A side: a query of its own, or a set operation inside of this one.
Result<QueryPtr> AnalyzeSide(Scope& scope, const SelectStmt& side, std::string_view bar) {
  if (side.has_into_clause()) {
    return ErrorAt(scope, side.into_clause().rel().location(), sqlstate::kSyntaxError,
                   "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT");
  }
  if (IsLeaf(side)) {
    return AnalyzeSelect(scope.statement, &scope, side, {.keep_unknown = true, .recursion_bar = bar});
  }
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  auto query = std::make_unique<Query>();
  Scope inner(scope.statement, &scope, query.get());
  inner.recursion_bar = bar;
  WEIR_RETURN_NOT_OK(BuildOperation(inner, side, nullptr));
  return query;
}

int FirstPosition(const std::vector<Target*>& targets) {
  for (const Target* target : targets) {
    if (const int position = BeginOf(*target->expression); position > 0) return position;
  }
  return 0;
}

// The types that both sides' columns get.
Result<std::vector<TypeRef>> UnifySides(const Scope& scope, const Operation& operation, bool all, Query& left,
                                        Query& right) {
  const std::vector<Target*> a = VisibleTargets(left);
  const std::vector<Target*> b = VisibleTargets(right);
  if (a.size() != b.size()) {
    return ErrorAtPosition(FirstPosition(b), sqlstate::kSyntaxError,
                           fmt::format("each {} query must have the same number of columns", operation.name));
  }
  std::vector<TypeRef> types;
  for (size_t i = 0; i < a.size(); ++i) {
    const std::vector<const Expression*> pair = {a[i]->expression.get(), b[i]->expression.get()};
    WEIR_ASSIGN_OR_RETURN(const Oid type, CommonType(scope, pair, operation.name));
    const bool compared = operation.kind != SetOperation::Kind::kUnion || !all;
    if (compared) WEIR_RETURN_NOT_OK(CheckHasEquality(scope, type, BeginOf(*pair[0])));
    types.push_back({type, CommonModifier(pair, type)});
  }
  return types;
}

// What the right side of a recursive item sees of it: the columns of the left one, their types settled.
Status SettleRecursive(const Scope& scope, WithEntry* with, Query& left) {
  for (Target* target : VisibleTargets(left)) {
    WEIR_ASSIGN_OR_RETURN(target->expression, UnknownToText(scope, std::move(target->expression)));
  }
  WEIR_ASSIGN_OR_RETURN(with->columns, ColumnsOfWith(scope, *with, left));
  with->state = WithEntry::State::kRight;
  return Status::OK();
}

Status CheckRecursiveTypes(const WithEntry& with, const std::vector<TypeRef>& types, const std::vector<Target*>& left) {
  for (size_t i = 0; i < types.size(); ++i) {
    const TypeRef before = with.columns[i].type;
    if (before == types[i]) continue;
    return ErrorAtPosition(
        BeginOf(*left[i]->expression), sqlstate::kDatatypeMismatch,
        fmt::format("recursive query \"{}\" column {} has type {} in non-recursive term but type {} overall", with.name,
                    i + 1, postgres::FormatType(before), postgres::FormatType(types[i])),
        "Cast the output of the non-recursive term to the correct type.");
  }
  return Status::OK();
}

// A side of a recursive item with SEARCH or CYCLE, with the columns that these add.
Result<QueryPtr> AnalyzeTraversed(Scope& scope, const SelectStmt& side, const WithEntry& with) {
  auto query = std::make_unique<Query>();
  Scope around(scope.statement, &scope, query.get());
  WEIR_ASSIGN_OR_RETURN(QueryPtr rows, AnalyzeSide(around, side, {}));
  const bool left = with.state == WithEntry::State::kLeft;
  WEIR_RETURN_NOT_OK(left ? AddToLeft(around, with, std::move(rows)) : AddToRight(around, with, std::move(rows)));
  return query;
}

Status BuildOperation(Scope& scope, const SelectStmt& select, WithEntry* with) {
  const Operation operation = OperationOf(select);
  const bool recursive = with != nullptr && with->may_recurse && operation.kind == SetOperation::Kind::kUnion;
  const bool intersect = operation.kind == SetOperation::Kind::kIntersect;
  const std::string_view bar_left = intersect ? "within INTERSECT" : "";
  const std::string_view bar_right = operation.kind == SetOperation::Kind::kExcept ? "within EXCEPT" : bar_left;
  SetOperation node{.kind = operation.kind, .all = select.all()};
  if (recursive) with->state = WithEntry::State::kLeft;
  const bool traversed = recursive && HasSearchOrCycle(*with);
  WEIR_ASSIGN_OR_RETURN(node.left.query, traversed ? AnalyzeTraversed(scope, select.larg(), *with)
                                                   : AnalyzeSide(scope, select.larg(), bar_left));
  if (recursive) WEIR_RETURN_NOT_OK(SettleRecursive(scope, with, *node.left.query));
  if (traversed) HideAdded(with);
  WEIR_ASSIGN_OR_RETURN(node.right.query, traversed ? AnalyzeTraversed(scope, select.rarg(), *with)
                                                    : AnalyzeSide(scope, select.rarg(), bar_right));
  WEIR_ASSIGN_OR_RETURN(const std::vector<TypeRef> types,
                        UnifySides(scope, operation, select.all(), *node.left.query, *node.right.query));
  const std::vector<Target*> left = VisibleTargets(*node.left.query);
  if (recursive && with->referred) WEIR_RETURN_NOT_OK(CheckRecursiveTypes(*with, types, left));
  for (size_t i = 0; i < types.size(); ++i) {
    const int position = BeginOf(*left[i]->expression);
    scope.query->targets.push_back({left[i]->name, MakeExpression(ColumnReference{0, -1, static_cast<int>(i)}, types[i],
                                                                  position)});
  }
  WEIR_RETURN_NOT_OK(ConvertColumns(scope, &node.left, types, operation.name));
  WEIR_RETURN_NOT_OK(ConvertColumns(scope, &node.right, types, operation.name));
  scope.query->set_operation = std::move(node);
  return Status::OK();
}

// ORDER BY sees the result's columns and nothing else of the query.
Status SortResult(Scope& scope, const SelectStmt& select) {
  const size_t columns = scope.query->targets.size();
  NamedItem result;
  result.name_visible = false;
  for (const Target& target : scope.query->targets) {
    result.columns.push_back({target.name, Clone(*target.expression)});
  }
  scope.names.push_back(std::move(result));
  WEIR_RETURN_NOT_OK(AnalyzeOrderBy(scope, select.sort_clause()));
  scope.names.clear();
  if (scope.query->targets.size() == columns) return Status::OK();
  return ErrorAtPosition(BeginOf(*scope.query->targets[columns].expression), sqlstate::kFeatureNotSupported,
                         "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                         "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
                         "Only result column names can be used, not expressions or functions.");
}

Status CheckRecursiveClauses(const Scope& scope, const SelectStmt& select) {
  std::string_view what;
  int location = -1;
  if (!select.sort_clause().empty()) {
    what = "ORDER BY";
    location = LocationOf(select.sort_clause(0).sort_by().node());
  } else if (select.has_limit_offset()) {
    what = "OFFSET";
    location = LocationOf(select.limit_offset());
  } else if (select.has_limit_count()) {
    what = "LIMIT";
    location = LocationOf(select.limit_count());
  } else if (!select.locking_clause().empty()) {
    what = "FOR UPDATE/SHARE";
  }
  if (what.empty()) return Status::OK();
  return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                 fmt::format("{} in a recursive query is not implemented", what));
}

}  // namespace

Status AnalyzeSetOperation(Scope& scope, const SelectStmt& select, const QueryOptions& options) {
  WEIR_RETURN_NOT_OK(BuildOperation(scope, select, options.with));
  if (options.with != nullptr && options.with->referred) WEIR_RETURN_NOT_OK(CheckRecursiveClauses(scope, select));
  WEIR_RETURN_NOT_OK(SortResult(scope, select));
  WEIR_RETURN_NOT_OK(AnalyzeLimit(scope, select));
  return AnalyzeLocks(scope, select);
}

}  // namespace weir::sql::analyze
