#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <ranges>

#include "weir/table.h"

namespace weir {

/// The entries of an ordered map, or set, of buckets that are a table's, or one partition's of it.
template <typename Buckets>
auto BucketsOf(Buckets& buckets, int64_t table_id, std::optional<int64_t> partition_id) {
  constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();
  const auto begin = buckets.lower_bound(TableBucket{table_id, partition_id, kFirst});
  const auto end = buckets.lower_bound(partition_id ? TableBucket{table_id, *partition_id + 1, kFirst}
                                                    : TableBucket{table_id + 1, {}, kFirst});
  return std::ranges::subrange(begin, end);
}

}  // namespace weir
