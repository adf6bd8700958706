#include "postgres/value/date_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "postgres/error.h"
#include "postgres/value/calendar.h"
#include "postgres/value/date_time.h"
#include "postgres/value/iso_moment.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr uint32_t kYearField = 1 << 0;
constexpr uint32_t kMonthField = 1 << 1;
constexpr uint32_t kDayField = 1 << 2;
constexpr uint32_t kDayOfYearField = 1 << 3;
constexpr uint32_t kHourField = 1 << 4;
constexpr uint32_t kMinuteField = 1 << 5;
constexpr uint32_t kSecondField = 1 << 6;
constexpr uint32_t kFractionField = 1 << 7;
constexpr uint32_t kZoneField = 1 << 8;
constexpr uint32_t kDaylightZoneField = 1 << 9;
constexpr uint32_t kDaylightField = 1 << 10;
constexpr uint32_t kWeekdayField = 1 << 11;
constexpr uint32_t kHalfDayField = 1 << 12;
constexpr uint32_t kEraField = 1 << 13;
constexpr uint32_t kSpecialField = 1 << 14;
constexpr uint32_t kDateFields = kYearField | kMonthField | kDayField;
constexpr uint32_t kTimeFields = kHourField | kMinuteField | kSecondField | kFractionField;

constexpr size_t kDateRoom = 153;  // bytes of all tokens
constexpr int32_t kSecondsPerHour = 3600;

/// An integer off the front of `left`, as C's strtol takes it; without digits it is 0.
struct Integer {
  int value = 0;
  bool found = false;
  bool overflow = false;
};
Integer TakeInteger(std::string_view* left) {
  Integer result;
  std::string_view digits = *left;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const auto end = std::find_if_not(digits.begin(), digits.end(), IsDigit);
  const auto size = static_cast<size_t>(end - digits.begin());
  if (size == 0) return result;
  const std::string number = (negative ? "-" : "") + std::string(digits.substr(0, size));
  result.found = true;
  result.overflow = std::from_chars(number.data(), number.data() + number.size(), result.value).ec != std::errc();
  *left = digits.substr(size);
  return result;
}

/// C's atoi of digits: of a number that is too large some other one, which is out of range.
int DigitsValue(std::string_view digits) {
  int64_t value = std::numeric_limits<int64_t>::max();
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return static_cast<int>(value);
}

}  // namespace

Result<DateFields> DateReader::Read() {
  std::optional<std::vector<DateToken>> tokens = SplitDate(text_, kDateRoom);
  if (!tokens) return Fail(DateFault::kFormat);
  tokens_ = *std::move(tokens);
  for (size_t i = 0; i < tokens_.size(); ++i) {
    Mask found = 0;
    WEIR_RETURN_NOT_OK(ReadToken(i, &found));
    if (found & known_) return Fail(DateFault::kFormat);
    known_ |= found;
  }
  WEIR_RETURN_NOT_OK(Finish());
  return fields_;
}

Status DateReader::ReadToken(size_t index, Mask* found) {
  const std::string& token = tokens_[index].text;
  switch (tokens_[index].kind) {
    case DateToken::Kind::kDate: return ReadDateToken(index, found);
    case DateToken::Kind::kTime:
      if (goal_ == Goal::kTime) return ReadClock(token, found);
      if (label_ != DateUnit::kNone && label_ != DateUnit::kTime) return Fail(DateFault::kFormat);
      label_ = DateUnit::kNone;
      WEIR_RETURN_NOT_OK(ReadClock(token, found));
      return TimeOverflows() ? Fail(DateFault::kField) : Status::OK();
    case DateToken::Kind::kZone:
      *found = kZoneField;
      return ReadOffset(token);
    case DateToken::Kind::kNumber: return ReadNumberToken(index, found);
    case DateToken::Kind::kWord:
    case DateToken::Kind::kSpecial: return ReadWord(index, found);
  }
  return Status::OK();
}

// --- tokens with a date's punctuation ---

