#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "sql/analyze/definition.h"
#include "sql/analyze/walk.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/group_of.h"
#include "sql/duckdb/scope.h"

// Targets that are computed late. Sets come behind groups and windows, those within other sets first; what is volatile
// (nextval) is computed for the rows that LIMIT leaves, in the order that ORDER BY gives them. So the query becomes
// several: below is what the targets are made of, sorted unless by something late, above it a query for each depth of
// sets, then LIMIT, and on top the targets. DISTINCT, and an order by sets, stand on top.
//
// DuckDB's windows know no columns of queries around them: those that refer to some stand on top, over the rows that
// have these as columns of their own.

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;

const duckdb::ColumnRefExpression* QualifiedColumn(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::COLUMN_REF) return nullptr;
  const auto& column = expression.Cast<duckdb::ColumnRefExpression>();
  return column.IsQualified() ? &column : nullptr;
}

bool HoldsSet(const tree::Expression& expression) {
  const auto* call = std::get_if<tree::Call>(&expression.node);
  bool holds = call != nullptr && call->function->returns_set;
  tree::ForEachChild(
      const_cast<tree::Expression&>(expression),
      [&](tree::ExpressionPtr& child) { holds = holds || HoldsSet(*child); }, [](tree::Query&) {});
  return holds;
}

bool IsVolatile(const tree::Expression& expression) {
  return tree::VolatilityOf(const_cast<tree::Expression&>(expression)) == 'v';
}

bool IsSortKey(const tree::Query& query, size_t target) {
  const auto is_it = [&](const tree::SortKey& key) { return key.target == static_cast<int>(target); };
  return std::ranges::any_of(query.order_by, is_it) ||
         std::ranges::find(query.distinct_on, static_cast<int>(target)) != query.distinct_on.end();
}

/// Whether rows are sorted and told apart before their sets are made.
bool IsSortedBelow(const tree::Query& query) {
  if (query.distinct || NumbersRows(query) || (!query.distinct_on.empty() && query.order_by.empty())) return false;
  for (size_t i = 0; i < query.targets.size(); ++i) {
    if (IsSortKey(query, i) && HoldsSet(*query.targets[i].expression)) return false;
  }
  return true;
}

/// Whether a window function, or its window, refers to a query around this one.
bool HasOutwardWindow(const tree::Query& query) {
  const auto refers = [](const tree::ExpressionPtr& part) { return part && RefersOutward(*part); };
  const std::function<bool(const tree::Expression&)> is_outward = [&](const tree::Expression& expression) {
    if (const auto* call = std::get_if<tree::WindowCall>(&expression.node)) {
      const tree::Window& window = query.windows[static_cast<size_t>(call->window)];
      return refers(call->filter) || std::ranges::any_of(call->arguments, refers) ||
             std::ranges::any_of(window.expressions, refers) || refers(window.start_offset) ||
             refers(window.end_offset);
    }
    bool outward = false;
    tree::ForEachChild(
        const_cast<tree::Expression&>(expression),
        [&](tree::ExpressionPtr& child) { outward = outward || (child && is_outward(*child)); }, [](tree::Query&) {});
    return outward;
  };
  if (query.windows.empty()) return false;
  return std::ranges::any_of(query.targets, [&](const tree::Target& target) { return is_outward(*target.expression); });
}

/// Functions that DuckDB makes subqueries of (SystemMacros) and joins: the rows above a sort lose their order by it.
constexpr std::array<std::string_view, 3> kQueryMacros = {"obj_description", "col_description", "shobj_description"};

std::string SetName(size_t index) { return "s" + std::to_string(index); }
std::string BelowName(size_t index) { return "b" + std::to_string(index); }

duckdb::unique_ptr<duckdb::SelectNode> Over(duckdb::unique_ptr<duckdb::SelectNode> rows, const std::string& alias) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(rows)), alias);
  return node;
}

}  // namespace

