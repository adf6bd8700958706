#include <algorithm>
#include <functional>
#include <utility>

#include "sql/analyze/walk.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/output.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/errors.h"
#include "sql/engine/row_locking.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

std::string ColumnName(size_t index) { return "c" + std::to_string(index); }

bool IsConstant(const Parsed& expression) { return expression->GetExpressionClass() == ExpressionClass::CONSTANT; }

Parsed Position(size_t index) { return Literal(duckdb::Value::INTEGER(static_cast<int32_t>(index) + 1)); }

/// Where a target that is shown stands among those that are.
size_t PlaceOf(const tree::Query& query, int target) {
  if (NumbersRows(query)) return static_cast<size_t>(target);
  return std::count_if(query.targets.begin(), query.targets.begin() + target,
                       [](const tree::Target& before) { return !before.hidden; });
}

/// numeric without a form by its type, in arrays and rows too: a step of a recursion may give any.
LogicalType RecursiveForm(postgres::Oid oid, const LogicalType& type) {
  if (oid == postgres::oid::kNumeric) return BigNumericType();
  if (type.id() == LogicalTypeId::LIST) {
    const LogicalType& child = duckdb::ListType::GetChildType(type);
    return LogicalType::LIST(RecursiveForm(child.id() == LogicalTypeId::LIST ? oid : ElementOf(oid), child));
  }
  if (type.id() != LogicalTypeId::STRUCT) return type;
  duckdb::child_list_t<LogicalType> fields;
  for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
    fields.emplace_back(name, RecursiveForm(FieldType(name).oid, field));
  }
  return LogicalType::STRUCT(std::move(fields));
}

/// NOT MATERIALIZED is left to DuckDB, which cannot copy a query of Weir's tables for a second place that reads it.
duckdb::CTEMaterialize MaterializeOf(const tree::WithItem& item) {
  return item.materialized.value_or(false) ? duckdb::CTEMaterialize::CTE_MATERIALIZE_ALWAYS
                                           : duckdb::CTEMaterialize::CTE_MATERIALIZE_DEFAULT;
}

}  // namespace

bool RefersOutward(const tree::Expression& expression, int depth) {
  const bool outward = std::visit(
      [&](const auto& node) {
        if constexpr (requires { node.level; }) return node.level > depth;
        return false;
      },
      expression.node);
  if (outward) return true;
  bool refers = false;
  const std::function<void(tree::ExpressionPtr&, int)> look = [&](tree::ExpressionPtr& part, int at) {
    refers = refers || (part && RefersOutward(*part, at));
  };
  const std::function<void(tree::Query&, int)> look_into = [&](tree::Query& query, int at) {
    tree::ForEachExpression(
        query, [&](tree::ExpressionPtr& part) { look(part, at); },
        [&](tree::Query& within) { look_into(within, at + 1); });
  };
  tree::ForEachChild(
      const_cast<tree::Expression&>(expression), [&](tree::ExpressionPtr& part) { look(part, depth); },
      [&](tree::Query& query) { look_into(query, depth + 1); });
  return refers;
}

void KeepRowOfNone(const tree::Query& query, EmittedQuery* emitted) {
  const bool has_one = (query.has_aggregates || query.having) && query.group_by.empty();
  if (!has_one || emitted->columns.empty() || emitted->node->type != duckdb::QueryNodeType::SELECT_NODE) return;
  bool outward = false;
  const std::function<void(tree::Query&, int)> look = [&](tree::Query& at, int depth) {
    tree::ForEachExpression(
        at, [&](tree::ExpressionPtr& part) { outward = outward || (part && RefersOutward(*part, depth)); },
        [&](tree::Query& within) { look(within, depth + 1); });
  };
  look(const_cast<tree::Query&>(query), 0);
  if (!outward) return;
  Parsed& first = emitted->node->Cast<duckdb::SelectNode>().select_list.front();
  Parsed none = NullOf(emitted->columns.front().type);
  first = Operator(ExpressionType::OPERATOR_COALESCE, ListOf(std::move(first), std::move(none)));
  first->SetAlias(emitted->columns.front().name);
}

