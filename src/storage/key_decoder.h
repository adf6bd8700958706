#pragma once

#include <span>
#include <string_view>

#include "storage/key_layout.h"
#include "weir/datum.h"

namespace weir {

/// Reads the values of an encoded primary key into `row` (all columns, at the key's positions). What
/// they refer to lives in `arena`. Code 14 when the bytes are no such key.
Status DecodePrimaryKey(const KeyLayout& layout, const std::vector<DataType>& types, std::string_view key,
                        Arena* arena, std::span<Datum> row);

/// The value of a partition column from its text (docs/fluss-formats.md, "Metadata"); code 43 when it is none.
Result<Datum> PartitionValueFromText(const DataType& type, std::string_view text, std::string_view column,
                                     Arena* arena);

}  // namespace weir
