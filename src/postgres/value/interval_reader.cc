#include <algorithm>
#include <charconv>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

#include "postgres/error.h"
#include "postgres/type.h"
#include "postgres/value/calendar.h"
#include "postgres/value/date_token.h"
#include "postgres/value/interval.h"
#include "postgres/value/interval_fields.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kIntervalRoom = 256;  // bytes of all tokens

enum class Unit : uint8_t {
  kNone,
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kAgo,
  kOther,  // a unit that an interval has no number of
};
constexpr uint32_t Bit(Unit unit) { return 1u << static_cast<int>(unit); }
constexpr uint32_t kAllSeconds = Bit(Unit::kSecond) | Bit(Unit::kMillisecond) | Bit(Unit::kMicrosecond);
constexpr uint32_t kClock = Bit(Unit::kHour) | Bit(Unit::kMinute) | kAllSeconds;

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr size_t kUnitLetters = 10;  // that count
constexpr UnitName kUnits[] = {
    {"ago", Unit::kAgo},           {"c", Unit::kCentury},          {"cent", Unit::kCentury},
    {"centuries", Unit::kCentury}, {"century", Unit::kCentury},    {"d", Unit::kDay},
    {"day", Unit::kDay},           {"days", Unit::kDay},           {"dec", Unit::kDecade},
    {"decade", Unit::kDecade},     {"decades", Unit::kDecade},     {"decs", Unit::kDecade},
    {"h", Unit::kHour},            {"hour", Unit::kHour},          {"hours", Unit::kHour},
    {"hr", Unit::kHour},           {"hrs", Unit::kHour},           {"m", Unit::kMinute},
    {"microsecon", Unit::kMicrosecond}, {"mil", Unit::kMillennium}, {"millennia", Unit::kMillennium},
    {"millennium", Unit::kMillennium},  {"millisecon", Unit::kMillisecond}, {"mils", Unit::kMillennium},
    {"min", Unit::kMinute},        {"mins", Unit::kMinute},        {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute},    {"mon", Unit::kMonth},          {"mons", Unit::kMonth},
    {"month", Unit::kMonth},       {"months", Unit::kMonth},       {"ms", Unit::kMillisecond},
    {"msec", Unit::kMillisecond},  {"msecond", Unit::kMillisecond}, {"mseconds", Unit::kMillisecond},
    {"msecs", Unit::kMillisecond}, {"qtr", Unit::kOther},          {"quarter", Unit::kOther},
    {"s", Unit::kSecond},          {"sec", Unit::kSecond},         {"second", Unit::kSecond},
    {"seconds", Unit::kSecond},    {"secs", Unit::kSecond},        {"timezone", Unit::kOther},
    {"timezone_h", Unit::kOther},  {"timezone_m", Unit::kOther},   {"us", Unit::kMicrosecond},
    {"usec", Unit::kMicrosecond},  {"usecond", Unit::kMicrosecond}, {"useconds", Unit::kMicrosecond},
    {"usecs", Unit::kMicrosecond}, {"w", Unit::kWeek},             {"week", Unit::kWeek},
    {"weeks", Unit::kWeek},        {"y", Unit::kYear},             {"year", Unit::kYear},
    {"years", Unit::kYear},        {"yr", Unit::kYear},            {"yrs", Unit::kYear},
};

Unit UnitOf(std::string_view word) {
  word = word.substr(0, kUnitLetters);
  const auto* found = std::lower_bound(std::begin(kUnits), std::end(kUnits), word,
                                       [](const UnitName& row, std::string_view key) { return row.name < key; });
  return found != std::end(kUnits) && found->name == word ? found->unit : Unit::kNone;
}

using Fault = std::optional<DateFault>;  // none: all is well

/// Whole and fractional parts added up, with the fraction of one unit going to the next smaller ones.
class Sum {
 public:
  bool Add(Unit unit, int64_t whole, double fraction) {
    switch (unit) {
      case Unit::kMicrosecond: return AddTime(whole, fraction, 1);
      case Unit::kMillisecond: return AddTime(whole, fraction, 1000);
      case Unit::kSecond: return AddTime(whole, fraction, kMicrosPerSecond);
      case Unit::kMinute: return AddTime(whole, fraction, kMicrosPerMinute);
      case Unit::kHour: return AddTime(whole, fraction, kMicrosPerHour);
      case Unit::kDay: return AddScaled(whole, 1, &days_) && AddTime(0, fraction, kMicrosPerDay);
      case Unit::kWeek: return AddScaled(whole, 7, &days_) && AddDayFraction(fraction * 7);
      case Unit::kMonth: return AddScaled(whole, 1, &months_) && AddDayFraction(fraction * 30);
      case Unit::kYear: return AddYears(whole, fraction, 1);
      case Unit::kDecade: return AddYears(whole, fraction, 10);
      case Unit::kCentury: return AddYears(whole, fraction, 100);
      case Unit::kMillennium: return AddYears(whole, fraction, 1000);
      case Unit::kNone:
      case Unit::kAgo:
      case Unit::kOther: break;
    }
    return false;
  }
  void SetTime(int64_t microseconds) { time_ = microseconds; }
  int64_t time() const { return time_; }

