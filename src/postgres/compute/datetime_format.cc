#include "postgres/compute/datetime_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "postgres/compute/iso_week.h"
#include "postgres/compute/ordinal.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

using Field = DateTimeFormat::Field;
using Letters = DateTimeFormat::Letters;
using DateTimeKeyword = DateTimeFormat::Keyword;
using Calendar = DateTimeFormat::Keyword::Calendar;
using Piece = DateTimeFormat::Piece;

constexpr std::array kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kWeekdays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array kRomanMonths = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};

// Where one keyword begins with another, the longer one comes first.
constexpr auto kDateTimeKeywords = std::to_array<DateTimeKeyword>({
    {"A.D.", Field::kEraDots, 4, false, Calendar::kAny, Letters::kUpper},
    {"A.M.", Field::kMeridiemDots, 4, false, Calendar::kAny, Letters::kUpper},
    {"AD", Field::kEra, 2, false, Calendar::kAny, Letters::kUpper},
    {"AM", Field::kMeridiem, 2, false, Calendar::kAny, Letters::kUpper},
    {"B.C.", Field::kEraDots, 4, false, Calendar::kAny, Letters::kUpper},
    {"BC", Field::kEra, 2, false, Calendar::kAny, Letters::kUpper},
    {"CC", Field::kCentury, 2, true, Calendar::kAny, Letters::kUpper},
    {"DAY", Field::kDayName, 3, false, Calendar::kAny, Letters::kUpper},
    {"DDD", Field::kDayOfYear, 3, true, Calendar::kGregorian, Letters::kUpper},
    {"DD", Field::kDay, 2, true, Calendar::kGregorian, Letters::kUpper},
    {"DY", Field::kDayShort, 2, false, Calendar::kAny, Letters::kUpper},
    {"Day", Field::kDayName, 3, false, Calendar::kAny, Letters::kCapitalised},
    {"Dy", Field::kDayShort, 2, false, Calendar::kAny, Letters::kCapitalised},
    {"D", Field::kDayOfWeek, 1, true, Calendar::kGregorian, Letters::kUpper},
    {"FF1", Field::kFraction, 1, true, Calendar::kAny, Letters::kUpper},
    {"FF2", Field::kFraction, 2, true, Calendar::kAny, Letters::kUpper},
    {"FF3", Field::kFraction, 3, true, Calendar::kAny, Letters::kUpper},
    {"FF4", Field::kFraction, 4, true, Calendar::kAny, Letters::kUpper},
    {"FF5", Field::kFraction, 5, true, Calendar::kAny, Letters::kUpper},
    {"FF6", Field::kFraction, 6, true, Calendar::kAny, Letters::kUpper},
    {"FX", Field::kFixed, 2, false, Calendar::kAny, Letters::kUpper},
    {"HH24", Field::kHour24, 2, true, Calendar::kAny, Letters::kUpper},
    {"HH12", Field::kHour12, 2, true, Calendar::kAny, Letters::kUpper},
    {"HH", Field::kHour12, 2, true, Calendar::kAny, Letters::kUpper},
    {"IDDD", Field::kIsoDayOfYear, 3, true, Calendar::kIso, Letters::kUpper},
    {"ID", Field::kIsoDayOfWeek, 1, true, Calendar::kIso, Letters::kUpper},
    {"IW", Field::kIsoWeek, 2, true, Calendar::kIso, Letters::kUpper},
    {"IYYY", Field::kIsoYear, 4, true, Calendar::kIso, Letters::kUpper},
    {"IYY", Field::kIsoYear, 3, true, Calendar::kIso, Letters::kUpper},
    {"IY", Field::kIsoYear, 2, true, Calendar::kIso, Letters::kUpper},
    {"I", Field::kIsoYear, 1, true, Calendar::kIso, Letters::kUpper},
    {"J", Field::kJulian, 1, true, Calendar::kAny, Letters::kUpper},
    {"MI", Field::kMinute, 2, true, Calendar::kAny, Letters::kUpper},
    {"MM", Field::kMonth, 2, true, Calendar::kGregorian, Letters::kUpper},
    {"MONTH", Field::kMonthName, 5, false, Calendar::kGregorian, Letters::kUpper},
    {"MON", Field::kMonthShort, 3, false, Calendar::kGregorian, Letters::kUpper},
    {"MS", Field::kMilliseconds, 2, true, Calendar::kAny, Letters::kUpper},
    {"Month", Field::kMonthName, 5, false, Calendar::kGregorian, Letters::kCapitalised},
    {"Mon", Field::kMonthShort, 3, false, Calendar::kGregorian, Letters::kCapitalised},
    {"OF", Field::kOffset, 2, false, Calendar::kAny, Letters::kUpper},
    {"P.M.", Field::kMeridiemDots, 4, false, Calendar::kAny, Letters::kUpper},
    {"PM", Field::kMeridiem, 2, false, Calendar::kAny, Letters::kUpper},
    {"Q", Field::kQuarter, 1, true, Calendar::kAny, Letters::kUpper},
    {"RM", Field::kRoman, 2, false, Calendar::kGregorian, Letters::kUpper},
    {"SSSSS", Field::kSecondsOfDay, 5, true, Calendar::kAny, Letters::kUpper},
    {"SSSS", Field::kSecondsOfDay, 4, true, Calendar::kAny, Letters::kUpper},
    {"SS", Field::kSecond, 2, true, Calendar::kAny, Letters::kUpper},
    {"TZH", Field::kZoneHours, 3, false, Calendar::kAny, Letters::kUpper},
    {"TZM", Field::kZoneMinutes, 3, true, Calendar::kAny, Letters::kUpper},
    {"TZ", Field::kZone, 2, false, Calendar::kAny, Letters::kUpper},
    {"US", Field::kMicroseconds, 2, true, Calendar::kAny, Letters::kUpper},
    {"WW", Field::kWeek, 2, true, Calendar::kGregorian, Letters::kUpper},
    {"W", Field::kWeekOfMonth, 1, true, Calendar::kGregorian, Letters::kUpper},
    {"Y,YYY", Field::kYearComma, 5, true, Calendar::kGregorian, Letters::kUpper},
    {"YYYY", Field::kYear, 4, true, Calendar::kGregorian, Letters::kUpper},
    {"YYY", Field::kYear, 3, true, Calendar::kGregorian, Letters::kUpper},
    {"YY", Field::kYear, 2, true, Calendar::kGregorian, Letters::kUpper},
    {"Y", Field::kYear, 1, true, Calendar::kGregorian, Letters::kUpper},
});

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
bool IsSeparator(char c) {
  return c > ' ' && c < 0x7f && !IsDigit(c) && !(ToLower(c) >= 'a' && ToLower(c) <= 'z');
}

