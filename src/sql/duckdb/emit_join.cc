#include <algorithm>
#include <set>
#include <utility>

#include "sql/analyze/walk.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/may_fail.h"
#include "sql/duckdb/scope.h"

// DuckDB has no outer joins by conditions that hold queries about the side that stays or refer to queries around, no
// lateral ones by anything but comparisons, nor by queries, and no full joins within what refers to a query around it.
// There the rows that may be missing meet the condition in a query of their own, and a full join is two left ones.

namespace weir::sql::duck {
namespace {

using JoinedTable = duckdb::unique_ptr<duckdb::TableRef>;

JoinedTable Cross(JoinedTable left, JoinedTable right) {
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::CROSS);
  join->left = std::move(left);
  join->right = std::move(right);
  return join;
}

JoinedTable JoinedBy(duckdb::JoinType type, JoinedTable left, JoinedTable right, Parsed condition) {
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = type;
  join->left = std::move(left);
  join->right = std::move(right);
  join->condition = std::move(condition);
  return join;
}

Parsed Always() { return Literal(duckdb::Value::BOOLEAN(true)); }

Parsed AllOf(ParsedList parts) {
  if (parts.empty()) return Always();
  return parts.size() == 1 ? std::move(parts.front())
                           : Conjunction(duckdb::ExpressionType::CONJUNCTION_AND, std::move(parts));
}

std::set<int> RelationsOf(const tree::FromItem& item) {
  if (item.relation >= 0) return {item.relation};
  std::set<int> relations = RelationsOf(*item.left);
  relations.merge(RelationsOf(*item.right));
  return relations;
}

/// Whether it refers to a relation of the query around `depth` others but these.
bool RefersToOthers(tree::Query& query, const std::set<int>& relations, int depth);

bool RefersToOthers(tree::Expression& expression, const std::set<int>& relations, int depth) {
  const auto is_other = [&](const auto* node) {
    return node && node->level == depth && !relations.contains(node->relation);
  };
  bool refers = is_other(std::get_if<tree::ColumnReference>(&expression.node)) ||
                is_other(std::get_if<tree::WholeRow>(&expression.node));
  tree::ForEachChild(
      expression, [&](tree::ExpressionPtr& child) { refers = refers || RefersToOthers(*child, relations, depth); },
      [&](tree::Query& inner) { refers = refers || RefersToOthers(inner, relations, depth + 1); });
  return refers;
}

bool RefersToOthers(tree::Query& query, const std::set<int>& relations, int depth) {
  bool refers = false;
  tree::ForEachExpression(
      query, [&](tree::ExpressionPtr& child) { refers = refers || RefersToOthers(*child, relations, depth); },
      [&](tree::Query& inner) { refers = refers || RefersToOthers(inner, relations, depth + 1); });
  return refers;
}

/// What has to hold altogether.
std::vector<tree::Expression*> PartsOf(const tree::ExpressionPtr& condition) {
  if (!condition) return {};
  const auto* logic = std::get_if<tree::Logic>(&condition->node);
  if (logic == nullptr || logic->kind != tree::Logic::Kind::kAnd) return {condition.get()};
  std::vector<tree::Expression*> parts;
  for (const tree::ExpressionPtr& argument : logic->arguments) {
    const auto more = PartsOf(argument);
    parts.insert(parts.end(), more.begin(), more.end());
  }
  return parts;
}

}  // namespace

JoinedTable Emitter::From(const std::vector<tree::FromItem>& items) {
  JoinedTable all;
  for (const tree::FromItem& item : items) {
    JoinedTable one = Item(item);
    all = all ? Cross(std::move(all), std::move(one)) : std::move(one);
  }
  return all ? std::move(all) : JoinedTable(duckdb::make_uniq<duckdb::EmptyTableRef>());
}

JoinedTable Emitter::Item(const tree::FromItem& item) {
  using Join = tree::FromItem::Join;
  if (item.relation >= 0) return Entry(item.relation);
  const bool around = std::exchange(scope_->correlated, false);
  const std::vector<Relation> declared = item.join == Join::kFull ? scope_->relations : std::vector<Relation>();
  JoinedTable left = Item(*item.left);
  JoinedTable right = Item(*item.right);
  JoinedTable joined;
  switch (item.join) {
    case Join::kCross: joined = Cross(std::move(left), std::move(right)); break;
    case Join::kInner: {
      Parsed condition = item.condition ? Filter(*item.condition) : Always();
      const std::set<int> of_right = RelationsOf(*item.right);
      const bool lateral = std::ranges::any_of(
          of_right, [&](int index) { return scope_->query->relations[static_cast<size_t>(index)].lateral; });
      if (lateral && item.condition && HoldsQuery(*item.condition)) {
        joined = Where(RelationsOf(item), Cross(std::move(left), std::move(right)), std::move(condition));
        break;
      }
      joined = JoinedBy(duckdb::JoinType::INNER, std::move(left), std::move(right), std::move(condition));
      break;
    }
    case Join::kLeft: joined = LeftJoin(std::move(left), *item.right, std::move(right), item.condition); break;
    case Join::kRight: joined = LeftJoin(std::move(right), *item.left, std::move(left), item.condition, true); break;
    case Join::kFull: joined = FullJoin(item, declared, std::move(left), std::move(right)); break;
  }
  scope_->correlated = scope_->correlated || around;
  return joined;
}

