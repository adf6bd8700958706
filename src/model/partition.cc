#include "model/partition.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "model/problem.h"
#include "types/datum_kind.h"
#include "types/floor_div.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using LocalMillis = date::local_time<milliseconds>;
using SysMillis = date::sys_time<milliseconds>;

constexpr size_t kMaxValueLength = 200;
constexpr int64_t kMillisPerDay = 86400000;
/// 0000-01-01 and the day after 9999-12-31: the years that four digits can tell.
constexpr int64_t kFirstDay = -719528;
constexpr int64_t kEndDay = 2932897;

Status InvalidSpec(std::string message) { return {ErrorCode::kPartitionSpecInvalid, std::move(message)}; }

// ------------------------------------------------------------------------------------ value texts

std::string Hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// Java's text of a finite floating-point number (plain from 1e-3 up to 1e7, else with exponent),
/// with '_' in place of the point.
template <typename Float>
std::string JavaFloatText(Float value) {
  std::array<char, 64> buffer;
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific);
  const std::string_view text(buffer.data(), scientific.ptr - buffer.data());
  const size_t e = text.find('e');
  int exponent = 0;
  const size_t sign = text[e + 1] == '+' ? 1 : 0;
  std::from_chars(text.data() + e + 1 + sign, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);

  std::string result = std::signbit(value) ? "-" : "";
  if (value != 0 && (exponent < -3 || exponent >= 7)) {
    return result + digits[0] + "_" + (digits.size() > 1 ? digits.substr(1) : "0") + "E" + std::to_string(exponent);
  }
  if (exponent < 0) return result + "0_" + std::string(-exponent - 1, '0') + digits;
  const size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return result + digits + std::string(whole - digits.size(), '0') + "_0";
  return result + digits.substr(0, whole) + "_" + digits.substr(whole);
}

std::string FloatText(const DataType& type, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return type.id() == TypeId::kFloat ? JavaFloatText(static_cast<float>(value)) : JavaFloatText(value);
}

template <typename... Args>
std::string Printf(const char* format, Args... args) {
  std::array<char, 64> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), format, args...);
  return {buffer.data(), static_cast<size_t>(size)};
}

/// Empty when the year does not have four digits.
std::string DateText(int64_t days) {
  if (days < kFirstDay || days >= kEndDay) return {};
  const date::year_month_day ymd{date::sys_days{date::days{days}}};
  return Printf("%04d-%02u-%02u", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()));
}

std::string TimeText(int64_t millis) {
  const int ms = static_cast<int>(millis);
  return Printf("%02d-%02d-%02d", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60);
}

std::string FractionText(int64_t millis, int32_t nanos) {
  std::string text = Printf("%03d%06d", static_cast<int>(millis % 1000), static_cast<int>(nanos));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string TimestampText(const Datum::Time& time) {
  const int64_t days = FloorDiv(time.millis, kMillisPerDay);
  const std::string date = DateText(days);
  if (date.empty() || time.nanos < 0 || time.nanos > 999999) return {};
  const int64_t of_day = time.millis - days * kMillisPerDay;
  return date + "-" + TimeText(of_day) + "_" + FractionText(of_day, time.nanos);
}

/// Why a text cannot be a partition value; null when it can.
const char* ValueProblem(std::string_view value) {
  if (value.empty()) return "is empty";
  if (value == "." || value == "..") return "is reserved";
  if (value.size() > kMaxValueLength) return "is longer than 200 characters";
  if (value.starts_with("__")) return "starts with '__', which is reserved";
  const bool legal = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return legal ? nullptr : "may only hold ASCII letters, digits, '_' and '-'";
}

// ------------------------------------------------------------------------------ auto partitioning

/// One piece of a time format: a field with its number of digits, or a literal character.
struct FormatPart {
  char field = 0;  // 'y', 'Q', 'M', 'd', 'H'; 0: a literal
  int digits = 0;
  char literal = 0;
};
using Format = std::vector<FormatPart>;

std::string_view DefaultFormat(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kHour: return "yyyyMMddHH";
    case TimeUnit::kDay: return "yyyyMMdd";
    case TimeUnit::kMonth: return "yyyyMM";
    case TimeUnit::kQuarter: return "yyyyQ";
    case TimeUnit::kYear: return "yyyy";
  }
  return "yyyyMMdd";
}