// Every keyword may be written in lower case too, which is then how its text is shown.
std::vector<DateTimeKeyword> LowerKeywords() {
  std::vector<DateTimeKeyword> lower;
  for (const DateTimeKeyword& keyword : kDateTimeKeywords) {
    if (keyword.letters == Letters::kCapitalised) continue;
    lower.push_back(keyword);
    lower.back().letters = Letters::kLower;
  }
  return lower;
}

const DateTimeKeyword* FindDateTimeKeyword(std::string_view text) {
  for (const DateTimeKeyword& keyword : kDateTimeKeywords) {
    if (text.starts_with(keyword.text)) return &keyword;
  }
  static const std::vector<DateTimeKeyword> kLower = LowerKeywords();
  for (const DateTimeKeyword& keyword : kLower) {
    const std::string_view start = text.substr(0, keyword.text.size());
    if (std::equal(start.begin(), start.end(), keyword.text.begin(), keyword.text.end(),
                   [](char a, char b) { return a == ToLower(b); })) {
      return &keyword;
    }
  }
  return nullptr;
}

bool IsName(Field field) {
  return field == Field::kMonthName || field == Field::kMonthShort || field == Field::kDayName ||
         field == Field::kDayShort;
}

std::string InLetters(std::string text, Letters letters) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool upper = letters == Letters::kUpper || (letters == Letters::kCapitalised && i == 0);
    text[i] = upper ? Upper(text[i]) : ToLower(text[i]);
  }
  return text;
}

// A keyword as it was written.
std::string NameOf(const DateTimeKeyword& keyword) { return InLetters(std::string(keyword.text), keyword.letters); }

}  // namespace

DateTimeFormat::DateTimeFormat(std::string_view pattern) {
  bool quoted = false;
  while (!pattern.empty()) {
    if (quoted) {
      if (pattern.front() == '"') {
        quoted = false;
        pattern.remove_prefix(1);
        continue;
      }
      if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
      const size_t length = CharacterLength(pattern);
      pieces_.push_back({.kind = Piece::Kind::kText, .text = std::string(pattern.substr(0, length))});
      pattern.remove_prefix(length);
      continue;
    }
    const bool fill = pattern.starts_with("FM") || pattern.starts_with("fm");
    const bool translate = pattern.starts_with("TM") || pattern.starts_with("tm");
    if (fill || translate) pattern.remove_prefix(2);
    if (const DateTimeKeyword* keyword = pattern.empty() ? nullptr : FindDateTimeKeyword(pattern)) {
      Piece piece{
          .kind = Piece::Kind::kField, .keyword = keyword, .fill = fill || (translate && IsName(keyword->field))};
      pattern.remove_prefix(keyword->text.size());
      if (pattern.starts_with("TH")) piece.ordinal = Piece::Ordinal::kUpper;
      if (pattern.starts_with("th")) piece.ordinal = Piece::Ordinal::kLower;
      if (piece.ordinal != Piece::Ordinal::kNone || pattern.starts_with("SP")) pattern.remove_prefix(2);
      pieces_.push_back(std::move(piece));
      continue;
    }
    if (pattern.empty()) break;
    if (pattern.front() == '"') {
      quoted = true;
      pattern.remove_prefix(1);
      continue;
    }
    if (pattern.starts_with("\\\"")) pattern.remove_prefix(1);
    const size_t length = CharacterLength(pattern);
    Piece::Kind kind = Piece::Kind::kText;
    if (IsSeparator(pattern.front())) kind = Piece::Kind::kSeparator;
    if (IsSpace(pattern.front())) kind = Piece::Kind::kSpace;
    pieces_.push_back({.kind = kind, .text = std::string(pattern.substr(0, length))});
    pattern.remove_prefix(length);
  }
}

namespace {

// Writes one field.
class Writer {
 public:
  Writer(const TimeFields& time, const Piece& piece, std::string* out) : time_(time), piece_(piece), out_(out) {}