Status DateReader::ReadDateToken(size_t index, Mask* found) {
  const std::string& token = tokens_[index].text;
  if (goal_ == Goal::kTime) {
    const bool with_date = index == 0 && tokens_.size() >= 2 &&
                           (tokens_.back().kind == DateToken::Kind::kDate || tokens_[1].kind == DateToken::Kind::kTime);
    if (with_date) return ReadDate(token, known_, found);
    if (!IsDigit(token[0])) return ReadZoneName(token, found);
    return ReadRunTogether(token, known_ | kDateFields, found);
  }
  if (label_ == DateUnit::kJulian) {  // "J2451187+02"
    std::string_view rest = token;
    const Integer day = TakeInteger(&rest);
    if (day.overflow || day.value < 0) return Fail(DateFault::kField);
    SetDay(day.value - kJulianDayOf1970);
    julian_ = true;
    label_ = DateUnit::kNone;
    *found = kDateFields | kTimeFields | kZoneField;
    return ReadOffset(rest);
  }
  constexpr Mask kMonthAndDay = kMonthField | kDayField;
  if (label_ == DateUnit::kNone && (known_ & kMonthAndDay) != kMonthAndDay) return ReadDate(token, known_, found);
  return ReadTimeOfMomentToken(token, found);
}

/// Behind a date: "040506-08" or a zone's name.
Status DateReader::ReadTimeOfMomentToken(std::string token, Mask* found) {
  if (!IsDigit(token[0]) && label_ == DateUnit::kNone) return ReadZoneName(token, found);
  if (label_ != DateUnit::kNone && label_ != DateUnit::kTime) return Fail(DateFault::kFormat);
  label_ = DateUnit::kNone;
  return ReadRunTogether(std::move(token), known_, found);
}

Status DateReader::ReadRunTogether(std::string token, Mask known, Mask* found) {
  if ((known_ & kTimeFields) == kTimeFields) return Fail(DateFault::kFormat);
  const size_t minus = token.find('-');
  if (minus == std::string::npos) return Fail(DateFault::kFormat);
  WEIR_RETURN_NOT_OK(ReadOffset(std::string_view(token).substr(minus)));
  token.resize(minus);
  WEIR_RETURN_NOT_OK(ReadNumberField(std::move(token), known, found));
  *found |= kZoneField;
  return Status::OK();
}

Status DateReader::ReadZoneName(const std::string& name, Mask* found) {
  zone_ = TimeZone::Find(name);
  if (zone_ == nullptr) return Error("22023", fmt::format("time zone \"{}\" not recognized", name));
  *found = kZoneField;
  return Status::OK();
}

Status DateReader::ReadDate(std::string token, Mask known, Mask* found) {
  std::vector<std::string> parts;
  std::string_view left = token;
  while (!left.empty() && parts.size() < 25) {
    while (!left.empty() && !IsDigit(left[0]) && !IsLetter(left[0])) left.remove_prefix(1);
    if (left.empty()) return Fail(DateFault::kFormat);
    const bool digits = IsDigit(left[0]);
    const auto end = std::find_if_not(left.begin(), left.end(), digits ? IsDigit : IsLetter);
    const auto size = static_cast<size_t>(end - left.begin());
    parts.emplace_back(left.substr(0, size));
    left.remove_prefix(std::min(size + 1, left.size()));  // with what separates it
  }
  bool month_named = false;
  for (std::string& part : parts) {  // a month's name is what it is wherever it stands
    if (!IsLetter(part[0])) continue;
    const DateMeaning meaning = MeaningOf(part);
    if (meaning.word == DateWord::kIgnored) continue;
    if (meaning.word != DateWord::kMonth || (known & kMonthField)) return Fail(DateFault::kFormat);
    fields_.month = meaning.value;
    month_named = true;
    known |= kMonthField;
    *found |= kMonthField;
    part.clear();
  }
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    Mask placed = 0;
    WEIR_RETURN_NOT_OK(ReadNumber(part, month_named, known, &placed));
    if (known & placed) return Fail(DateFault::kFormat);
    known |= placed;
    *found |= placed;
  }
  return (known & ~(kDayOfYearField | kZoneField)) == kDateFields ? Status::OK() : Fail(DateFault::kFormat);
}

// --- times ---

