#pragma once

#include <cstdint>

namespace weir {

/// Division that rounds down, and what it leaves: below 0 as well. `b` is positive.
constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t FloorMod(int64_t a, int64_t b) { return a % b + (a % b < 0 ? b : 0); }

}  // namespace weir