  Status Run() {
    const Field field = piece_.keyword->field;
    switch (field) {
      case Field::kMeridiem: return Text(Afternoon() ? "PM" : "AM");
      case Field::kMeridiemDots: return Text(Afternoon() ? "P.M." : "A.M.");
      case Field::kEra: return OfDate() ? Text(time_.year <= 0 ? "BC" : "AD") : NotOfInterval();
      case Field::kEraDots: return OfDate() ? Text(time_.year <= 0 ? "B.C." : "A.D.") : NotOfInterval();
      case Field::kCentury: return Century();
      case Field::kMonthName:
      case Field::kMonthShort: return MonthName(field == Field::kMonthName ? 9 : 3);
      case Field::kMonth: return Number(time_.month, 2);
      case Field::kDayName: return OfDate() ? Name(kWeekdays[Weekday()], 9) : NotOfInterval();
      case Field::kDayShort: return OfDate() ? Name(kWeekdays[Weekday()], 3) : NotOfInterval();
      case Field::kDayOfYear: return Number(time_.interval ? IntervalDays() : DayOfYear(Date()), 3);
      case Field::kIsoDayOfYear: return Number(IsoDayOfYear(Date()), 3);
      case Field::kDay: return Number(time_.day, 2);
      case Field::kDayOfWeek: return OfDate() ? Number(Weekday() + 1, 1) : NotOfInterval();
      case Field::kIsoDayOfWeek: return OfDate() ? Number(Weekday() == 0 ? 7 : Weekday(), 1) : NotOfInterval();
      case Field::kFraction: return Fraction(piece_.keyword->digits);
      case Field::kMilliseconds: return Fraction(3);
      case Field::kMicroseconds: return Fraction(6);
      case Field::kHour12: return Number(time_.hour % 12 == 0 ? 12 : time_.hour % 12, 2, time_.hour < 0);
      case Field::kHour24: return Number(time_.hour, 2);
      case Field::kMinute: return Number(time_.minute, 2);
      case Field::kSecond: return Number(time_.second, 2);
      case Field::kSecondsOfDay: return Number(time_.hour * 3600 + time_.minute * 60 + time_.second, 1);
      case Field::kJulian: return Number(Days() + kJulianDayOf1970, 1);
      case Field::kQuarter:
        return time_.interval && time_.month == 0 ? Status::OK() : Number((time_.month - 1) / 3 + 1, 1);
      case Field::kRoman: return Roman();
      case Field::kZone: return OfDate() ? Zone() : NotOfInterval();
      case Field::kZoneHours:
      case Field::kZoneMinutes:
      case Field::kOffset: return OfDate() ? Offset(field) : NotOfInterval();
      case Field::kWeekOfMonth: return Number((time_.day - 1) / 7 + 1, 1);
      case Field::kWeek: return Number(((time_.interval ? IntervalDays() : DayOfYear(Date())) - 1) / 7 + 1, 2);
      case Field::kIsoWeek: return Number(IsoWeek(Date()), 2);
      case Field::kYearComma: return YearComma();
      case Field::kYear: return Year(time_.year);
      case Field::kIsoYear: return Year(IsoYear(Date()));
      case Field::kFixed: return Status::OK();
    }
    return Status::OK();
  }

 private:
  bool OfDate() const { return !time_.interval; }
  static Status NotOfInterval() {
    return Error(sqlstate::kInvalidDatetimeFormat, "invalid format specification for an interval value",
                 {.hint = "Intervals are not tied to specific calendar dates."});
  }
  // Of an interval: as if its months counted from the year before, 0 being December.
  CivilDate Date() const {
    return time_.month > 0 ? CivilDate{time_.year, time_.month, time_.day}
                           : CivilDate{time_.year - 1, time_.month + 12, time_.day};
  }
  int64_t Days() const { return DaysOf(Date().year, Date().month, Date().day); }
  int Weekday() const { return WeekdayOf(Days()); }
  int64_t IntervalDays() const { return (time_.year * 12 + time_.month) * 30 + time_.day; }
  bool Afternoon() const { return time_.hour % 24 >= 12; }
  // Years have no zero: 1 BC is 1.
  int64_t Shown(int64_t year) const { return time_.interval || year > 0 ? year : 1 - year; }

