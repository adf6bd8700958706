#pragma once

#include <cstdint>
#include <optional>

#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// The least and the greatest of unscaled integers.
struct WordBounds {
  int64_t least = 0;
  int64_t greatest = 0;
};

/// Those of all values of a DECIMAL in 64 or 128 bits, as exact statistics say; nothing where they do not, or where
/// 64 bits are too few.
std::optional<WordBounds> WordsWithin(const duckdb::BaseStatistics& statistics);

/// Of the products of two such DECIMALs, in 128 bits: for pg.decimal_multiply.
duckdb::unique_ptr<duckdb::BaseStatistics> BoundsOfProduct(duckdb::ClientContext& context,
                                                           duckdb::FunctionStatisticsInput& input);

}  // namespace weir::sql::duck
