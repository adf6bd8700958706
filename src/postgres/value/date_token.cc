#include "postgres/value/date_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kMostTokens = 25;

constexpr bool IsPunctuation(char c) { return c > ' ' && c < 127 && !IsDigit(c) && !IsLetter(c); }
constexpr bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : left_(text) {}

  std::optional<std::vector<DateToken>> Split(size_t room) {
    std::vector<DateToken> tokens;
    size_t used = 0;
    while (SkipBetween()) {
      DateToken token;
      if (!Next(&token)) return std::nullopt;
      used += token.text.size() + 1;
      if (tokens.size() == kMostTokens || used > room) return std::nullopt;
      tokens.push_back(std::move(token));
    }
    return tokens;
  }

 private:
  char at() const { return left_.empty() ? '\0' : left_.front(); }
  void Take(std::string* to) {
    to->push_back(ToLower(at()));
    left_.remove_prefix(1);
  }
  template <typename Accepts>
  void TakeWhile(Accepts accepts, std::string* to) {
    while (!left_.empty() && accepts(at())) Take(to);
  }

  /// Past blanks and punctuation that begins no token; false at the end.
  bool SkipBetween() {
    const auto begins = [](char c) { return c == '+' || c == '-' || c == '.'; };
    while (!left_.empty() && (IsSpace(at()) || (IsPunctuation(at()) && !begins(at())))) left_.remove_prefix(1);
    return !left_.empty();
  }

  bool Next(DateToken* token) {
    if (IsDigit(at())) return Digits(token);
    if (IsLetter(at())) return Letters(token);
    if (at() == '.') {
      Take(&token->text);
      TakeWhile(IsDigit, &token->text);
      token->kind = DateToken::Kind::kNumber;
      return true;
    }
    return (at() == '+' || at() == '-') && Signed(token);
  }

  bool Digits(DateToken* token) {
    TakeWhile(IsDigit, &token->text);
    if (at() == ':') {
      token->kind = DateToken::Kind::kTime;
      TakeWhile([](char c) { return IsDigit(c) || c == ':' || c == '.'; }, &token->text);
      return true;
    }
    const char delimiter = at();
    if (delimiter != '-' && delimiter != '/' && delimiter != '.') return true;  // a number
    Take(&token->text);
    token->kind = DateToken::Kind::kDate;
    if (!IsDigit(at())) {
      TakeWhile([delimiter](char c) { return IsAlphanumeric(c) || c == delimiter; }, &token->text);
      return true;
    }
    if (delimiter == '.') token->kind = DateToken::Kind::kNumber;  // so far
    TakeWhile(IsDigit, &token->text);
    if (at() == delimiter) {
      token->kind = DateToken::Kind::kDate;
      TakeWhile([delimiter](char c) { return IsDigit(c) || c == delimiter; }, &token->text);
    }
    return true;
  }

  bool Letters(DateToken* token) {
    token->kind = DateToken::Kind::kWord;
    TakeWhile(IsLetter, &token->text);
    const bool punctuated = at() == '-' || at() == '/' || at() == '.';
    const bool known = MeaningOf(token->text).word != DateWord::kNone;
    if (!punctuated && !((at() == '+' || IsDigit(at())) && !known)) return true;
    token->kind = DateToken::Kind::kDate;
    TakeWhile(
        [](char c) {
          return IsAlphanumeric(c) || c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':';
        },
        &token->text);
    return true;
  }

  bool Signed(DateToken* token) {
    Take(&token->text);
    while (IsSpace(at())) left_.remove_prefix(1);
    if (IsDigit(at())) {
      token->kind = DateToken::Kind::kZone;
      TakeWhile([](char c) { return IsDigit(c) || c == ':' || c == '.' || c == '-'; }, &token->text);
      return true;
    }
    token->kind = DateToken::Kind::kSpecial;
    TakeWhile(IsLetter, &token->text);
    return token->text.size() > 1;
  }

  std::string_view left_;
};

struct Row {
  std::string_view name;
  DateMeaning meaning;
};

constexpr DateMeaning Month(int value) { return {DateWord::kMonth, value}; }
constexpr DateMeaning Weekday(int value) { return {DateWord::kWeekday, value}; }
constexpr DateMeaning UnitMeaning(DateUnit unit) { return {DateWord::kUnit, static_cast<int>(unit)}; }

