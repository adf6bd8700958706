#include "postgres/compute/money_words.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::postgres {
namespace {

constexpr std::array<std::string_view, 20> kSmall = {
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kTens = {"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy",
                                                    "eighty", "ninety"};

std::string BelowHundred(uint64_t value) {
  if (value < 20) return std::string(kSmall[value]);
  std::string words(kTens[value / 10]);
  if (value % 10 != 0) (words += ' ') += kSmall[value % 10];
  return words;
}

/// A number below 1000. "and" stands where less than twenty is left.
std::string BelowThousand(uint64_t value) {
  if (value < 100) return BelowHundred(value);
  std::string words = std::string(kSmall[value / 100]) + " hundred";
  const uint64_t rest = value % 100;
  if (rest == 0) return words;
  const bool round = rest % 10 == 0 && rest > 10;
  return words + (rest < 20 && !round ? " and " : " ") + BelowHundred(rest);
}

}  // namespace

std::string WordsOf(Money money) {
  const bool negative = money.cents < 0;
  const uint64_t cents =
      negative ? uint64_t{0} - static_cast<uint64_t>(money.cents) : static_cast<uint64_t>(money.cents);
  std::string words = negative ? "minus " : "";
  const uint64_t dollars = cents / 100;
  constexpr std::array<std::string_view, 5> kPowers = {" quadrillion ", " trillion ", " billion ", " million ",
                                                       " thousand "};
  uint64_t unit = 1'000'000'000'000'000;
  for (const std::string_view power : kPowers) {
    if (const uint64_t group = dollars / unit % 1000; group != 0) words += BelowThousand(group) + std::string(power);
    unit /= 1000;
  }
  if (dollars % 1000 != 0) words += BelowThousand(dollars % 1000);
  if (dollars == 0) words += "zero";
  words += dollars == 1 ? " dollar and " : " dollars and ";
  words += BelowThousand(cents % 100);
  words += cents % 100 == 1 ? " cent" : " cents";
  words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

}  // namespace weir::postgres
