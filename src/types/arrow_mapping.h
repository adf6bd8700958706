#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "weir/schema.h"

namespace weir {

/// TIMESTAMP_LTZ has no zone in Arrow on the wire and "UTC" in front of users.
enum class LtzZone { kNone, kUtc };

/// The Arrow type that stores a Fluss type (docs/fluss-formats.md, "Records").
std::shared_ptr<arrow::DataType> ToArrowType(const DataType& type, LtzZone zone);
std::shared_ptr<arrow::Schema> ToArrowSchema(const Schema& schema, LtzZone zone);

/// The Fluss type that a user's Arrow type becomes, nullable.
/// Types that Fluss has no place for (null, float16, duration, …) are code -2 and named.
Result<DataType> FromArrowType(const arrow::DataType& type);
/// Nullability from the fields, comments from the field metadata key "comment".
Result<std::vector<Column>> FromArrowSchema(const arrow::Schema& schema);

}  // namespace weir