std::string_view FieldsOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kHour: return "yMdH";
    case TimeUnit::kDay: return "yMd";
    case TimeUnit::kMonth: return "yM";
    case TimeUnit::kQuarter: return "yQ";
    case TimeUnit::kYear: return "y";
  }
  return "yMd";
}

int DigitsOf(char field) { return field == 'y' ? 4 : field == 'Q' ? 1 : 2; }

Status BadFormat(std::string_view pattern, std::string_view problem) {
  return InvalidConfig("invalid value '" + std::string(pattern) + "' for 'table.auto-partition.time-format': " +
                       std::string(problem));
}

Result<Format> ParseFormat(const AutoPartitionOptions& options) {
  const std::string_view pattern = options.format.empty() ? DefaultFormat(options.unit) : options.format;
  Format format;
  std::string fields;
  bool quoted = false;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const size_t run = std::min(pattern.find_first_not_of(c, i), pattern.size()) - i;
    if (c == '\'') {
      quoted = !quoted;
      ++i;
    } else if (!quoted && std::string_view("yQMdH").find(c) != std::string_view::npos) {
      if (static_cast<int>(run) != DigitsOf(c)) {
        return BadFormat(pattern, "the fields are yyyy, Q, MM, dd and HH, each of fixed width");
      }
      fields += c;
      format.push_back({c, DigitsOf(c), 0});
      i += run;
    } else if (c == '-' || c == '_' || (quoted && std::isalnum(static_cast<unsigned char>(c)))) {
      format.push_back({0, 1, c});
      ++i;
    } else {
      return BadFormat(pattern, "'" + std::string(1, c) + "' is neither a field nor '-', '_' or quoted text");
    }
  }
  if (quoted) return BadFormat(pattern, "a quote is not closed");
  if (fields != FieldsOf(options.unit)) {
    return BadFormat(pattern,
                     "the fields of the time unit must occur once each, from the largest to the smallest, as in " +
                         std::string(DefaultFormat(options.unit)));
  }
  return format;
}

/// Minutes east of UTC of "Z", "+08:00", "UTC+8", "GMT-03:30"; nothing for other texts.
std::optional<int> FixedOffsetMinutes(std::string_view zone) {
  if (zone == "Z") return 0;
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (zone.starts_with(prefix)) {
      zone.remove_prefix(prefix.size());
      if (zone.empty()) return 0;
      break;
    }
  }
  if (zone.size() < 2 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  int hours = 0, minutes = 0;
  const char* const end = zone.data() + zone.size();
  auto parsed = std::from_chars(zone.data() + 1, end, hours);
  if (parsed.ec != std::errc() || parsed.ptr - zone.data() > 3) return std::nullopt;
  if (parsed.ptr != end) {
    if (*parsed.ptr != ':' || end - parsed.ptr != 3) return std::nullopt;
    parsed = std::from_chars(parsed.ptr + 1, end, minutes);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  }
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 18 * 60) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

Result<LocalMillis> ToLocal(const std::string& zone, SysMillis now) {
  if (const auto offset = FixedOffsetMinutes(zone)) {
    return LocalMillis{now.time_since_epoch() + std::chrono::minutes(*offset)};
  }
  try {
    return (zone.empty() ? date::current_zone() : date::locate_zone(zone))->to_local(now);
  } catch (const std::exception&) {
    // A machine that names no zone of its own runs on UTC.
    if (zone.empty()) return LocalMillis{now.time_since_epoch()};
    return InvalidConfig(
        "invalid value '" + zone +
        "' for 'table.auto-partition.time-zone': expected a zone such as Asia/Shanghai, UTC or +08:00");
  }
}

int64_t MonthsPerUnit(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMonth: return 1;
    case TimeUnit::kQuarter: return 3;
    case TimeUnit::kYear: return 12;
    case TimeUnit::kHour:
    case TimeUnit::kDay: break;
  }
  return 0;
}

struct UnitTime {
  int year = 0;
  unsigned month = 1, day = 1;
  int hour = 0;
};

Status OutOfCalendar() { return InvalidSpec("an auto partition's time is outside of the years 0000 to 9999"); }

