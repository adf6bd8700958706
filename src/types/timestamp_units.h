#pragma once

#include <cstdint>
#include <limits>

namespace weir {

/// Microseconds of a timestamp that is held in whole units of `unit` microseconds each. SQL's infinities are the
/// largest number of microseconds and its negative; cut to coarser units they are the ends of those, which are no other
/// moment's.
constexpr int64_t MicrosOfUnits(int64_t value, int64_t unit) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  const int64_t last = kInfinity / unit;
  if (value >= last) return kInfinity;
  if (value <= -last) return -kInfinity;
  return value * unit;
}

}  // namespace weir
