#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// The parts that PostgreSQL cuts the text of a date, time or interval into before it reads any.
struct DateToken {
  enum class Kind : uint8_t {
    kNumber,   // digits, perhaps with a point
    kDate,     // digits or letters with a date's or a zone's punctuation: "2024-01-31", "america/new_york"
    kTime,     // with a colon: "12:30:00.5"
    kZone,     // a sign and digits: "+02:00"
    kWord,     // letters
    kSpecial,  // a sign and letters: "-infinity"
  };
  Kind kind = Kind::kNumber;
  std::string text;  // in small letters
};

/// What is wrong with a text: PostgreSQL has a SQLSTATE and a message for each.
enum class DateFault : uint8_t {
  kFormat,            // 22007 invalid input syntax
  kField,             // 22008 date/time field value out of range
  kMonthOrDay,        // 22008, with the hint that another DateStyle may help
  kInterval,          // 22015 interval field value out of range
  kDisplacement,      // 22009 time zone displacement out of range
};
/// `type` is what the text was to be: "timestamp with time zone".
Status FaultStatus(DateFault fault, std::string_view text, std::string_view type);

/// None for a text with a character that belongs to no date, with more than 25 tokens, or a too long one: the tokens
/// with one more byte each have no more than `room` bytes.
std::optional<std::vector<DateToken>> SplitDate(std::string_view text, size_t room);

/// What a word means in a date.
enum class DateWord : uint8_t {
  kNone,
  kIgnored,  // "at", "on"
  kNow,
  kToday,
  kTomorrow,
  kYesterday,
  kEpoch,
  kInfinity,
  kMinusInfinity,
  kZulu,       // "allballs": midnight, UTC
  kMonth,      // value: 1 to 12
  kWeekday,
  kMorning,    // am
  kAfternoon,  // pm
  kEra,        // value: 1 before Christ, 0 after
  kDaylight,   // "dst"
  kUnit,       // value: a DateUnit; the next number is one
};
enum class DateUnit : uint8_t { kNone, kYear, kMonth, kDay, kHour, kMinute, kSecond, kJulian, kTime, kOther };

struct DateMeaning {
  DateWord word = DateWord::kNone;
  int value = 0;
};
/// `word` is in small letters.
DateMeaning MeaningOf(std::string_view word);

}  // namespace weir::postgres