/// Hours are counted on the time line and days on the calendar, so a change of the clock neither
/// repeats nor skips a unit.
Result<UnitTime> UnitAt(const AutoPartitionOptions& options, int64_t now_ms, int offset) {
  constexpr int64_t limit = kEndDay * kMillisPerDay;
  if (now_ms < -limit || now_ms > limit) return OutOfCalendar();
  SysMillis now{milliseconds(now_ms)};
  if (options.unit == TimeUnit::kHour) now += std::chrono::hours(offset);
  WEIR_ASSIGN_OR_RETURN(const LocalMillis local, ToLocal(options.time_zone, now));
  const int64_t millis = local.time_since_epoch().count();
  int64_t days = FloorDiv(millis, kMillisPerDay);
  const int hour = static_cast<int>((millis - days * kMillisPerDay) / 3600000);
  if (options.unit == TimeUnit::kDay) days += offset;
  if (days < kFirstDay || days >= kEndDay) return OutOfCalendar();
  const date::year_month_day ymd{date::local_days{date::days{days}}};
  const int64_t months = static_cast<int64_t>(static_cast<int>(ymd.year())) * 12 +
                         (static_cast<unsigned>(ymd.month()) - 1) + offset * MonthsPerUnit(options.unit);
  if (months < 0 || months >= 120000) return OutOfCalendar();
  return UnitTime{static_cast<int>(months / 12), static_cast<unsigned>(months % 12) + 1,
                  static_cast<unsigned>(ymd.day()), hour};
}

int FieldValue(const UnitTime& time, char field) {
  switch (field) {
    case 'y': return time.year;
    case 'Q': return static_cast<int>((time.month - 1) / 3 + 1);
    case 'M': return static_cast<int>(time.month);
    case 'd': return static_cast<int>(time.day);
    default: return time.hour;
  }
}

std::string FormatTime(const Format& format, const UnitTime& time) {
  std::string text;
  for (const FormatPart& part : format) {
    text += part.field == 0 ? std::string(1, part.literal) : Printf("%0*d", part.digits, FieldValue(time, part.field));
  }
  return text;
}

bool FitsFormat(const Format& format, std::string_view value) {
  int year = 0, month = 1, day = 1;
  for (const FormatPart& part : format) {
    if (value.size() < static_cast<size_t>(part.digits)) return false;
    const std::string_view text = value.substr(0, part.digits);
    value.remove_prefix(part.digits);
    if (part.field == 0) {
      if (text[0] != part.literal) return false;
      continue;
    }
    int number = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      number = number * 10 + (c - '0');
    }
    if (part.field == 'y') year = number;
    if (part.field == 'M') month = number;
    if (part.field == 'd') day = number;
    if (part.field == 'Q' && (number < 1 || number > 4)) return false;
    if (part.field == 'H' && number > 23) return false;
  }
  const date::year_month_day ymd{date::year{year}, date::month{static_cast<unsigned>(month)},
                                 date::day{static_cast<unsigned>(day)}};
  return value.empty() && ymd.ok();
}

std::string ExampleOf(const AutoPartitionOptions& options) {
  return options.format.empty() ? std::string(DefaultFormat(options.unit)) : options.format;
}

}  // namespace

bool CanPartitionBy(const DataType& type) { return !type.is_nested() && type.id() != TypeId::kDecimal; }

Result<std::string> PartitionValueText(const DataType& type, const Datum& value, std::string_view column) {
  const std::string name = "partition column '" + std::string(column) + "'";
  if (!CanPartitionBy(type))
    return InvalidSpec(name + " has type " + type.ToString() + ", which cannot partition a table");
  if (value.is_null()) return InvalidSpec(name + " is NULL; a partition value must not be NULL");
  if (value.kind != KindOf(type.id())) return InvalidSpec(name + ": the value does not fit type " + type.ToString());
  std::string text;
  switch (type.id()) {
    case TypeId::kBoolean: return std::string(value.as_bool() ? "true" : "false");
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt: return std::to_string(value.as_int());
    case TypeId::kFloat:
    case TypeId::kDouble: return FloatText(type, value.as_double());
    case TypeId::kString:
    case TypeId::kChar: return std::string(value.as_bytes());
    case TypeId::kBytes:
    case TypeId::kBinary: return Hex(value.as_bytes());
    case TypeId::kDate: text = DateText(value.as_int()); break;
    case TypeId::kTime:
      if (value.as_int() >= 0 && value.as_int() < kMillisPerDay) {
        text = TimeText(value.as_int()) + Printf("_%03d", static_cast<int>(value.as_int() % 1000));
      }
      break;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kDecimal:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: text = TimestampText(value.time); break;
  }
  if (text.empty()) return InvalidSpec(name + ": the " + type.ToString() + " value is out of range for a partition");
  return text;
}

