#pragma once

#include <cstdint>

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// What the extended hash function of the type's hash operator class gives (uuid_hash_extended, jsonb_hash_extended,
/// …), for a value that is not null. Types: whole numbers, numeric, texts, date and time types, interval, uuid, network
/// addresses, jsonb, ranges and multiranges. Values that are equal hash alike. 0A000 for others, XX001 for a jsonb that
/// is no JSON.
Result<uint64_t> HashExtended(Oid type, const Value& value, uint64_t seed);

}  // namespace weir::postgres