  bool Negate() {
    constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
    if (time_ == std::numeric_limits<int64_t>::min() || days_ == kLeast || months_ == kLeast || years_ == kLeast)
      return false;
    time_ = -time_;
    days_ = -days_;
    months_ = -months_;
    years_ = -years_;
    return true;
  }

  std::optional<Interval> Total() const {
    const int64_t months = int64_t{years_} * 12 + months_;
    if (months != static_cast<int32_t>(months)) return std::nullopt;
    return Interval{.months = static_cast<int32_t>(months), .days = days_, .microseconds = time_};
  }

 private:
  static bool AddScaled(int64_t value, int32_t scale, int32_t* to) {
    int32_t scaled = 0;
    if (value != static_cast<int32_t>(value)) return false;
    return !__builtin_mul_overflow(static_cast<int32_t>(value), scale, &scaled) &&
           !__builtin_add_overflow(*to, scaled, to);
  }

  bool AddTime(int64_t whole, double fraction, int64_t unit) {
    int64_t scaled = 0;
    if (__builtin_mul_overflow(whole, unit, &scaled) || __builtin_add_overflow(time_, scaled, &time_)) return false;
    double part = fraction * static_cast<double>(unit);
    auto microseconds = static_cast<int64_t>(part);
    part -= static_cast<double>(microseconds);
    if (part > 0.5) ++microseconds;
    else if (part < -0.5) --microseconds;
    return !__builtin_add_overflow(time_, microseconds, &time_);
  }

  bool AddDayFraction(double days) {
    const auto whole = static_cast<int32_t>(days);
    return !__builtin_add_overflow(days_, whole, &days_) && AddTime(0, days - whole, kMicrosPerDay);
  }

  bool AddYears(int64_t whole, double fraction, int32_t scale) {
    const auto months = static_cast<int32_t>(std::rint(fraction * scale * 12));
    return AddScaled(whole, scale, &years_) && !__builtin_add_overflow(months_, months, &months_);
  }

  int32_t years_ = 0;
  int32_t months_ = 0;
  int32_t days_ = 0;
  int64_t time_ = 0;
};

/// A whole number off the front of `left`, with an optional sign; none where it does not fit.
template <typename T>
std::optional<T> TakeWhole(std::string_view* left) {
  std::string_view digits = *left;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const auto end = std::find_if_not(digits.begin(), digits.end(), IsDigit);
  const auto size = static_cast<size_t>(end - digits.begin());
  if (size == 0) return T{0};
  const std::string number = (negative ? "-" : "") + std::string(digits.substr(0, size));
  T value = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc()) return std::nullopt;
  *left = digits.substr(size);
  return value;
}

