#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "weir/table.h"

namespace weir {

/// What is between two places of a container. (clang 14 does not compile std::ranges::subrange of GCC's library.)
template <typename Iterator>
struct Between {
  Iterator first;
  Iterator last;

  Iterator begin() const { return first; }
  Iterator end() const { return last; }
  bool empty() const { return first == last; }
};

/// The entries of an ordered map, or set, of buckets that are a table's, or one partition's of it.
template <typename Buckets>
auto BucketsOf(Buckets& buckets, int64_t table_id, std::optional<int64_t> partition_id) {
  constexpr int32_t kFirst = std::numeric_limits<int32_t>::min();
  const auto first = buckets.lower_bound(TableBucket{table_id, partition_id, kFirst});
  const auto last = buckets.lower_bound(partition_id ? TableBucket{table_id, *partition_id + 1, kFirst}
                                                    : TableBucket{table_id + 1, {}, kFirst});
  return Between<decltype(buckets.begin())>{first, last};
}

}  // namespace weir