Status DateReader::ReadClock(std::string_view token, Mask* found) {
  *found = kTimeFields;
  const Integer hour = TakeInteger(&token);
  if (hour.overflow) return Fail(DateFault::kField);
  if (!token.starts_with(':')) return Fail(DateFault::kFormat);
  token.remove_prefix(1);
  const Integer minute = TakeInteger(&token);
  if (minute.overflow) return Fail(DateFault::kField);
  fields_.hour = hour.value;
  fields_.minute = minute.value;
  fields_.second = 0;
  fields_.fraction = 0;
  if (token.starts_with('.')) {  // minutes and seconds
    WEIR_RETURN_NOT_OK(ReadFraction(token));
    fields_.second = fields_.minute;
    fields_.minute = static_cast<int>(fields_.hour);
    fields_.hour = 0;
  } else if (token.starts_with(':')) {
    token.remove_prefix(1);
    const Integer second = TakeInteger(&token);
    if (second.overflow) return Fail(DateFault::kField);
    fields_.second = second.value;
    if (!token.empty() && token[0] != '.') return Fail(DateFault::kFormat);
    if (!token.empty()) WEIR_RETURN_NOT_OK(ReadFraction(token));
  } else if (!token.empty()) {
    return Fail(DateFault::kFormat);
  }
  const bool sound = fields_.hour >= 0 && fields_.minute >= 0 && fields_.minute < 60 && fields_.second >= 0 &&
                     fields_.second <= 60 && fields_.fraction >= 0 && fields_.fraction <= kMicrosPerSecond;
  return sound ? Status::OK() : Fail(DateFault::kField);
}

/// ".5": microseconds.
Status DateReader::ReadFraction(std::string_view token) {
  const std::string text(token);
  fields_.fraction = 0;
  if (text.size() <= 1) return Status::OK();
  char* end = nullptr;
  const double fraction = std::strtod(text.c_str(), &end);
  if (*end != '\0') return Fail(DateFault::kFormat);
  fields_.fraction = static_cast<int64_t>(std::rint(fraction * static_cast<double>(kMicrosPerSecond)));
  return Status::OK();
}

/// "+02", "-03:30", "+0730", "+15:59:59"
Status DateReader::ReadOffset(std::string_view token) {
  constexpr int kMostHours = 15;
  if (token.empty() || (token[0] != '+' && token[0] != '-')) return Fail(DateFault::kFormat);
  const bool negative = token[0] == '-';
  const bool long_enough = token.size() > 3;
  token.remove_prefix(1);
  Integer hour = TakeInteger(&token);
  Integer minute, second;
  if (token.starts_with(':')) {
    token.remove_prefix(1);
    minute = TakeInteger(&token);
    if (token.starts_with(':')) {
      token.remove_prefix(1);
      second = TakeInteger(&token);
    }
  } else if (token.empty() && long_enough) {
    minute.value = hour.value % 100;
    hour.value /= 100;
  }
  if (hour.overflow || minute.overflow || second.overflow || hour.value < 0 || hour.value > kMostHours ||
      minute.value < 0 || minute.value >= 60 || second.value < 0 || second.value >= 60) {
    return Fail(DateFault::kDisplacement);
  }
  const int32_t seconds = (hour.value * 60 + minute.value) * 60 + second.value;
  fields_.offset = negative ? -seconds : seconds;
  return token.empty() ? Status::OK() : Fail(DateFault::kFormat);
}

// --- numbers ---

Status DateReader::ReadNumberToken(size_t index, Mask* found) {
  const std::string& token = tokens_[index].text;
  if (label_ != DateUnit::kNone) {
    WEIR_RETURN_NOT_OK(ReadLabelled(token, found));
    label_ = DateUnit::kNone;
    return Status::OK();
  }
  return goal_ == Goal::kTime ? ReadTimeNumber(index, found) : ReadMomentNumber(token, found);
}

Status DateReader::ReadMomentNumber(const std::string& token, Mask* found) {
  constexpr size_t kRunTogether = 6;  // digits of the shortest hhmmss and yymmdd; five are a year
  const size_t point = token.find('.');
  if (point != std::string::npos && !(known_ & kDateFields)) return ReadDate(token, known_, found);
  if (point != std::string::npos && point > 2) return ReadNumberField(token, known_, found);
  if (token.size() >= kRunTogether && (!(known_ & kDateFields) || !(known_ & kTimeFields))) {
    return ReadNumberField(token, known_, found);
  }
  return ReadNumber(token, month_named_, known_, found);
}