bool NumbersRows(const tree::Query& query) {
  return query.with_ties || (query.limit && RefersOutward(*query.limit)) ||
         (query.offset && RefersOutward(*query.offset));
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Statement(const tree::Query& query) {
  switch (query.command) {
    case tree::Query::Command::kSelect: {
      EmittedQuery emitted = Output(query, Query(query));
      columns_ = std::move(emitted.columns);
      return AsStatement(std::move(emitted.node));
    }
    case tree::Query::Command::kInsert:
    case tree::Query::Command::kUpdate:
    case tree::Query::Command::kDelete:
    case tree::Query::Command::kMerge: return Change(query);
  }
  return nullptr;
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Change(const tree::Query& query) {
  switch (query.command) {
    case tree::Query::Command::kInsert: return Insert(query);
    case tree::Query::Command::kUpdate: return Update(query);
    case tree::Query::Command::kDelete: return Delete(query);
    case tree::Query::Command::kMerge: return Merge(query);
    case tree::Query::Command::kSelect: break;
  }
  Throw(Error("XX000", "a query changes nothing"));
}

void Emitter::WithChange(const tree::Query& query, size_t index) {
  EmittedChange change;
  change.alias = NewAlias("w");
  const EmittedColumns before = std::exchange(columns_, {});
  std::optional<TableChange> around = std::exchange(change_, {});
  const bool within = std::exchange(within_with_, true);
  std::set<int> around_reads = std::exchange(scope_->with_read, {});
  change.statement = Change(query);
  const std::set<int> reads = std::exchange(scope_->with_read, std::move(around_reads));
  within_with_ = within;
  change.change = std::exchange(change_, std::move(around));
  change.columns = std::exchange(columns_, before);
  change.target = std::get<tree::RangeEntry::Table>(query.relations[query.target_relation].source).relation;
  scope_->with[index] = Relation{change.alias, change.columns};
  for (const int read : reads) RunBefore(read);
  changes_.push_back(std::move(change));
}

/// A query of WITH that a change reads runs once, before it, and all that read it get its rows.
void Emitter::RunBefore(int index) {
  auto& queries = scope_->with_node->cte_map.map;
  const auto& item = scope_->with[static_cast<size_t>(index)];
  if (!item || scope_->query->with[static_cast<size_t>(index)].query->command != tree::Query::Command::kSelect) return;
  const auto found = std::ranges::find_if(queries, [&](const auto& entry) { return entry.first == item->alias; });
  if (found == queries.end()) return;
  EmittedChange before{.alias = item->alias, .statement = std::move(found->second->query), .columns = item->columns};
  queries.erase(found);
  for (const int read : scope_->with_reads[static_cast<size_t>(index)]) RunBefore(read);
  changes_.push_back(std::move(before));
}

EmittedQuery Emitter::Query(const tree::Query& query) {
  Within within(this, query);
  EmittedQuery result;
  auto with = duckdb::make_uniq<duckdb::SelectNode>();  // holds WITH until the query's node is there
  With(query, with.get());
  result = query.set_operation ? SetOperation(query) : Select(query);
  if (NumbersRows(query)) result = WithoutHidden(query, Numbered(query, std::move(result)));
  for (auto& entry : with->cte_map.map) result.node->cte_map.map[entry.first] = std::move(entry.second);
  return result;
}

EmittedQuery Emitter::Select(const tree::Query& query) {
  Relations(query);
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = From(query.from);
  if (query.where) node->where_clause = Filter(*query.where);
  EmittedQuery result;
  Groups(query, node.get());
  Late late{.alias = NewAlias("b"), .sets = {}};
  const bool is_late = IsLate(query);
  if (is_late) LateTargets(query, &late, node.get());
  if (query.having) {
    node->having = Condition(*query.having);
    AsGrouped(&node->having);
  }
  const bool sorted = is_late && late.sorted_below;
  if (is_late) node = AboveLate(query, std::move(late), std::move(node));
  Targets(query, node.get(), &result);
  duckdb::SelectNode& select = *node;
  result.node = std::move(node);
  if (!sorted) Distinct(query, &result);
  if (!sorted) OrderBy(query, &result);
  if (!sorted && !NumbersRows(query)) Limit(query, &result);
  if (!query.locks.empty()) Locks(query, &select);
  return result;
}

void Emitter::Targets(const tree::Query& query, duckdb::SelectNode* node, EmittedQuery* result) {
  for (size_t i = 0; i < query.targets.size(); ++i) {
    if (query.targets[i].hidden && !NumbersRows(query)) continue;  // ORDER BY has the expression itself
    Emitted value = TargetValue(query, i);
    const std::string name = ColumnName(result->columns.size());
    value.expression->SetAlias(name);
    node->select_list.push_back(std::move(value.expression));
    result->columns.push_back({name, value.type, value.oid});
  }
  if (!node->select_list.empty()) return;
  node->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));  // SELECT FROM t: rows without columns
}

