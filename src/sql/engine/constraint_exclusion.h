#pragma once

#include "sql/engine/condition.h"

namespace weir::sql {

/// Whether the CHECKs of a table that inherits from the scanned one let in no row that meets a condition over that
/// one's columns. `constraint_exclusion` can switch it off.
bool IsExcluded(duckdb::ClientContext& context, const Relation& heir, const Relation& scanned,
                const Condition& condition);

}  // namespace weir::sql
