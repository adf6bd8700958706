#include "sql/analyze/modify.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/arbiter.h"
#include "sql/analyze/assign.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/from.h"
#include "sql/analyze/identity.h"
#include "sql/analyze/select.h"
#include "sql/analyze/view_target.h"
#include "sql/analyze/walk.h"
#include "sql/analyze/with.h"
#include "sql/dialect/upsert.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;

namespace {

Status OpenTarget(Scope& scope, const pg_query::RangeVar& name, Query::Command command) {
  scope.query->command = command;
  WEIR_ASSIGN_OR_RETURN(scope.query->target_relation, AddTable(scope, name));
  WEIR_RETURN_NOT_OK(CheckIsNoSequence(scope));
  const bool view = scope.query->relations[static_cast<size_t>(scope.query->target_relation)].view != nullptr;
  return view ? OpenViewTarget(scope, name) : Status::OK();
}

/// The target as names refer to it.
NamedItem TargetItem(const Scope& scope) {
  const int relation = scope.query->target_relation;
  const RangeEntry& target = scope.query->relations[static_cast<size_t>(relation)];
  NamedItem item = ItemOf(scope, relation);
  if (target.view_columns.empty()) return item;
  item.relation = -1;
  item.changed_view = relation;
  for (const RangeEntry::ViewColumn& column : target.view_columns) {
    if (!column.hidden) item.columns.push_back({column.name, Clone(*scope.view_values[item.columns.size()])});
  }
  return item;
}

/// The rows of a view that are changed are those that it has.
void AddViewCondition(Scope& scope) { AddBefore(std::move(scope.view_condition), &scope.query->where); }

/// RETURNING of INSERT knows xmax, which tells rows that ON CONFLICT has updated (it is not 0) from new ones.
void AddXmax(Query& insert) {
  RangeEntry& target = insert.relations[static_cast<size_t>(insert.target_relation)];
  const bool of_table = std::holds_alternative<RangeEntry::Table>(target.source) && !target.view;
  const bool is_free = std::ranges::find(target.columns, kXmax, &OutputColumn::name) == target.columns.end();
  if (of_table && is_free) target.columns.push_back({kXmax, {oid::kXid}, true});
}

Status AnalyzeReturning(Scope& scope, const Nodes& list) {
  WEIR_RETURN_NOT_OK(AnalyzeTargets(scope, list, Clause::kReturning));
  return ResolveUnknownTargets(scope);
}

Query::Overriding OverridingOf(pg_query::OverridingKind kind) {
  if (kind == pg_query::OVERRIDING_USER_VALUE) return Query::Overriding::kUser;
  if (kind == pg_query::OVERRIDING_SYSTEM_VALUE) return Query::Overriding::kSystem;
  return Query::Overriding::kNone;
}

const pg_query::ResTarget& ListedColumn(const Nodes& listed, size_t index) {
  static const pg_query::ResTarget kUnlisted;
  return listed.empty() ? kUnlisted : listed[static_cast<int>(index)].res_target();
}

/// Each column once: parts of one may be listed.
std::vector<int> EachOnce(const std::vector<int>& columns) {
  std::vector<int> once;
  for (const int column : columns) {
    if (std::ranges::find(once, column) == once.end()) once.push_back(column);
  }
  return once;
}

// Values against columns, coerced; those of parts of one column become one.
Result<Expressions> AssignEach(Scope& scope, const Nodes& listed, const std::vector<int>& columns, Expressions values) {
  Expressions assigned;
  std::vector<int> known;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t place = std::ranges::find(known, columns[i]) - known.begin();
    if (place < known.size() && ListedColumn(listed, i).indirection().empty()) return AssignedTwice(scope, columns[i]);
    ExpressionPtr so_far = place < known.size() ? std::move(assigned[place]) : nullptr;
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, AssignValue(scope, columns[i], ListedColumn(listed, i),
                                                           std::move(values[i]), std::move(so_far)));
    if (place < known.size()) {
      assigned[place] = std::move(value);
      continue;
    }
    known.push_back(columns[i]);
    assigned.push_back(std::move(value));
  }
  return assigned;
}

