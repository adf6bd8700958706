#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::postgres {

class TimeZone;
using TimeZonePtr = std::shared_ptr<const TimeZone>;

/// Where a clock is: a zone of the system's tz database, a zone by its POSIX text ("EST5EDT,M3.2.0,M11.1.0"), or a
/// fixed offset. Offsets are seconds east of Greenwich; times are seconds since 1970, UTC unless said otherwise.
class TimeZone {
 public:
  struct Local {
    int32_t offset = 0;
    bool daylight = false;
    std::string_view abbreviation;  // lives as long as the zone
  };

  virtual ~TimeZone() = default;
  /// The name in the database's spelling, or the text that it was made of.
  const std::string& name() const { return name_; }
  virtual Local At(int64_t utc) const = 0;
  int32_t OffsetAt(int64_t utc) const { return At(utc).offset; }
  /// The offset of a local time. One that a clock set forward jumps over counts by the offset before; one that a clock
  /// set back shows twice by the offset after.
  virtual int32_t OffsetOfLocal(int64_t local) const = 0;
  /// The one offset of a zone that never had another.
  virtual std::optional<int32_t> OnlyOffset() const = 0;
  /// The offset that an abbreviation (in capitals) meant in this zone at a time: the last use before, else the first.
  virtual std::optional<int32_t> OffsetOfAbbreviation(std::string_view abbreviation, int64_t utc) const = 0;

  /// By its name in any case, or its POSIX text; null where it is neither.
  static TimeZonePtr Find(std::string_view name);
  /// As SET TimeZone takes it: also a number of hours east ("-3.5"). Null where it is no zone.
  static TimeZonePtr OfSetting(std::string_view text);
  static TimeZonePtr Fixed(int32_t offset);
  static TimeZonePtr Utc();

 protected:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

/// What an abbreviation of PostgreSQL's default set stands for.
struct ZoneAbbreviation {
  std::string_view name;  // in small letters
  int32_t offset = 0;     // where `zone` is empty
  bool daylight = false;
  std::string_view zone;  // the zone whose history tells the offset
};
std::span<const ZoneAbbreviation> AllAbbreviations();
/// Null for one that is not in the set. `name` is in small letters.
const ZoneAbbreviation* FindAbbreviation(std::string_view name);

/// The names of the system's tz database, in their order.
std::vector<std::string> AllZoneNames();

}  // namespace weir::postgres
