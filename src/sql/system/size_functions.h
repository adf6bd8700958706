#pragma once

#include <cstdint>
#include <optional>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// What a relation keeps itself, in bytes: partitioned tables and views nothing. Nothing where the target does not
/// tell. Throws.
std::optional<int64_t> SizeOnDisk(const SystemSources& sources, const Relation& relation);

}  // namespace weir::sql