Status AssignRow(Scope& scope, const Nodes& listed, const std::vector<int>& columns, Expressions* values) {
  WEIR_RETURN_NOT_OK(CheckValueCount(scope, *values, columns, listed));
  WEIR_ASSIGN_OR_RETURN(*values, AssignEach(scope, listed, columns, std::move(*values)));
  return Status::OK();
}

void AddTargets(Scope& source, Expressions values) {
  for (ExpressionPtr& value : values) source.query->targets.push_back({"", std::move(value)});
}

// VALUES of one row: its values are the source's own targets, as functions that return sets may stand there.
Status OneRow(Scope& scope, Scope& source, const pg_query::InsertStmt& insert, const std::vector<int>& columns) {
  const Node& row = insert.select_stmt().select_stmt().values_lists(0);
  WEIR_ASSIGN_OR_RETURN(Expressions values, AnalyzeList(source, row.list().items(), Clause::kValuesSingle));
  WEIR_RETURN_NOT_OK(AssignRow(scope, insert.cols(), columns, &values));
  source.query->has_set_returning = source.set_returning > 0;
  AddTargets(source, std::move(values));
  return Status::OK();
}

Status ManyRows(Scope& scope, Scope& source, const pg_query::InsertStmt& insert, const std::vector<int>& columns) {
  RangeEntry::Values rows;
  size_t written = 0;
  for (const Node& node : insert.select_stmt().select_stmt().values_lists()) {
    WEIR_ASSIGN_OR_RETURN(Expressions values, AnalyzeList(source, node.list().items(), Clause::kValues));
    if (rows.rows.empty()) written = values.size();
    if (values.size() != written) {
      return ErrorAt(scope, LocationOf(node), sqlstate::kSyntaxError, "VALUES lists must all be the same length");
    }
    WEIR_RETURN_NOT_OK(AssignRow(scope, insert.cols(), columns, &values));
    rows.rows.push_back(std::move(values));
  }
  const size_t width = rows.rows.front().size();
  const std::vector<int> assigned = EachOnce(columns);
  RangeEntry entry;
  for (size_t i = 0; i < width; ++i) {
    const auto& target = scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
    entry.columns.push_back({fmt::format("column{}", i + 1), target.columns[static_cast<size_t>(assigned[i])].type});
  }
  entry.source = std::move(rows);
  entry.alias = "*VALUES*";
  const int relation = AddRelation(source, std::move(entry));
  source.query->from.push_back({.relation = relation});
  Expressions references;
  for (size_t i = 0; i < width; ++i) references.push_back(ColumnOf(source, 0, relation, static_cast<int>(i), 0));
  AddTargets(source, std::move(references));
  return Status::OK();
}

// A query's columns against the target's: its own literals are typed where they stand, other conversions are made
// over its result.
Status AssignQuery(Scope& scope, const pg_query::InsertStmt& insert, const std::vector<int>& columns) {
  ConvertedQuery& source = scope.query->insert_source;
  Expressions values;
  std::vector<Target*> visible;
  for (Target& target : source.query->targets) {
    if (target.hidden) continue;
    values.push_back(MakeExpression(ColumnReference{0, 0, static_cast<int>(visible.size())}, target.expression->type,
                                    BeginOf(*target.expression)));
    visible.push_back(&target);
  }
  WEIR_RETURN_NOT_OK(CheckValueCount(scope, values, columns, insert.cols()));
  for (size_t i = 0; i < values.size(); ++i) {
    const pg_query::ResTarget& item = ListedColumn(insert.cols(), i);
    const bool literal = IsUnknown(*visible[i]->expression) && item.indirection().empty();
    if (literal) {
      WEIR_ASSIGN_OR_RETURN(visible[i]->expression,
                            AssignValue(scope, columns[i], item, std::move(visible[i]->expression), nullptr));
      values[i]->type = visible[i]->expression->type;
    }
  }
  WEIR_ASSIGN_OR_RETURN(values, AssignEach(scope, insert.cols(), columns, std::move(values)));
  const auto converts = [](const auto& value) { return !std::holds_alternative<ColumnReference>(value->node); };
  if (std::ranges::any_of(values, converts)) source.columns = std::move(values);
  return Status::OK();
}

