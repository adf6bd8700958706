#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/partition_bound.h"

namespace weir {

/// The bounds of one level's partitions as they come and go, to hold new ones against: O(log n) each.
/// Children are known by an id. What routes and prunes is PartitionLevel.
class BoundIndex {
 public:
  void Add(int64_t child, const PartitionBound& bound);
  void Remove(int64_t child, const PartitionBound& bound);

  /// Children that are left out.
  using Without = std::unordered_set<int64_t>;

  struct Overlap {
    int64_t child;
    size_t value = 0;  // which of a list's values; 1: the range's upper edge lies in it, not the lower one
  };
  /// The first child in bound order whose rows could be those of a new partition; a DEFAULT only for DEFAULT.
  std::optional<Overlap> FindOverlap(const PartitionBound& bound, const Without& without = {}) const;

  std::optional<int64_t> default_child() const { return default_; }

  struct HashNeighbour {
    int64_t child;
    HashBound bound;
  };
  /// The last hash partition at or before (modulus, remainder), and the first one after it.
  std::optional<HashNeighbour> Before(const HashBound& bound, const Without& without = {}) const;
  std::optional<HashNeighbour> After(const HashBound& bound, const Without& without = {}) const;

 private:
  using Edge = std::vector<RangeEdge>;
  struct EdgeLess {
    bool operator()(const Edge& a, const Edge& b) const { return CompareEdges(a, b) < 0; }
  };
  struct RangeEnd {
    Edge to;
    int64_t child;
  };

  std::optional<Overlap> FindRange(const RangeBound& bound, const Without& without) const;
  std::optional<Overlap> FindList(const ListBound& bound, const Without& without) const;
  std::optional<Overlap> FindHash(const HashBound& bound, const Without& without) const;

  std::optional<int64_t> default_;
  std::map<Edge, RangeEnd, EdgeLess> ranges_;  // by lower edge
  std::unordered_map<KeyTuple, int64_t, KeyTupleHash, KeyTupleEqual> list_;
  std::map<std::pair<int32_t, int32_t>, int64_t> hashes_;  // by modulus and remainder
};

}  // namespace weir