Emitted Emitter::TargetValue(const tree::Query& query, size_t index) {
  if (!scope_->shown.empty()) return scope_->shown[index].Copy();
  const auto grouped = std::ranges::find(query.group_by, static_cast<int>(index), &tree::GroupItem::target);
  Emitted value = grouped == query.group_by.end() ? Value(*query.targets[index].expression)
                                                  : scope_->groups[grouped - query.group_by.begin()].Copy();
  if (scope_->late == nullptr) AsGrouped(&value.expression);  // else what it is made of is
  return value;
}

EmittedQuery Emitter::Output(const tree::Query& query, EmittedQuery result) {
  const EmittedColumns columns = result.columns;
  const auto goes_out = [](const EmittedColumn& column) { return !NeedsOutput(column.oid, column.type); };
  const bool padded = std::any_of(query.targets.begin(), query.targets.end(), [](const tree::Target& target) {
    return !target.hidden && target.expression->type.oid == postgres::oid::kBpchar;
  });
  if (!padded && std::all_of(columns.begin(), columns.end(), goes_out)) return result;
  std::vector<postgres::TypeRef> types;
  for (const tree::Target& target : query.targets) {
    if (!target.hidden) types.push_back(target.expression->type);
  }
  std::string inner;
  auto node = Around(std::move(result), &inner);
  EmittedColumns output;
  for (size_t i = 0; i < columns.size(); ++i) {
    Emitted value = OutputOf({ColumnOf(inner, columns[i].name), columns[i].type, columns[i].oid}, types[i]);
    value.expression->SetAlias(columns[i].name);
    node->select_list.push_back(std::move(value.expression));
    output.push_back({columns[i].name, value.type, value.oid, ShapeOf(columns[i].oid, columns[i].type),
                      IsShaped(columns[i].oid, columns[i].type)});
  }
  return {std::move(node), std::move(output)};
}

namespace {

const char* StrengthText(tree::RowLock::Strength strength) {
  switch (strength) {
    case tree::RowLock::Strength::kKeyShare: return "KEY SHARE";
    case tree::RowLock::Strength::kShare: return "SHARE";
    case tree::RowLock::Strength::kNoKeyUpdate: return "NO KEY UPDATE";
    case tree::RowLock::Strength::kUpdate: return "UPDATE";
  }
  return "";
}

const char* WaitText(tree::RowLock::Wait wait) {
  switch (wait) {
    case tree::RowLock::Wait::kBlock: return "WAIT";
    case tree::RowLock::Wait::kNoWait: return "NOWAIT";
    case tree::RowLock::Wait::kSkipLocked: return "SKIP LOCKED";
  }
  return "";
}

}  // namespace

