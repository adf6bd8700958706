#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace weir::pgwire {

/// Where a session's clock is: a zone of the IANA database or a fixed offset.
class TimeZone {
 public:
  virtual ~TimeZone() = default;
  /// Seconds to add to `utc_seconds` (since 1970) to get the local time.
  virtual int32_t OffsetAt(int64_t utc_seconds) const = 0;

  /// "Europe/Berlin", "UTC", "+02", "-03:30"; null (UTC) for a name that there is none of.
  static std::shared_ptr<const TimeZone> Find(const std::string& name);
};
using TimeZonePtr = std::shared_ptr<const TimeZone>;

}  // namespace weir::pgwire