bool IsGeneral(const pg_query::SelectStmt& select) {
  return select.values_lists().empty() || !select.sort_clause().empty() || select.has_limit_offset() ||
         select.has_limit_count() || !select.locking_clause().empty() || select.has_with_clause();
}

Status AnalyzeSource(Scope& scope, const pg_query::InsertStmt& insert, const std::vector<int>& columns) {
  Query& query = *scope.query;
  if (!insert.has_select_stmt()) return Status::OK();  // DEFAULT VALUES
  const pg_query::SelectStmt& select = insert.select_stmt().select_stmt();
  if (IsGeneral(select)) {
    WEIR_ASSIGN_OR_RETURN(query.insert_source.query,
                          AnalyzeSelect(scope.statement, &scope, select, {.keep_unknown = true}));
    WEIR_RETURN_NOT_OK(AssignQuery(scope, insert, columns));
  } else {
    query.insert_source.query = std::make_unique<Query>();
    Scope source(scope.statement, &scope, query.insert_source.query.get());
    WEIR_RETURN_NOT_OK(select.values_lists_size() == 1 ? OneRow(scope, source, insert, columns)
                                                       : ManyRows(scope, source, insert, columns));
  }
  const ConvertedQuery& source = query.insert_source;
  query.insert_columns = EachOnce(columns);
  query.insert_columns.resize(source.columns.empty() ? static_cast<size_t>(VisibleColumns(*source.query))
                                                     : source.columns.size());
  return Status::OK();
}

// The row that was not inserted, as SET and WHERE of DO UPDATE name it.
int AddExcluded(Scope& scope) {
  const RangeEntry& target = scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
  RangeEntry excluded;
  excluded.alias = "excluded";
  if (const auto* table = std::get_if<RangeEntry::Table>(&target.source)) excluded.source = *table;
  if (const auto* table = std::get_if<RangeEntry::SystemTable>(&target.source)) excluded.source = *table;
  const auto* table = std::get_if<RangeEntry::Table>(&target.source);
  const size_t width = table != nullptr ? table->relation->columns.size() : target.columns.size();
  excluded.columns.assign(target.columns.begin(), target.columns.begin() + static_cast<long>(width));
  return AddRelation(scope, std::move(excluded), {"", "excluded", true});
}

void TakeFrom(Expression* expression, int relation) {
  if (auto* column = std::get_if<ColumnReference>(&expression->node)) column->relation = relation;
  ForEachChild(*expression, [&](ExpressionPtr& child) { TakeFrom(child.get(), relation); }, [](Query&) {});
}

/// The same as names refer to it: of a view, the columns that it would have.
NamedItem ExcludedItem(const Scope& scope, int relation) {
  NamedItem item = ItemOf(scope, relation);
  NamedItem target = TargetItem(scope);
  if (target.relation >= 0) return item;
  item.relation = -1;
  item.columns = std::move(target.columns);
  for (NamedColumn& column : item.columns) TakeFrom(column.value.get(), relation);
  return item;
}

/// Whether a column has no value but the one that is computed.
bool IsComputed(const RangeEntry& entry, size_t column) {
  const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
  return table != nullptr && column < table->relation->columns.size() && table->relation->columns[column].generated;
}

