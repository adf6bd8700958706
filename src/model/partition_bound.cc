#include "model/partition_bound.h"

#include <algorithm>

namespace weir {
namespace {

RangeEdge::Kind KindAt(std::span<const RangeEdge> edge, size_t i) {
  return i < edge.size() ? edge[i].kind : RangeEdge::Kind::kMinValue;
}

}  // namespace

std::string_view ToString(PartitionStrategy strategy) {
  switch (strategy) {
    case PartitionStrategy::kRange:
      return "RANGE";
    case PartitionStrategy::kList:
      return "LIST";
    case PartitionStrategy::kHash: break;
  }
  return "HASH";
}

std::weak_ordering CompareEdges(std::span<const RangeEdge> a, std::span<const RangeEdge> b) {
  const size_t columns = std::max(a.size(), b.size());
  for (size_t i = 0; i < columns; ++i) {
    const auto kind_a = KindAt(a, i);
    const auto kind_b = KindAt(b, i);
    if (kind_a != kind_b) return static_cast<int>(kind_a) <=> static_cast<int>(kind_b);
    // Below (above) all values of a column nothing that follows makes a difference.
    if (kind_a != RangeEdge::Kind::kValue) return std::weak_ordering::equivalent;
    if (const auto order = Compare(a[i].value, b[i].value); order != 0) return order;
  }
  return std::weak_ordering::equivalent;
}

std::weak_ordering CompareToEdge(std::span<const KeyValue> key, std::span<const RangeEdge> edge) {
  for (size_t i = 0; i < key.size() && i < edge.size(); ++i) {
    if (edge[i].kind == RangeEdge::Kind::kMinValue) return std::weak_ordering::greater;
    if (edge[i].kind == RangeEdge::Kind::kMaxValue) return std::weak_ordering::less;
    if (const auto order = Compare(key[i], edge[i].value); order != 0) return order;
  }
  // An edge that goes on above all values is behind the keys that begin with it.
  const bool behind = KindAt(edge, key.size()) == RangeEdge::Kind::kMaxValue;
  return behind ? std::weak_ordering::less : std::weak_ordering::greater;
}

}  // namespace weir