  Status Text(std::string_view text) {
    *out_ += InLetters(std::string(text), piece_.keyword->letters);
    return Status::OK();
  }
  Status Name(std::string_view name, size_t length) {
    std::string text = InLetters(std::string(name.substr(0, length)), piece_.keyword->letters);
    if (!piece_.fill && length > 3) text.resize(9, ' ');
    *out_ += text;
    return Status::OK();
  }
  // With at least `width` digits, one more for a sign; FM: as short as it is.
  Status Number(int64_t value, int width, bool negative = false) {
    const int full = width + (width > 1 && (value < 0 || negative) ? 1 : 0);
    const std::string text = piece_.fill ? fmt::format("{}", value) : fmt::format("{:0{}}", value, full);
    *out_ += text;
    return Ordinal(text);
  }
  Status Ordinal(std::string_view number) {
    if (piece_.ordinal == Piece::Ordinal::kNone) return Status::OK();
    *out_ += OrdinalSuffix(number, piece_.ordinal == Piece::Ordinal::kUpper);
    return Status::OK();
  }
  Status Fraction(int digits) {
    int64_t value = time_.microsecond;
    for (int i = digits; i < 6; ++i) value /= 10;
    const std::string text = fmt::format("{:0{}}", value, digits);
    *out_ += text;
    return Ordinal(text);
  }
  Status MonthName(size_t length) {
    if (time_.interval) return NotOfInterval();
    return Name(kMonths[static_cast<size_t>(time_.month - 1)], length);
  }
  Status Century() {
    int64_t century = time_.year / 100;
    if (OfDate()) century = time_.year > 0 ? (time_.year - 1) / 100 + 1 : time_.year / 100 - 1;
    return century <= 99 && century >= -99 ? Number(century, 2) : Number(century, 1);
  }
  Status YearComma() {
    const int64_t year = Shown(time_.year);
    const std::string text = fmt::format("{},{:03}", year / 1000, year - year / 1000 * 1000);
    *out_ += text;
    return Ordinal(text);
  }
  Status Year(int64_t year) {
    const int digits = piece_.keyword->digits;
    int64_t shown = Shown(year);
    if (digits == 3) shown %= 1000;
    if (digits == 2) shown %= 100;
    if (digits == 1) shown %= 10;
    // As wide as the year, of which this may be the ISO one, asks for.
    const int width = digits + (digits > 1 && Shown(time_.year) < 0 ? 1 : 0);
    const std::string text = piece_.fill ? fmt::format("{}", shown) : fmt::format("{:0{}}", shown, width);
    *out_ += text;
    return Ordinal(text);
  }
  Status Roman() {
    if (time_.month == 0 && time_.year == 0) return Status::OK();
    int index = time_.month - 1;
    if (time_.month == 0) index = time_.year >= 0 ? 11 : 0;
    if (time_.month < 0) index = 12 + time_.month;
    std::string text = InLetters(kRomanMonths[static_cast<size_t>(std::clamp(index, 0, 11))], piece_.keyword->letters);
    if (!piece_.fill) text.resize(std::max<size_t>(text.size(), 4), ' ');
    *out_ += text;
    return Status::OK();
  }
  Status Zone() {
    for (const char c : time_.zone) out_->push_back(piece_.keyword->letters == Letters::kLower ? ToLower(c) : Upper(c));
    return Status::OK();
  }
  Status Offset(Field field) {
    const int offset = time_.offset.value_or(0);
    const int minutes = std::abs(offset) / 60 % 60;
    const char sign = offset >= 0 ? '+' : '-';
    const int hours = std::abs(offset) / 3600;
    if (field == Field::kZoneHours) *out_ += fmt::format("{}{:02}", sign, hours);
    if (field == Field::kZoneMinutes) *out_ += fmt::format("{:02}", minutes);
    if (field != Field::kOffset) return Status::OK();
    *out_ += piece_.fill ? fmt::format("{}{}", sign, hours) : fmt::format("{}{:02}", sign, hours);
    if (minutes != 0) *out_ += fmt::format(":{:02}", minutes);
    return Status::OK();
  }

  const TimeFields& time_;
  const Piece& piece_;
  std::string* out_;
};

}  // namespace

Status DateTimeFormat::Write(const TimeFields& time, std::string* out) const {
  for (const Piece& piece : pieces_) {
    if (piece.kind != Piece::Kind::kField) {
      *out += piece.text;
      continue;
    }
    WEIR_RETURN_NOT_OK(Writer(time, piece, out).Run());
  }
  return Status::OK();
}

namespace {

// What the fields of a template have given; 0: nothing, as there is no such value but for those with a flag.
struct Given {
  Calendar calendar = Calendar::kAny;
  int hour = 0, minute = 0, second = 0, seconds_of_day = 0;
  int day_of_week = 0, day = 0, day_of_year = 0, month = 0;
  int milliseconds = 0, microseconds = 0;
  int year = 0, year_digits = 0, century = 0;
  int julian = 0, week = 0, week_of_month = 0;
  bool before_christ = false, afternoon = false, twelve_hours = false;
  int meridiem_set = 0, era_set = 0;
  int zone_sign = 0, zone_hours = 0, zone_minutes = 0;
  std::optional<int> precision = {};
};

class Reader {
 public:
  Reader(const std::vector<Piece>& pieces, std::string_view text, bool exact = false)
      : pieces_(pieces), text_(text), exact_(exact) {}

  Result<Given> Run() {
    for (at_ = 0; at_ < pieces_.size() && !Rest().empty(); ++at_) {
      const Piece& piece = pieces_[at_];
      const bool field = piece.kind == Piece::Kind::kField;
      if (!fixed_ && (field || at_ == 0)) SkipSpaces();
      if (!field) {
        WEIR_RETURN_NOT_OK(exact_ ? TakeLiteral(piece) : SkipLiteral(piece));
        continue;
      }
      WEIR_RETURN_NOT_OK(TakeCalendar(*piece.keyword));
      WEIR_RETURN_NOT_OK(ReadField(piece));
      if (piece.keyword->field == Field::kFixed) continue;
      if (!fixed_ && !exact_) {
        skipped_ = 0;
        SkipSpaces();
      }
    }
    if (exact_) WEIR_RETURN_NOT_OK(CheckIsRead());
    return given_;
  }

 private:
  std::string_view Rest() const { return text_.substr(read_); }
  void SkipSpaces() {
    while (read_ < text_.size() && IsSpace(text_[read_])) {
      ++read_;
      ++skipped_;
    }
  }
  // A separator or space of the template stands for one of the text, or for none; other text for any one character,
  // unless more blanks than the template has were skipped before.
  Status SkipLiteral(const Piece& piece) {
    if (fixed_) {
      read_ += CharacterLength(Rest());
    } else if (piece.kind == Piece::Kind::kText) {
      if (skipped_ > 0) {
        --skipped_;
      } else {
        read_ += CharacterLength(Rest());
      }
    } else {
      --skipped_;
      if (IsSpace(text_[read_]) || IsSeparator(text_[read_])) {
        ++read_;
        ++skipped_;
      }
    }
    return Status::OK();
  }
  Status TakeLiteral(const Piece& piece) {
    if (!Rest().starts_with(piece.text)) {
      const char* what = piece.kind == Piece::Kind::kText ? "character" : "separator";
      return Error(sqlstate::kInvalidDatetimeFormat, fmt::format("unmatched format {} \"{}\"", what, piece.text));
    }
    read_ += piece.text.size();
    return Status::OK();
  }
  Status CheckIsRead() {
    if (at_ < pieces_.size()) {
      return Error(sqlstate::kInvalidDatetimeFormat, "input string is too short for datetime format");
    }
    SkipSpaces();
    if (Rest().empty()) return Status::OK();
    return Error(sqlstate::kInvalidDatetimeFormat, "trailing characters remain in input string after datetime format");
  }