/// The columns that UPSERT gives new values in a row that is there: those that were listed, else all; the key's only
/// where there are no others.
std::vector<int> UpsertedColumns(const Scope& scope, bool listed, const std::vector<int>& key) {
  const RangeEntry& target = scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
  std::vector<int> columns;
  for (size_t i = 0; i < target.columns.size(); ++i) {
    const auto column = static_cast<int>(i);
    const bool given = std::ranges::find(scope.query->insert_columns, column) != scope.query->insert_columns.end();
    const bool of_key = std::ranges::find(key, column) != key.end();
    const bool takes = !target.columns[i].hidden && !IsComputed(target, i);
    if ((given || !listed) && takes && !of_key) columns.push_back(column);
  }
  return columns.empty() ? key : columns;
}

/// KWDB's UPSERT: without a primary key it is an INSERT.
Status AnalyzeUpsert(Scope& scope, bool listed) {
  const auto target = static_cast<size_t>(scope.query->target_relation);
  if (scope.query->relations[target].view) {
    return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported, "UPSERT is not supported for views");
  }
  const auto key = std::ranges::find(scope.keys[target], true, &UniqueKey::primary);
  if (key == scope.keys[target].end()) return Status::OK();
  OnConflict conflict{.update = true, .key = key->columns};
  const std::vector<int> columns = UpsertedColumns(scope, listed, conflict.key);
  conflict.excluded = AddExcluded(scope);
  for (const int column : columns) {
    const postgres::TypeRef type = scope.query->relations[target].columns[static_cast<size_t>(column)].type;
    conflict.assignments.push_back({column, MakeExpression(ColumnReference{0, conflict.excluded, column}, type, 0)});
  }
  scope.query->on_conflict = std::move(conflict);
  return Status::OK();
}

Status AnalyzeOnConflict(Scope& scope, const pg_query::OnConflictClause& clause) {
  OnConflict conflict;
  conflict.update = clause.action() == pg_query::ONCONFLICT_UPDATE;
  if (conflict.update && !clause.has_infer()) {
    return ErrorAt(scope, clause.location(), sqlstate::kSyntaxError,
                   "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                   "For example, ON CONFLICT (column_name).");
  }
  scope.names.push_back(TargetItem(scope));
  WEIR_RETURN_NOT_OK(clause.has_infer() ? FindArbiter(scope, clause.infer(), &conflict)
                                        : CheckNoneIsDeferrable(scope));
  if (conflict.update) {
    conflict.excluded = AddExcluded(scope);
    scope.names.push_back(ExcludedItem(scope, conflict.excluded));
    WEIR_ASSIGN_OR_RETURN(conflict.assignments, AnalyzeAssignments(scope, clause.target_list()));
    WEIR_RETURN_NOT_OK(CheckIdentityUpdates(scope, conflict.assignments));
    if (clause.has_where_clause()) {
      WEIR_ASSIGN_OR_RETURN(conflict.where, AnalyzeCondition(scope, clause.where_clause(), Clause::kWhere));
    }
  }
  scope.names.clear();
  scope.query->on_conflict = std::move(conflict);
  return Status::OK();
}

// UPDATE's and DELETE's target is visible, but not to LATERAL in FROM.
Status AnalyzeFromBeside(Scope& scope, const Nodes& from) {
  scope.names.push_back(TargetItem(scope));
  scope.names[0].lateral_only = true;
  scope.names[0].lateral_ok = false;
  return AnalyzeFrom(scope, from);
}

}  // namespace

