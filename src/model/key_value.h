#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// A value that is held as a text and neither ordered nor hashed by the text's bytes.
struct OrderedText {
  uint32_t type = 0;   // pg_type.oid: what the text is of
  std::string text;    // as it is held and shown
  std::string order;   // bytes that compare as the values do
  uint64_t hash = 0;   // PostgreSQL's extended hash under kPartitionSeed; 0 for types that it does not hash

  bool operator==(const OrderedText& other) const { return order == other.order; }
};

/// A value of a partition key that owns its bytes. Which alternative a column uses follows from its
/// type: integers, BOOLEAN (0, 1), DATE (days), TIME (microseconds) and TIMESTAMP (microseconds
/// since 1970) are int64, FLOAT and DOUBLE double, DECIMAL an unscaled integer of the column's
/// scale, texts and bytes string; of SQL's types that are held as text without comparing as such
/// (inet, interval, money, …) OrderedText. NULL is the first alternative.
using KeyValue = std::variant<std::monostate, int64_t, double, __int128, std::string, OrderedText>;
/// One value a key column.
using KeyTuple = std::vector<KeyValue>;

inline bool IsNull(const KeyValue& value) { return value.index() == 0; }

/// Order of two values of one column, as PostgreSQL's btree classes have it: NaN above all numbers
/// and equal to itself, −0 equal to 0, text by bytes ("C" collation). NULL comes last.
std::weak_ordering Compare(const KeyValue& a, const KeyValue& b);
/// Column by column; a tuple that another begins with comes first.
std::weak_ordering Compare(std::span<const KeyValue> a, std::span<const KeyValue> b);
/// Equal keys have equal hashes (NaN and NaN, −0 and 0).
size_t HashOf(std::span<const KeyValue> key);

/// For hash maps of keys that are looked up by spans.
struct KeyTupleHash {
  using is_transparent = void;
  size_t operator()(std::span<const KeyValue> key) const { return HashOf(key); }
};
struct KeyTupleEqual {
  using is_transparent = void;
  bool operator()(std::span<const KeyValue> a, std::span<const KeyValue> b) const { return Compare(a, b) == 0; }
};

/// What a datum of this type is as a key.
KeyValue ToKeyValue(const DataType& type, const Datum& datum);

}  // namespace weir
