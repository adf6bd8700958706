#pragma once

#include <string>
#include <string_view>

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// Order keys: bytes that compare (memcmp) as values of one type do in its btree order, and are equal where the values
/// are. No value can be read back from them.

/// The key of a value that is not null. Types: whole numbers, floats, numeric, money, texts, bytea, date and time
/// types, interval, uuid, network addresses, bit strings, jsonb, ranges, multiranges, arrays and rows of these. 0A000
/// for others, XX001 for a jsonb that is no JSON.
Result<std::string> OrderKey(Oid type, const Value& value);

/// The key of a jsonb by its canonical text: null, strings, numbers, truth values, arrays, objects; of arrays and
/// objects the one with fewer members first, then member by member in the order that jsonb keeps them; an array without
/// elements is below all where it is the whole value. XX001 for what is no JSON.
Result<std::string> JsonbOrderKey(std::string_view json);

}  // namespace weir::postgres
