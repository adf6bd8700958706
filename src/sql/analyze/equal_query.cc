#include "sql/analyze/equal_query.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "sql/analyze/walk.h"
#include "sql/overloaded.h"

namespace weir::sql::analyze {
namespace {

bool SameOrder(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  return std::ranges::equal(a, b, [](const SortKey& x, const SortKey& y) {
    return std::tie(x.target, x.descending, x.nulls_first, x.less) ==
           std::tie(y.target, y.descending, y.nulls_first, y.less);
  });
}

bool SameItems(const std::vector<WithItem>& a, const std::vector<WithItem>& b) {
  return std::ranges::equal(a, b, [](const WithItem& x, const WithItem& y) {
    return x.name == y.name && x.recursive == y.recursive && x.materialized == y.materialized &&
           x.columns.size() == y.columns.size();
  });
}

// Their queries, calls and values left out.
bool SameSource(const RangeEntry::Source& a, const RangeEntry::Source& b) {
  if (a.index() != b.index()) return false;
  return std::visit(Overloaded{
                        [](const RangeEntry::Subquery&) { return true; },
                        [&](const RangeEntry::Table& x) {
                          const auto& y = std::get<RangeEntry::Table>(b);
                          return x.relation->id == y.relation->id && x.only == y.only;
                        },
                        [&](const RangeEntry::SystemTable& x) {
                          const auto& y = std::get<RangeEntry::SystemTable>(b);
                          return x.schema == y.schema && x.name == y.name;
                        },
                        [&](const RangeEntry::Functions& x) {
                          const auto& y = std::get<RangeEntry::Functions>(b);
                          return x.columns == y.columns && x.ordinality == y.ordinality;
                        },
                        [&](const RangeEntry::Values& x) {
                          return x.rows.size() == std::get<RangeEntry::Values>(b).rows.size();
                        },
                        [&](const RangeEntry::WithQuery& x) {
                          const auto& y = std::get<RangeEntry::WithQuery>(b);
                          return x.level == y.level && x.index == y.index;
                        },
                    },
                    a);
}

bool SameRelations(const std::vector<RangeEntry>& a, const std::vector<RangeEntry>& b) {
  return std::ranges::equal(a, b, [](const RangeEntry& x, const RangeEntry& y) {
    const bool plain = !x.sample && !y.sample;
    const auto same_type = [](const OutputColumn& c, const OutputColumn& d) { return c.type == d.type; };
    return plain && x.alias == y.alias && SameSource(x.source, y.source) &&
           std::ranges::equal(x.columns, y.columns, same_type);
  });
}

bool SameJoin(const FromItem& a, const FromItem& b) {
  const auto same = [](const std::unique_ptr<FromItem>& x, const std::unique_ptr<FromItem>& y) {
    return (x == nullptr) == (y == nullptr) && (!x || SameJoin(*x, *y));
  };
  return a.join == b.join && a.relation == b.relation && (a.condition == nullptr) == (b.condition == nullptr) &&
         same(a.left, b.left) && same(a.right, b.right);
}

bool SameGroups(const Query& a, const Query& b) {
  const auto same = [](const GroupItem& x, const GroupItem& y) { return x.target == y.target; };
  return std::ranges::equal(a.group_by, b.group_by, same) && a.grouping_sets == b.grouping_sets &&
         a.group_distinct == b.group_distinct;
}

bool SameWindows(const std::vector<Window>& a, const std::vector<Window>& b) {
  return std::ranges::equal(a, b, [](const Window& x, const Window& y) {
    return SameOrder(x.order_by, y.order_by) &&
           std::tie(x.partition_by, x.unit, x.start, x.end, x.exclude) ==
               std::tie(y.partition_by, y.unit, y.start, y.end, y.exclude) &&
           (x.start_offset == nullptr) == (y.start_offset == nullptr) &&
           (x.end_offset == nullptr) == (y.end_offset == nullptr);
  });
}

bool SameOperation(const std::optional<SetOperation>& a, const std::optional<SetOperation>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  const auto plain = [](const SetOperation& one) { return one.left.columns.empty() && one.right.columns.empty(); };
  return a->kind == b->kind && a->all == b->all && plain(*a) && plain(*b);
}

// What stands beside the expressions and the queries within.
bool SameShape(const Query& a, const Query& b) {
  if (a.command != Query::Command::kSelect || b.command != Query::Command::kSelect) return false;
  const auto same_target = [](const Target& x, const Target& y) { return x.hidden == y.hidden && x.name == y.name; };
  const auto optional = [](const Query& query) {
    return std::tuple(query.where == nullptr, query.having == nullptr, query.limit == nullptr, query.offset == nullptr,
                      query.with_ties, query.distinct);
  };
  return a.locks.empty() && b.locks.empty() && optional(a) == optional(b) && a.distinct_on == b.distinct_on &&
         SameItems(a.with, b.with) && SameRelations(a.relations, b.relations) &&
         std::ranges::equal(a.from, b.from, SameJoin) && std::ranges::equal(a.targets, b.targets, same_target) &&
         SameGroups(a, b) && SameWindows(a.windows, b.windows) && SameOperation(a.set_operation, b.set_operation) &&
         SameOrder(a.order_by, b.order_by);
}

struct Parts {
  std::vector<Expression*> expressions;
  std::vector<Query*> queries;
};

Parts PartsOf(Query& query) {
  Parts parts;
  ForEachExpression(
      query, [&](ExpressionPtr& one) { parts.expressions.push_back(one.get()); },
      [&](Query& one) { parts.queries.push_back(&one); });
  return parts;
}

}  // namespace

bool SameQuery(Query& a, Query& b) {
  if (!SameShape(a, b)) return false;
  const Parts left = PartsOf(a);
  const Parts right = PartsOf(b);
  return std::ranges::equal(left.expressions, right.expressions,
                            [](const Expression* x, const Expression* y) { return Equal(*x, *y); }) &&
         std::ranges::equal(left.queries, right.queries, [](Query* x, Query* y) { return SameQuery(*x, *y); });
}

}  // namespace weir::sql::analyze