Status DateReader::ReadTimeNumber(size_t index, Mask* found) {
  const std::string& token = tokens_[index].text;
  const size_t point = token.find('.');
  if (point != std::string::npos) {
    const bool date = index == 0 && tokens_.size() >= 2 && tokens_.back().kind == DateToken::Kind::kDate;
    if (date) return ReadDate(token, known_, found);
    if (point > 2) return ReadNumberField(token, known_ | kDateFields, found);
    return Fail(DateFault::kFormat);
  }
  if (token.size() > 4) return ReadNumberField(token, known_ | kDateFields, found);
  return ReadNumber(token, false, known_ | kDateFields, found);
}

/// A number that the word before it says the meaning of: "y2024", "j2451187", "t040506".
Status DateReader::ReadLabelled(const std::string& token, Mask* found) {
  std::string_view rest = token;
  const Integer number = TakeInteger(&rest);
  if (number.overflow) return Fail(DateFault::kField);
  if (!rest.empty() && rest[0] != '.') return Fail(DateFault::kFormat);
  switch (label_) {
    case DateUnit::kYear:
      fields_.year = number.value;
      *found = kYearField;
      return Status::OK();
    case DateUnit::kMonth:
      // Behind month and hour, "m" is minutes.
      if ((known_ & kMonthField) && (known_ & kHourField)) {
        fields_.minute = number.value;
        *found = kMinuteField;
      } else {
        fields_.month = number.value;
        *found = kMonthField;
      }
      return Status::OK();
    case DateUnit::kDay:
      fields_.day = number.value;
      *found = kDayField;
      return Status::OK();
    case DateUnit::kHour:
      fields_.hour = number.value;
      *found = kHourField;
      return Status::OK();
    case DateUnit::kMinute:
      fields_.minute = number.value;
      *found = kMinuteField;
      return Status::OK();
    case DateUnit::kSecond: return ReadSeconds(number.value, rest, found);
    case DateUnit::kJulian:
      if (number.value < 0) return Fail(DateFault::kField);
      return ReadJulian(token, found);
    case DateUnit::kTime:
      WEIR_RETURN_NOT_OK(ReadNumberField(token, known_ | kDateFields, found));
      return *found == kTimeFields ? Status::OK() : Fail(DateFault::kFormat);
    case DateUnit::kNone:
    case DateUnit::kOther: break;
  }
  return Fail(DateFault::kFormat);
}

Status DateReader::ReadSeconds(int value, std::string_view rest, Mask* found) {
  fields_.second = value;
  *found = kSecondField;
  if (rest.empty()) return Status::OK();
  *found |= kFractionField;
  return ReadFraction(rest);
}

/// A Julian day; a fraction is the time of the day.
Status DateReader::ReadJulian(const std::string& token, Mask* found) {
  std::string_view rest = token;
  SetDay(TakeInteger(&rest).value - kJulianDayOf1970);
  julian_ = true;
  *found = kDateFields;
  if (rest.empty()) return Status::OK();
  const std::string fraction(rest);
  char* end = nullptr;
  const double part = std::strtod(fraction.c_str(), &end);
  if (*end != '\0' || end == fraction.c_str()) return Fail(DateFault::kFormat);
  SetClock(static_cast<int64_t>(part * static_cast<double>(kMicrosPerDay)));
  *found |= kTimeFields;
  return Status::OK();
}

Status DateReader::ReadNumber(const std::string& token, bool month_named, Mask known, Mask* found) {
  std::string_view rest = token;
  const Integer number = TakeInteger(&rest);
  if (number.overflow) return Fail(DateFault::kField);
  if (!number.found) return Fail(DateFault::kFormat);
  if (rest.starts_with('.')) {
    if (token.size() - rest.size() > 2) return ReadNumberField(token, known | kDateFields, found);
    WEIR_RETURN_NOT_OK(ReadFraction(rest));
  } else if (!rest.empty()) {
    return Fail(DateFault::kFormat);
  }
  if (token.size() == 3 && (known & kDateFields) == kYearField && number.value >= 1 && number.value <= 366) {
    day_of_year_ = number.value;
    *found = kDayOfYearField | kMonthField | kDayField;
    return Status::OK();
  }
  if ((known & kDateFields) == kDateFields) return ReadNumberField(token, known, found);
  return PlaceNumber(number.value, token.size(), month_named, known, found);
}

