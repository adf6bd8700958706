#include "postgres/value/posix_zone.h"

#include <algorithm>
#include <charconv>

#include "postgres/value/calendar.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {


/// The beginning of the clock's change in local seconds since 1970.
int64_t TimeOf(const PosixZone::Change& change, int64_t year) {
  int64_t day = 0;
  switch (change.kind) {
    case PosixZone::Change::Kind::kJulianDay:  // 1 to 365: 29 February is not counted
      day = DaysOf(year, 1, 1) + change.day - 1 + (IsLeapYear(year) && change.day >= 60 ? 1 : 0);
      break;
    case PosixZone::Change::Kind::kDayOfYear: day = DaysOf(year, 1, 1) + change.day; break;
    case PosixZone::Change::Kind::kMonthWeekDay: {
      const int64_t first = DaysOf(year, change.month, 1);
      day = first + (change.day - WeekdayOf(first) + 7) % 7 + (change.week - 1) * 7;
      while (day >= first + DaysInMonth(year, change.month)) day -= 7;
      break;
    }
  }
  return day * kSecondsPerDay + change.time;
}

class PosixZoneParser {
 public:
  explicit PosixZoneParser(std::string_view text) : left_(text) {}

  std::optional<PosixZone> Parse() {
    PosixZone zone;
    if (!Name(&zone.standard_name) || !Offset(&zone.standard_offset)) return std::nullopt;
    zone.standard_offset = -zone.standard_offset;  // POSIX counts west of Greenwich
    if (left_.empty()) return zone;
    if (!Name(&zone.daylight_name) || zone.daylight_name.empty()) return std::nullopt;
    zone.daylight_offset = zone.standard_offset + 3600;
    if (!left_.empty() && left_[0] != ',') {
      if (!Offset(&zone.daylight_offset)) return std::nullopt;
      zone.daylight_offset = -zone.daylight_offset;
    }
    PosixZoneParser defaults(",M3.2.0,M11.1.0");
    PosixZoneParser& rules = left_.empty() ? defaults : *this;
    if (!rules.Rule(&zone.start) || !rules.Rule(&zone.end) || !rules.left_.empty()) return std::nullopt;
    return zone;
  }

 private:
  bool Take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool Name(std::string* name) {
    if (Take('<')) {
      const size_t end = left_.find('>');
      if (end == std::string_view::npos) return false;
      *name = left_.substr(0, end);
      left_.remove_prefix(end + 1);
      return true;
    }
    const size_t end = std::min(left_.find_first_of("0123456789,+-"), left_.size());
    *name = left_.substr(0, end);
    left_.remove_prefix(end);
    return true;
  }

  bool Number(int min, int max, int* value) {
    const auto read = std::from_chars(left_.data(), left_.data() + left_.size(), *value);
    if (read.ec != std::errc() || left_[0] == '-' || *value < min || *value > max) return false;
    left_.remove_prefix(static_cast<size_t>(read.ptr - left_.data()));
    return true;
  }

  /// [+-]hh[:mm[:ss]]
  bool Offset(int32_t* seconds) {
    constexpr int kMostHours = 24 * 7 - 1;
    const bool negative = Take('-');
    if (!negative) Take('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!Number(0, kMostHours, &hours)) return false;
    if (Take(':')) {
      if (!Number(0, 59, &minutes)) return false;
      if (Take(':') && !Number(0, 60, &rest)) return false;
    }
    *seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative) *seconds = -*seconds;
    return true;
  }

  bool Rule(PosixZone::Change* change) {
    using Day = PosixZone::Change::Kind;
    if (!Take(',')) return false;
    if (Take('M')) {
      if (!Number(1, 12, &change->month) || !Take('.') || !Number(1, 5, &change->week) || !Take('.') ||
          !Number(0, 6, &change->day)) {
        return false;
      }
    } else {
      change->kind = Take('J') ? Day::kJulianDay : Day::kDayOfYear;
      const bool julian = change->kind == Day::kJulianDay;
      if (!Number(julian ? 1 : 0, 365, &change->day)) return false;
    }
    return !Take('/') || Offset(&change->time);
  }

  std::string_view left_;
};

}  // namespace

TimeZone::Local PosixZone::At(int64_t utc) const {
  const TimeZone::Local standard{.offset = standard_offset, .daylight = false, .abbreviation = standard_name};
  if (!has_daylight()) return standard;
  const int64_t year = CivilOf(FloorQuotient(utc + standard_offset, kSecondsPerDay)).year;
  const int64_t begin = TimeOf(start, year) - standard_offset;
  const int64_t stop = TimeOf(end, year) - daylight_offset;
  const bool daylight = begin < stop ? utc >= begin && utc < stop : utc >= begin || utc < stop;
  if (!daylight) return standard;
  return {.offset = daylight_offset, .daylight = true, .abbreviation = daylight_name};
}

std::optional<PosixZone> ParsePosixZone(std::string_view text) { return PosixZoneParser(text).Parse(); }

}  // namespace weir::postgres