void Emitter::Locks(const tree::Query& query, duckdb::SelectNode* node) {
  if (scope_->correlated) {
    Throw(Error("0A000", std::string("FOR ") + StrengthText(query.locks[0].strength) +
                             " in a subquery that refers to the query around it is not supported"));
  }
  ParsedList marks;
  for (const tree::RowLock& lock : query.locks) {
    ParsedList arguments =
        ListOf(Literal(duckdb::Value(StrengthText(lock.strength))), Literal(duckdb::Value(WaitText(lock.wait))));
    for (int index : lock.relations) {
      const tree::RangeEntry& entry = query.relations[index];
      const auto* table = std::get_if<tree::RangeEntry::Table>(&entry.source);
      const bool empty = table != nullptr && table->only && table->relation->is_partitioned();
      if (table != nullptr && table->relation->is_sequence()) {
        Throw(Error("42809", "cannot lock rows in sequence \"" + table->relation->path.table + "\""));
      }
      if (empty || std::holds_alternative<tree::RangeEntry::SystemTable>(entry.source)) continue;
      arguments.push_back(Literal(duckdb::Value(RelationAt(0, index).alias)));
    }
    if (arguments.size() > 2) marks.push_back(Function(kLockingCall, std::move(arguments)));
  }
  locks_rows_ = locks_rows_ || !marks.empty();
  node->select_list.insert(node->select_list.begin(), std::make_move_iterator(marks.begin()),
                           std::make_move_iterator(marks.end()));
}

void Emitter::Groups(const tree::Query& query, duckdb::SelectNode* node) {
  scope_->grouped = query.has_aggregates || !query.group_by.empty() || query.grouping_sets || query.having;
  if (!scope_->grouped) return;
  std::vector<duckdb::idx_t> places;  // of each expression in the node's groups
  Late late{.alias = NewAlias("b"), .of_groups = true, .sets = {}};
  scope_->late = query.has_set_returning ? &late : nullptr;
  for (const tree::GroupItem& item : query.group_by) {
    Emitted value = Value(item.expression ? *item.expression : *query.targets[item.target].expression);
    const bool keyed = NeedsKey(value.oid, value.type);
    if (IsConstant(value.expression)) value.expression = Function("pg.same", std::move(value.expression));
    // DuckDB knows a group by its expression: that of a second target with the same one has to be another.
    const auto is_same = [&](const Emitted& group) { return group.expression->Equals(*value.expression); };
    while (query.grouping_sets && std::ranges::any_of(scope_->groups, is_same)) {
      value.expression = Function("pg.same", std::move(value.expression));
    }
    Parsed group = keyed ? KeyOf(value.Copy()) : value.expression->Copy();
    scope_->groups.push_back(std::move(value));
    scope_->group_is_keyed.push_back(keyed);
    places.push_back(node->groups.group_expressions.size());
    node->groups.group_expressions.push_back(std::move(group));
  }
  scope_->late = nullptr;
  SetsOfGroups(&late, node);
  if (query.grouping_sets) {
    for (const auto& set : *query.grouping_sets) {
      duckdb::GroupingSet places_of_set;
      for (int expression : set) places_of_set.insert(places[expression]);
      auto& sets = node->groups.grouping_sets;
      const bool repeated = query.group_distinct && std::find(sets.begin(), sets.end(), places_of_set) != sets.end();
      if (!repeated) sets.push_back(std::move(places_of_set));
    }
  } else if (!places.empty()) {
    node->groups.grouping_sets.emplace_back(places.begin(), places.end());
  }
}