/// A number of a date: which one it is follows from those that are known and the order that the session has.
Status DateReader::PlaceNumber(int value, size_t size, bool month_named, Mask known, Mask* found) {
  const auto year = [&] {
    fields_.year = value;
    short_year_ = size <= 2;
    *found = kYearField;
    return Status::OK();
  };
  const auto month = [&] {
    fields_.month = value;
    *found = kMonthField;
    return Status::OK();
  };
  const auto day = [&] {
    fields_.day = value;
    *found = kDayField;
    return Status::OK();
  };
  const bool year_first = size >= 3 || settings_.date_order == DateOrder::kYmd;
  switch (known & kDateFields) {
    case 0:
      if (year_first) return year();
      return settings_.date_order == DateOrder::kDmy ? day() : month();
    case kYearField: return month();
    case kMonthField: return month_named && year_first ? year() : day();
    case kYearField | kMonthField:
      if (month_named && size >= 3 && short_year_) {  // what was taken for the year is the day
        fields_.day = static_cast<int>(fields_.year);
        fields_.year = value;
        short_year_ = false;
        *found = kDayField;
        return Status::OK();
      }
      return day();
    case kDayField: return month();
    case kMonthField | kDayField: return year();
    default: return Fail(DateFault::kFormat);
  }
}

/// Digits run together: yyyymmdd while the date is not known, else hhmmss or hhmm.
Status DateReader::ReadNumberField(std::string token, Mask known, Mask* found) {
  if (const size_t point = token.find('.'); point != std::string::npos) {
    const double fraction = point + 1 < token.size() ? std::strtod(token.c_str() + point, nullptr) : 0;
    fields_.fraction = static_cast<int64_t>(std::rint(fraction * static_cast<double>(kMicrosPerSecond)));
    token.resize(point);
  } else if ((known & kDateFields) != kDateFields && token.size() >= 6) {
    const std::string_view digits = token;
    const size_t year = digits.size() - 4;
    fields_.year = DigitsValue(digits.substr(0, year));
    fields_.month = DigitsValue(digits.substr(year, 2));
    fields_.day = DigitsValue(digits.substr(year + 2));
    if (year == 2) short_year_ = true;
    *found = kDateFields;
    return Status::OK();
  }
  if ((known & kTimeFields) == kTimeFields || (token.size() != 6 && token.size() != 4)) return Fail(DateFault::kFormat);
  const std::string_view digits = token;
  fields_.hour = DigitsValue(digits.substr(0, 2));
  fields_.minute = DigitsValue(digits.substr(2, 2));
  fields_.second = digits.size() == 6 ? DigitsValue(digits.substr(4)) : 0;
  *found = kTimeFields;
  return Status::OK();
}

// --- words ---

Status DateReader::ReadWord(size_t index, Mask* found) {
  const std::string& token = tokens_[index].text;
  bool is_abbreviation = false;
  WEIR_RETURN_NOT_OK(ReadAbbreviation(token, found, &is_abbreviation));
  if (is_abbreviation) return Status::OK();
  const DateMeaning meaning = MeaningOf(token);
  if (meaning.word != DateWord::kNone) return ReadMeaning(index, meaning, found);
  zone_ = TimeZone::Find(token);
  if (zone_ == nullptr) return Fail(DateFault::kFormat);
  *found = kZoneField;
  return Status::OK();
}