  Status TakeCalendar(const DateTimeKeyword& keyword) {
    if (keyword.calendar == Calendar::kAny) return Status::OK();
    if (given_.calendar == Calendar::kAny) given_.calendar = keyword.calendar;
    if (given_.calendar == keyword.calendar) return Status::OK();
    return Error(sqlstate::kInvalidDatetimeFormat, "invalid combination of date conventions",
                 {.hint = "Do not mix Gregorian and ISO week date conventions in a formatting template."});
  }

  Status ReadField(const Piece& piece) {
    switch (piece.keyword->field) {
      case Field::kFixed: fixed_ = true; return Status::OK();
      case Field::kMeridiem:
      case Field::kMeridiemDots: return ReadMeridiem(piece);
      case Field::kEra:
      case Field::kEraDots: return ReadEra(piece);
      case Field::kHour12:
        given_.twelve_hours = true;
        return ReadNumber(piece, 2, &given_.hour);
      case Field::kHour24: return ReadNumber(piece, 2, &given_.hour);
      case Field::kMinute: return ReadNumber(piece, 2, &given_.minute);
      case Field::kSecond: return ReadNumber(piece, 2, &given_.second);
      case Field::kMilliseconds: return ReadFraction(piece, 3, &given_.milliseconds);
      case Field::kMicroseconds: return ReadFraction(piece, 6, &given_.microseconds);
      case Field::kFraction: return ReadFractionOf(piece);
      case Field::kSecondsOfDay: return ReadNumber(piece, piece.keyword->digits, &given_.seconds_of_day);
      case Field::kZone:
      case Field::kOffset:
        return Error(sqlstate::kFeatureNotSupported,
                     "formatting field \"" + NameOf(*piece.keyword) + "\" is only supported in to_char");
      case Field::kZoneHours: return ReadZoneHours(piece);
      case Field::kZoneMinutes:
        if (given_.zone_sign == 0) given_.zone_sign = 1;
        return ReadNumber(piece, 2, &given_.zone_minutes);
      case Field::kMonthName: return ReadName(piece, kMonths, 0, &given_.month);
      case Field::kMonthShort: return ReadName(piece, kMonths, 3, &given_.month);
      case Field::kRoman: return ReadRoman(piece);
      case Field::kDayName: return ReadWeekday(piece, 0);
      case Field::kDayShort: return ReadWeekday(piece, 3);
      case Field::kMonth: return ReadNumber(piece, 2, &given_.month);
      case Field::kDayOfYear:
      case Field::kIsoDayOfYear: return ReadNumber(piece, 3, &given_.day_of_year);
      case Field::kDay: return ReadNumber(piece, 2, &given_.day);
      case Field::kDayOfWeek: return ReadNumber(piece, 1, &given_.day_of_week);
      case Field::kIsoDayOfWeek: {
        WEIR_RETURN_NOT_OK(ReadNumber(piece, 1, &given_.day_of_week));
        if (++given_.day_of_week > 7) given_.day_of_week = 1;  // counted from Sunday, as D is
        return Status::OK();
      }
      case Field::kWeek:
      case Field::kIsoWeek: return ReadNumber(piece, 2, &given_.week);
      case Field::kWeekOfMonth: return ReadNumber(piece, 1, &given_.week_of_month);
      case Field::kQuarter: return ReadNumber(piece, 1, nullptr);
      case Field::kCentury: return ReadNumber(piece, 2, &given_.century);
      case Field::kJulian: return ReadNumber(piece, 1, &given_.julian);
      case Field::kYearComma: return ReadYearComma(piece);
      case Field::kYear:
      case Field::kIsoYear: return ReadYear(piece);
    }
    return Status::OK();
  }

  Status Invalid(const Piece& piece, std::string_view value, std::string detail, std::string hint = {}) const {
    return Error(sqlstate::kInvalidDatetimeFormat,
                 fmt::format("invalid value \"{}\" for \"{}\"", value, NameOf(*piece.keyword)),
                 {.detail = std::move(detail), .hint = std::move(hint)});
  }
  Status Conflict(const Piece& piece) const {
    return Error(sqlstate::kInvalidDatetimeFormat,
                 fmt::format("conflicting values for \"{}\" field in formatting string", NameOf(*piece.keyword)),
                 {.detail = "This value contradicts a previous setting for the same field type."});
  }
  Status Store(const Piece& piece, int value, int* field) const {
    if (field == nullptr) return Status::OK();
    if (*field != 0 && *field != value) return Conflict(piece);
    *field = value;
    return Status::OK();
  }

  // Digits may go on beyond a field's width where something else than a digit comes next in the template.
  bool EndsByItself() const {
    const Piece& piece = pieces_[at_];
    if (piece.ordinal != Piece::Ordinal::kNone || at_ + 1 == pieces_.size()) return true;
    const Piece& next = pieces_[at_ + 1];
    if (next.kind == Piece::Kind::kField) return !next.keyword->is_number;
    return !(next.text.size() == 1 && IsDigit(next.text[0]));
  }

