#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/key_domain.h"
#include "model/partition_bound.h"
#include "weir/data_type.h"
#include "weir/status.h"

namespace weir {

/// The partitions of one partitioned table, arranged for routing and pruning: RANGE by binary
/// search, LIST by a hash map, HASH by a table of remainders. Immutable; children are known by
/// their position in the bounds given to Make.
class PartitionLevel {
 public:
  struct Key {
    PartitionStrategy strategy = PartitionStrategy::kRange;
    std::vector<DataType> types;  // of the key's columns; HASH hashes by them
  };
  /// The bounds are valid and disjoint (CheckNewBound); more than one DEFAULT or an overlap is an error.
  static Result<PartitionLevel> Make(Key key, std::vector<PartitionBound> bounds);

  const Key& key() const { return key_; }
  const std::vector<PartitionBound>& bounds() const { return bounds_; }
  size_t size() const { return bounds_.size(); }
  std::optional<size_t> default_child() const { return default_; }
  /// Children in the order that PostgreSQL shows: ranges ascending, lists by their least value,
  /// hashes by modulus and remainder, DEFAULT last.
  const std::vector<size_t>& bound_order() const { return order_; }

  /// The child that holds rows of this key: O(log n). Nothing when no child takes it.
  std::optional<size_t> Route(std::span<const KeyValue> key) const;

  /// The children that may hold rows whose key columns lie in `wanted` (one a key column), in
  /// bound order: O(log n + answer). Never misses one.
  std::vector<size_t> Prune(const KeyDomains& wanted) const;

  /// The first child whose rows could overlap with a new partition of this bound.
  std::optional<size_t> FindOverlap(const PartitionBound& bound) const;

 private:
  Status Arrange();
  Status ArrangeRanges();
  Status ArrangeLists();
  Status ArrangeHashes();
  std::optional<size_t> RouteRange(std::span<const KeyValue> key) const;
  std::optional<size_t> RouteList(std::span<const KeyValue> key) const;
  std::optional<size_t> RouteHash(std::span<const KeyValue> key) const;
  std::optional<size_t> FindRangeOverlap(const RangeBound& bound) const;
  std::optional<size_t> FindHashOverlap(const HashBound& bound) const;
  const RangeBound& range(size_t position) const { return std::get<RangeBound>(bounds_[ranges_[position]]); }

  std::vector<size_t> PruneRange(const KeyDomains& domains) const;
  std::vector<size_t> PruneList(const KeyDomains& domains) const;
  std::vector<size_t> PruneHash(const KeyDomains& domains) const;

  std::vector<size_t> InBoundOrder(std::vector<size_t> children) const;

  Key key_;
  std::vector<PartitionBound> bounds_;
  std::optional<size_t> default_;
  std::vector<size_t> order_;
  std::vector<size_t> rank_;                              // child → its place in order_
  std::vector<size_t> ranges_;                            // children in ascending order of their ranges
  std::unordered_map<KeyTuple, size_t, KeyTupleHash, KeyTupleEqual> list_;  // every listed value
  std::vector<std::pair<KeyTuple, size_t>> list_order_;   // the same, sorted
  bool list_prefixes_ = false;                            // some are shorter than the key
  std::vector<int32_t> moduli_;                           // ascending, each once
  std::unordered_map<uint64_t, size_t> slots_;            // modulus and remainder → child
};

/// The seed of the hashes of partition keys.
inline constexpr uint64_t kPartitionSeed = 8816678312871386365ull;

/// PostgreSQL's partition hash of a key: each column's extended hash under the partitioning seed,
/// combined in order; NULL adds nothing. The functions of PostgreSQL's types boolean, smallint, integer,
/// bigint, real, double precision, numeric, date, time, timestamp (with and without zone), char(n), text,
/// varchar and bytea, whose Fluss types are asked for here; an OrderedText brings its hash along.
uint64_t PartitionHash(std::span<const DataType> types, std::span<const KeyValue> key);

}  // namespace weir
