#include "sql/analyze/select.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/coerce.h"
#include "sql/analyze/column_name.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/from.h"
#include "sql/analyze/grouping.h"
#include "sql/analyze/modify.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/view.h"
#include "sql/analyze/walk.h"
#include "sql/analyze/window.h"
#include "sql/analyze/with.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;
using pg_query::SelectStmt;
using postgres::Oid;

namespace {

constexpr size_t kMaxTargets = 1664;

Status AnalyzeDistinctAll(Scope& scope) {
  Query& query = *scope.query;
  for (const SortKey& key : query.order_by) {
    const Target& target = query.targets[static_cast<size_t>(key.target)];
    if (!target.hidden) continue;
    return ErrorAtPosition(BeginOf(*target.expression), sqlstate::kInvalidColumnReference,
                           "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
  }
  for (Target& target : query.targets) {
    if (target.hidden) continue;
    WEIR_ASSIGN_OR_RETURN(target.expression, UnknownToText(scope, std::move(target.expression)));
    WEIR_RETURN_NOT_OK(CheckHasEquality(scope, target.expression->type.oid, BeginOf(*target.expression)));
  }
  if (query.targets.empty()) {
    return ErrorAt(scope, -1, sqlstate::kSyntaxError, "SELECT DISTINCT must have at least one column");
  }
  query.distinct = true;
  return Status::OK();
}

// The expressions of DISTINCT ON are those that ORDER BY begins with.
Status CheckDistinctOrder(const Scope& scope, const std::vector<int>& on, const std::vector<int>& locations) {
  const auto is_on = [&](int target) { return std::find(on.begin(), on.end(), target) != on.end(); };
  const auto& order = scope.query->order_by;
  size_t leading = 0;
  while (leading < order.size() && is_on(order[leading].target)) ++leading;
  if (leading == order.size()) return Status::OK();
  const auto later = std::find_if(order.begin() + static_cast<std::ptrdiff_t>(leading), order.end(),
                                  [&](const SortKey& key) { return is_on(key.target); });
  const auto misplaced = std::find_if(on.begin(), on.end(), [&](int target) {
    if (later != order.end()) return target == later->target;
    return std::none_of(order.begin(), order.end(), [&](const SortKey& key) { return key.target == target; });
  });
  if (misplaced == on.end()) return Status::OK();
  return ErrorAt(scope, locations[static_cast<size_t>(misplaced - on.begin())], sqlstate::kInvalidColumnReference,
                 "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
}

Status AnalyzeDistinct(Scope& scope, const SelectStmt& select) {
  const Nodes& items = select.distinct_clause();
  if (items.empty()) return Status::OK();
  if (items[0].node_case() == Node::NODE_NOT_SET) return AnalyzeDistinctAll(scope);
  std::vector<int> on;
  std::vector<int> locations;
  for (const Node& node : items) {
    WEIR_ASSIGN_OR_RETURN(const int target, FindOrAddTarget(scope, node, Clause::kDistinctOn));
    const Expression& by = *scope.query->targets[static_cast<size_t>(target)].expression;
    WEIR_RETURN_NOT_OK(CheckHasEquality(scope, by.type.oid, BeginOf(by)));
    if (std::find(on.begin(), on.end(), target) != on.end()) continue;
    on.push_back(target);
    locations.push_back(LocationOf(node));
  }
  WEIR_RETURN_NOT_OK(CheckDistinctOrder(scope, on, locations));
  scope.query->distinct_on = std::move(on);
  return Status::OK();
}

Status CheckTargetCount(const Scope& scope) {
  if (scope.query->targets.size() <= kMaxTargets) return Status::OK();
  return ErrorAt(scope, -1, sqlstate::kTooManyColumns,
                 fmt::format("target lists can have at most {} entries", kMaxTargets));
}

Status AnalyzePlain(Scope& scope, const SelectStmt& select, const QueryOptions& options) {
  if (select.has_into_clause()) {
    return ErrorAt(scope, select.into_clause().rel().location(), sqlstate::kSyntaxError,
                   "SELECT ... INTO is not allowed here");
  }
  for (const Node& node : select.window_clause()) scope.window_definitions.push_back(&node.window_def());
  WEIR_RETURN_NOT_OK(AnalyzeFrom(scope, select.from_clause()));
  WEIR_RETURN_NOT_OK(AnalyzeTargets(scope, select.target_list(), Clause::kSelectTarget));
  if (select.has_where_clause()) {
    WEIR_ASSIGN_OR_RETURN(scope.query->where, AnalyzeCondition(scope, select.where_clause(), Clause::kWhere));
  }
  if (select.has_having_clause()) {
    WEIR_ASSIGN_OR_RETURN(scope.query->having, AnalyzeCondition(scope, select.having_clause(), Clause::kHaving));
  }
  WEIR_RETURN_NOT_OK(AnalyzeOrderBy(scope, select.sort_clause()));
  WEIR_RETURN_NOT_OK(AnalyzeGroupBy(scope, select));
  WEIR_RETURN_NOT_OK(AnalyzeDistinct(scope, select));
  WEIR_RETURN_NOT_OK(AnalyzeLimit(scope, select));
  WEIR_RETURN_NOT_OK(AnalyzeWindows(scope));
  if (!options.keep_unknown) WEIR_RETURN_NOT_OK(ResolveUnknownTargets(scope));
  WEIR_RETURN_NOT_OK(CheckTargetCount(scope));
  WEIR_RETURN_NOT_OK(AnalyzeLocks(scope, select));
  return CheckGrouping(scope);
}

}  // namespace

Status AnalyzeTargets(Scope& scope, const Nodes& list, Clause clause) {
  const InClause in(scope, clause);
  std::vector<Target>& targets = scope.query->targets;
  for (const Node& node : list) {
    const pg_query::ResTarget& item = node.res_target();
    if (IsStar(item.val())) {
      WEIR_ASSIGN_OR_RETURN(std::vector<ExpandedColumn> columns, ExpandStar(scope, item.val()));
      NoteStar(scope, item.val(), columns);
      for (ExpandedColumn& column : columns) targets.push_back({std::move(column.name), std::move(column.value)});
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr expression, Analyze(scope, item.val()));
    std::string name = item.name().empty() ? ColumnName(item.val(), *expression) : item.name();
    targets.push_back({std::move(name), std::move(expression)});
  }
  return Status::OK();
}

Status ResolveUnknownTargets(Scope& scope) {
  for (Target& target : scope.query->targets) {
    WEIR_ASSIGN_OR_RETURN(target.expression, UnknownToText(scope, std::move(target.expression)));
  }
  return Status::OK();
}

namespace {

Result<ExpressionPtr> AnalyzeCount(Scope& scope, const Node& node, Clause clause) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr count, Analyze(scope, node, clause));
  WEIR_ASSIGN_OR_RETURN(count, CoerceToType(scope, std::move(count), oid::kInt8, NameOf(clause)));
  if (const Expression* column = FindColumnOfLevel(*count); column != nullptr) {
    return ErrorAtPosition(column->position, sqlstate::kInvalidColumnReference,
                           fmt::format("argument of {} must not contain variables", NameOf(clause)));
  }
  return count;
}

}  // namespace