bool Emitter::IsLate(const tree::Query& query) {
  if (query.has_set_returning || HasOutwardWindow(query)) return true;
  const bool ordered = !query.order_by.empty() || query.limit || query.offset;
  const bool plain = !query.distinct && query.distinct_on.empty() && query.locks.empty() && !NumbersRows(query);
  if (!ordered || !plain) return false;
  for (size_t i = 0; i < query.targets.size(); ++i) {
    if (!IsSortKey(query, i) && IsVolatile(*query.targets[i].expression)) return true;
  }
  return false;
}

Emitted Emitter::OfSet(const tree::Expression& expression, Emitted set) {
  if (const Emitted* const group = GroupOf(*scope_, expression)) return group->Copy();
  if (scope_->late == nullptr) return set;  // a function in FROM
  Late& late = *scope_->late;
  const auto is_same = [&](const Late::Set& known) { return known.expression->Equals(*set.expression); };
  const size_t index = std::ranges::find_if(late.sets, is_same) - late.sets.begin();
  if (index == late.sets.size()) late.sets.push_back({set.expression->Copy(), DepthOf(*set.expression)});
  return {ColumnOf(late.AliasOf(late.sets[index].depth), SetName(index)), set.type, set.oid};
}

/// One more than the depth of the sets in it.
size_t Emitter::DepthOf(const duckdb::ParsedExpression& set) const {
  size_t depth = 0;
  const std::function<void(const duckdb::ParsedExpression&)> visit = [&](const duckdb::ParsedExpression& expression) {
    if (const auto* column = QualifiedColumn(expression)) {
      for (size_t i = 0; i < scope_->late->sets.size(); ++i) {
        const size_t other = scope_->late->sets[i].depth;
        const bool within = column->GetTableName() == scope_->late->AliasOf(other);
        if (within && column->GetColumnName() == SetName(i)) depth = std::max(depth, other);
      }
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(expression, visit);
  };
  visit(set);
  return depth + 1;
}

/// Whether the rows below have to give this as it stands.
bool Emitter::IsFromBelow(const Parsed& expression) const {
  const auto is_same = [&](const Emitted& group) { return expression->Equals(*group.expression); };
  if (std::ranges::any_of(scope_->groups, is_same)) return true;
  if (const auto* column = QualifiedColumn(*expression)) {
    return std::ranges::any_of(scope_->relations, [&](const Relation& r) { return r.alias == column->GetTableName(); });
  }
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::WINDOW: return !scope_->late->windows_above;
    case ExpressionClass::SUBQUERY: return true;
    case ExpressionClass::FUNCTION: break;
    default: return expression->GetExpressionType() == ExpressionType::GROUPING_FUNCTION;
  }
  const std::string& name = expression->Cast<duckdb::FunctionExpression>().function_name;
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer) {
    if (scope->aggregates.contains(name)) return true;
  }
  return std::ranges::find(kQueryMacros, name) != kQueryMacros.end();
}

/// The expression as a column of the rows below.
void Emitter::TakeWhole(Parsed* expression, duckdb::SelectNode* below) {
  Parsed value = std::move(*expression);
  AsGrouped(&value);
  size_t place = 0;
  while (place < below->select_list.size() && !below->select_list[place]->Equals(*value)) ++place;
  if (place == below->select_list.size()) below->select_list.push_back(std::move(value));
  *expression = ColumnOf(scope_->late->alias, BelowName(place));
}

void Emitter::TakeFromBelow(Parsed* expression, duckdb::SelectNode* below) {
  if (IsFromBelow(*expression)) return TakeWhole(expression, below);
  const bool whole = (*expression)->GetExpressionClass() == ExpressionClass::WINDOW;
  duckdb::ParsedExpressionIterator::EnumerateChildren(**expression, [&](Parsed& child) {
    const bool constant = child->GetExpressionClass() == ExpressionClass::CONSTANT;
    whole && !constant ? TakeWhole(&child, below) : TakeFromBelow(&child, below);
  });
}

