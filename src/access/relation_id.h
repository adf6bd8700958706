#pragma once

#include <cstdint>

#include "weir/table.h"

namespace weir::access {

/// Tables that SQL has made carry the id of their relation; one that no relation of that id claims is a remnant.
inline constexpr const char* kRelationProperty = "weir.relation";
/// Ids of relations that SQL did not make follow from Fluss's own; SQL's lie below.
inline constexpr int64_t kFlussTableIds = int64_t{1} << 30;

/// The id of the relation that a Fluss table is, or says that it is a leaf of: ObjectKey::Table.
int64_t RelationIdOf(const TableInfo& info);

}  // namespace weir::access