Status AnalyzeLimit(Scope& scope, const SelectStmt& select) {
  Query& query = *scope.query;
  if (select.has_limit_offset()) {
    WEIR_ASSIGN_OR_RETURN(query.offset, AnalyzeCount(scope, select.limit_offset(), Clause::kOffset));
  }
  query.with_ties = select.limit_option() == pg_query::LIMIT_OPTION_WITH_TIES;
  if (!select.has_limit_count()) return Status::OK();
  const bool all = select.limit_count().has_a_const() && select.limit_count().a_const().isnull();
  if (all && query.with_ties) {
    return ErrorAt(scope, -1, sqlstate::kInvalidRowCountInLimitClause,
                   "row count cannot be null in FETCH FIRST ... WITH TIES clause");
  }
  if (all) return Status::OK();  // LIMIT ALL, LIMIT NULL
  WEIR_ASSIGN_OR_RETURN(query.limit, AnalyzeCount(scope, select.limit_count(), Clause::kLimit));
  return Status::OK();
}

namespace {

std::string_view NameOfStrength(pg_query::LockClauseStrength strength) {
  switch (strength) {
    case pg_query::LCS_FORKEYSHARE: return "FOR KEY SHARE";
    case pg_query::LCS_FORSHARE: return "FOR SHARE";
    case pg_query::LCS_FORNOKEYUPDATE: return "FOR NO KEY UPDATE";
    default: return "FOR UPDATE";
  }
}

RowLock LockOf(const pg_query::LockingClause& clause) {
  RowLock lock;
  switch (clause.strength()) {
    case pg_query::LCS_FORKEYSHARE: lock.strength = RowLock::Strength::kKeyShare; break;
    case pg_query::LCS_FORSHARE: lock.strength = RowLock::Strength::kShare; break;
    case pg_query::LCS_FORNOKEYUPDATE: lock.strength = RowLock::Strength::kNoKeyUpdate; break;
    default: lock.strength = RowLock::Strength::kUpdate; break;
  }
  if (clause.wait_policy() == pg_query::LockWaitSkip) lock.wait = RowLock::Wait::kSkipLocked;
  if (clause.wait_policy() == pg_query::LockWaitError) lock.wait = RowLock::Wait::kNoWait;
  return lock;
}

Status CheckLockable(const Scope& scope, std::string_view lock, bool set_operation) {
  const Query& query = *scope.query;
  std::string_view what;
  if (set_operation) what = "with UNION/INTERSECT/EXCEPT";
  else if (query.distinct || !query.distinct_on.empty()) what = "with DISTINCT clause";
  else if (!query.group_by.empty() || query.grouping_sets) what = "with GROUP BY clause";
  else if (query.having) what = "with HAVING clause";
  else if (query.has_aggregates) what = "with aggregate functions";
  else if (scope.has_windows) what = "with window functions";
  else if (query.has_set_returning) what = "with set-returning functions in the target list";
  if (what.empty()) return Status::OK();
  return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported, fmt::format("{} is not allowed {}", lock, what));
}

