#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sql {

/// Seconds east of UTC at a local time (seconds since 1970 by the clock on the wall) in a zone: an abbreviation
/// (PST, CEST), a name of the tz database in any case, or an offset as `SET timezone` takes it ("+02", "-03:30").
/// Where a clock is put forward the time before counts, where it is put back the time after, as in PostgreSQL.
/// Nothing for a zone that is not known.
std::optional<int32_t> OffsetOfLocal(std::string_view zone, int64_t local_seconds);

/// The same at a moment (seconds since 1970 UTC).
std::optional<int32_t> OffsetAt(std::string_view zone, int64_t utc_seconds);

/// "+02", "-0330", "-03:30:15": seconds. Nothing for other texts and beyond 15:59:59.
std::optional<int32_t> ReadOffset(std::string_view text);

}  // namespace weir::sql
