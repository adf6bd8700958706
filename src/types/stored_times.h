#pragma once

#include <cstdint>

#include "types/floor_div.h"
#include "weir/datum.h"

namespace weir {

inline constexpr int64_t kNanosPerMilli = 1000000;

/// Units of one second that a precision is stored in.
inline int64_t UnitsPerSecond(int precision) {
  if (precision == 0) return 1;
  if (precision <= 3) return 1000;
  if (precision <= 6) return 1000000;
  return 1000000000;
}

/// A time of day in the unit of `precision`.
inline int64_t TimeToUnits(int64_t millis, int precision) {
  switch (UnitsPerSecond(precision)) {
    case 1: return millis / 1000;
    case 1000: return millis;
    case 1000000: return millis * 1000;
    default: return millis * kNanosPerMilli;
  }
}

/// Epoch milliseconds and nanos to the unit of `precision`; false when it does not fit 64 bits.
inline bool TimestampToUnits(const Datum::Time& time, int precision, int64_t* units) {
  // In one step: the first moments of 64 bits lie within a millisecond that begins before them.
  const auto in_units = [&](int64_t per_milli, int64_t rest) {
    const __int128 value = static_cast<__int128>(time.millis) * per_milli + rest;
    *units = static_cast<int64_t>(value);
    return *units == value;
  };
  switch (UnitsPerSecond(precision)) {
    case 1:
      *units = FloorDiv(time.millis, 1000);
      return true;
    case 1000:
      *units = time.millis;
      return true;
    case 1000000: return in_units(1000, time.nanos / 1000);
    default: return in_units(kNanosPerMilli, time.nanos);
  }
}

}  // namespace weir
