#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/partition_bound.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// The order of an index's keys as KWDB has it: each column ascending or descending, NULL the least value. MINVALUE is
/// where a column begins in that order and MAXVALUE where it ends, whatever its direction.
class KeyOrder {
 public:
  explicit KeyOrder(std::vector<bool> descending) : descending_(std::move(descending)) {}

  bool IsDescending(size_t column) const { return column < descending_.size() && descending_[column]; }
  /// Two edges as cuts between keys; columns that one lacks are at their beginning.
  std::weak_ordering Compare(std::span<const RangeEdge> a, std::span<const RangeEdge> b) const;
  /// The cuts before and behind all keys that begin with the values. Behind a whole number comes the next one.
  RangeBound Around(const KeyTuple& values) const;
  /// The range of a key of so many columns without NULLs, as one of keys that ascend; nothing where columns of both
  /// directions make many of it.
  std::optional<RangeBound> Ascending(const RangeBound& range, size_t columns) const;
  /// Such a range back in this order.
  RangeBound FromAscending(const RangeBound& range, size_t columns) const;

 private:
  std::vector<bool> descending_;
};

/// Of a table's primary key as KWDB has it, the hidden column of a sharded one first. Where no PARTITION BY of KWDB's
/// has made the partitions, they are PostgreSQL's, whose ranges ascend.
KeyOrder PrimaryKeyOrder(const Relation& table);
/// Of an index of columns alone.
KeyOrder IndexKeyOrder(const SqlIndex& index);

}  // namespace weir::sql
