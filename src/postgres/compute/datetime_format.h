#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// A moment or an interval taken apart, as to_char shows it.
struct TimeFields {
  bool interval = false;
  int64_t year = 0;  // 0: 1 BC; of an interval: years
  int month = 0;     // 1–12; of an interval: months
  int day = 0;       // 1–31; of an interval: days
  int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  std::optional<int> offset = {};  // seconds east of UTC; none: a time without a zone
  std::string_view zone = {};      // its abbreviation: "CET"
};

/// What to_timestamp has read: a moment in its own zone or, without `offset`, in the session's.
struct TimeByFormat {
  int64_t year = 0;  // 0: 1 BC
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  std::optional<int> offset = {};
  std::optional<int> precision = {};  // digits of the second that FF1 … FF6 round to
};

/// A template of to_char, to_timestamp and to_date (PostgreSQL's manual, section 9.8).
class DateTimeFormat {
 public:
  explicit DateTimeFormat(std::string_view pattern);

  /// Errors: 22007 for a field that an interval has not.
  Status Write(const TimeFields& time, std::string* out) const;
  /// Errors: 22007 and 22008, in PostgreSQL's words.
  Result<TimeByFormat> Read(std::string_view text) const;

  /// As SQL/JSON reads: separators and texts are in the text as they are in the template, and nothing is left over.
  Result<TimeByFormat> ReadExactly(std::string_view text) const;
  /// 22007 for a template of SQL/JSON with something else than fields, quoted texts and the separators "-./,':; ".
  static Status CheckExact(std::string_view pattern);

  /// What the template's fields belong to.
  struct Parts {
    bool date = false;
    bool time = false;
    bool zone = false;
  };
  Parts parts() const;

  enum class Field : uint8_t {
    kMeridiem, kMeridiemDots, kEra, kEraDots, kCentury, kMonthName, kMonthShort, kMonth, kDayName, kDayShort,
    kDayOfYear, kIsoDayOfYear, kDay, kDayOfWeek, kIsoDayOfWeek, kFraction, kMilliseconds, kMicroseconds, kHour12,
    kHour24, kMinute, kSecond, kSecondsOfDay, kJulian, kQuarter, kRoman, kZone, kZoneHours, kZoneMinutes, kOffset,
    kWeekOfMonth, kWeek, kIsoWeek, kYearComma, kYear, kIsoYear, kFixed,
  };
  enum class Letters : uint8_t { kUpper, kCapitalised, kLower };
  struct Keyword {
    std::string_view text;
    Field field;
    int digits;       // of a year, or of a fraction; else its width
    bool is_number;   // its text begins with a digit
    enum class Calendar : uint8_t { kAny, kGregorian, kIso } calendar;
    Letters letters;
  };
  struct Piece {
    enum class Kind : uint8_t { kField, kSeparator, kSpace, kText };
    Kind kind = Kind::kText;
    const Keyword* keyword = nullptr;
    bool fill = false;  // FM: no padding, any number of digits
    enum class Ordinal : uint8_t { kNone, kUpper, kLower } ordinal = Ordinal::kNone;
    std::string text;  // of the other kinds: one character
  };

 private:
  std::vector<Piece> pieces_;
};

}  // namespace weir::postgres