Status DateReader::ReadAbbreviation(const std::string& token, Mask* found, bool* is_one) {
  const ZoneAbbreviation* row = FindAbbreviation(token);
  *is_one = row != nullptr;
  if (row == nullptr) return Status::OK();
  *found = kZoneField;
  if (!row->zone.empty()) {
    abbreviation_zone_ = TimeZone::Find(row->zone);
    if (abbreviation_zone_ == nullptr) return Fail(DateFault::kFormat);
    abbreviation_ = token;
    std::transform(abbreviation_.begin(), abbreviation_.end(), abbreviation_.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return Status::OK();
  }
  if (row->daylight) *found |= kDaylightZoneField;
  fields_.offset = row->offset;
  return Status::OK();
}

Status DateReader::ReadMeaning(size_t index, DateMeaning meaning, Mask* found) {
  switch (meaning.word) {
    case DateWord::kIgnored: return Status::OK();
    case DateWord::kNow:
    case DateWord::kToday:
    case DateWord::kTomorrow:
    case DateWord::kYesterday:
    case DateWord::kEpoch:
    case DateWord::kInfinity:
    case DateWord::kMinusInfinity:
    case DateWord::kZulu: return ReadReserved(meaning.word, found);
    case DateWord::kMonth:
      if (goal_ == Goal::kTime) return Fail(DateFault::kFormat);
      ReadMonthName(meaning.value, found);
      return Status::OK();
    case DateWord::kWeekday:
      if (goal_ == Goal::kTime) return Fail(DateFault::kFormat);
      *found = kWeekdayField;
      return Status::OK();
    case DateWord::kMorning:
    case DateWord::kAfternoon:
      half_day_ = meaning.word;
      *found = kHalfDayField;
      return Status::OK();
    case DateWord::kEra:
      before_christ_ = meaning.value == 1;
      *found = kEraField;
      return Status::OK();
    case DateWord::kDaylight:
      fields_.offset += kSecondsPerHour;
      *found = kDaylightField | kDaylightZoneField;
      return Status::OK();
    case DateWord::kUnit: return ReadUnit(index, static_cast<DateUnit>(meaning.value));
    case DateWord::kNone: break;
  }
  return Fail(DateFault::kFormat);
}

void DateReader::ReadMonthName(int month, Mask* found) {
  *found = kMonthField;
  // A number that was taken for the month is the day.
  if ((known_ & kMonthField) && !month_named_ && !(known_ & kDayField) && fields_.month >= 1 && fields_.month <= 31) {
    fields_.day = fields_.month;
    *found = kDayField;
  }
  month_named_ = true;
  fields_.month = month;
}

Status DateReader::ReadReserved(DateWord word, Mask* found) {
  if (word == DateWord::kZulu) {
    fields_.special = DateWord::kNone;
    SetClock(0);
    fields_.offset = 0;
    *found = kTimeFields | kZoneField;
    return Status::OK();
  }
  const bool time = goal_ == Goal::kTime;
  if (time && word != DateWord::kNow) return Fail(DateFault::kFormat);
  if (word == DateWord::kToday || word == DateWord::kTomorrow || word == DateWord::kYesterday) {
    fields_.special = DateWord::kNone;
    SetDay(Today() + (word == DateWord::kTomorrow ? 1 : word == DateWord::kYesterday ? -1 : 0));
    *found = kDateFields;
    return Status::OK();
  }
  if (word != DateWord::kNow) {
    fields_.special = word;
    *found = kSpecialField;
    return Status::OK();
  }
  *found = time ? kTimeFields : kDateFields | kTimeFields | kZoneField;
  fields_.special = DateWord::kNone;
  const int64_t local = LocalOf(settings_.now, settings_);
  SetDay(FloorQuotient(local, kMicrosPerDay));
  SetClock(local - FloorQuotient(local, kMicrosPerDay) * kMicrosPerDay);
  fields_.offset = static_cast<int32_t>((local - settings_.now) / kMicrosPerSecond);
  return Status::OK();
}

Status DateReader::ReadUnit(size_t index, DateUnit unit) {
  if (unit == DateUnit::kTime) {  // "t", which says that a time follows
    if (goal_ == Goal::kMoment && (known_ & kDateFields) != kDateFields) return Fail(DateFault::kFormat);
    if (index + 1 >= tokens_.size()) return Fail(DateFault::kFormat);
    const DateToken::Kind next = tokens_[index + 1].kind;
    if (next != DateToken::Kind::kNumber && next != DateToken::Kind::kTime && next != DateToken::Kind::kDate) {
      return Fail(DateFault::kFormat);
    }
  }
  label_ = unit;
  return Status::OK();
}

// --- the whole ---

Status DateReader::Finish() {
  if (goal_ == Goal::kMoment && fields_.special != DateWord::kNone) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckDate());
  WEIR_RETURN_NOT_OK(ApplyHalfDay());
  return goal_ == Goal::kMoment ? FinishMoment() : FinishTime();
}