// What a relation is that cannot be locked; empty: it can.
std::string_view NotLockable(const RangeEntry& relation) {
  if (std::holds_alternative<RangeEntry::Functions>(relation.source)) return "a function";
  if (std::holds_alternative<RangeEntry::Values>(relation.source)) return "VALUES";
  if (std::holds_alternative<RangeEntry::WithQuery>(relation.source)) return "a WITH query";
  return {};
}

Status LockNamed(Scope& scope, const pg_query::RangeVar& name, std::string_view lock, RowLock* result) {
  if (!name.schemaname().empty() || !name.catalogname().empty()) {
    return ErrorAt(scope, name.location(), sqlstate::kSyntaxError,
                   fmt::format("{} must specify unqualified relation names", lock));
  }
  for (const NamedItem& item : scope.names) {
    if (item.name != name.relname() || !item.name_visible) continue;
    const std::string_view why =
        item.relation < 0 ? "a join" : NotLockable(scope.query->relations[static_cast<size_t>(item.relation)]);
    if (!why.empty()) {
      return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported,
                     fmt::format("{} cannot be applied to {}", lock, why));
    }
    result->relations.push_back(item.relation);
    return Status::OK();
  }
  return ErrorAt(scope, name.location(), sqlstate::kUndefinedTable,
                 fmt::format("relation \"{}\" in {} clause not found in FROM clause", name.relname(), lock));
}

}  // namespace

Status AnalyzeLocks(Scope& scope, const SelectStmt& select) {
  const bool set_operation = select.op() > pg_query::SETOP_NONE;
  for (const Node& node : select.locking_clause()) {
    const pg_query::LockingClause& clause = node.locking_clause();
    const std::string_view name = NameOfStrength(clause.strength());
    WEIR_RETURN_NOT_OK(CheckLockable(scope, name, set_operation));
    RowLock lock = LockOf(clause);
    for (const Node& relation : clause.locked_rels()) {
      WEIR_RETURN_NOT_OK(LockNamed(scope, relation.range_var(), name, &lock));
    }
    for (size_t i = 0; clause.locked_rels().empty() && i < scope.query->relations.size(); ++i) {
      if (NotLockable(scope.query->relations[i]).empty()) lock.relations.push_back(static_cast<int>(i));
    }
    for (const int relation : lock.relations) {
      if (!scope.query->relations[static_cast<size_t>(relation)].view) continue;
      return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported, fmt::format("{} is not supported for views", name));
    }
    scope.query->locks.push_back(std::move(lock));
  }
  return Status::OK();
}