  Status ReadNumber(const Piece& piece, int width, int* field, int* length = nullptr) {
    constexpr const char* kHint = "If your source string is not fixed-width, try using the \"FM\" modifier.";
    while (read_ < text_.size() && IsSpace(text_[read_])) ++read_;
    const std::string_view copy = Rest().substr(0, static_cast<size_t>(width));
    const bool variable = piece.fill || EndsByItself();
    if (!variable && copy.size() < static_cast<size_t>(width)) {
      return Error(sqlstate::kInvalidDatetimeFormat,
                   "source string too short for \"" + NameOf(*piece.keyword) + "\" formatting field",
                   {.detail = fmt::format("Field requires {} characters, but only {} remain.", width, copy.size()),
                    .hint = kHint});
    }
    const std::string source(variable ? Rest() : copy);
    char* end = nullptr;
    errno = 0;
    const long long value = std::strtoll(source.c_str(), &end, 10);
    const auto used = static_cast<size_t>(end - source.c_str());
    if (used == 0) return Invalid(piece, copy, "Value must be an integer.");
    if (!variable && used < copy.size()) {
      return Invalid(piece, copy,
                     fmt::format("Field requires {} characters, but only {} could be parsed.", width, used), kHint);
    }
    if (errno == ERANGE || value < INT32_MIN || value > INT32_MAX) {
      return Error(sqlstate::kDatetimeFieldOverflow,
                   "value for \"" + NameOf(*piece.keyword) + "\" in source string is out of range",
                   {.detail = fmt::format("Value must be in the range {} to {}.", INT32_MIN, INT32_MAX)});
    }
    read_ += used;
    if (length != nullptr) *length = static_cast<int>(used);
    WEIR_RETURN_NOT_OK(Store(piece, static_cast<int>(value), field));
    if (length == nullptr) SkipOrdinal(piece);
    return Status::OK();
  }
  void SkipOrdinal(const Piece& piece) {
    for (int i = 0; piece.ordinal != Piece::Ordinal::kNone && i < 2 && !Rest().empty(); ++i)
      read_ += CharacterLength(Rest());
  }

  // 25 is a quarter of a second, 025 a fortieth.
  Status ReadFraction(const Piece& piece, int digits, int* field) {
    int length = 0;
    WEIR_RETURN_NOT_OK(ReadNumber(piece, digits, field, &length));
    for (int i = length; i < digits; ++i) *field *= 10;
    SkipOrdinal(piece);
    return Status::OK();
  }
  Status ReadFractionOf(const Piece& piece) {
    int length = 0;
    WEIR_RETURN_NOT_OK(ReadNumber(piece, piece.keyword->digits, &given_.microseconds, &length));
    for (int i = length; i < 6; ++i) given_.microseconds *= 10;
    given_.precision = piece.keyword->digits;
    SkipOrdinal(piece);
    return Status::OK();
  }
  Status ReadZoneHours(const Piece& piece) {
    const char c = text_[read_];
    if (c == '+' || c == '-' || c == ' ') {
      given_.zone_sign = c == '-' ? -1 : 1;
      ++read_;
    } else {
      given_.zone_sign = skipped_ > 0 && read_ > 0 && text_[read_ - 1] == '-' ? -1 : 1;
    }
    return ReadNumber(piece, 2, &given_.zone_hours);
  }

  // The number of the name that comes next, each cut to `length` letters (0: whole); counted from 1.
  template <typename Names>
  Status ReadName(const Piece& piece, const Names& names, size_t length, int* field) {
    int number = 0;
    for (const std::string_view whole : names) {
      ++number;
      const std::string_view name = length > 0 ? whole.substr(0, length) : whole;
      const std::string_view start = Rest().substr(0, name.size());
      const bool same =
          start.size() == name.size() &&
          std::equal(start.begin(), start.end(), name.begin(), [](char a, char b) { return ToLower(a) == ToLower(b); });
      if (!same) continue;
      read_ += name.size();
      return Store(piece, number, field);
    }
    const size_t blank = Rest().find_first_of(" \t\n\r\v\f");
    return Invalid(piece, Rest().substr(0, blank),
                   "The given value did not match any of the allowed values for this field.");
  }
  // PostgreSQL holds the days counted from 0 against what was set counted from 1, so that two names contradict.
  Status ReadWeekday(const Piece& piece, size_t length) {
    int day = 0;
    WEIR_RETURN_NOT_OK(ReadName(piece, kWeekdays, length, &day));
    if (given_.day_of_week != 0 && given_.day_of_week != day - 1) return Conflict(piece);
    given_.day_of_week = day;
    return Status::OK();
  }
  Status ReadMeridiem(const Piece& piece) {
    constexpr std::array<std::string_view, 2> kPlain = {"am", "pm"};
    constexpr std::array<std::string_view, 2> kDots = {"a.m.", "p.m."};
    const bool dots = piece.keyword->field == Field::kMeridiemDots;
    WEIR_RETURN_NOT_OK(ReadName(piece, dots ? kDots : kPlain, 0, &given_.meridiem_set));
    given_.afternoon = given_.meridiem_set == 2;
    given_.twelve_hours = true;
    return Status::OK();
  }
  Status ReadEra(const Piece& piece) {
    constexpr std::array<std::string_view, 2> kPlain = {"ad", "bc"};
    constexpr std::array<std::string_view, 2> kDots = {"a.d.", "b.c."};
    const bool dots = piece.keyword->field == Field::kEraDots;
    WEIR_RETURN_NOT_OK(ReadName(piece, dots ? kDots : kPlain, 0, &given_.era_set));
    given_.before_christ = given_.era_set == 2;
    return Status::OK();
  }
  // The longest fits first: VIII before V.
  Status ReadRoman(const Piece& piece) {
    constexpr std::array<std::string_view, 12> kLongestFirst = {"xii", "xi", "x",  "ix",  "viii", "vii",
                                                                "vi",  "v",  "iv", "iii", "ii",   "i"};
    int from_last = 0;
    WEIR_RETURN_NOT_OK(ReadName(piece, kLongestFirst, 0, &from_last));
    return Store(piece, 13 - from_last, &given_.month);
  }