/// Sets that are grouped by are further relations, each row of FROM beside its own.
void Emitter::SetsOfGroups(Late* late, duckdb::SelectNode* node) {
  for (size_t depth = 1; depth <= late->Deepest(); ++depth) {
    auto layer = duckdb::make_uniq<duckdb::SelectNode>();
    layer->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
    late->TakeSets(depth, layer.get());
    auto both = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::CROSS);
    both->left = std::move(node->from_table);
    both->right = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(layer)), late->AliasOf(depth));
    node->from_table = std::move(both);
  }
}

/// Makes `below` of FROM, WHERE and the groups the rows that the targets are made of, which it fills into Scope::shown.
void Emitter::LateTargets(const tree::Query& query, Late* late, duckdb::SelectNode* below) {
  std::vector<Emitted> shown;
  scope_->late = late;
  for (size_t i = 0; i < query.targets.size(); ++i) shown.push_back(TargetValue(query, i));
  late->windows_above = !query.has_set_returning && HasOutwardWindow(query);
  late->sorted_below = !late->windows_above && IsSortedBelow(query);
  for (size_t i = 0; i < shown.size(); ++i) {
    const bool whole = late->sorted_below && IsSortKey(query, i) && !shown[i].is_constant();
    if (whole) TakeWhole(&shown[i].expression, below);
  }
  for (Emitted& target : shown) TakeFromBelow(&target.expression, below);
  for (Late::Set& set : late->sets) TakeFromBelow(&set.expression, below);
  scope_->late = nullptr;
  if (below->select_list.empty()) below->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));
  for (size_t i = 0; i < below->select_list.size(); ++i) below->select_list[i]->SetAlias(BelowName(i));
  scope_->shown = std::move(shown);
}

/// The sets and what is sorted and limited before the targets are computed; what comes on top is not there yet.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::AboveLate(const tree::Query& query, Late late,
                                                          duckdb::unique_ptr<duckdb::SelectNode> rows) {
  if (late.sorted_below && !query.order_by.empty()) {
    rows = Over(std::move(rows), late.alias);
    rows->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    if (!query.distinct_on.empty()) {
      auto distinct = duckdb::make_uniq<duckdb::DistinctModifier>();
      for (const int target : query.distinct_on) {
        Emitted value = scope_->shown[target].Copy();
        if (!value.is_constant()) distinct->distinct_on_targets.push_back(KeyOf(std::move(value)));
      }
      rows->modifiers.push_back(std::move(distinct));
    }
    auto order = duckdb::make_uniq<duckdb::OrderModifier>();
    for (const tree::SortKey& key : query.order_by) {
      Emitted value = scope_->shown[key.target].Copy();
      if (!value.is_constant()) order->orders.push_back(SortBy(key, KeyOf(std::move(value))));
    }
    if (!order->orders.empty()) rows->modifiers.push_back(std::move(order));
  }
  for (size_t depth = 1; depth <= late.Deepest(); ++depth) {
    rows = Over(std::move(rows), late.alias);
    rows->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    late.TakeSets(depth, rows.get());
  }
  if (late.sorted_below) {
    EmittedQuery limited;
    limited.node = std::move(rows);
    Limit(query, &limited);
    rows = duckdb::unique_ptr_cast<duckdb::QueryNode, duckdb::SelectNode>(std::move(limited.node));
  }
  return Over(std::move(rows), late.alias);
}

size_t Emitter::Late::Deepest() const {
  size_t deepest = 0;
  for (const Set& set : sets) deepest = std::max(deepest, set.depth);
  return deepest;
}

void Emitter::Late::TakeSets(size_t depth, duckdb::SelectNode* node) {
  for (size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].depth != depth) continue;
    node->select_list.push_back(std::move(sets[i].expression));
    node->select_list.back()->SetAlias(SetName(i));
  }
}

std::string Emitter::Late::AliasOf(size_t depth) const {
  return of_groups ? alias + "_" + std::to_string(depth) : alias;
}

}  // namespace weir::sql::duck
