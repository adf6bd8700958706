#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/value/time_zone.h"
#include "weir/status.h"

namespace weir::postgres {

enum class DateStyle : uint8_t { kIso, kSql, kPostgres, kGerman };
/// In which order a date's numbers are read, and written by the styles SQL and Postgres.
enum class DateOrder : uint8_t { kMdy, kDmy, kYmd };
enum class IntervalStyle : uint8_t { kPostgres, kPostgresVerbose, kSqlStandard, kIso8601 };
enum class ByteaOutput : uint8_t { kHex, kEscape };

/// The settings of a session that values are read and written by.
struct Settings {
  TimeZonePtr zone;  // null: UTC
  DateStyle date_style = DateStyle::kIso;
  DateOrder date_order = DateOrder::kMdy;
  IntervalStyle interval_style = IntervalStyle::kPostgres;
  ByteaOutput bytea_output = ByteaOutput::kHex;
  int extra_float_digits = 1;  // -15 to 3
  int64_t now = 0;             // the transaction's start, microseconds since 1970: 'now', 'today', …
};

/// DateStyle's value: a style, an order, or both ("SQL, DMY"), over what holds now. 22023 for another.
Status SetDateStyle(std::string_view text, Settings* settings);
/// As SHOW gives it: "ISO, MDY".
std::string ShowDateStyle(const Settings& settings);
/// "postgres", "postgres_verbose", "sql_standard", "iso_8601". 22023 for another.
Status SetIntervalStyle(std::string_view text, Settings* settings);
std::string_view ShowIntervalStyle(const Settings& settings);
/// "hex" or "escape". 22023 for another.
Status SetByteaOutput(std::string_view text, Settings* settings);
/// A zone's name, its POSIX text or a number of hours. 22023 for another.
Status SetTimeZone(std::string_view text, Settings* settings);

}  // namespace weir::postgres