Result<QueryPtr> AnalyzeInsert(Statement& statement, Scope* parent, const pg_query::InsertStmt& insert) {
  auto query = std::make_unique<Query>();
  Scope scope(statement, parent, query.get());
  if (insert.has_with_clause()) WEIR_RETURN_NOT_OK(AnalyzeWith(scope, insert.with_clause()));
  WEIR_RETURN_NOT_OK(OpenTarget(scope, insert.relation(), Query::Command::kInsert));
  query->overriding = OverridingOf(insert.override());
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns, InsertColumns(scope, insert.cols()));
  WEIR_RETURN_NOT_OK(AnalyzeSource(scope, insert, columns));
  WEIR_RETURN_NOT_OK(ApplyOverriding(scope));
  if (insert.has_on_conflict_clause()) {
    const bool upsert = insert.on_conflict_clause().infer().conname() == dialect::kUpsertConstraint;
    WEIR_RETURN_NOT_OK(upsert ? AnalyzeUpsert(scope, !insert.cols().empty())
                              : AnalyzeOnConflict(scope, insert.on_conflict_clause()));
  }
  AddXmax(*query);
  scope.names.push_back(TargetItem(scope));
  WEIR_RETURN_NOT_OK(AnalyzeReturning(scope, insert.returning_list()));
  return query;
}

Result<QueryPtr> AnalyzeUpdate(Statement& statement, Scope* parent, const pg_query::UpdateStmt& update) {
  auto query = std::make_unique<Query>();
  Scope scope(statement, parent, query.get());
  if (update.has_with_clause()) WEIR_RETURN_NOT_OK(AnalyzeWith(scope, update.with_clause()));
  WEIR_RETURN_NOT_OK(OpenTarget(scope, update.relation(), Query::Command::kUpdate));
  WEIR_RETURN_NOT_OK(AnalyzeFromBeside(scope, update.from_clause()));
  if (update.has_where_clause()) {
    WEIR_ASSIGN_OR_RETURN(query->where, AnalyzeCondition(scope, update.where_clause(), Clause::kWhere));
  }
  AddViewCondition(scope);
  WEIR_RETURN_NOT_OK(AnalyzeReturning(scope, update.returning_list()));
  WEIR_ASSIGN_OR_RETURN(query->assignments, AnalyzeAssignments(scope, update.target_list()));
  WEIR_RETURN_NOT_OK(CheckIdentityUpdates(scope, query->assignments));
  return query;
}

Result<QueryPtr> AnalyzeDelete(Statement& statement, Scope* parent, const pg_query::DeleteStmt& statement_node) {
  auto query = std::make_unique<Query>();
  Scope scope(statement, parent, query.get());
  if (statement_node.has_with_clause()) WEIR_RETURN_NOT_OK(AnalyzeWith(scope, statement_node.with_clause()));
  WEIR_RETURN_NOT_OK(OpenTarget(scope, statement_node.relation(), Query::Command::kDelete));
  WEIR_RETURN_NOT_OK(AnalyzeFromBeside(scope, statement_node.using_clause()));
  if (statement_node.has_where_clause()) {
    WEIR_ASSIGN_OR_RETURN(query->where, AnalyzeCondition(scope, statement_node.where_clause(), Clause::kWhere));
  }
  AddViewCondition(scope);
  WEIR_RETURN_NOT_OK(AnalyzeReturning(scope, statement_node.returning_list()));
  return query;
}

namespace {

MergeAction::Kind KindOf(pg_query::CmdType command) {
  if (command == pg_query::CMD_INSERT) return MergeAction::Kind::kInsert;
  if (command == pg_query::CMD_UPDATE) return MergeAction::Kind::kUpdate;
  return command == pg_query::CMD_DELETE ? MergeAction::Kind::kDelete : MergeAction::Kind::kNothing;
}

Result<std::vector<Assignment>> InsertedByMerge(Scope& scope, const pg_query::MergeWhenClause& when) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns, InsertColumns(scope, when.target_list()));
  std::vector<Assignment> assignments;
  if (when.values().empty()) return assignments;  // DEFAULT VALUES
  WEIR_ASSIGN_OR_RETURN(Expressions values, AnalyzeList(scope, when.values(), Clause::kValuesSingle));
  WEIR_RETURN_NOT_OK(AssignRow(scope, when.target_list(), columns, &values));
  const std::vector<int> assigned = EachOnce(columns);
  for (size_t i = 0; i < values.size(); ++i) assignments.push_back({assigned[i], std::move(values[i])});
  const Query::Overriding overriding = OverridingOf(when.override());
  if (overriding == Query::Overriding::kUser) LeaveIdentityToDefault(scope, &assignments);
  WEIR_RETURN_NOT_OK(CheckIdentityValues(scope, assignments, overriding != Query::Overriding::kNone));
  return assignments;
}