  Status ReadYearComma(const Piece& piece) {
    const std::string rest(Rest());
    int thousands = 0, years = 0, used = 0;
    if (std::sscanf(rest.c_str(), "%d,%03d%n", &thousands, &years, &used) < 2) {
      return Error(sqlstate::kInvalidDatetimeFormat, "invalid input string for \"Y,YYY\"");
    }
    read_ += static_cast<size_t>(used);
    given_.year_digits = 4;
    WEIR_RETURN_NOT_OK(Store(piece, years + thousands * 1000, &given_.year));
    SkipOrdinal(piece);
    return Status::OK();
  }
  // A year of fewer than four digits is the one nearest to 2020.
  Status ReadYear(const Piece& piece) {
    const int digits = piece.keyword->digits;
    int length = 0;
    int& year = given_.year;
    WEIR_RETURN_NOT_OK(ReadNumber(piece, digits, &year, &length));
    if (digits < 4 && length < 4) {
      if (year < 70) {
        year += 2000;
      } else if (year < 100) {
        year += 1900;
      } else if (year < 520) {
        year += 2000;
      } else if (year < 1000) {
        year += 1000;
      }
    }
    given_.year_digits = digits;
    SkipOrdinal(piece);
    return Status::OK();
  }

  const std::vector<Piece>& pieces_;
  std::string_view text_;
  const bool exact_;
  size_t read_ = 0;
  size_t at_ = 0;
  bool fixed_ = false;
  int skipped_ = 0;  // blanks of the text that the template has not asked for
  Given given_;
};

// Puts the fields together; what contradicts the calendar is 22008.
class Assembler {
 public:
  Assembler(const Given& given, std::string_view text) : given_(given), text_(text) {}

  Result<TimeByFormat> Run() {
    WEIR_RETURN_NOT_OK(TakeTime());
    TakeYear();
    if (given_.julian != 0) TakeDate(CivilOf(given_.julian - kJulianDayOf1970));
    TakeWeek();
    if (given_.week_of_month != 0) given_.day = (given_.week_of_month - 1) * 7 + 1;
    if (given_.day != 0) {
      time_.day = given_.day;
      has_date_ = true;
    }
    if (given_.month != 0) {
      time_.month = given_.month;
      has_date_ = true;
    }
    WEIR_RETURN_NOT_OK(TakeDayOfYear());
    WEIR_RETURN_NOT_OK(Check());
    WEIR_RETURN_NOT_OK(TakeZone());
    return time_;
  }

 private:
  Status OutOfRange() const {
    return Error(sqlstate::kDatetimeFieldOverflow, fmt::format("date/time field value out of range: \"{}\"", text_));
  }
  Status TakeTime() {
    time_.hour = given_.hour;
    time_.minute = given_.minute;
    time_.second = given_.second;
    if (given_.seconds_of_day != 0) {
      time_.hour = given_.seconds_of_day / 3600;
      time_.minute = given_.seconds_of_day / 60 % 60;
      time_.second = given_.seconds_of_day % 60;
      if (given_.second != 0) time_.second = given_.second;
      if (given_.minute != 0) time_.minute = given_.minute;
      if (given_.hour != 0) time_.hour = given_.hour;
    }
    time_.microsecond = given_.milliseconds * 1000 + given_.microseconds;
    time_.precision = given_.precision;
    if (!given_.twelve_hours) return Status::OK();
    if (time_.hour < 1 || time_.hour > 12) {
      return Error(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("hour \"{}\" is invalid for the 12-hour clock", time_.hour),
                   {.hint = "Use the 24-hour clock, or give an hour between 1 and 12."});
    }
    if (given_.afternoon && time_.hour < 12) time_.hour += 12;
    if (!given_.afternoon && time_.hour == 12) time_.hour = 0;
    return Status::OK();
  }
  void TakeYear() {
    const int century = given_.before_christ ? -given_.century : given_.century;
    if (given_.year != 0 && given_.century != 0 && given_.year_digits <= 2) {
      const int of_century = given_.year % 100;
      if (of_century != 0) {
        time_.year = century < 0 ? century * 100 + of_century : (century - 1) * 100 + of_century;
      } else {
        time_.year = century * 100 + (century >= 0 ? 0 : 1);
      }
    } else if (given_.year != 0) {
      time_.year = given_.before_christ ? -given_.year : given_.year;
      if (time_.year < 0) ++time_.year;
    } else if (given_.century != 0) {
      time_.year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    }
    has_date_ = given_.year != 0 || given_.century != 0;
  }
  void TakeDate(const CivilDate& date) {
    time_.year = date.year;
    time_.month = date.month;
    time_.day = date.day;
    has_date_ = true;
  }
  void TakeWeek() {
    if (given_.week == 0) return;
    if (given_.calendar != Calendar::kIso) {
      given_.day_of_year = (given_.week - 1) * 7 + 1;
      return;
    }
    const int64_t monday = IsoWeekStart(time_.year, given_.week);
    // Days count from Sunday: 1 is the last one of the week.
    const int day = given_.day_of_week == 0 ? 0 : (given_.day_of_week + 5) % 7;
    TakeDate(CivilOf(monday + day));
  }
  Status TakeDayOfYear() {
    if (given_.day_of_year == 0 || (time_.month > 1 && time_.day > 1)) return Status::OK();
    if (time_.year == 0 && !given_.before_christ) {
      return Error(sqlstate::kInvalidDatetimeFormat, "cannot calculate day of year without year information");
    }
    if (given_.calendar == Calendar::kIso) {
      TakeDate(CivilOf(IsoWeekStart(time_.year, 1) + given_.day_of_year - 1));
      return Status::OK();
    }
    int month = 1, before = 0;
    while (month < 12 && given_.day_of_year > before + DaysInMonth(time_.year, month))
      before += DaysInMonth(time_.year, month++);
    if (time_.month <= 1) time_.month = month;
    if (time_.day <= 1) time_.day = given_.day_of_year - before;
    has_date_ = true;
    return Status::OK();
  }
  Status Check() const {
    if (has_date_) {
      if (time_.month < 1 || time_.month > 12 || time_.day < 1 || time_.day > 31) return OutOfRange();
      if (time_.day > DaysInMonth(time_.year, time_.month)) return OutOfRange();
    }
    const bool fits = time_.hour >= 0 && time_.hour < 24 && time_.minute >= 0 && time_.minute < 60 &&
                      time_.second >= 0 && time_.second < 60 && time_.microsecond >= 0 && time_.microsecond < 1'000'000;
    return fits ? Status::OK() : OutOfRange();
  }
  Status TakeZone() {
    if (given_.zone_sign == 0) return Status::OK();
    if (given_.zone_hours < 0 || given_.zone_hours > 15 || given_.zone_minutes < 0 || given_.zone_minutes >= 60) {
      return Error(sqlstate::kInvalidTimeZoneDisplacementValue,
                   fmt::format("time zone displacement out of range: \"{}\"", text_));
    }
    time_.offset = given_.zone_sign * (given_.zone_hours * 3600 + given_.zone_minutes * 60);
    return Status::OK();
  }

