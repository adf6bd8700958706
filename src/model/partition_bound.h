#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "model/key_value.h"

namespace weir {

enum class PartitionStrategy : uint8_t { kRange, kList, kHash };
/// "RANGE", "LIST", "HASH"
std::string_view ToString(PartitionStrategy strategy);

/// One column of a range's edge: a value, or below or above every value.
struct RangeEdge {
  enum class Kind : int8_t { kMinValue = -1, kValue = 0, kMaxValue = 1 };
  Kind kind = Kind::kValue;
  KeyValue value;
};

/// Order of two edges as cuts between key tuples; columns that one lacks are below every value.
std::weak_ordering CompareEdges(std::span<const RangeEdge> a, std::span<const RangeEdge> b);
/// Whether a key (no NULL in it) lies below the edge (less) or at or above it (greater). An edge of one column more
/// than the key has, MAXVALUE, is the one behind all keys that begin with its values.
std::weak_ordering CompareToEdge(std::span<const KeyValue> key, std::span<const RangeEdge> edge);

/// Rows from `from` (inclusive) to `to` (exclusive), compared as tuples.
struct RangeBound {
  std::vector<RangeEdge> from;
  std::vector<RangeEdge> to;
};
/// Rows whose key is one of these. One column each in PostgreSQL's dialect, any number in KWDB's, where a tuple may
/// have fewer values than the key columns: it takes what begins with them and no longer tuple takes.
struct ListBound {
  std::vector<KeyTuple> values;
};
/// Rows whose hash (PostgreSQL's extended one) leaves this remainder.
struct HashBound {
  int32_t modulus = 1;
  int32_t remainder = 0;
};
/// Rows that no sibling takes.
struct DefaultBound {};

/// Which of its parent's rows a partition holds.
using PartitionBound = std::variant<DefaultBound, RangeBound, ListBound, HashBound>;

inline bool IsDefault(const PartitionBound& bound) { return std::holds_alternative<DefaultBound>(bound); }

}  // namespace weir