Result<std::string> PartitionName(const std::vector<std::string>& partition_keys, const PartitionSpec& spec) {
  for (const auto& [key, value] : spec) {
    if (std::find(partition_keys.begin(), partition_keys.end(), key) == partition_keys.end()) {
      return InvalidSpec("'" + key + "' is no partition key; the partition keys are " + Join(partition_keys));
    }
  }
  std::string name;
  for (size_t i = 0; i < partition_keys.size(); ++i) {
    const auto it = spec.find(partition_keys[i]);
    if (it == spec.end()) {
      return InvalidSpec("the partition spec has no value for '" + partition_keys[i] + "'; the partition keys are " +
                         Join(partition_keys));
    }
    if (const char* problem = ValueProblem(it->second)) {
      return InvalidSpec("partition value '" + it->second + "' of '" + it->first + "' " + problem);
    }
    if (i > 0) name += '$';
    name += it->second;
  }
  return name;
}

Result<PartitionSpec> PartitionSpecFromName(const std::vector<std::string>& partition_keys, std::string_view name) {
  const size_t count = static_cast<size_t>(std::count(name.begin(), name.end(), '$')) + 1;
  if (count != partition_keys.size()) {
    return InvalidSpec("partition name '" + std::string(name) + "' has " + std::to_string(count) +
                       " values, the partition keys are " + std::to_string(partition_keys.size()) + ": " +
                       Join(partition_keys));
  }
  PartitionSpec spec;
  for (const std::string& key : partition_keys) {
    const size_t end = name.find('$');
    const std::string_view value = name.substr(0, end);
    if (value.empty()) return InvalidSpec("the partition value of '" + key + "' is empty");
    spec[key] = std::string(value);
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
  }
  return spec;
}

Result<bool> MatchesPartialSpec(const std::vector<std::string>& partition_keys, const PartitionSpec& spec,
                                const PartitionSpec& partial) {
  bool matches = true;
  for (const auto& [key, value] : partial) {
    if (std::find(partition_keys.begin(), partition_keys.end(), key) == partition_keys.end()) {
      return InvalidSpec("'" + key + "' is no partition key; the partition keys are " + Join(partition_keys));
    }
    const auto it = spec.find(key);
    matches = matches && it != spec.end() && it->second == value;
  }
  return matches;
}

Result<std::string> AutoPartitionValue(const AutoPartitionOptions& options, int64_t now_ms, int offset) {
  WEIR_ASSIGN_OR_RETURN(const Format format, ParseFormat(options));
  WEIR_ASSIGN_OR_RETURN(const UnitTime time, UnitAt(options, now_ms, offset));
  return FormatTime(format, time);
}

Status CheckAutoPartitionValue(const AutoPartitionOptions& options, std::string_view value, int64_t now_ms) {
  WEIR_ASSIGN_OR_RETURN(const Format format, ParseFormat(options));
  if (!FitsFormat(format, value)) {
    return InvalidSpec("auto partition value '" + std::string(value) + "' does not have the format " +
                       ExampleOf(options));
  }
  WEIR_ASSIGN_OR_RETURN(const bool expired, IsExpiredAutoPartition(options, value, now_ms));
  if (!expired) return Status::OK();
  return InvalidSpec("auto partition value '" + std::string(value) + "' is expired: the last " +
                     std::to_string(options.num_retention) + " units are kept");
}

Result<std::vector<std::string>> AutoPartitionsToCreate(const AutoPartitionOptions& options, int64_t now_ms) {
  std::vector<std::string> values;
  for (int i = 0; options.enabled && i < options.num_precreate; ++i) {
    WEIR_ASSIGN_OR_RETURN(std::string value, AutoPartitionValue(options, now_ms, i));
    // The hour that a clock set back runs through twice is one partition.
    if (values.empty() || values.back() != value) values.push_back(std::move(value));
  }
  return values;
}

Result<bool> IsExpiredAutoPartition(const AutoPartitionOptions& options, std::string_view value, int64_t now_ms) {
  if (options.num_retention < 0) return false;
  const Result<std::string> oldest = AutoPartitionValue(options, now_ms, -options.num_retention);
  if (oldest.ok()) return value < *oldest;
  // A retention that reaches back before the first year keeps everything.
  if (oldest.status().code() == ErrorCode::kPartitionSpecInvalid) return false;
  return oldest.status();
}

}  // namespace weir
