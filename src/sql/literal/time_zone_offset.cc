#include "sql/literal/time_zone_offset.h"

#include <date/tz.h>

#include <algorithm>
#include <array>

#include "sql/literal/characters.h"

namespace weir::sql {
namespace {

struct Abbreviation {
  std::string_view name;
  int minutes;
};

constexpr std::array kAbbreviations = {
    Abbreviation{"z", 0},       Abbreviation{"zulu", 0},    Abbreviation{"utc", 0},     Abbreviation{"gmt", 0},
    Abbreviation{"ut", 0},      Abbreviation{"uct", 0},     Abbreviation{"wet", 0},     Abbreviation{"west", 60},
    Abbreviation{"bst", 60},    Abbreviation{"cet", 60},    Abbreviation{"met", 60},    Abbreviation{"cest", 120},
    Abbreviation{"mest", 120},  Abbreviation{"eet", 120},   Abbreviation{"sast", 120},  Abbreviation{"eest", 180},
    Abbreviation{"msk", 180},   Abbreviation{"msd", 240},   Abbreviation{"pkt", 300},   Abbreviation{"ist", 120},
    Abbreviation{"ict", 420},   Abbreviation{"wib", 420},   Abbreviation{"hkt", 480},   Abbreviation{"awst", 480},
    Abbreviation{"jst", 540},   Abbreviation{"kst", 540},   Abbreviation{"acst", 570},  Abbreviation{"acdt", 630},
    Abbreviation{"aest", 600},  Abbreviation{"aedt", 660},  Abbreviation{"nzst", 720},  Abbreviation{"nzdt", 780},
    Abbreviation{"nst", -210},  Abbreviation{"ndt", -150},  Abbreviation{"ast", -240},  Abbreviation{"adt", -180},
    Abbreviation{"est", -300},  Abbreviation{"edt", -240},  Abbreviation{"cst", -360},  Abbreviation{"cdt", -300},
    Abbreviation{"mst", -420},  Abbreviation{"mdt", -360},  Abbreviation{"pst", -480},  Abbreviation{"pdt", -420},
    Abbreviation{"akst", -540}, Abbreviation{"akdt", -480}, Abbreviation{"hst", -600},
};

std::optional<int32_t> FixedOffset(std::string_view zone) {
  if (const auto offset = ReadOffset(zone)) return offset;
  const std::string lower = LowerCase(zone);
  for (const Abbreviation& entry : kAbbreviations) {
    if (entry.name == lower) return entry.minutes * 60;
  }
  return std::nullopt;
}

/// Null for a name that is not in the database.
const date::time_zone* Locate(std::string_view name) {
  const std::string lower = LowerCase(name);
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    if (LowerCase(zone.name()) == lower) return &zone;
  }
  try {
    return date::locate_zone(std::string(name));  // links: old names of zones
  } catch (const std::exception&) {
    return nullptr;
  }
}

constexpr int64_t kLimit = int64_t{30'000} * 366 * 86'400;  // of the library's years

}  // namespace

std::optional<int32_t> OffsetOfLocal(std::string_view zone, int64_t local_seconds) {
  if (const auto offset = FixedOffset(zone)) return offset;
  const date::time_zone* found = Locate(zone);
  if (found == nullptr) return std::nullopt;
  const int64_t at = std::clamp(local_seconds, -kLimit, kLimit);
  const date::local_info info = found->get_info(date::local_seconds(std::chrono::seconds(at)));
  const auto& stretch = info.result == date::local_info::ambiguous ? info.second : info.first;
  return static_cast<int32_t>(stretch.offset.count());
}

std::optional<int32_t> OffsetAt(std::string_view zone, int64_t utc_seconds) {
  if (const auto offset = FixedOffset(zone)) return offset;
  const date::time_zone* found = Locate(zone);
  if (found == nullptr) return std::nullopt;
  const int64_t at = std::clamp(utc_seconds, -kLimit, kLimit);
  return static_cast<int32_t>(found->get_info(date::sys_seconds(std::chrono::seconds(at))).offset.count());
}

std::optional<int32_t> ReadOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::array<int32_t, 3> parts = {0, 0, 0};
  const bool colons = text.find(':') != std::string_view::npos;
  size_t part = 0, digits = 0;
  const size_t count = static_cast<size_t>(std::count_if(text.begin() + 1, text.end(), [](char c) { return c != ':'; }));
  if (count > 6 || (!colons && count == 3) || (!colons && count == 5)) return std::nullopt;
  for (const char c : text.substr(1)) {
    const bool next = colons ? c == ':' : digits == 2;
    if (next) {
      if (digits == 0 || ++part == parts.size()) return std::nullopt;
      digits = 0;
      if (colons) continue;
    }
    if (c < '0' || c > '9' || ++digits > 2) return std::nullopt;
    parts[part] = parts[part] * 10 + (c - '0');
  }
  if (digits == 0 || parts[0] > 15 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  const int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace weir::sql
