#include "sql/analyze/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;

namespace {

using Set = std::vector<int>;  // indices in Query::group_by
using Sets = std::vector<Set>;

constexpr size_t kMaxSets = 4096;
constexpr int kMaxCube = 12;

const Expression& ExpressionOf(const Query& query, const GroupItem& item) {
  return item.target >= 0 ? *query.targets[static_cast<size_t>(item.target)].expression : *item.expression;
}

// The item's place in `group_by`, where it is put unless it is there.
Result<int> AddItem(Scope& scope, const Node& node) {
  Query& query = *scope.query;
  GroupItem item;
  WEIR_ASSIGN_OR_RETURN(item.target, FindTargetByName(scope, node, Clause::kGroupBy));
  if (item.target < 0) {
    WEIR_ASSIGN_OR_RETURN(item.expression, Analyze(scope, node, Clause::kGroupBy));
    for (size_t i = 0; i < query.targets.size() && item.target < 0; ++i) {
      if (Equal(*query.targets[i].expression, *item.expression)) item.target = static_cast<int>(i);
    }
  }
  ExpressionPtr& expression =
      item.target >= 0 ? query.targets[static_cast<size_t>(item.target)].expression : item.expression;
  WEIR_ASSIGN_OR_RETURN(expression, UnknownToText(scope, std::move(expression)));
  if (item.target >= 0) item.expression = nullptr;
  // Targets are told apart even where they show the same: each is null in the sets that only have the other one.
  for (size_t i = 0; i < query.group_by.size(); ++i) {
    const GroupItem& known = query.group_by[i];
    const bool same = item.target >= 0 ? known.target == item.target
                                       : known.target < 0 && Equal(*known.expression, *expression);
    if (same) return static_cast<int>(i);
  }
  WEIR_RETURN_NOT_OK(CheckHasEquality(scope, expression->type.oid, scope.statement.Position(LocationOf(node))));
  query.group_by.push_back(std::move(item));
  return static_cast<int>(query.group_by.size()) - 1;
}

bool IsImplicitRow(const Node& node) {
  return node.has_row_expr() && node.row_expr().row_format() == pg_query::COERCE_IMPLICIT_CAST;
}

void Include(Set* set, const Set& more) {
  for (const int item : more) {
    if (std::find(set->begin(), set->end(), item) == set->end()) set->push_back(item);
  }
}

// a or (a, b) as one set.
Result<Set> SimpleSet(Scope& scope, const Node& node) {
  Set set;
  if (!IsImplicitRow(node)) {
    WEIR_ASSIGN_OR_RETURN(const int item, AddItem(scope, node));
    return Set{item};
  }
  for (const Node& part : node.row_expr().args()) {
    WEIR_ASSIGN_OR_RETURN(const Set one, SimpleSet(scope, part));
    Include(&set, one);
  }
  return set;
}

Result<Sets> SetsOf(Scope& scope, const Node& node);

Result<Sets> ContentSets(Scope& scope, const pg_query::GroupingSet& set) {
  Sets contents;
  for (const Node& node : set.content()) {
    WEIR_ASSIGN_OR_RETURN(Set one, SimpleSet(scope, node));
    contents.push_back(std::move(one));
  }
  return contents;
}

Sets Rollup(const Sets& contents) {
  Sets sets = {Set()};
  for (const Set& one : contents) {
    Set longer = sets.back();
    Include(&longer, one);
    sets.push_back(std::move(longer));
  }
  std::reverse(sets.begin(), sets.end());
  return sets;
}

Sets Cube(const Sets& contents) {
  Sets sets;
  for (size_t mask = size_t{1} << contents.size(); mask-- > 0;) {
    Set set;
    for (size_t i = 0; i < contents.size(); ++i) {
      if ((mask >> i & 1) != 0) Include(&set, contents[i]);
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

Result<Sets> SetsOf(Scope& scope, const Node& node) {
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  if (!node.has_grouping_set()) {
    WEIR_ASSIGN_OR_RETURN(Set set, SimpleSet(scope, node));
    return Sets{std::move(set)};
  }
  const pg_query::GroupingSet& set = node.grouping_set();
  switch (set.kind()) {
    case pg_query::GROUPING_SET_EMPTY: return Sets{Set()};
    case pg_query::GROUPING_SET_ROLLUP: {
      WEIR_ASSIGN_OR_RETURN(const Sets contents, ContentSets(scope, set));
      return Rollup(contents);
    }
    case pg_query::GROUPING_SET_CUBE: {
      if (set.content_size() > kMaxCube) {
        return ErrorAt(scope, set.location(), sqlstate::kTooManyColumns,
                       fmt::format("CUBE is limited to {} elements", kMaxCube));
      }
      WEIR_ASSIGN_OR_RETURN(const Sets contents, ContentSets(scope, set));
      return Cube(contents);
    }
    default: break;  // GROUPING SETS is left
  }
  Sets all;
  for (const Node& part : set.content()) {
    WEIR_ASSIGN_OR_RETURN(const Sets sets, SetsOf(scope, part));
    all.insert(all.end(), sets.begin(), sets.end());
  }
  return all;
}

Status TooManySets(const Scope& scope) {
  return ErrorAt(scope, -1, sqlstate::kStatementTooComplex,
                 fmt::format("too many grouping sets present (maximum {})", kMaxSets));
}

}  // namespace

Status AnalyzeGroupBy(Scope& scope, const pg_query::SelectStmt& select) {
  Query& query = *scope.query;
  query.group_distinct = select.group_distinct();
  bool has_sets = false;
  Sets product = {Set()};
  for (const Node& node : select.group_clause()) {
    has_sets = has_sets || node.has_grouping_set();
    WEIR_ASSIGN_OR_RETURN(const Sets sets, SetsOf(scope, node));
    if (product.size() * sets.size() > kMaxSets) return TooManySets(scope);
    Sets next;
    for (const Set& a : product) {
      for (const Set& b : sets) {
        next.push_back(a);
        Include(&next.back(), b);
      }
    }
    product = std::move(next);
  }
  if (has_sets) query.grouping_sets = std::move(product);
  return Status::OK();
}

namespace {

// Looks through what a grouped query gives for columns that it does not group by.
class GroupingCheck {
 public:
  explicit GroupingCheck(Scope& scope) : scope_(scope), query_(*scope.query) { FindDependent(); }

  Status Check(Expression& expression, int depth, bool direct = false) {
    if (depth == 0 && IsGrouped(expression)) return Status::OK();
    if (auto* aggregate = std::get_if<Aggregate>(&expression.node); aggregate && aggregate->level >= depth) {
      if (aggregate->level > depth) return Status::OK();
      for (ExpressionPtr& argument : aggregate->direct_arguments) WEIR_RETURN_NOT_OK(Check(*argument, depth, true));
      return Status::OK();
    }
    if (auto* grouping = std::get_if<Grouping>(&expression.node); grouping && grouping->level >= depth) {
      return grouping->level == depth ? Finish(grouping, depth) : Status::OK();
    }
    if (const auto* column = std::get_if<ColumnReference>(&expression.node); column && column->level == depth) {
      return CheckColumn(*column, expression.position, depth, direct);
    }
    if (const auto* row = std::get_if<WholeRow>(&expression.node); row && row->level == depth) {
      return Ungrouped(row->relation, "*", expression.position, depth, direct);
    }
    return CheckChildren(expression, depth, direct);
  }

 private:
  Status CheckChildren(Expression& expression, int depth, bool direct) {
    Status status;
    ForEachChild(
        expression, [&](ExpressionPtr& child) { if (status.ok()) status = Check(*child, depth, direct); },
        [&](Query& inner) { if (status.ok()) status = CheckQuery(inner, depth + 1); });
    return status;
  }

  Status CheckQuery(Query& inner, int depth) {
    Status status;
    ForEachExpression(
        inner, [&](ExpressionPtr& child) { if (status.ok()) status = Check(*child, depth); },
        [&](Query& next) { if (status.ok()) status = CheckQuery(next, depth + 1); });
    return status;
  }

  bool IsGrouped(const Expression& expression) const {
    return std::any_of(query_.group_by.begin(), query_.group_by.end(),
                       [&](const GroupItem& item) { return Equal(ExpressionOf(query_, item), expression); });
  }

  Status CheckColumn(const ColumnReference& column, int position, int depth, bool direct) {
    for (const GroupItem& item : query_.group_by) {
      const auto* grouped = std::get_if<ColumnReference>(&ExpressionOf(query_, item).node);
      const bool same = grouped && grouped->level == 0 && grouped->relation == column.relation;
      if (same && grouped->column == column.column) return Status::OK();
    }
    if (std::find(dependent_.begin(), dependent_.end(), column.relation) != dependent_.end()) return Status::OK();
    if (column.relation < 0) return Status::OK();  // of a set operation, which is not grouped
    const RangeEntry& relation = query_.relations[static_cast<size_t>(column.relation)];
    return Ungrouped(column.relation, relation.columns[static_cast<size_t>(column.column)].name, position, depth,
                     direct);
  }

  Status Ungrouped(int relation, const std::string& column, int position, int depth, bool direct) const {
    const std::string name = fmt::format("{}.{}", query_.relations[static_cast<size_t>(relation)].alias, column);
    if (depth > 0) {
      return ErrorAtPosition(position, sqlstate::kGroupingError,
                             fmt::format("subquery uses ungrouped column \"{}\" from outer query", name));
    }
    return ErrorAtPosition(
        position, sqlstate::kGroupingError,
        fmt::format("column \"{}\" must appear in the GROUP BY clause or be used in an aggregate function", name), {},
        direct ? "Direct arguments of an ordered-set aggregate must use only grouped columns." : "");
  }

  Status Finish(Grouping* grouping, int depth) const {
    grouping->items.clear();
    for (const ExpressionPtr& argument : grouping->arguments) {
      const ExpressionPtr here = Clone(*argument, -depth);
      const auto found = std::find_if(query_.group_by.begin(), query_.group_by.end(), [&](const GroupItem& item) {
        return here && Equal(ExpressionOf(query_, item), *here);
      });
      if (found == query_.group_by.end()) {
        return ErrorAtPosition(BeginOf(*argument), sqlstate::kGroupingError,
                               "arguments to GROUPING must be grouping expressions of the associated query level");
      }
      grouping->items.push_back(static_cast<int>(found - query_.group_by.begin()));
    }
    return Status::OK();
  }

  bool IsInAllSets(int item) const {
    if (!query_.grouping_sets) return true;
    return std::all_of(query_.grouping_sets->begin(), query_.grouping_sets->end(), [&](const Set& set) {
      return std::find(set.begin(), set.end(), item) != set.end();
    });
  }

  bool GroupsBy(int relation, int column) const {
    for (size_t i = 0; i < query_.group_by.size(); ++i) {
      const auto* grouped = std::get_if<ColumnReference>(&ExpressionOf(query_, query_.group_by[i]).node);
      if (!grouped || grouped->level != 0 || grouped->relation != relation || grouped->column != column) continue;
      if (IsInAllSets(static_cast<int>(i))) return true;
    }
    return false;
  }

  // Relations whose primary key is grouped by: their other columns follow from it.
  void FindDependent() {
    for (size_t i = 0; i < query_.relations.size(); ++i) {
      for (const UniqueKey& key : scope_.keys[i]) {
        if (!key.primary) continue;
        const bool all = std::all_of(key.columns.begin(), key.columns.end(),
                                     [&](int column) { return GroupsBy(static_cast<int>(i), column); });
        if (all) dependent_.push_back(static_cast<int>(i));
      }
    }
  }

  Scope& scope_;
  Query& query_;
  std::vector<int> dependent_;
};

/// The position of the first aggregate of a query's own; 0: it has none.
int FirstAggregate(Expression& expression, int depth) {
  if (const auto* aggregate = std::get_if<Aggregate>(&expression.node); aggregate && aggregate->level == depth) {
    return expression.position;
  }
  int first = 0;
  const auto take = [&](int position) { first = first == 0 || (position != 0 && position < first) ? position : first; };
  const std::function<void(Query&, int)> visit = [&](Query& query, int at) {
    ForEachExpression(
        query, [&](ExpressionPtr& child) { take(FirstAggregate(*child, at)); },
        [&](Query& inner) { visit(inner, at + 1); });
  };
  ForEachChild(
      expression, [&](ExpressionPtr& child) { take(FirstAggregate(*child, depth)); },
      [&](Query& inner) { visit(inner, depth + 1); });
  return first;
}

Status CheckRecursiveTerm(Query& query) {
  int position = 0;
  for (Target& target : query.targets) {
    if (position == 0) position = FirstAggregate(*target.expression, 0);
  }
  if (position == 0 && query.having) position = FirstAggregate(*query.having, 0);
  return ErrorAtPosition(position, sqlstate::kInvalidRecursion,
                         "aggregate functions are not allowed in a recursive query's recursive term");
}

}  // namespace

Status CheckGrouping(Scope& scope) {
  Query& query = *scope.query;
  if (!query.has_aggregates && query.group_by.empty() && !query.having && !query.grouping_sets) return Status::OK();
  GroupingCheck check(scope);
  for (Target& target : query.targets) WEIR_RETURN_NOT_OK(check.Check(*target.expression, 0));
  for (Window& window : query.windows) {
    for (ExpressionPtr& expression : window.expressions) WEIR_RETURN_NOT_OK(check.Check(*expression, 0));
  }
  if (query.having) WEIR_RETURN_NOT_OK(check.Check(*query.having, 0));
  return query.has_aggregates && scope.refers_to_itself ? CheckRecursiveTerm(query) : Status::OK();
}

}  // namespace weir::sql::analyze