/// What a grouped query shows: a group's expression itself, or the first value of the group where that is grouped by a
/// key or where the column depends on the key that is grouped by.
void Emitter::AsGrouped(Parsed* expression) {
  if (!scope_->grouped) return;
  if ((*expression)->GetExpressionClass() == ExpressionClass::FUNCTION &&
      scope_->aggregates.contains((*expression)->Cast<duckdb::FunctionExpression>().function_name)) {
    return;
  }
  for (size_t i = 0; i < scope_->groups.size(); ++i) {
    if (!(*expression)->Equals(*scope_->groups[i].expression)) continue;
    if (!scope_->group_is_keyed[i]) return;
    Parsed first = Function("first", (*expression)->Copy());
    if (scope_->query->grouping_sets) {
      ParsedList key = ListOf(KeyOf(scope_->groups[i].Copy()));
      Parsed grouping = Operator(ExpressionType::GROUPING_FUNCTION, std::move(key));
      Parsed is_grouped =
          Compare(ExpressionType::COMPARE_EQUAL, std::move(grouping), Literal(duckdb::Value::BIGINT(0)));
      first = If(std::move(is_grouped), std::move(first), NullOf(scope_->groups[i].type));
    }
    *expression = std::move(first);
    return;
  }
  if ((*expression)->GetExpressionClass() == ExpressionClass::COLUMN_REF) {
    const auto& column = (*expression)->Cast<duckdb::ColumnRefExpression>();
    if (!column.IsQualified()) return;  // of a lambda
    const bool own = std::any_of(scope_->relations.begin(), scope_->relations.end(),
                                 [&](const Relation& relation) { return relation.alias == column.GetTableName(); });
    if (own) *expression = Function("first", std::move(*expression));
    return;
  }
  if ((*expression)->GetExpressionClass() == ExpressionClass::OPERATOR &&
      (*expression)->GetExpressionType() == ExpressionType::GROUPING_FUNCTION) {
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(**expression, [this](Parsed& child) { AsGrouped(&child); });
}

void Emitter::Distinct(const tree::Query& query, EmittedQuery* result) {
  if (!query.distinct && query.distinct_on.empty()) return;
  auto distinct = duckdb::make_uniq<duckdb::DistinctModifier>();
  std::vector<int> targets = query.distinct_on;
  const bool keyed = std::any_of(result->columns.begin(), result->columns.end(),
                                 [](const EmittedColumn& c) { return NeedsKey(c.oid, c.type); });
  if (targets.empty() && keyed) {
    for (size_t i = 0; i < query.targets.size(); ++i) {
      if (!query.targets[i].hidden) targets.push_back(static_cast<int>(i));
    }
  }
  for (int target : targets) {
    Emitted value = TargetValue(query, target);
    if (!IsConstant(value.expression)) distinct->distinct_on_targets.push_back(KeyOf(std::move(value)));
  }
  result->node->modifiers.push_back(std::move(distinct));
}

duckdb::OrderByNode Emitter::SortBy(const tree::SortKey& key, Parsed value) {
  return duckdb::OrderByNode(
      key.descending ? duckdb::OrderType::DESCENDING : duckdb::OrderType::ASCENDING,
      key.nulls_first ? duckdb::OrderByNullType::NULLS_FIRST : duckdb::OrderByNullType::NULLS_LAST, std::move(value));
}

void Emitter::OrderBy(const tree::Query& query, EmittedQuery* result) {
  if (query.order_by.empty()) return;
  auto order = duckdb::make_uniq<duckdb::OrderModifier>();
  for (const tree::SortKey& key : query.order_by) {
    const tree::Target& target = query.targets[key.target];
    const size_t place = PlaceOf(query, key.target);
    if (!target.hidden && !NeedsKey(result->columns[place].oid, result->columns[place].type)) {
      order->orders.push_back(SortBy(key, Position(place)));
      continue;
    }
    Emitted value = TargetValue(query, key.target);
    if (!IsConstant(value.expression)) order->orders.push_back(SortBy(key, KeyOf(std::move(value))));
  }
  if (!order->orders.empty()) result->node->modifiers.push_back(std::move(order));
}

Parsed Emitter::LimitOf(const tree::Expression& expression, const char* what) {
  Emitted value = Value(expression);
  return Function("pg.row_count", std::move(value.expression), Literal(duckdb::Value(what)));
}

void Emitter::Limit(const tree::Query& query, EmittedQuery* result) {
  if (!query.limit && !query.offset) return;
  auto limit = duckdb::make_uniq<duckdb::LimitModifier>();
  if (query.limit) limit->limit = LimitOf(*query.limit, "LIMIT");
  if (query.offset) limit->offset = LimitOf(*query.offset, "OFFSET");
  result->node->modifiers.push_back(std::move(limit));
}

duckdb::unique_ptr<duckdb::SelectNode> Emitter::Around(EmittedQuery query, std::string* alias) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  *alias = NewAlias("q");
  node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(query.node)), *alias);
  return node;
}

