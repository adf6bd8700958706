#include "postgres/value/money.h"

#include <fmt/format.h>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr int kFraction = 2;

/// Takes the digits of an amount; counts down, since there is one more negative number.
class AmountReader {
 public:
  explicit AmountReader(std::string_view* left) : left_(left) {}

  /// False where the amount does not fit.
  bool Read(int64_t* negative) {
    bool point = false;
    int fraction = 0;
    for (; !left_->empty(); left_->remove_prefix(1)) {
      const char c = left_->front();
      if (IsDigit(c) && (!point || fraction < kFraction)) {
        if (!Append(c - '0', negative)) return false;
        if (point) ++fraction;
      } else if (c == '.' && !point) {
        point = true;
      } else if (c != ',') {
        break;
      }
    }
    const bool round = !left_->empty() && IsDigit(left_->front()) && left_->front() >= '5';
    if (round && __builtin_sub_overflow(*negative, 1, negative)) return false;
    for (; fraction < kFraction; ++fraction) {
      if (!Append(0, negative)) return false;
    }
    while (!left_->empty() && IsDigit(left_->front())) left_->remove_prefix(1);
    return true;
  }

 private:
  static bool Append(int digit, int64_t* negative) {
    return !__builtin_mul_overflow(*negative, 10, negative) && !__builtin_sub_overflow(*negative, digit, negative);
  }

  std::string_view* const left_;
};

}  // namespace

Result<Money> ReadMoney(std::string_view text) {
  std::string_view left = WithoutLeadingSpace(text);
  const auto take = [&](char c) {
    if (!left.starts_with(c)) return false;
    left.remove_prefix(1);
    return true;
  };
  take('$');
  left = WithoutLeadingSpace(left);
  bool negative = take('-') || take('(');
  if (!negative) take('+');
  left = WithoutLeadingSpace(left);
  take('$');
  left = WithoutLeadingSpace(left);
  int64_t below = 0;
  const Status out_of_range = Error("22003", fmt::format("value \"{}\" is out of range for type money", text));
  if (!AmountReader(&left).Read(&below)) return out_of_range;
  for (; !left.empty(); left.remove_prefix(1)) {
    const char c = left.front();
    if (c == '-') negative = true;
    else if (!IsSpace(c) && c != ')' && c != '+' && c != '$') return InvalidSyntax("money", text);
  }
  if (negative) return Money{below};
  int64_t cents = 0;
  if (__builtin_sub_overflow(int64_t{0}, below, &cents)) return out_of_range;
  return Money{cents};
}

void AppendMoney(Money value, std::string* out) {
  const uint64_t size = value.cents < 0 ? ~static_cast<uint64_t>(value.cents) + 1 : static_cast<uint64_t>(value.cents);
  if (value.cents < 0) out->push_back('-');
  out->push_back('$');
  const std::string dollars = std::to_string(size / 100);
  for (size_t i = 0; i < dollars.size(); ++i) {
    if (i > 0 && (dollars.size() - i) % 3 == 0) out->push_back(',');
    out->push_back(dollars[i]);
  }
  fmt::format_to(std::back_inserter(*out), ".{:02}", size % 100);
}

}  // namespace weir::postgres
