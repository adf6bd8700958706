#include "sql/literal/datetime_text.h"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "sql/error.h"
#include "sql/literal/characters.h"
#include "sql/literal/time_zone_offset.h"
#include "types/floor_div.h"

namespace weir::sql {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr int64_t kJulianOf1970 = 2'440'588;
constexpr int64_t kFirstDay = -kJulianOf1970;  // 4714-11-24 BC
constexpr int64_t kLastDay = 2'145'042'905;    // 5874897-12-31
constexpr std::string_view kTimeType = "time";
constexpr int kMaxYear = 5'874'897;

constexpr std::array<std::string_view, 12> kMonths = {"january", "february", "march",     "april",   "may",      "june",
                                                      "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

/// 1 to 12; 0 for a word that names no month.
int MonthOf(std::string_view word) {
  if (word == "sept") return 9;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (word == kMonths[i] || word == kMonths[i].substr(0, 3)) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool IsWeekday(std::string_view word) {
  return std::any_of(kWeekdays.begin(), kWeekdays.end(), [&](std::string_view day) {
    return word == day || word == day.substr(0, 3) || (word.size() >= 4 && word.size() <= 5 && day.starts_with(word));
  });
}

struct Field {
  enum class Kind { kNumber, kDate, kTime, kOffset, kWord };
  Kind kind;
  std::string text;  // words in lower case
};

/// What the fields of a text say.
struct Parts {
  enum class Special { kNone, kInfinity, kMinusInfinity, kNow, kEpoch };
  Special special = Special::kNone;
  std::optional<int> year, month, day;
  int year_digits = 0;
  std::optional<int64_t> days;    // where the day is given as one number
  std::optional<int64_t> micros;  // of the day
  std::optional<std::string> zone;
  bool bc = false;
  std::optional<bool> pm;

  bool has_date() const { return days || day; }
};

class Reader {
 public:
  Reader(std::string_view text, std::string_view type, const Clock& clock)
      : text_(text), type_(type), clock_(clock), iso_time_(type == kTimeType) {}

  Result<Parts> Read() {
    WEIR_ASSIGN_OR_RETURN(const std::vector<Field> fields, Split());
    if (fields.empty()) return Malformed();
    for (const Field& field : fields) WEIR_RETURN_NOT_OK(Take(field));
    WEIR_RETURN_NOT_OK(FinishDate());
    WEIR_RETURN_NOT_OK(FinishTime());
    return std::move(parts_);
  }

  Status Malformed() const {
    return Error("22007", fmt::format("invalid input syntax for type {}: \"{}\"", type_, text_));
  }
  Status FieldOutOfRange(bool order = false) const {
    return Error("22008", fmt::format("date/time field value out of range: \"{}\"", text_),
                 {.hint = order ? "Perhaps you need a different \"datestyle\" setting." : ""});
  }

 private:
  Result<std::vector<Field>> Split() const {
    std::vector<Field> fields;
    bool dated = false;  // a date has been seen: what follows is a time
    size_t at = 0;
    const auto run = [&](auto belongs) {
      const size_t begin = at;
      while (at < text_.size() && belongs(text_[at])) ++at;
      return std::string(text_.substr(begin, at - begin));
    };
    while (at < text_.size()) {
      const char c = text_[at];
      if (IsSpace(c) || c == ',') {
        ++at;
      } else if (IsDigit(c)) {
        const size_t end = text_.find_first_not_of("0123456789", at);
        const char next = end < text_.size() ? text_[end] : '\0';
        if (next == ':') {
          fields.push_back({Field::Kind::kTime, run([](char x) { return IsDigit(x) || x == ':' || x == '.'; })});
        } else if (!dated && (next == '-' || next == '/' || next == '.')) {
          fields.push_back({Field::Kind::kDate, DateField(&at)});
          dated = true;
        } else {
          fields.push_back({Field::Kind::kNumber, run([](char x) { return IsDigit(x) || x == '.'; })});
          dated |= fields.back().text.size() >= 6;
        }
      } else if (IsLetter(c)) {
        std::string word = LowerCase(run(IsLetter));
        const bool name = at < text_.size() && (text_[at] == '/' || text_[at] == '_');
        if (name) word += LowerCase(run([](char x) { return !IsSpace(x) && x != ','; }));
        fields.push_back({Field::Kind::kWord, std::move(word)});
      } else if (c == '+' || c == '-') {
        ++at;
        std::string rest = LowerCase(run([](char x) { return IsDigit(x) || x == ':' || IsLetter(x); }));
        const bool word = !rest.empty() && IsLetter(rest[0]);
        fields.push_back({word ? Field::Kind::kWord : Field::Kind::kOffset, c + rest});
      } else {
        return Malformed();
      }
    }
    return fields;
  }

  /// 2024-01-05, 1/5/2024, 05-Jan-2024: up to three parts with the same separator.
  std::string DateField(size_t* at) const {
    const size_t begin = *at;
    const size_t separator = text_.find_first_not_of("0123456789", begin);
    for (int separators = 0; *at < text_.size(); ++*at) {
      const char c = text_[*at];
      if (c == text_[separator] && ++separators <= 2) continue;
      const bool month = IsLetter(c) && separators == 1 && (IsLetter(text_[*at - 1]) || text_[*at - 1] == text_[separator]);
      if (!month && !IsDigit(c)) break;
    }
    return std::string(text_.substr(begin, *at - begin));
  }

  Status Take(const Field& field) {
    switch (field.kind) {
      case Field::Kind::kNumber: return TakeNumber(field.text);
      case Field::Kind::kDate: return TakeDate(field.text);
      case Field::Kind::kTime: return TakeTime(field.text);
      case Field::Kind::kOffset: return TakeOffset(field.text);
      case Field::Kind::kWord: return TakeWord(field.text);
    }
    return Malformed();
  }

  static std::optional<int> Number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  }

  Status TakeYear(std::string_view digits) {
    const auto year = Number(digits);
    if (!year || parts_.year) return Malformed();
    parts_.year = year;
    parts_.year_digits = static_cast<int>(digits.size());
    return Status::OK();
  }

  Status TakeNumber(const std::string& digits) {
    if (julian_) {
      julian_ = false;
      const auto day = Number(digits);
      if (!day) return Malformed();
      parts_.days = *day - kJulianOf1970;
      return Status::OK();
    }
    const size_t whole = std::min(digits.find('.'), digits.size());
    const bool dated = parts_.days || (parts_.day && parts_.year);
    if (dated || iso_time_) {
      if (parts_.micros) return Malformed();
      if (whole == 6) return TakeTime(digits.substr(0, 2) + ":" + digits.substr(2, 2) + ":" + digits.substr(4));
      if (whole == 4 && whole == digits.size()) return TakeTime(digits.substr(0, 2) + ":" + digits.substr(2));
    }
    if (whole != digits.size()) return Malformed();
    const bool packed = !parts_.month && !parts_.day && (whole == 8 || whole == 6);
    if (packed) {
      WEIR_RETURN_NOT_OK(TakeYear(std::string_view(digits).substr(0, whole - 4)));
      parts_.month = Number(std::string_view(digits).substr(whole - 4, 2));
      parts_.day = Number(std::string_view(digits).substr(whole - 2));
      return Status::OK();
    }
    if (whole <= 2 && !parts_.day && (parts_.month || !parts_.year)) {
      parts_.day = Number(digits);
      return Status::OK();
    }
    return TakeYear(digits);
  }

  /// Year, month and day, or month, day and year; the month may be a name.
  Status TakeDate(const std::string& text) {
    if (parts_.has_date() || parts_.year || parts_.month) return Malformed();
    const char separator = text[text.find_first_not_of("0123456789")];
    std::vector<std::string_view> pieces;
    for (std::string_view rest = text;;) {
      const size_t end = rest.find(separator);
      pieces.push_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    if (pieces.size() == 2 && pieces[0].size() >= 4 && pieces[1].size() == 3) return TakeDayOfYear(pieces[0], pieces[1]);
    if (pieces.size() != 3) return Malformed();
    const bool named = IsLetter(pieces[1].empty() ? '0' : pieces[1][0]);
    const bool year_first = pieces[0].size() >= 3;
    std::string_view month = pieces[named || year_first ? 1 : 0];
    const std::string_view day = pieces[year_first ? 2 : named ? 0 : 1];
    WEIR_RETURN_NOT_OK(TakeYear(pieces[year_first ? 0 : 2]));
    parts_.month = named ? MonthOf(LowerCase(month)) : Number(month);
    parts_.day = Number(day);
    if (!parts_.month || !parts_.day || (named && parts_.month == 0)) return Malformed();
    return Status::OK();
  }

  Status TakeDayOfYear(std::string_view year, std::string_view day) {
    WEIR_RETURN_NOT_OK(TakeYear(year));
    const auto number = Number(day);
    if (!number) return Malformed();
    if (*number < 1 || *number > 366) return FieldOutOfRange();
    const date::sys_days first(date::year(*parts_.year) / 1 / 1);
    parts_.days = first.time_since_epoch().count() + *number - 1;
    return Status::OK();
  }

  Status TakeTime(std::string_view text) {
    if (parts_.micros) return Malformed();
    std::array<std::string_view, 3> pieces = {"0", "0", "0"};
    size_t count = 0;
    while (true) {
      const size_t end = text.find(':');
      if (count == pieces.size()) return Malformed();
      pieces[count++] = text.substr(0, end);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    const size_t point = std::min(pieces[2].find('.'), pieces[2].size());
    const auto hour = Number(pieces[0]), minute = Number(pieces[1]), second = Number(pieces[2].substr(0, point));
    if (count < 2 || !hour || !minute || !second) return Malformed();
    WEIR_ASSIGN_OR_RETURN(const int64_t fraction, Fraction(pieces[2].substr(point)));
    const bool midnight = *hour == 24 && *minute == 0 && *second == 0 && fraction == 0;
    if ((*hour > 23 && !midnight) || *minute > 59 || *second > 60) return FieldOutOfRange();
    parts_.micros = ((*hour * 60 + *minute) * int64_t{60} + *second) * kMicrosPerSecond + fraction;
    return Status::OK();
  }

  /// Microseconds of ".123…", rounded.
  Result<int64_t> Fraction(std::string_view text) const {
    int64_t micros = 0, unit = kMicrosPerSecond / 10;
    for (size_t i = 1; i < text.size(); ++i, unit /= 10) {
      if (!IsDigit(text[i])) return Malformed();
      if (unit == 0) {
        micros += text[i] >= '5' ? 1 : 0;
        break;
      }
      micros += (text[i] - '0') * unit;
    }
    return micros;
  }

  Status TakeOffset(const std::string& text) {
    if (!parts_.has_date() && !parts_.micros) {
      return Error("22009", fmt::format("time zone displacement out of range: \"{}\"", text_));
    }
    if (parts_.zone || text.size() < 2) return Malformed();
    if (!ReadOffset(text)) {
      const auto hours = Number(std::string_view(text).substr(1, 2));
      if (!hours || *hours <= 15) return Malformed();
      return Error("22009", fmt::format("time zone displacement out of range: \"{}\"", text_));
    }
    parts_.zone = text;
    return Status::OK();
  }

  Status TakeSpecial(Parts::Special special) {
    if (parts_.special != Parts::Special::kNone || parts_.has_date()) return Malformed();
    parts_.special = special;
    return Status::OK();
  }
  Status TakeDay(int64_t from_today) {
    if (parts_.has_date()) return Malformed();
    const int64_t offset = OffsetAt(clock_.zone, FloorDiv(clock_.now, kMicrosPerSecond)).value_or(0);
    parts_.days = FloorDiv(clock_.now + offset * kMicrosPerSecond, kMicrosPerDay) + from_today;
    return Status::OK();
  }

  Status TakeWord(const std::string& word) {
    if (word == "infinity" || word == "+infinity") return TakeSpecial(Parts::Special::kInfinity);
    if (word == "-infinity") return TakeSpecial(Parts::Special::kMinusInfinity);
    if (word == "now") return TakeSpecial(Parts::Special::kNow);
    if (word == "epoch") return TakeSpecial(Parts::Special::kEpoch);
    if (word == "today") return TakeDay(0);
    if (word == "tomorrow") return TakeDay(1);
    if (word == "yesterday") return TakeDay(-1);
    if (word == "allballs") {
      if (parts_.micros) return Malformed();
      parts_.micros = 0;
      parts_.zone = "UTC";
      return Status::OK();
    }
    if (word == "am" || word == "pm") {
      parts_.pm = word == "pm";
    } else if (word == "bc" || word == "ad") {
      parts_.bc = word == "bc";
    } else if (word == "t" && parts_.has_date()) {
      iso_time_ = true;
    } else if (word == "j" || word == "julian") {
      julian_ = true;
    } else if (const int month = MonthOf(word); month != 0) {
      if (parts_.month) return Malformed();
      parts_.month = month;
    } else if (!IsWeekday(word) && word != "at" && word != "on") {
      return TakeZone(word);
    }
    return Status::OK();
  }

  Status TakeZone(const std::string& word) {
    if (parts_.zone || (!parts_.has_date() && !parts_.micros)) return Malformed();
    if (!OffsetOfLocal(word, 0)) {
      if (word.find('/') == std::string::npos) return Malformed();
      return Error("22023", fmt::format("time zone \"{}\" not recognized", word));
    }
    parts_.zone = word;
    return Status::OK();
  }

  Status FinishDate() {
    if (julian_) return Malformed();
    if (parts_.days || parts_.special != Parts::Special::kNone) return Status::OK();
    if (!parts_.year && !parts_.month && !parts_.day) return Status::OK();
    if (!parts_.year || !parts_.month || !parts_.day) return Malformed();
    int year = *parts_.year;
    if (parts_.bc) {
      if (year <= 0) return FieldOutOfRange();
      year = 1 - year;
    } else if (parts_.year_digits <= 2) {
      year += year < 70 ? 2000 : 1900;
    } else if (year == 0) {
      return FieldOutOfRange();
    }
    if (*parts_.month < 1 || *parts_.month > 12 || *parts_.day < 1 || *parts_.day > 31) return FieldOutOfRange(true);
    if (year > kMaxYear || year < -5000) return Status(Error("22008", fmt::format("date out of range: \"{}\"", text_)));
    const auto days = DaysOf(year, *parts_.month, *parts_.day);
    if (!days) return FieldOutOfRange();
    parts_.days = days;
    return Status::OK();
  }

  /// The calendar repeats every 400 years; the library's years end at 32767.
  static std::optional<int64_t> DaysOf(int year, int month, int day) {
    const int64_t cycles = FloorDiv(year, 400);
    const date::year_month_day date(date::year(static_cast<int>(year - cycles * 400)), date::month(static_cast<unsigned>(month)),
                                    date::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    return date::sys_days(date).time_since_epoch().count() + cycles * 146'097;
  }

  Status FinishTime() {
    if (!parts_.pm) return Status::OK();
    if (!parts_.micros) return Malformed();
    constexpr int64_t kHour = 3600 * kMicrosPerSecond;
    if (*parts_.micros >= 13 * kHour) return FieldOutOfRange();
    const bool twelfth = *parts_.micros >= 12 * kHour;
    if (*parts_.pm && !twelfth) *parts_.micros += 12 * kHour;
    if (!*parts_.pm && twelfth) *parts_.micros -= 12 * kHour;
    return Status::OK();
  }

  std::string_view text_;
  std::string_view type_;
  const Clock& clock_;
  Parts parts_;
  bool julian_ = false;    // the next number is a Julian day
  bool iso_time_;          // the next number is a time
};

Status OutOfRange(std::string_view type, std::string_view text) {
  return Error("22008", fmt::format("{} out of range: \"{}\"", type, text));
}

int64_t LocalNow(const Clock& clock) {
  return clock.now + OffsetAt(clock.zone, FloorDiv(clock.now, kMicrosPerSecond)).value_or(0) * kMicrosPerSecond;
}

/// The wall clock's microseconds of a day and a time.
Result<int64_t> LocalMicros(const Parts& parts, const Reader& reader, std::string_view text) {
  if (!parts.days) return reader.Malformed();
  const __int128 micros = static_cast<__int128>(*parts.days) * kMicrosPerDay + parts.micros.value_or(0);
  if (*parts.days < kFirstDay || micros >= kInfiniteMicros) return OutOfRange("timestamp", text);
  return static_cast<int64_t>(micros);
}

}  // namespace

Result<int64_t> ReadDate(std::string_view text, const Clock& clock) {
  Reader reader(text, "date", clock);
  WEIR_ASSIGN_OR_RETURN(const Parts parts, reader.Read());
  switch (parts.special) {
    case Parts::Special::kInfinity: return kInfiniteDays;
    case Parts::Special::kMinusInfinity: return -kInfiniteDays;
    case Parts::Special::kNow: return FloorDiv(LocalNow(clock), kMicrosPerDay);
    case Parts::Special::kEpoch: return int64_t{0};
    case Parts::Special::kNone: break;
  }
  if (!parts.days) return reader.Malformed();
  if (*parts.days < kFirstDay || *parts.days > kLastDay) return OutOfRange("date", text);
  return *parts.days;
}

Result<int64_t> ReadTime(std::string_view text, const Clock& clock) {
  Reader reader(text, kTimeType, clock);
  WEIR_ASSIGN_OR_RETURN(const Parts parts, reader.Read());
  if (parts.special == Parts::Special::kNow) return LocalNow(clock) - FloorDiv(LocalNow(clock), kMicrosPerDay) * kMicrosPerDay;
  if (!parts.micros || parts.special != Parts::Special::kNone) return reader.Malformed();
  if (*parts.micros > kMicrosPerDay) return reader.FieldOutOfRange();
  return *parts.micros;
}

Result<int64_t> ReadTimestamp(std::string_view text, const Clock& clock) {
  Reader reader(text, "timestamp", clock);
  WEIR_ASSIGN_OR_RETURN(const Parts parts, reader.Read());
  switch (parts.special) {
    case Parts::Special::kInfinity: return kInfiniteMicros;
    case Parts::Special::kMinusInfinity: return -kInfiniteMicros;
    case Parts::Special::kNow: return LocalNow(clock);
    case Parts::Special::kEpoch: return int64_t{0};
    case Parts::Special::kNone: break;
  }
  return LocalMicros(parts, reader, text);
}

Result<int64_t> ReadTimestamptz(std::string_view text, const Clock& clock) {
  Reader reader(text, "timestamp with time zone", clock);
  WEIR_ASSIGN_OR_RETURN(const Parts parts, reader.Read());
  switch (parts.special) {
    case Parts::Special::kInfinity: return kInfiniteMicros;
    case Parts::Special::kMinusInfinity: return -kInfiniteMicros;
    case Parts::Special::kNow: return clock.now;
    case Parts::Special::kEpoch: return int64_t{0};
    case Parts::Special::kNone: break;
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t local, LocalMicros(parts, reader, text));
  const auto offset = OffsetOfLocal(parts.zone.value_or(clock.zone), FloorDiv(local, kMicrosPerSecond));
  const __int128 micros = static_cast<__int128>(local) - offset.value_or(0) * kMicrosPerSecond;
  if (micros >= kInfiniteMicros) return OutOfRange("timestamp", text);
  return static_cast<int64_t>(micros);
}

}  // namespace weir::sql
