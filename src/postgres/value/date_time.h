#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

/// Dates and times as they are held: days and microseconds since 1970, the infinities being the largest numbers.
/// Errors of the readers: 22007 for what is no date or time, 22008 for one that there is not or that PostgreSQL cannot
/// hold, 22009 for an offset of more than 15:59:59, 22023 for a zone that is none.

inline constexpr int32_t kInfiniteDate = std::numeric_limits<int32_t>::max();      // and its negative
inline constexpr int64_t kInfiniteTimestamp = std::numeric_limits<int64_t>::max();  // and its negative

struct Date {
  int32_t days = 0;  // since 1970
  auto operator<=>(const Date&) const = default;
};

struct Time {
  int64_t microseconds = 0;  // since midnight, up to 24:00
  auto operator<=>(const Time&) const = default;
};

struct TimeTz {
  int64_t microseconds = 0;  // since local midnight
  int32_t offset = 0;        // seconds east of Greenwich

  /// By the moment, then by the zone, the eastern first.
  std::strong_ordering operator<=>(const TimeTz& other) const;
  bool operator==(const TimeTz&) const = default;
};

/// A timestamp's local time, or a timestamptz's moment.
struct Timestamp {
  int64_t microseconds = 0;  // since 1970
  auto operator<=>(const Timestamp&) const = default;
};

bool IsFinite(Date date);
bool IsFinite(Timestamp timestamp);

// --- text ---

Result<Date> ReadDate(std::string_view text, const Settings& settings);
Result<Time> ReadTime(std::string_view text, const Settings& settings);
Result<TimeTz> ReadTimeTz(std::string_view text, const Settings& settings);
Result<Timestamp> ReadTimestamp(std::string_view text, const Settings& settings);
Result<Timestamp> ReadTimestampTz(std::string_view text, const Settings& settings);

void AppendDate(Date date, const Settings& settings, std::string* out);
void AppendTime(Time time, std::string* out);
void AppendTimeTz(TimeTz time, std::string* out);
void AppendTimestamp(Timestamp timestamp, const Settings& settings, std::string* out);
void AppendTimestampTz(Timestamp timestamp, const Settings& settings, std::string* out);

// --- binary: microseconds and days since 2000. 22008 beyond PostgreSQL's range, 08P01 and 22P03 for a wrong size ---

Result<Date> ReadDateBinary(std::string_view bytes);
Result<Time> ReadTimeBinary(std::string_view bytes);
Result<TimeTz> ReadTimeTzBinary(std::string_view bytes);
Result<Timestamp> ReadTimestampBinary(std::string_view bytes);
void AppendDateBinary(Date date, std::string* out);
void AppendTimeBinary(Time time, std::string* out);
void AppendTimeTzBinary(TimeTz time, std::string* out);
void AppendTimestampBinary(Timestamp timestamp, std::string* out);

/// Rounds to as many digits of a second as the modifier says (0 to 6; below 0: as it is).
Time ApplyTimeModifier(Time time, int32_t modifier);
TimeTz ApplyTimeModifier(TimeTz time, int32_t modifier);
Timestamp ApplyTimestampModifier(Timestamp timestamp, int32_t modifier);

// --- what the parts of this family share ---

/// "hh:mm:ss" and the fraction without zeros at its end. The hours may have any number of digits.
void AppendClock(int64_t microseconds, std::string* out);
/// The local time of a moment in the session's zone, in microseconds since 1970.
int64_t LocalOf(int64_t microseconds, const Settings& settings);
/// Whether a date, and a timestamp, is within PostgreSQL's range (and of 64 bits since 1970).
bool IsValidDate(int64_t days);
bool IsValidTimestamp(int64_t microseconds);

}  // namespace weir::postgres