// A row of the source alone is visible where none of the target matches.
Result<MergeAction> AnalyzeWhen(Scope& scope, const pg_query::MergeWhenClause& when) {
  MergeAction action;
  action.matched = when.matched();
  action.kind = KindOf(when.command_type());
  scope.names[0].name_visible = scope.names[0].columns_visible = action.matched;
  if (when.has_condition()) {
    WEIR_ASSIGN_OR_RETURN(action.condition, AnalyzeCondition(scope, when.condition(), Clause::kMergeWhen));
  }
  if (action.kind == MergeAction::Kind::kInsert) {
    WEIR_ASSIGN_OR_RETURN(action.assignments, InsertedByMerge(scope, when));
  } else if (action.kind == MergeAction::Kind::kUpdate) {
    WEIR_ASSIGN_OR_RETURN(action.assignments, AnalyzeAssignments(scope, when.target_list()));
    WEIR_RETURN_NOT_OK(CheckIdentityUpdates(scope, action.assignments));
  }
  return action;
}

Status CheckReachable(const Scope& scope, const pg_query::MergeStmt& merge) {
  bool final[2] = {false, false};  // an unconditional clause has come: not matched, matched
  for (const Node& node : merge.merge_when_clauses()) {
    const pg_query::MergeWhenClause& when = node.merge_when_clause();
    bool& reached = final[when.matched() ? 1 : 0];
    if (reached) {
      return ErrorAt(scope, -1, sqlstate::kSyntaxError,
                     "unreachable WHEN clause specified after unconditional WHEN clause");
    }
    reached = !when.has_condition();
  }
  return Status::OK();
}

}  // namespace

Result<QueryPtr> AnalyzeMerge(Statement& statement, Scope* parent, const pg_query::MergeStmt& merge) {
  auto query = std::make_unique<Query>();
  Scope scope(statement, parent, query.get());
  if (merge.has_with_clause() && merge.with_clause().recursive()) {
    return ErrorAt(scope, -1, sqlstate::kSyntaxError, "WITH RECURSIVE is not supported for MERGE statement");
  }
  if (merge.has_with_clause()) WEIR_RETURN_NOT_OK(AnalyzeWith(scope, merge.with_clause()));
  WEIR_RETURN_NOT_OK(CheckReachable(scope, merge));
  WEIR_RETURN_NOT_OK(OpenTarget(scope, merge.relation(), Query::Command::kMerge));
  Nodes source;
  *source.Add() = merge.source_relation();
  WEIR_RETURN_NOT_OK(AnalyzeFrom(scope, source));
  NamedItem target = ItemOf(scope, query->target_relation);
  for (const NamedItem& item : scope.names) {
    if (!item.name_visible || item.name != target.name) continue;
    return ErrorAt(scope, -1, sqlstate::kDuplicateAlias,
                   fmt::format("name \"{}\" specified more than once", target.name), {},
                   "The name is used both as MERGE target table and data source.");
  }
  scope.names.insert(scope.names.begin(), std::move(target));
  WEIR_ASSIGN_OR_RETURN(query->merge_condition, AnalyzeCondition(scope, merge.join_condition(), Clause::kJoinOn));
  for (const Node& node : merge.merge_when_clauses()) {
    WEIR_ASSIGN_OR_RETURN(MergeAction action, AnalyzeWhen(scope, node.merge_when_clause()));
    query->merge_actions.push_back(std::move(action));
  }
  return query;
}

}  // namespace weir::sql::analyze