Status DateReader::CheckDate() {
  if ((known_ & kYearField) && !julian_) {
    if (before_christ_) {
      if (fields_.year <= 0) return Fail(DateFault::kField);
      fields_.year = 1 - fields_.year;
    } else if (short_year_) {
      if (fields_.year < 0) return Fail(DateFault::kField);
      if (fields_.year < 70) fields_.year += 2000;
      else if (fields_.year < 100) fields_.year += 1900;
    } else if (fields_.year <= 0) {
      return Fail(DateFault::kField);
    }
  }
  if (known_ & kDayOfYearField) SetDay(DaysOf(fields_.year, 1, 1) + day_of_year_ - 1);
  if ((known_ & kMonthField) && (fields_.month < 1 || fields_.month > 12)) return Fail(DateFault::kMonthOrDay);
  if ((known_ & kDayField) && (fields_.day < 1 || fields_.day > 31)) return Fail(DateFault::kMonthOrDay);
  const bool whole = (known_ & kDateFields) == kDateFields;
  return whole && fields_.day > DaysInMonth(fields_.year, fields_.month) ? Fail(DateFault::kField) : Status::OK();
}

Status DateReader::ApplyHalfDay() {
  constexpr int kNoon = 12;
  if (half_day_ == DateWord::kNone) return Status::OK();
  if (fields_.hour > kNoon) return Fail(DateFault::kField);
  if (half_day_ == DateWord::kMorning && fields_.hour == kNoon) fields_.hour = 0;
  else if (half_day_ == DateWord::kAfternoon && fields_.hour != kNoon) fields_.hour += kNoon;
  return Status::OK();
}

Status DateReader::FinishMoment() {
  if ((known_ & kDateFields) != kDateFields) return Fail(DateFault::kFormat);
  return ResolveZone(DaysOf(fields_.year, fields_.month, fields_.day));
}

Status DateReader::FinishTime() {
  if (TimeOverflows()) return Fail(DateFault::kField);
  if ((known_ & kTimeFields) != kTimeFields) return Fail(DateFault::kFormat);
  const bool dated = (known_ & kDateFields) != 0;
  const bool whole = (known_ & kDateFields) == kDateFields;
  if (zone_ != nullptr && zone_->OnlyOffset() && !(known_ & kDaylightField)) {
    fields_.offset = *zone_->OnlyOffset();
    return Status::OK();
  }
  const bool needs_date = zone_ != nullptr || (dated && (abbreviation_zone_ != nullptr || !(known_ & kZoneField)));
  if (needs_date && !whole) return Fail(DateFault::kFormat);
  return ResolveZone(whole ? DaysOf(fields_.year, fields_.month, fields_.day) : Today());
}

/// The offset at the fields' time on `day`, where a zone or no zone is named.
Status DateReader::ResolveZone(int64_t day) {
  const bool session = !(known_ & kZoneField);
  const bool resolves = zone_ != nullptr || abbreviation_zone_ != nullptr || session;
  if (!resolves) return Status::OK();
  if (known_ & kDaylightField) return Fail(DateFault::kFormat);
  const int64_t local = day * kSecondsPerDay + fields_.hour * 3600 + fields_.minute * 60 + fields_.second;
  const TimeZone* zone = zone_ != nullptr ? zone_.get() : session ? settings_.zone.get() : nullptr;
  if (zone != nullptr) {
    fields_.offset = zone->OffsetOfLocal(local);
  } else if (abbreviation_zone_ != nullptr) {
    const int32_t around = abbreviation_zone_->OffsetOfLocal(local);
    fields_.offset = abbreviation_zone_->OffsetOfAbbreviation(abbreviation_, local - around).value_or(around);
  } else {
    fields_.offset = 0;
  }
  return Status::OK();
}

bool DateReader::TimeOverflows() const {
  const bool sound = fields_.hour >= 0 && fields_.hour <= 24 && fields_.minute >= 0 && fields_.minute < 60 &&
                     fields_.second >= 0 && fields_.second <= 60 && fields_.fraction >= 0 &&
                     fields_.fraction <= kMicrosPerSecond;
  return !sound || ((fields_.hour * 60 + fields_.minute) * 60 + fields_.second) * kMicrosPerSecond + fields_.fraction >
                       kMicrosPerDay;
}