/// `missing`: the side that `rows` are of, which rows of `kept` may have none of; `turned`: it is written first.
JoinedTable Emitter::LeftJoin(JoinedTable kept, const tree::FromItem& missing, JoinedTable rows,
                              const tree::ExpressionPtr& condition, bool turned) {
  const std::set<int> relations = RelationsOf(missing);
  const std::vector<tree::Expression*> parts = PartsOf(condition);
  const auto is_within = [&](tree::Expression* part) {  // what queries ask of the rows alone
    return HoldsQuery(*part) && !RefersToOthers(*part, relations, 0);
  };
  const bool lateral =
      (missing.relation >= 0 && scope_->query->relations[static_cast<size_t>(missing.relation)].lateral) ||
      std::ranges::any_of(parts, [&](tree::Expression* part) {
        return RefersOutward(*part) || (HoldsQuery(*part) && !is_within(part));
      });
  ParsedList within;
  for (tree::Expression* part : parts) {
    if (lateral || is_within(part)) within.push_back(Filter(*part));
  }
  // What comes behind knows the columns as they are called then.
  if (lateral || !within.empty()) rows = Where(relations, std::move(rows), AllOf(std::move(within)));
  ParsedList across;
  for (tree::Expression* part : parts) {
    if (!lateral && !is_within(part)) across.push_back(Filter(*part));
  }
  Parsed on = AllOf(std::move(across));
  if (turned && !lateral) return JoinedBy(duckdb::JoinType::RIGHT, std::move(rows), std::move(kept), std::move(on));
  return JoinedBy(duckdb::JoinType::LEFT, std::move(kept), std::move(rows), std::move(on));
}

/// `declared`: the relations before the sides were emitted, which may have to be once more.
JoinedTable Emitter::FullJoin(const tree::FromItem& item, const std::vector<Relation>& declared, JoinedTable left,
                              JoinedTable right) {
  const bool asks = item.condition && HoldsQuery(*item.condition);
  const bool refers = scope_->correlated || (item.condition && RefersOutward(*item.condition));
  if (!asks && !refers) {
    Parsed condition = item.condition ? Filter(*item.condition) : Always();
    return JoinedBy(duckdb::JoinType::OUTER, std::move(left), std::move(right), std::move(condition));
  }
  const std::set<int> all = RelationsOf(item);
  const std::set<int> of_left = RelationsOf(*item.left);
  const std::string alias = NewAlias("j");
  JoinedTable with_left = LeftJoin(std::move(left), *item.right, std::move(right), item.condition);
  auto both = duckdb::make_uniq<duckdb::SetOperationNode>();
  both->setop_type = duckdb::SetOperationType::UNION;
  both->setop_all = true;
  both->children.push_back(Gathered(all, std::move(with_left), alias));
  std::vector<Relation> shown = std::exchange(scope_->relations, declared);

  left = Item(*item.left);
  right = Item(*item.right);
  const std::string marked_alias = NewAlias("j");
  auto marked = Gathered(of_left, std::move(left), marked_alias);
  Relation& first = RelationAt(0, *of_left.begin());
  first.met = NewAlias("met");
  marked->select_list.push_back(Always());
  marked->select_list.back()->SetAlias(first.met);
  left = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(marked)), marked_alias);
  JoinedTable of_right = LeftJoin(std::move(right), *item.left, std::move(left), item.condition);
  Relation& unmet = RelationAt(0, *of_left.begin());
  Parsed is_unmet = Operator(duckdb::ExpressionType::OPERATOR_IS_NULL, ListOf(ColumnOf(unmet.alias, unmet.met)));
  unmet.met.clear();
  auto rest = Gathered(all, std::move(of_right), alias);
  rest->where_clause = std::move(is_unmet);
  both->children.push_back(std::move(rest));
  scope_->relations = std::move(shown);
  return duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(both)), alias);
}

/// The relations' columns, which are those of one table `alias` from here on.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::Gathered(const std::set<int>& relations, JoinedTable table,
                                                         const std::string& alias) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (const int index : relations) {
    Relation& relation = RelationAt(0, index);
    const auto gather = [&](std::string* name) {
      node->select_list.push_back(ColumnOf(relation.alias, *name));
      if (relation.alias != alias) *name += "_" + std::to_string(index);
      node->select_list.back()->SetAlias(*name);
    };
    for (EmittedColumn& column : relation.columns) gather(&column.name);
    if (!relation.there.empty()) gather(&relation.there);
    if (!relation.met.empty()) gather(&relation.met);
    relation.alias = alias;
  }
  if (node->select_list.empty()) node->select_list.push_back(Always());
  node->from_table = std::move(table);
  return node;
}

/// The rows that meet a condition.
JoinedTable Emitter::Where(const std::set<int>& relations, JoinedTable table, Parsed condition) {
  const bool alone = relations.size() == 1;
  const std::string alias = alone ? RelationAt(0, *relations.begin()).alias : NewAlias("j");
  auto node = Gathered(relations, std::move(table), alias);
  node->where_clause = std::move(condition);
  return duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), alias);
}

}  // namespace weir::sql::duck
