#pragma once

#include <cstdint>

namespace weir::postgres {

/// PostgreSQL's number of a catalog's row; 0 is none.
using Oid = uint32_t;

/// The OIDs of PostgreSQL's own types by their names: `oid::kInt4`, `oid::kInt4Array`.
namespace oid {
#include "postgres/facts/oids.inc"
}  // namespace oid

}  // namespace weir::postgres
