#include "cli/type_guess.h"

#include <arrow/api.h>
#include <arrow/util/value_parsing.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace weir {
namespace {

constexpr std::string_view kBooleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};  // that Arrow reads
constexpr int kMaxDecimalDigits = 38;
constexpr int kExactDoubleDigits = 15;  // any number of so few digits comes back from a double

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Digits at the start of `text`, which are taken off it.
std::string_view TakeDigits(std::string_view* text) {
  size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count])) ++count;
  const std::string_view digits = text->substr(0, count);
  text->remove_prefix(count);
  return digits;
}

bool Take(std::string_view* text, std::string_view any_of) {
  if (text->empty() || any_of.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

/// Arrow's readers of numbers do so, too.
std::string_view TrimBlanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool EqualsWord(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::ranges::equal(text, lower, same);
}

bool IsNumberWord(std::string_view text) {
  if (EqualsWord(text, "nan")) return true;
  Take(&text, "-");
  return EqualsWord(text, "inf") || EqualsWord(text, "infinity");
}

/// Whether a double, printed with as many digits, has the significant digits of the text that it was read from.
bool KeepsDigits(std::string_view text, std::string_view integer, std::string_view fraction, bool exponent) {
  if (!exponent && integer.size() + fraction.size() <= kExactDoubleDigits) return true;
  std::string digits = std::string(integer) + std::string(fraction);
  digits.erase(0, digits.find_first_not_of('0'));
  if (!exponent && digits.size() <= kExactDoubleDigits) return true;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;  // beyond the range of doubles
  if (digits.size() <= kExactDoubleDigits) return digits.empty() || std::isnormal(value);
  std::string printed(digits.size() + 32, '\0');
  const auto written = std::to_chars(printed.data(), printed.data() + printed.size(), value,
                                     std::chars_format::scientific, static_cast<int>(digits.size()) - 1);
  if (written.ec != std::errc()) return false;
  printed.resize(printed.find('e'));
  std::erase_if(printed, [](char c) { return !IsDigit(c); });
  return printed == digits;
}

bool IsTimestamp(std::string_view text, arrow::TimeUnit::type unit, bool* zone) {
  int64_t value = 0;
  return arrow::internal::ParseTimestampISO8601(text.data(), text.size(), unit, &value, zone);
}

int DigitsBehindPoint(std::string_view text) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  text.remove_prefix(point + 1);
  return static_cast<int>(TakeDigits(&text).size());
}

}  // namespace

std::optional<NumberText> ReadNumber(std::string_view text) {
  NumberText number;
  std::string_view rest = text;
  const bool negative = Take(&rest, "-");
  const std::string_view integer = TakeDigits(&rest);
  const bool point = Take(&rest, ".");
  const std::string_view fraction = point ? TakeDigits(&rest) : std::string_view();
  if (integer.empty() && fraction.empty()) return {};
  if (integer.size() > 1 && integer.front() == '0') return {};
  number.exponent = Take(&rest, "eE");
  if (number.exponent) {
    Take(&rest, "+-");
    if (TakeDigits(&rest).empty()) return {};
  }
  if (!rest.empty()) return {};
  number.integer = !point && !number.exponent;
  number.integer_digits = static_cast<int>(integer.size());
  number.fraction_digits = static_cast<int>(fraction.size());
  int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  number.bigint = number.integer && read.ec == std::errc() && !(negative && value == 0);  // -0 is a DOUBLE alone
  number.as_double = KeepsDigits(text, integer, fraction, number.exponent);
  return number;
}

void TypeGuess::Add(std::string_view text) {
  any_ = true;
  boolean_ = boolean_ && std::ranges::count(kBooleans, text) > 0;
  if (number_) AddNumber(TrimBlanks(text));
  if (date_) {
    int32_t days = 0;
    date_ = arrow::internal::ParseValue<arrow::Date32Type>(text.data(), text.size(), &days);
  }
  if (time_) AddTime(text);
  if (local_ || instant_) AddTimestamp(text);
}

void TypeGuess::AddNumber(std::string_view text) {
  const std::optional<NumberText> number = ReadNumber(text);
  if (!number) {
    number_ = IsNumberWord(text);
    integer_ = bigint_ = decimal_ = false;
    return;
  }
  any_digits_ = true;
  integer_ = integer_ && number->integer;
  bigint_ = bigint_ && number->bigint;
  double_ = double_ && number->as_double;
  decimal_ = decimal_ && !number->exponent;
  integer_digits_ = std::max(integer_digits_, number->integer_digits);
  fraction_digits_ = std::max(fraction_digits_, number->fraction_digits);
}

void TypeGuess::AddTime(std::string_view text) {
  constexpr int kMostDigits = 3;  // TIME counts milliseconds
  static const arrow::Time64Type kTime(arrow::TimeUnit::NANO);
  int64_t nanos = 0;
  const int digits = DigitsBehindPoint(text);
  time_ = arrow::internal::ParseValue(kTime, text.data(), text.size(), &nanos) && digits <= kMostDigits;
  second_digits_ = std::max(second_digits_, digits);
}

void TypeGuess::AddTimestamp(std::string_view text) {
  const int digits = DigitsBehindPoint(text);
  const auto fine_unit = digits <= 6 ? arrow::TimeUnit::MICRO : arrow::TimeUnit::NANO;
  const auto unit = digits == 0 ? arrow::TimeUnit::SECOND : fine_unit;
  bool zone = false;
  const bool is_timestamp = IsTimestamp(text, unit, &zone);
  local_ = local_ && is_timestamp && !zone;
  instant_ = instant_ && is_timestamp && zone;
  nanos_ = nanos_ && IsTimestamp(text, arrow::TimeUnit::NANO, &zone);
  second_digits_ = std::max(second_digits_, digits);
}

std::optional<DataType> TypeGuess::NumberType() const {
  if (!number_ || !any_digits_) return {};
  if (bigint_) return DataType::BigInt();
  if (double_ && !integer_) return DataType::Double();
  if (decimal_ && integer_digits_ + fraction_digits_ <= kMaxDecimalDigits) {
    return DataType::Decimal(kMaxDecimalDigits, fraction_digits_);
  }
  return {};
}

DataType TypeGuess::type() const {
  if (!any_) return DataType::String();
  if (boolean_) return DataType::Boolean();
  if (const auto number = NumberType()) return *number;
  if (date_) return DataType::Date();
  if (time_) return DataType::Time(second_digits_ == 0 ? 0 : 3);
  const int precision = second_digits_ == 0 ? 0 : second_digits_ <= 6 ? 6 : 9;
  if ((local_ || instant_) && (precision < 9 || nanos_)) {
    return local_ ? DataType::Timestamp(precision) : DataType::TimestampLtz(precision);
  }
  return DataType::String();
}

}  // namespace weir
