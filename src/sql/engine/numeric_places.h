#pragma once

#include <vector>

#include "postgres/value/numeric.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has comparisons of a column's numerics with constants compare the numbers, of which most are short, instead of
/// making keys of all.
void RegisterNumericPlaces(duckdb::DBConfig* config);

/// What a call that such a comparison has got compares with; empty: it is another expression. The number i stands in
/// the comparison as 2i + 1.
std::vector<postgres::Numeric> NumericsOfPlaces(const duckdb::Expression& expression);

}  // namespace weir::sql