namespace {

// The columns' common types over all rows.
Status UnifyRows(Scope& scope, std::vector<Expressions>* rows, std::vector<OutputColumn>* columns) {
  const size_t width = rows->front().size();
  for (size_t i = 0; i < width; ++i) {
    std::vector<const Expression*> cells;
    for (const Expressions& row : *rows) cells.push_back(row[i].get());
    WEIR_ASSIGN_OR_RETURN(const Oid type, CommonType(scope, cells, "VALUES"));
    const int32_t modifier = CommonModifier(cells, type);
    for (Expressions& row : *rows) {
      WEIR_ASSIGN_OR_RETURN(row[i], CoerceToCommon(scope, std::move(row[i]), type, "VALUES"));
    }
    columns->push_back({fmt::format("column{}", i + 1), {type, modifier}});
  }
  return Status::OK();
}

}  // namespace

Status AnalyzeValues(Scope& scope, const SelectStmt& select) {
  RangeEntry::Values values;
  RangeEntry entry;
  for (const Node& node : select.values_lists()) {
    for (const Node& cell : node.list().items()) {
      if (!cell.has_set_to_default()) continue;
      return ErrorAt(scope, cell.set_to_default().location(), sqlstate::kSyntaxError,
                     "DEFAULT is not allowed in this context");
    }
    WEIR_ASSIGN_OR_RETURN(Expressions row, AnalyzeList(scope, node.list().items(), Clause::kValues));
    if (!values.rows.empty() && row.size() != values.rows.front().size()) {
      return ErrorAt(scope, LocationOf(node), sqlstate::kSyntaxError, "VALUES lists must all be the same length");
    }
    values.rows.push_back(std::move(row));
  }
  WEIR_RETURN_NOT_OK(UnifyRows(scope, &values.rows, &entry.columns));
  entry.source = std::move(values);
  entry.alias = "*VALUES*";
  const int relation = AddRelation(scope, std::move(entry));
  scope.query->from.push_back({.relation = relation});
  scope.names.push_back(ItemOf(scope, relation));
  const auto& columns = scope.query->relations[static_cast<size_t>(relation)].columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    scope.query->targets.push_back({columns[i].name, ColumnOf(scope, 0, relation, static_cast<int>(i), 0)});
  }
  WEIR_RETURN_NOT_OK(AnalyzeOrderBy(scope, select.sort_clause()));
  WEIR_RETURN_NOT_OK(AnalyzeLimit(scope, select));
  if (select.locking_clause().empty()) return Status::OK();
  return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported,
                 fmt::format("{} cannot be applied to VALUES",
                             NameOfStrength(select.locking_clause(0).locking_clause().strength())));
}

Result<QueryPtr> AnalyzeSelect(Statement& statement, Scope* parent, const SelectStmt& select,
                               const QueryOptions& options) {
  WEIR_RETURN_NOT_OK(statement.CheckStack());
  auto query = std::make_unique<Query>();
  Scope scope(statement, parent, query.get());
  scope.recursion_bar = options.recursion_bar;
  if (select.has_with_clause()) WEIR_RETURN_NOT_OK(AnalyzeWith(scope, select.with_clause()));
  if (!select.values_lists().empty()) {
    WEIR_RETURN_NOT_OK(AnalyzeValues(scope, select));
  } else if (select.op() > pg_query::SETOP_NONE) {
    WEIR_RETURN_NOT_OK(AnalyzeSetOperation(scope, select, options));
  } else {
    WEIR_RETURN_NOT_OK(AnalyzePlain(scope, select, options));
  }
  return query;
}

Result<QueryPtr> AnalyzeQuery(Statement& statement, Scope* parent, const Node& node, const QueryOptions& options) {
  switch (node.node_case()) {
    case Node::kSelectStmt: return AnalyzeSelect(statement, parent, node.select_stmt(), options);
    case Node::kInsertStmt: return AnalyzeInsert(statement, parent, node.insert_stmt());
    case Node::kUpdateStmt: return AnalyzeUpdate(statement, parent, node.update_stmt());
    case Node::kDeleteStmt: return AnalyzeDelete(statement, parent, node.delete_stmt());
    case Node::kMergeStmt: return AnalyzeMerge(statement, parent, node.merge_stmt());
    default: break;  // the session runs the others
  }
  return postgres::Error(sqlstate::kInternalError, "this statement has no query to be analysed");
}

}  // namespace weir::sql::analyze