constexpr Row kWords[] = {
    {"-infinity", {DateWord::kMinusInfinity}},
    {"ad", {DateWord::kEra, 0}},
    {"allballs", {DateWord::kZulu}},
    {"am", {DateWord::kMorning}},
    {"apr", Month(4)},
    {"april", Month(4)},
    {"at", {DateWord::kIgnored}},
    {"aug", Month(8)},
    {"august", Month(8)},
    {"bc", {DateWord::kEra, 1}},
    {"d", UnitMeaning(DateUnit::kDay)},
    {"dec", Month(12)},
    {"december", Month(12)},
    {"dow", UnitMeaning(DateUnit::kOther)},
    {"doy", UnitMeaning(DateUnit::kOther)},
    {"dst", {DateWord::kDaylight}},
    {"epoch", {DateWord::kEpoch}},
    {"feb", Month(2)},
    {"february", Month(2)},
    {"fri", Weekday(5)},
    {"friday", Weekday(5)},
    {"h", UnitMeaning(DateUnit::kHour)},
    {"infinity", {DateWord::kInfinity}},
    {"isodow", UnitMeaning(DateUnit::kOther)},
    {"isoyear", UnitMeaning(DateUnit::kOther)},
    {"j", UnitMeaning(DateUnit::kJulian)},
    {"jan", Month(1)},
    {"january", Month(1)},
    {"jd", UnitMeaning(DateUnit::kJulian)},
    {"jul", Month(7)},
    {"julian", UnitMeaning(DateUnit::kJulian)},
    {"july", Month(7)},
    {"jun", Month(6)},
    {"june", Month(6)},
    {"m", UnitMeaning(DateUnit::kMonth)},
    {"mar", Month(3)},
    {"march", Month(3)},
    {"may", Month(5)},
    {"mm", UnitMeaning(DateUnit::kMinute)},
    {"mon", Weekday(1)},
    {"monday", Weekday(1)},
    {"nov", Month(11)},
    {"november", Month(11)},
    {"now", {DateWord::kNow}},
    {"oct", Month(10)},
    {"october", Month(10)},
    {"on", {DateWord::kIgnored}},
    {"pm", {DateWord::kAfternoon}},
    {"s", UnitMeaning(DateUnit::kSecond)},
    {"sat", Weekday(6)},
    {"saturday", Weekday(6)},
    {"sep", Month(9)},
    {"sept", Month(9)},
    {"september", Month(9)},
    {"sun", Weekday(0)},
    {"sunday", Weekday(0)},
    {"t", UnitMeaning(DateUnit::kTime)},
    {"thu", Weekday(4)},
    {"thur", Weekday(4)},
    {"thurs", Weekday(4)},
    {"thursday", Weekday(4)},
    {"today", {DateWord::kToday}},
    {"tomorrow", {DateWord::kTomorrow}},
    {"tue", Weekday(2)},
    {"tues", Weekday(2)},
    {"tuesday", Weekday(2)},
    {"wed", Weekday(3)},
    {"wednesday", Weekday(3)},
    {"weds", Weekday(3)},
    {"y", UnitMeaning(DateUnit::kYear)},
    {"yesterday", {DateWord::kYesterday}},
};

}  // namespace

Status FaultStatus(DateFault fault, std::string_view text, std::string_view type) {
  switch (fault) {
    case DateFault::kFormat:
      return Error("22007", fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
    case DateFault::kField: return Error("22008", fmt::format("date/time field value out of range: \"{}\"", text));
    case DateFault::kMonthOrDay:
      return Error("22008", fmt::format("date/time field value out of range: \"{}\"", text),
                   {.hint = "Perhaps you need a different \"datestyle\" setting."});
    case DateFault::kInterval: return Error("22015", fmt::format("interval field value out of range: \"{}\"", text));
    case DateFault::kDisplacement:
      return Error("22009", fmt::format("time zone displacement out of range: \"{}\"", text));
  }
  return Status::OK();
}

std::optional<std::vector<DateToken>> SplitDate(std::string_view text, size_t room) {
  return Splitter(text).Split(room);
}

DateMeaning MeaningOf(std::string_view word) {
  const auto* found = std::lower_bound(std::begin(kWords), std::end(kWords), word,
                                       [](const Row& row, std::string_view key) { return row.name < key; });
  return found != std::end(kWords) && found->name == word ? found->meaning : DateMeaning();
}

}  // namespace weir::postgres
