#include "sql/analyze/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;

namespace {

// The place as the texts name it that do not go by the clause's own name.
constexpr std::pair<Clause, std::string_view> kDefinitionNames[] = {
    {Clause::kJoinOn, "JOIN conditions"},
    {Clause::kJoinUsing, "JOIN conditions"},
    {Clause::kFromFunction, "functions in FROM"},
    {Clause::kMergeWhen, "MERGE WHEN conditions"},
    {Clause::kCheck, "check constraints"},
    {Clause::kDefault, "DEFAULT expressions"},
    {Clause::kGenerated, "column generation expressions"},
    {Clause::kPartitionKey, "partition key expressions"},
    {Clause::kPartitionBound, "partition bound"},
    {Clause::kIndexExpression, "index expressions"},
    {Clause::kIndexCondition, "index predicates"},
    {Clause::kUsing, "transform expressions"},
    {Clause::kCopyWhere, "COPY FROM WHERE conditions"},
};

std::string_view DefinitionName(Clause clause) {
  const auto found = std::ranges::find(kDefinitionNames, clause, &std::pair<Clause, std::string_view>::first);
  return found == std::end(kDefinitionNames) ? NameOf(clause) : found->second;
}

bool IsWindow(Clause clause) {
  return clause == Clause::kWindowPartition || clause == Clause::kWindowOrder || clause == Clause::kWindowRange ||
         clause == Clause::kWindowRows || clause == Clause::kWindowGroups;
}

bool IsResult(Clause clause) {
  return clause == Clause::kNone || clause == Clause::kSelectTarget || clause == Clause::kOrderBy ||
         clause == Clause::kDistinctOn;
}

bool MayStand(Placed what, Clause clause) {
  const bool sorted_window = clause == Clause::kWindowPartition || clause == Clause::kWindowOrder;
  switch (what) {
    case Placed::kAggregate:
    case Placed::kGrouping: return IsResult(clause) || clause == Clause::kHaving || sorted_window;
    case Placed::kWindow: return IsResult(clause);
    case Placed::kSet:
      return IsResult(clause) || sorted_window || clause == Clause::kInsertTarget || clause == Clause::kGroupBy ||
             clause == Clause::kValuesSingle;
  }
  return false;
}

std::string_view PluralOf(Placed what) {
  switch (what) {
    case Placed::kAggregate: return "aggregate functions";
    case Placed::kGrouping: return "grouping operations";
    case Placed::kWindow: return "window functions";
    case Placed::kSet: return "set-returning functions";
  }
  return {};
}

// The nearest levels that an aggregate's parts refer to; -1: none.
struct Levels {
  int variable = -1;
  int aggregate = -1;
  int aggregate_position = 0;
  int window_position = -1;
  int set_position = -1;
  std::vector<int> aggregates;  // all of them

