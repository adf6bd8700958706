#pragma once

#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Tells scans whose rows are only wanted for the least and the greatest values of their columns: these stand in the
/// statistics of batches, which are then not read.
void RegisterExtremes(duckdb::DBConfig* config);

}  // namespace weir::sql
