#include "sql/catalog/key_order.h"

#include <algorithm>
#include <limits>

#include "sql/catalog/hash_shards.h"

namespace weir::sql {
namespace {

using Edge = std::vector<RangeEdge>;
using EdgeKind = RangeEdge::Kind;

EdgeKind KindOf(std::span<const RangeEdge> edge, size_t column) {
  return column < edge.size() ? edge[column].kind : EdgeKind::kMinValue;
}

/// NULL is the least.
std::weak_ordering CompareValues(const KeyValue& a, const KeyValue& b) {
  if (IsNull(a) != IsNull(b)) return IsNull(a) ? std::weak_ordering::less : std::weak_ordering::greater;
  return Compare(a, b);
}

/// The values that an edge begins with, up to the first column that has none, or NULL.
Edge ValuesOf(const Edge& edge) {
  const auto end = std::ranges::find_if(edge, [](const RangeEdge& part) {
    return part.kind != EdgeKind::kValue || IsNull(part.value);
  });
  return {edge.begin(), end};
}

/// An edge whose last columns, from one on, are all at their beginning or end.
void FillEdge(EdgeKind kind, size_t columns, Edge* edge) {
  while (edge->size() < columns) edge->push_back({kind, {}});
}

/// An edge among ascending keys without NULLs: nothing is below a NULL that is the least of a column.
Edge WithoutNulls(const Edge& edge, size_t columns) {
  Edge plain = ValuesOf(edge);
  if (plain.size() == edge.size()) return plain;
  const EdgeKind kind = edge[plain.size()].kind;
  FillEdge(kind == EdgeKind::kMaxValue ? kind : EdgeKind::kMinValue, columns, &plain);
  return plain;
}

/// A cut among descending keys as one among ascending ones: before (behind) the keys that begin with its values is
/// behind (before) them there. NULLs come last, behind what there is.
Edge Reversed(const Edge& edge, size_t columns) {
  Edge turned = ValuesOf(edge);
  if (turned.size() == edge.size()) {
    turned.push_back({EdgeKind::kMaxValue, {}});
  } else {
    const EdgeKind kind = edge[turned.size()].kind;
    FillEdge(kind == EdgeKind::kMinValue ? EdgeKind::kMaxValue : EdgeKind::kMinValue, columns, &turned);
  }
  return turned;
}

}  // namespace

std::weak_ordering KeyOrder::Compare(std::span<const RangeEdge> a, std::span<const RangeEdge> b) const {
  const size_t columns = std::max(a.size(), b.size());
  for (size_t i = 0; i < columns; ++i) {
    const EdgeKind kind = KindOf(a, i);
    if (kind != KindOf(b, i)) return static_cast<int>(kind) <=> static_cast<int>(KindOf(b, i));
    if (kind != EdgeKind::kValue) return std::weak_ordering::equivalent;
    const auto order = IsDescending(i) ? CompareValues(b[i].value, a[i].value) : CompareValues(a[i].value, b[i].value);
    if (order != 0) return order;
  }
  return std::weak_ordering::equivalent;
}

RangeBound KeyOrder::Around(const KeyTuple& values) const {
  RangeBound around;
  for (const KeyValue& value : values) around.from.push_back({EdgeKind::kValue, value});
  around.to = around.from;
  const bool descending = IsDescending(values.size() - 1);
  const auto* last = values.empty() ? nullptr : std::get_if<int64_t>(&values.back());
  const int64_t end = descending ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  if (last != nullptr && *last != end) {
    around.to.back().value = descending ? *last - 1 : *last + 1;
  } else {
    around.to.push_back({EdgeKind::kMaxValue, {}});
  }
  return around;
}

std::optional<RangeBound> KeyOrder::Ascending(const RangeBound& range, size_t columns) const {
  size_t descending = 0;
  for (size_t i = 0; i < columns; ++i) descending += IsDescending(i) ? 1 : 0;
  if (descending == 0) return RangeBound{WithoutNulls(range.from, columns), WithoutNulls(range.to, columns)};
  if (descending < columns) return std::nullopt;
  return RangeBound{Reversed(range.to, columns), Reversed(range.from, columns)};
}

RangeBound KeyOrder::FromAscending(const RangeBound& range, size_t columns) const {
  if (!IsDescending(0)) return range;
  return {Reversed(range.to, columns), Reversed(range.from, columns)};
}

KeyOrder PrimaryKeyOrder(const Relation& table) {
  std::vector<bool> descending;
  if (table.declared_by.empty()) return KeyOrder(std::move(descending));
  for (const std::string& column : KwdbKeyColumns(table)) {
    descending.push_back(std::ranges::any_of(table.constraints, [&](const SqlConstraint& key) {
      return std::ranges::find(key.descending, column) != key.descending.end();
    }));
  }
  return KeyOrder(std::move(descending));
}

KeyOrder IndexKeyOrder(const SqlIndex& index) {
  std::vector<bool> descending;
  for (const SqlIndex::Order& order : index.orders) descending.push_back(order.descending);
  return KeyOrder(std::move(descending));
}

}  // namespace weir::sql