  void See(int* least, int level) {
    if (level >= 0 && (*least < 0 || level < *least)) *least = level;
  }
};

void Collect(Expression& expression, int depth, Levels* levels);

void CollectQuery(Query& query, int depth, Levels* levels) {
  ForEachExpression(
      query, [&](ExpressionPtr& child) { Collect(*child, depth, levels); },
      [&](Query& inner) { CollectQuery(inner, depth + 1, levels); });
}

void SeeAggregate(int level, int position, Levels* levels) {
  if (level < 0) return;
  if (levels->aggregate < 0 || level < levels->aggregate) levels->aggregate_position = position;
  levels->See(&levels->aggregate, level);
}

void Collect(Expression& expression, int depth, Levels* levels) {
  if (const auto* column = std::get_if<ColumnReference>(&expression.node)) {
    levels->See(&levels->variable, column->level - depth);
  } else if (const auto* row = std::get_if<WholeRow>(&expression.node)) {
    levels->See(&levels->variable, row->level - depth);
  } else if (const auto* aggregate = std::get_if<Aggregate>(&expression.node)) {
    SeeAggregate(aggregate->level - depth, expression.position, levels);
  } else if (const auto* grouping = std::get_if<Grouping>(&expression.node)) {
    SeeAggregate(grouping->level - depth, expression.position, levels);
  } else if (std::holds_alternative<WindowCall>(expression.node) && depth == 0) {
    levels->window_position = expression.position;
  } else if (const auto* call = std::get_if<Call>(&expression.node);
             call && call->function->returns_set && depth == 0) {
    levels->set_position = expression.position;
  }
  ForEachChild(
      expression, [&](ExpressionPtr& child) { Collect(*child, depth, levels); },
      [&](Query& inner) { CollectQuery(inner, depth + 1, levels); });
}

Levels LevelsOf(const std::vector<const Expression*>& expressions) {
  Levels levels;
  for (const Expression* expression : expressions) Collect(const_cast<Expression&>(*expression), 0, &levels);
  return levels;
}

Status CheckContents(const Levels& levels) {
  if (levels.window_position >= 0) {
    return ErrorAtPosition(levels.window_position, sqlstate::kGroupingError,
                           "aggregate function calls cannot contain window function calls");
  }
  if (levels.set_position >= 0) {
    return ErrorAtPosition(levels.set_position, sqlstate::kFeatureNotSupported,
                           "aggregate function calls cannot contain set-returning function calls",
                           "You might be able to move the set-returning function into a LATERAL FROM item.");
  }
  return Status::OK();
}

Status Nested(int position) {
  return ErrorAtPosition(position, sqlstate::kGroupingError, "aggregate function calls cannot be nested");
}

}  // namespace

std::string WhyNotAllowed(Placed what, Clause clause) {
  if (MayStand(what, clause)) return {};
  if (what == Placed::kSet && clause == Clause::kFromFunction) {
    return "set-returning functions must appear at top level of FROM";
  }
  if (clause == Clause::kFromSubquery && what != Placed::kWindow) {
    return fmt::format("{} are not allowed in FROM clause of their own query level", PluralOf(what));
  }
  if (IsWindow(clause) && (what == Placed::kWindow || what == Placed::kSet)) {
    return fmt::format("{} are not allowed in window definitions", PluralOf(what));
  }
  return fmt::format("{} are not allowed in {}", PluralOf(what), DefinitionName(clause));
}

Result<int> PlaceAggregate(Scope& scope, Placed what, std::vector<const Expression*> direct,
                           std::vector<const Expression*> aggregated, int location) {
  const Levels levels = LevelsOf(aggregated);
  WEIR_RETURN_NOT_OK(CheckContents(levels));
  int level = levels.variable;
  if (level < 0 || (levels.aggregate >= 0 && levels.aggregate < level)) level = levels.aggregate;
  if (level < 0) level = 0;
  if (level == levels.aggregate) return Nested(levels.aggregate_position);
  const Levels outside = LevelsOf(direct);
  if (outside.variable >= 0 && outside.variable < level) {
    return ErrorAt(scope, location, sqlstate::kGroupingError,
                   "outer-level aggregate cannot contain a lower-level variable in its direct arguments");
  }
  if (outside.aggregate >= 0 && outside.aggregate <= level) return Nested(outside.aggregate_position);
  Scope* owner = &scope;
  for (int i = 0; i < level && owner->parent != nullptr; ++i) owner = owner->parent;
  if (const std::string why = WhyNotAllowed(what, owner->clause); !why.empty()) {
    return ErrorAt(scope, location, sqlstate::kGroupingError, why);
  }
  owner->query->has_aggregates = true;
  return level;
}

Status PlaceWindowCall(Scope& scope, const std::vector<const Expression*>& arguments, int location) {
  const Levels levels = LevelsOf(arguments);
  if (levels.window_position >= 0) {
    return ErrorAtPosition(levels.window_position, sqlstate::kWindowingError, "window function calls cannot be nested");
  }
  if (const std::string why = WhyNotAllowed(Placed::kWindow, scope.clause); !why.empty()) {
    return ErrorAt(scope, location, sqlstate::kWindowingError, why);
  }
  scope.has_windows = true;
  return Status::OK();
}

}  // namespace weir::sql::analyze
