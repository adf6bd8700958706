#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/key_value.h"
#include "postgres/value.h"

namespace weir::postgres {

/// A key's value with the type that it is of.
struct TypedValue {
  Oid type = 0;
  Value value;
};
/// What a value that lies in `type` is in SQL; NULL: no value.
TypedValue ValueOfKey(const DataType& type, const KeyValue& key);

/// A value as KWDB casts it to STRING, whatever the session's settings are; of NULL nothing.
std::string ShardText(Oid type, const Value& value);

/// The shard, from 0, of a key of these texts among `buckets`, at least 1: the remainder of the sum of their FNV-1
/// hashes of 32 bits, as KWDB's hash-sharded keys have it.
int32_t ShardOf(std::span<const std::string> texts, int32_t buckets);
/// The same of values of `types`.
int32_t ShardOf(std::span<const DataType> types, std::span<const KeyValue> key, int32_t buckets);

}  // namespace weir::postgres
