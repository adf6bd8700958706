#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::postgres {

/// What "2024-02-29", "2024-02-29 12:30:00.5" and "2024-02-29T12:30:00+02" say.
struct IsoMoment {
  int64_t days = 0;               // since 1970
  int64_t clock = 0;              // microseconds
  std::optional<int32_t> offset;  // seconds east of Greenwich
};

/// The short way for texts that mean the same whatever the settings: ISO 8601's dates of the years 1 to 9999 in full.
/// Nothing for all others, whether they are moments or not.
std::optional<IsoMoment> ReadIsoMoment(std::string_view text);

}  // namespace weir::postgres