/// The rows up to the limit, by their numbers; WITH TIES those besides that are ordered alike with the last of them.
EmittedQuery Emitter::Numbered(const tree::Query& query, EmittedQuery result) {
  const EmittedColumns columns = result.columns;
  std::string inner;
  auto ranked = Around(std::move(result), &inner);
  auto rank = duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_RANK, "system", "main", "rank");
  auto number =
      duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_ROW_NUMBER, "system", "main", "row_number");
  for (const tree::SortKey& key : query.order_by) {
    const EmittedColumn& column = columns[key.target];
    Parsed value = KeyOf({ColumnOf(inner, column.name), column.type, column.oid});
    rank->orders.push_back(SortBy(key, value->Copy()));
    number->orders.push_back(SortBy(key, std::move(value)));
  }
  for (auto* window : {rank.get(), number.get()}) {
    window->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
    window->end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  }
  for (const EmittedColumn& column : columns) ranked->select_list.push_back(ColumnOf(inner, column.name));
  rank->SetAlias("rank");
  number->SetAlias("number");
  ranked->select_list.push_back(std::move(rank));
  ranked->select_list.push_back(std::move(number));
  EmittedQuery with_rank{std::move(ranked), columns};
  std::string outer;
  auto node = Around(std::move(with_rank), &outer);
  for (const EmittedColumn& column : columns) node->select_list.push_back(ColumnOf(outer, column.name));
  const auto or_else = [](Parsed count, int64_t otherwise) {  // NULL is as good as no clause
    Parsed none = Literal(duckdb::Value::BIGINT(otherwise));
    return Operator(ExpressionType::OPERATOR_COALESCE, ListOf(std::move(count), std::move(none)));
  };
  ParsedList within;
  Parsed place = ColumnOf(outer, query.with_ties ? "rank" : "number");
  if (query.offset) {
    Parsed offset = or_else(LimitOf(*query.offset, "OFFSET"), 0);
    within.push_back(Compare(ExpressionType::COMPARE_GREATERTHAN, ColumnOf(outer, "number"), offset->Copy()));
    place = Function("-", std::move(place), std::move(offset));
  }
  if (query.limit) {
    Parsed limit = or_else(LimitOf(*query.limit, "LIMIT"), INT64_MAX);
    within.push_back(Compare(ExpressionType::COMPARE_LESSTHANOREQUALTO, std::move(place), std::move(limit)));
  }
  node->where_clause = within.size() == 1 ? std::move(within.front())
                                          : Conjunction(ExpressionType::CONJUNCTION_AND, std::move(within));
  auto order = duckdb::make_uniq<duckdb::OrderModifier>();
  tree::SortKey ascending;
  order->orders.push_back(SortBy(ascending, ColumnOf(outer, "number")));
  node->modifiers.push_back(std::move(order));
  return {std::move(node), columns};
}

/// Columns that are there for ORDER BY go away behind it.
EmittedQuery Emitter::WithoutHidden(const tree::Query& query, EmittedQuery result) {
  EmittedColumns columns = std::move(result.columns);
  std::string inner;
  result.columns.clear();
  auto node = Around(std::move(result), &inner);
  EmittedColumns visible;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (query.targets[i].hidden) continue;
    node->select_list.push_back(ColumnOf(inner, columns[i].name));
    visible.push_back(columns[i]);
    visible.back().name = ColumnName(visible.size() - 1);
    node->select_list.back()->SetAlias(visible.back().name);
  }
  if (visible.empty()) node->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));
  return {std::move(node), std::move(visible)};
}