  Given given_;
  std::string_view text_;
  TimeByFormat time_;
  bool has_date_ = false;
};

}  // namespace

Result<TimeByFormat> DateTimeFormat::Read(std::string_view text) const {
  WEIR_ASSIGN_OR_RETURN(Given given, Reader(pieces_, text).Run());
  return Assembler(given, text).Run();
}

Result<TimeByFormat> DateTimeFormat::ReadExactly(std::string_view text) const {
  WEIR_ASSIGN_OR_RETURN(Given given, Reader(pieces_, text, true).Run());
  return Assembler(given, text).Run();
}

Status DateTimeFormat::CheckExact(std::string_view pattern) {
  constexpr std::string_view kSeparators = "-./,':; ";
  size_t at = 0;
  while (at < pattern.size()) {
    if (pattern[at] == '"') {  // a quoted text may be anything
      for (++at; at < pattern.size() && pattern[at] != '"'; ++at) at += pattern[at] == '\\' ? 1 : 0;
      ++at;
      continue;
    }
    const std::string_view rest = pattern.substr(at);
    const bool prefix =
        rest.starts_with("FM") || rest.starts_with("fm") || rest.starts_with("TM") || rest.starts_with("tm");
    const DateTimeKeyword* keyword = prefix ? nullptr : FindDateTimeKeyword(rest);
    if (keyword != nullptr) {
      at += keyword->text.size();
      const std::string_view behind = pattern.substr(at);
      if (behind.starts_with("TH") || behind.starts_with("th") || behind.starts_with("SP")) at += 2;
    } else if (prefix) {
      at += 2;
    } else if (kSeparators.find(rest.front()) != std::string_view::npos) {
      ++at;
    } else {
      return Error(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid datetime format separator: \"{}\"", rest.substr(0, CharacterLength(rest))));
    }
  }
  return Status::OK();
}

DateTimeFormat::Parts DateTimeFormat::parts() const {
  Parts parts;
  for (const Piece& piece : pieces_) {
    if (piece.kind != Piece::Kind::kField) continue;
    switch (piece.keyword->field) {
      case Field::kFixed: break;
      case Field::kZone:
      case Field::kZoneHours:
      case Field::kZoneMinutes:
      case Field::kOffset: parts.zone = true; break;
      case Field::kMeridiem:
      case Field::kMeridiemDots:
      case Field::kFraction:
      case Field::kMilliseconds:
      case Field::kMicroseconds:
      case Field::kHour12:
      case Field::kHour24:
      case Field::kMinute:
      case Field::kSecond:
      case Field::kSecondsOfDay: parts.time = true; break;
      case Field::kEra:
      case Field::kEraDots:
      case Field::kCentury:
      case Field::kMonthName:
      case Field::kMonthShort:
      case Field::kMonth:
      case Field::kDayName:
      case Field::kDayShort:
      case Field::kDayOfYear:
      case Field::kIsoDayOfYear:
      case Field::kDay:
      case Field::kDayOfWeek:
      case Field::kIsoDayOfWeek:
      case Field::kJulian:
      case Field::kQuarter:
      case Field::kRoman:
      case Field::kWeekOfMonth:
      case Field::kWeek:
      case Field::kIsoWeek:
      case Field::kYearComma:
      case Field::kYear:
      case Field::kIsoYear: parts.date = true; break;
    }
  }
  return parts;
}

}  // namespace weir::postgres