void DateReader::SetDay(int64_t days) {
  const CivilDate date = CivilOf(days);
  fields_.year = date.year;
  fields_.month = date.month;
  fields_.day = date.day;
}

int64_t DateReader::Today() const { return FloorQuotient(LocalOf(settings_.now, settings_), kMicrosPerDay); }

void DateReader::SetClock(int64_t microseconds) {
  fields_.hour = microseconds / kMicrosPerHour;
  fields_.minute = static_cast<int>(microseconds % kMicrosPerHour / kMicrosPerMinute);
  fields_.second = static_cast<int>(microseconds % kMicrosPerMinute / kMicrosPerSecond);
  fields_.fraction = microseconds % kMicrosPerSecond;
}

// --- the types ---

namespace {

int64_t ClockOf(const DateFields& fields) {
  return ((fields.hour * 60 + fields.minute) * 60 + fields.second) * kMicrosPerSecond + fields.fraction;
}

Status OutOfRange(std::string_view what, std::string_view text) {
  return Error("22008", fmt::format("{} out of range: \"{}\"", what, text));
}

Result<Timestamp> ReadMoment(std::string_view text, std::string_view type, bool zoned, const Settings& settings) {
  const std::optional<IsoMoment> iso = ReadIsoMoment(text);
  if (iso && (!zoned || iso->offset)) {
    return Timestamp{iso->days * kMicrosPerDay + iso->clock - (zoned ? *iso->offset * kMicrosPerSecond : 0)};
  }
  DateReader reader(text, type, DateReader::Goal::kMoment, settings);
  WEIR_ASSIGN_OR_RETURN(const DateFields fields, reader.Read());
  if (fields.special == DateWord::kEpoch) return Timestamp{0};
  if (fields.special == DateWord::kInfinity) return Timestamp{kInfiniteTimestamp};
  if (fields.special == DateWord::kMinusInfinity) return Timestamp{-kInfiniteTimestamp};
  const auto moment = static_cast<__int128>(DaysOf(fields.year, fields.month, fields.day)) * kMicrosPerDay +
                      ClockOf(fields) - (zoned ? fields.offset * kMicrosPerSecond : 0);
  if (moment >= kInfiniteTimestamp || moment < std::numeric_limits<int64_t>::min() ||
      !IsValidTimestamp(static_cast<int64_t>(moment))) {
    return OutOfRange("timestamp", text);
  }
  return Timestamp{static_cast<int64_t>(moment)};
}

Result<DateFields> ReadTimeFields(std::string_view text, std::string_view type, const Settings& settings) {
  return DateReader(text, type, DateReader::Goal::kTime, settings).Read();
}

}  // namespace

Result<Date> ReadDate(std::string_view text, const Settings& settings) {
  if (const auto iso = ReadIsoMoment(text)) return Date{static_cast<int32_t>(iso->days)};
  DateReader reader(text, "date", DateReader::Goal::kMoment, settings);
  WEIR_ASSIGN_OR_RETURN(const DateFields fields, reader.Read());
  if (fields.special == DateWord::kEpoch) return Date{0};
  if (fields.special == DateWord::kInfinity) return Date{kInfiniteDate};
  if (fields.special == DateWord::kMinusInfinity) return Date{-kInfiniteDate};
  const int64_t days = DaysOf(fields.year, fields.month, fields.day);
  if (!IsValidDate(days)) return OutOfRange("date", text);
  return Date{static_cast<int32_t>(days)};
}

Result<Timestamp> ReadTimestamp(std::string_view text, const Settings& settings) {
  return ReadMoment(text, "timestamp", false, settings);
}
Result<Timestamp> ReadTimestampTz(std::string_view text, const Settings& settings) {
  return ReadMoment(text, "timestamp with time zone", true, settings);
}

Result<Time> ReadTime(std::string_view text, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const DateFields fields, ReadTimeFields(text, "time", settings));
  return Time{ClockOf(fields)};
}
Result<TimeTz> ReadTimeTz(std::string_view text, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const DateFields fields, ReadTimeFields(text, "time with time zone", settings));
  return TimeTz{.microseconds = ClockOf(fields), .offset = fields.offset};
}

}  // namespace weir::postgres
