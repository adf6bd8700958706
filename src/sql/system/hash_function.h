#pragma once

#include "duckdb/function/scalar_function.hpp"

namespace weir::sql {

/// PostgreSQL's satisfies_hash_partition(parent, modulus, remainder, key, …): whether rows of this key go to the
/// partition of this modulus and remainder. NULL when one of the first three is, or there is no such table; 22023 for
/// what does not fit the parent's key.
duckdb::ScalarFunction SatisfiesHashPartition();

}  // namespace weir::sql