EmittedQuery Emitter::InForms(EmittedQuery query, const EmittedColumns& forms) {
  bool alike = true;
  for (size_t i = 0; i < forms.size(); ++i) alike &= query.columns[i].type == forms[i].type;
  if (alike) return query;
  const EmittedColumns before = query.columns;
  std::string inner;
  auto node = Around(std::move(query), &inner);
  EmittedColumns columns;
  for (size_t i = 0; i < forms.size(); ++i) {
    Emitted value = InForm({ColumnOf(inner, before[i].name), before[i].type, before[i].oid}, forms[i].type);
    value.expression->SetAlias(before[i].name);
    node->select_list.push_back(std::move(value.expression));
    columns.push_back({before[i].name, forms[i].type, before[i].oid});
  }
  return {std::move(node), std::move(columns)};
}

EmittedQuery Emitter::Converted(const tree::Query& query, const tree::Expressions& columns) {
  EmittedQuery inner = Query(query);
  KeepRowOfNone(query, &inner);
  if (columns.empty()) return inner;
  Relation relation;
  relation.columns = inner.columns;
  EmittedQuery result;
  auto node = Around(std::move(inner), &relation.alias);
  const tree::Query around;  // the conversions' only relation is the query
  Within within(this, around);
  scope_->relations.push_back(std::move(relation));
  for (const auto& column : columns) {
    Emitted value = Value(*column);
    const std::string name = ColumnName(result.columns.size());
    value.expression->SetAlias(name);
    node->select_list.push_back(std::move(value.expression));
    result.columns.push_back({name, value.type, value.oid});
  }
  result.node = std::move(node);
  return result;
}

void Emitter::With(const tree::Query& query, duckdb::QueryNode* node) {
  scope_->with.resize(query.with.size());
  scope_->with_reads.resize(query.with.size());
  scope_->with_node = node;
  for (size_t i = 0; i < query.with.size(); ++i) {
    if (!scope_->with[i]) WithItem(i);  // one that another refers to has been emitted before it
  }
}

void Emitter::WithItem(size_t index) {
  const tree::WithItem& item = scope_->query->with[index];
  if (item.query->command != tree::Query::Command::kSelect) return WithChange(*item.query, index);
  std::set<int> around = std::exchange(scope_->with_read, {});
  auto info = duckdb::make_uniq<duckdb::CommonTableExpressionInfo>();
  info->materialized = MaterializeOf(item);
  if (item.recursive && item.query->set_operation) {
    info->query = AsStatement(Recursive(item, index));
  } else {
    EmittedQuery emitted = Query(*item.query);
    KeepRowOfNone(*item.query, &emitted);
    info->query = AsStatement(std::move(emitted.node));
    scope_->with[index] = Relation{NewAlias("w"), std::move(emitted.columns)};
  }
  const Relation& relation = *scope_->with[index];
  for (const EmittedColumn& column : relation.columns) info->aliases.push_back(column.name);
  scope_->with_node->cte_map.map[relation.alias] = std::move(info);
  scope_->with_reads[index] = std::exchange(scope_->with_read, std::move(around));
}

duckdb::unique_ptr<duckdb::QueryNode> Emitter::Recursive(const tree::WithItem& item, size_t index) {
  const tree::Query& query = *item.query;
  Within within(this, query);  // its parts see it as they do in PostgreSQL: one query inward
  auto node = duckdb::make_uniq<duckdb::RecursiveCTENode>();
  With(query, node.get());
  EmittedQuery start = Converted(query.set_operation->left);
  EmittedColumns forms = start.columns;
  for (EmittedColumn& column : forms) column.type = RecursiveForm(column.oid, column.type);
  const Relation relation{NewAlias("w"), forms};
  scope_->outer->with[index] = relation;
  node->ctename = relation.alias;
  node->union_all = query.set_operation->all;
  for (const EmittedColumn& column : forms) node->aliases.push_back(column.name);
  node->left = std::move(InForms(std::move(start), forms).node);
  EmittedQuery step = Converted(query.set_operation->right);
  node->right = std::move(InForms(std::move(step), forms).node);
  return node;
}

}  // namespace weir::sql::duck
