#pragma once

#include <cstdint>
#include <string>

#include "model/key_value.h"
#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// The key that a text of type `type` (pg_type.oid) is in a partition key that compares by values. Errors as
/// ReadText has them.
Result<KeyValue> ToOrderedText(uint32_t type, std::string text);
/// The same of a value that is not null.
Result<KeyValue> ToOrderedText(uint32_t type, const Value& value);

/// A value of a key's part as the part compares it; `value_type` as SqlPartitionKeyPart has it.
Result<KeyValue> InOrder(uint32_t value_type, KeyValue value);

}  // namespace weir::postgres
