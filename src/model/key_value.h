#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "weir/data_type.h"
#include "weir/datum.h"

namespace weir {

/// A value of a partition key that owns its bytes. Which alternative a column uses follows from its
/// type: integers, BOOLEAN (0, 1), DATE (days), TIME (microseconds) and TIMESTAMP (microseconds
/// since 1970) are int64, FLOAT and DOUBLE double, DECIMAL an unscaled integer of the column's
/// scale, texts and bytes string. NULL is the first alternative.
using KeyValue = std::variant<std::monostate, int64_t, double, __int128, std::string>;
/// One value a key column.
using KeyTuple = std::vector<KeyValue>;

inline bool IsNull(const KeyValue& value) { return value.index() == 0; }

/// Order of two values of one column, as PostgreSQL's btree classes have it: NaN above all numbers
/// and equal to itself, −0 equal to 0, text by bytes ("C" collation). NULL comes last.
std::weak_ordering Compare(const KeyValue& a, const KeyValue& b);
bool operator==(const KeyTuple& a, const KeyTuple& b);
size_t HashOf(const KeyTuple& key);

/// What a datum of this type is as a key.
KeyValue ToKeyValue(const DataType& type, const Datum& datum);

}  // namespace weir