/// ".5"; a point alone is 0. None for other text.
std::optional<double> ReadFraction(std::string_view token) {
  const std::string text(token);
  if (text.size() == 1) return 0.0;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

// --- units and numbers ---

class UnitsReader {
 public:
  UnitsReader(std::vector<DateToken> tokens, int32_t fields, bool standard)
      : tokens_(std::move(tokens)), fields_(fields) {
    // In the SQL standard's style a sign at the front, and none elsewhere, holds for all.
    const auto is_signed = [](const DateToken& token) { return token.text[0] == '-' || token.text[0] == '+'; };
    all_negative_ = standard && !tokens_.empty() && tokens_[0].text[0] == '-' &&
                    std::none_of(tokens_.begin() + 1, tokens_.end(), is_signed);
  }

  /// From the end, so that a unit is known before its number.
  Fault Read(Sum* sum) {
    uint32_t known = 0;
    for (auto token = tokens_.rbegin(); token != tokens_.rend(); ++token) {
      uint32_t found = 0;
      if (const Fault fault = ReadToken(*token, sum, &found)) return fault;
      if (found & known) return DateFault::kFormat;
      known |= found;
    }
    if (known == 0) return DateFault::kFormat;
    return ago_ && !sum->Negate() ? Fault(DateFault::kField) : std::nullopt;
  }

 private:
  Fault ReadToken(const DateToken& token, Sum* sum, uint32_t* found) {
    switch (token.kind) {
      case DateToken::Kind::kTime: return ReadTime(token.text, sum, found);
      case DateToken::Kind::kZone: return ReadSigned(token.text, sum, found);
      case DateToken::Kind::kDate:
      case DateToken::Kind::kNumber: return ReadNumber(token.text, sum, found);
      case DateToken::Kind::kWord:
      case DateToken::Kind::kSpecial: {
        const Unit unit = UnitOf(token.text);
        if (unit == Unit::kNone) return DateFault::kFormat;
        ago_ |= unit == Unit::kAgo;
        unit_ = unit;
        has_unit_ = true;
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  Fault ReadTime(std::string_view token, Sum* sum, uint32_t* found) {
    int64_t time = 0;
    if (const Fault fault = ReadClock(token, &time)) return fault;
    sum->SetTime(all_negative_ && time > 0 ? -time : time);
    *found = kClock;
    SetUnit(Unit::kDay);  // of a number before it
    return std::nullopt;
  }

  /// A sign and digits: a time, or a number.
  Fault ReadSigned(std::string_view token, Sum* sum, uint32_t* found) {
    int64_t time = 0;
    if (token.find(':') == std::string_view::npos || ReadClock(token.substr(1), &time)) {
      return ReadNumber(token, sum, found);
    }
    if (token[0] == '-') time = -time;
    sum->SetTime(all_negative_ && time > 0 ? -time : time);
    *found = kClock;
    SetUnit(Unit::kDay);
    return std::nullopt;
  }

  Fault ReadNumber(std::string_view token, Sum* sum, uint32_t* found) {
    if (!has_unit_) SetUnit(DefaultUnit());
    const bool negative = token[0] == '-';
    std::string_view rest = token;
    std::optional<int64_t> whole = TakeWhole<int64_t>(&rest);
    if (!whole) return DateFault::kField;
    double fraction = 0;
    if (rest.starts_with('-')) {  // years and months
      rest.remove_prefix(1);
      const std::optional<int> months = TakeWhole<int>(&rest);
      if (!months || *months < 0 || *months >= 12) return DateFault::kField;
      if (!rest.empty()) return DateFault::kFormat;
      unit_ = Unit::kMonth;
      if (__builtin_mul_overflow(*whole, 12, &*whole) ||
          __builtin_add_overflow(*whole, negative ? -*months : *months, &*whole)) {
        return DateFault::kField;
      }
    } else if (rest.starts_with('.')) {
      const std::optional<double> part = ReadFraction(rest);
      if (!part) return DateFault::kFormat;
      fraction = negative ? -*part : *part;
    } else if (!rest.empty()) {
      return DateFault::kFormat;
    }
    if (all_negative_) {
      if (*whole > 0) whole = -*whole;
      if (fraction > 0) fraction = -fraction;
    }
    return AddNumber(*whole, fraction, sum, found);
  }

  Fault AddNumber(int64_t whole, double fraction, Sum* sum, uint32_t* found) {
    if (unit_ == Unit::kNone || unit_ == Unit::kAgo || unit_ == Unit::kOther) return DateFault::kFormat;
    if (!sum->Add(unit_, whole, fraction)) return DateFault::kField;
    *found = unit_ == Unit::kSecond && fraction != 0 ? kAllSeconds : Bit(unit_);
    if (unit_ == Unit::kHour) unit_ = Unit::kDay;  // of a number before it
    return std::nullopt;
  }

  /// "hh:mm", "hh:mm:ss.f", "mm:ss.f"; "mm:ss" where the type is MINUTE TO SECOND.
  Fault ReadClock(std::string_view token, int64_t* time) const {
    const std::optional<int64_t> hours = TakeWhole<int64_t>(&token);
    if (!hours) return DateFault::kField;
    if (!token.starts_with(':')) return DateFault::kFormat;
    token.remove_prefix(1);
    const std::optional<int> minutes = TakeWhole<int>(&token);
    if (!minutes) return DateFault::kField;
    int64_t hour = *hours;
    int64_t minute = *minutes;
    int64_t second = 0;
    double fraction = 0;
    const bool two = token.empty() && fields_ == (kIntervalMinute | kIntervalSecond);
    if (two || token.starts_with('.')) {
      if (hour != static_cast<int32_t>(hour)) return DateFault::kField;
      second = minute;
      minute = hour;
      hour = 0;
    } else if (token.starts_with(':')) {
      token.remove_prefix(1);
      const std::optional<int> seconds = TakeWhole<int>(&token);
      if (!seconds) return DateFault::kField;
      second = *seconds;
    }
    if (!token.empty()) {
      if (token[0] != '.') return DateFault::kFormat;
      const std::optional<double> part = ReadFraction(token);
      if (!part) return DateFault::kFormat;
      fraction = *part;
    }
    const auto microseconds = static_cast<int64_t>(std::rint(fraction * static_cast<double>(kMicrosPerSecond)));
    if (hour < 0 || minute < 0 || minute >= 60 || second < 0 || second > 60) return DateFault::kField;
    const int64_t rest = minute * kMicrosPerMinute + second * kMicrosPerSecond + microseconds;
    return __builtin_mul_overflow(hour, kMicrosPerHour, time) || __builtin_add_overflow(*time, rest, time)
               ? Fault(DateFault::kField)
               : std::nullopt;
  }

  /// What the last number is when no unit says it: the smallest field of the type.
  Unit DefaultUnit() const {
    if (fields_ == kIntervalYear) return Unit::kYear;
    if (fields_ == kIntervalMonth || fields_ == (kIntervalYear | kIntervalMonth)) return Unit::kMonth;
    if (fields_ == kIntervalDay) return Unit::kDay;
    if (fields_ == kIntervalAllFields || (fields_ & kIntervalSecond)) return Unit::kSecond;
    if (fields_ & kIntervalMinute) return Unit::kMinute;
    return fields_ & kIntervalHour ? Unit::kHour : Unit::kSecond;
  }

  void SetUnit(Unit unit) {
    unit_ = unit;
    has_unit_ = true;
  }

  std::vector<DateToken> tokens_;
  const int32_t fields_;
  bool all_negative_ = false;
  Unit unit_ = Unit::kNone;
  bool has_unit_ = false;
  bool ago_ = false;
};

// --- ISO 8601 ---

/// "P1Y2M3DT4H5M6S", "P0001-02-03T04:05:06", "P00010203T040506"
class IsoReader {
 public:
  IsoReader(std::string text, Sum* sum) : text_(std::move(text)), at_(text_.c_str()), sum_(sum) {}

  Fault Read() {
    if (text_.size() < 2 || text_[0] != 'P') return DateFault::kFormat;
    ++at_;
    while (*at_ != '\0' && !done_) {
      if (*at_ == 'T') {
        ++at_;
        BeginTime();
        continue;
      }
      const char* start = at_;
      if (const Fault fault = TakeNumber()) return fault;
      const char unit = *at_;
      if (unit != '\0') ++at_;
      const Fault fault = date_ ? ReadDatePart(unit, start) : ReadTimePart(unit, start);
      if (fault) return fault;
    }
    return std::nullopt;
  }

 private:
  void BeginTime() {
    date_ = false;
    has_field_ = false;
  }

  Fault TakeNumber() {
    if (!IsDigit(*at_) && *at_ != '-' && *at_ != '.') return DateFault::kFormat;
    char* end = nullptr;
    errno = 0;
    const double value = std::strtod(at_, &end);
    if (end == at_ || errno != 0) return DateFault::kFormat;
    constexpr double kMost = 1.0e15;
    if (std::isnan(value) || value < -kMost || value > kMost) return DateFault::kField;
    whole_ = static_cast<int64_t>(std::trunc(value));
    fraction_ = value - static_cast<double>(whole_);
    at_ = end;
    return std::nullopt;
  }

  Fault Add(Unit unit, int64_t whole, double fraction) {
    return sum_->Add(unit, whole, fraction) ? std::nullopt : Fault(DateFault::kField);
  }
  Fault Field(Unit unit) {
    has_field_ = true;
    return Add(unit, whole_, fraction_);
  }

  /// Digits of the number that begins at `start`.
  static size_t Width(const char* start) {
    if (*start == '-') ++start;
    return std::string_view(start).find_first_not_of("0123456789") == std::string_view::npos
               ? std::string_view(start).size()
               : std::string_view(start).find_first_not_of("0123456789");
  }

  Fault ReadDatePart(char unit, const char* start) {
    switch (unit) {
      case 'Y': return Field(Unit::kYear);
      case 'M': return Field(Unit::kMonth);
      case 'W': return Field(Unit::kWeek);
      case 'D': return Field(Unit::kDay);
      case 'T':
      case '\0':
        if (Width(start) == 8 && !has_field_) return ReadRunTogetherDate(unit);
        return ReadDashedDate(unit);
      case '-': return ReadDashedDate(unit);
      default: return DateFault::kFormat;
    }
  }

  Fault ReadRunTogetherDate(char unit) {
    const int64_t digits = whole_;
    if (const Fault fault = Add(Unit::kYear, digits / 10'000, 0)) return fault;
    if (const Fault fault = Add(Unit::kMonth, digits / 100 % 100, 0)) return fault;
    if (const Fault fault = Add(Unit::kDay, digits % 100, fraction_)) return fault;
    if (unit == '\0') done_ = true;
    else BeginTime();
    return std::nullopt;
  }

  /// Years, months and days with dashes between; the years are taken, and `unit` is what stood behind.
  Fault ReadDashedDate(char unit) {
    if (has_field_) return DateFault::kFormat;
    if (const Fault fault = Add(Unit::kYear, whole_, fraction_)) return fault;
    if (Ends(unit, 'T')) return std::nullopt;
    if (const Fault fault = TakeNumber()) return fault;
    if (const Fault fault = Add(Unit::kMonth, whole_, fraction_)) return fault;
    unit = *at_;
    if (unit != '\0') ++at_;
    if (Ends(unit, 'T')) return std::nullopt;
    if (unit != '-') return DateFault::kFormat;
    if (const Fault fault = TakeNumber()) return fault;
    if (const Fault fault = Add(Unit::kDay, whole_, fraction_)) return fault;
    unit = *at_;
    if (unit != '\0') ++at_;
    return Ends(unit, 'T') ? Fault() : DateFault::kFormat;
  }

  /// At the text's end, or at what begins the time.
  bool Ends(char unit, char begins_time) {
    if (unit == '\0') done_ = true;
    else if (unit == begins_time) BeginTime();
    else return false;
    return true;
  }

  Fault ReadTimePart(char unit, const char* start) {
    switch (unit) {
      case 'H': return Field(Unit::kHour);
      case 'M': return Field(Unit::kMinute);
      case 'S': return Field(Unit::kSecond);
      case '\0':
        if (Width(start) == 6 && !has_field_) return ReadRunTogetherTime();
        return ReadColonTime(unit);
      case ':': return ReadColonTime(unit);
      default: return DateFault::kFormat;
    }
  }

  Fault ReadRunTogetherTime() {
    const int64_t digits = whole_;
    done_ = true;
    if (const Fault fault = Add(Unit::kHour, digits / 10'000, 0)) return fault;
    if (const Fault fault = Add(Unit::kMinute, digits / 100 % 100, 0)) return fault;
    if (const Fault fault = Add(Unit::kSecond, digits % 100, 0)) return fault;
    return Add(Unit::kMicrosecond, 0, fraction_);
  }

  Fault ReadColonTime(char unit) {
    if (has_field_) return DateFault::kFormat;
    if (const Fault fault = Add(Unit::kHour, whole_, fraction_)) return fault;
    done_ = true;
    if (unit == '\0') return std::nullopt;
    if (const Fault fault = TakeNumber()) return fault;
    if (const Fault fault = Add(Unit::kMinute, whole_, fraction_)) return fault;
    if (*at_ == '\0') return std::nullopt;
    if (*at_++ != ':') return DateFault::kFormat;
    if (const Fault fault = TakeNumber()) return fault;
    if (const Fault fault = Add(Unit::kSecond, whole_, fraction_)) return fault;
    return *at_ == '\0' ? Fault() : DateFault::kFormat;
  }

  const std::string text_;
  const char* at_;
  Sum* const sum_;
  bool date_ = true;
  bool has_field_ = false;
  bool done_ = false;
  int64_t whole_ = 0;
  double fraction_ = 0;
};

}  // namespace

Result<Interval> ReadInterval(std::string_view text, int32_t modifier, const Settings& settings) {
  const int32_t fields = modifier < 0 ? kIntervalAllFields : UnpackInterval(modifier).fields;
  Sum sum;
  Fault fault = DateFault::kFormat;
  if (std::optional<std::vector<DateToken>> tokens = SplitDate(text, kIntervalRoom)) {
    fault = UnitsReader(*std::move(tokens), fields, settings.interval_style == IntervalStyle::kSqlStandard).Read(&sum);
  }
  if (fault == DateFault::kFormat) {
    sum = Sum();
    fault = IsoReader(std::string(text), &sum).Read();
  }
  if (fault) return FaultStatus(*fault == DateFault::kField ? DateFault::kInterval : *fault, text, "interval");
  const std::optional<Interval> total = sum.Total();
  if (!total) return Error("22008", "interval out of range");
  return ApplyIntervalModifier(*total, modifier);
}

}  // namespace weir::postgres
