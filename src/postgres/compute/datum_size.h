#pragma once

#include <cstdint>

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// How many bytes PostgreSQL holds a value in that is not null, without compression. `stored`: as a table's column
/// holds it, where short values that vary in length have one byte for their length and not four. 0A000 for types of
/// which nobody knows how they lie there.
Result<int64_t> DatumSize(Oid type, const Value& value, bool stored);

}  // namespace weir::postgres
