#include "postgres/value/numeric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <utility>

#include "postgres/error.h"
#include "postgres/type.h"
#include "postgres/value/numeric_integer.h"

namespace weir::postgres {
namespace {

constexpr Int128 kSmallMax = static_cast<Int128>(~static_cast<unsigned __int128>(0) >> 1);

using SizeOfSmall = unsigned __int128;

SizeOfSmall AbsOfSmall(Int128 value) {
  return value < 0 ? -static_cast<SizeOfSmall>(value) : static_cast<SizeOfSmall>(value);
}

/// Decimal digits; of 0 none.
int CountSmallDigits(SizeOfSmall size) {
  const auto high = static_cast<uint64_t>(size >> 64);
  const int bits = high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(size));
  const int least = bits * 1233 >> 12;  // log10(2) = 1233 / 4096, near enough for 128 bits
  return least + (size >= static_cast<SizeOfSmall>(SmallPowerOfTen(least)) ? 1 : 0);
}

/// Half away from zero. `divisor` is positive.
Int128 DivideSmallRounded(Int128 dividend, Int128 divisor) {
  const Int128 quotient = dividend / divisor;
  const SizeOfSmall rest = AbsOfSmall(dividend % divisor);
  if (rest < static_cast<SizeOfSmall>(divisor) - rest) return quotient;
  return dividend < 0 ? quotient - 1 : quotient + 1;
}

/// The unscaled integer at another scale, rounded where digits are lost; nothing where 128 bits may be too few.
std::optional<Int128> SmallAt(const Numeric& finite, int scale) {
  const std::optional<Int128> small = finite.small();
  const int dropped = finite.scale() - scale;
  if (!small || std::abs(dropped) > kSmallDigits) return std::nullopt;
  if (dropped >= 0) return DivideSmallRounded(*small, SmallPowerOfTen(dropped));
  Int128 scaled = 0;
  if (__builtin_mul_overflow(*small, SmallPowerOfTen(-dropped), &scaled)) return std::nullopt;
  return scaled;
}

std::optional<Int128> FitSmall(const mpz_class& value) {
  if (mpz_sizeinbase(value.get_mpz_t(), 2) > 127) return std::nullopt;
  std::array<uint64_t, 2> words{};
  mpz_export(words.data(), nullptr, -1, sizeof(uint64_t), 0, 0, value.get_mpz_t());
  const auto size = static_cast<Int128>(static_cast<unsigned __int128>(words[1]) << 64 | words[0]);
  return sgn(value) < 0 ? -size : size;
}

Status DivisionByZero() { return Error("22012", "division by zero"); }

/// Both unscaled integers at the larger scale, where they fit.
struct SmallPair {
  Int128 a;
  Int128 b;
  int scale;
};
std::optional<SmallPair> AlignSmall(const Numeric& a, const Numeric& b) {
  const std::optional<Int128> left = a.small();
  const std::optional<Int128> right = b.small();
  const int scale = std::max(a.scale(), b.scale());
  if (!left || !right || scale - std::min(a.scale(), b.scale()) > 38) return std::nullopt;
  SmallPair pair{.a = 0, .b = 0, .scale = scale};
  if (__builtin_mul_overflow(*left, SmallPowerOfTen(scale - a.scale()), &pair.a)) return std::nullopt;
  if (__builtin_mul_overflow(*right, SmallPowerOfTen(scale - b.scale()), &pair.b)) return std::nullopt;
  return pair;
}

mpz_class Scaled(const Numeric& value, int scale) {
  return value.unscaled().value * PowerOfTen(scale - value.scale());
}

/// The weight of a finite number's first digit to the base of 10,000, and that digit. Of zero both are 0.
struct LeadingDigit {
  int weight = 0;
  int digit = 0;
};
LeadingDigit LeadOf(const Numeric& value) {
  if (value.sign() == 0) return {};
  const auto weight_of = [&](int digits) {
    const int exponent = digits - 1 - value.scale();
    return (exponent >= 0 ? exponent : exponent - (kDigitsPerWord - 1)) / kDigitsPerWord;
  };
  if (const auto small = value.small()) {
    const SizeOfSmall size = AbsOfSmall(*small);
    const int weight = weight_of(CountSmallDigits(size));
    const int dropped = weight * kDigitsPerWord + value.scale();
    const auto power = static_cast<SizeOfSmall>(SmallPowerOfTen(std::abs(dropped)));
    return {.weight = weight, .digit = static_cast<int>(dropped >= 0 ? size / power : size * power)};
  }
  const mpz_class size = abs(value.unscaled().value);
  const int weight = weight_of(CountDigits(size));
  // The digits that stand before the end of that word.
  const int dropped = weight * kDigitsPerWord + value.scale();
  const mpz_class digit = dropped >= 0 ? mpz_class(size / PowerOfTen(dropped)) : mpz_class(size * PowerOfTen(-dropped));
  return {.weight = weight, .digit = static_cast<int>(digit.get_si())};
}

/// How many digits after the point a quotient gets: 16 significant ones, and no fewer than either operand shows.
int QuotientScale(const Numeric& a, const Numeric& b) {
  const LeadingDigit dividend = LeadOf(a);
  const LeadingDigit divisor = LeadOf(b);
  const int weight = dividend.weight - divisor.weight - (dividend.digit <= divisor.digit ? 1 : 0);
  const int scale = std::max({kMinSignificantDigits - weight * kDigitsPerWord, a.scale(), b.scale(), 0});
  return std::min(scale, Numeric::kMaxPrecision);
}

/// The unscaled a / b with that scale; nothing where 128 bits may be too few. b is not 0.
std::optional<Int128> DivideSmall(const Numeric& a, const Numeric& b, int scale) {
  const std::optional<Int128> left = a.small();
  const std::optional<Int128> right = b.small();
  const int shift = scale - a.scale() + b.scale();
  if (!left || !right || std::abs(shift) > kSmallDigits) return std::nullopt;
  Int128 dividend = *left;
  Int128 divisor = *right;
  Int128* const scaled = shift >= 0 ? &dividend : &divisor;
  if (__builtin_mul_overflow(*scaled, SmallPowerOfTen(std::abs(shift)), scaled)) return std::nullopt;
  if (dividend < -kSmallMax || divisor < -kSmallMax) return std::nullopt;
  return divisor < 0 ? DivideSmallRounded(-dividend, -divisor) : DivideSmallRounded(dividend, divisor);
}

/// a / b where one of them is not finite.
Result<Numeric> DivideSpecial(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return Numeric::Nan();
  if (a.is_infinite() && b.is_infinite()) return Numeric::Nan();
  if (b.is_infinite()) return Numeric();
  if (b.sign() == 0) return DivisionByZero();
  return Numeric::Infinity(a.sign() != b.sign());
}

/// rounded / 10^scale; the scale may be negative.
Result<Numeric> AtScale(const mpz_class& rounded, int scale) {
  if (scale >= 0) return MakeNumeric(rounded, scale);
  return MakeNumeric(rounded * PowerOfTen(-scale), 0);
}

}  // namespace

Status NumericOverflow() { return Error("22003", "value overflows numeric format"); }

mpz_class IntegerOf(Int128 value) {
  const auto size = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  const std::array<uint64_t, 2> words = {static_cast<uint64_t>(size), static_cast<uint64_t>(size >> 64)};
  mpz_class result;
  mpz_import(result.get_mpz_t(), words.size(), -1, sizeof(uint64_t), 0, 0, words.data());
  return value < 0 ? mpz_class(-result) : result;
}

mpz_class PowerOfTen(int exponent) {
  mpz_class result;
  mpz_ui_pow_ui(result.get_mpz_t(), 10, static_cast<unsigned long>(std::max(exponent, 0)));
  return result;
}

Int128 SmallPowerOfTen(int exponent) {
  static constexpr auto kPowers = [] {
    std::array<Int128, 39> powers{};
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  return kPowers[static_cast<size_t>(exponent)];
}

mpz_class DivideRounded(const mpz_class& dividend, const mpz_class& divisor) {
  const mpz_class size = (abs(dividend) * 2 + divisor) / (divisor * 2);
  return sgn(dividend) < 0 ? mpz_class(-size) : size;
}

int CountDigits(const mpz_class& value) {
  if (sgn(value) == 0) return 1;
  const size_t most = mpz_sizeinbase(value.get_mpz_t(), 10);  // may be one too many
  const mpz_class bound = PowerOfTen(static_cast<int>(most) - 1);
  const bool all = mpz_cmpabs(value.get_mpz_t(), bound.get_mpz_t()) >= 0;
  return static_cast<int>(all ? most : most - 1);
}

Result<Numeric> MakeNumeric(mpz_class unscaled, int scale) {
  if (scale > Numeric::kMaxScale) return NumericOverflow();
  // A number of so many bits may have too many digits; no smaller one has.
  if (mpz_sizeinbase(unscaled.get_mpz_t(), 10) > static_cast<size_t>(Numeric::kMaxIntegerDigits + scale) &&
      CountDigits(unscaled) > Numeric::kMaxIntegerDigits + scale) {
    return NumericOverflow();
  }
  return Numeric(BigInteger{std::move(unscaled)}, scale);
}

mpz_class RoundedTo(const Numeric& finite, int scale) {
  if (scale >= finite.scale()) return Scaled(finite, scale);
  return DivideRounded(finite.unscaled().value, PowerOfTen(finite.scale() - scale));
}

Numeric::Numeric(BigInteger unscaled, int scale) : scale_(scale) {
  if (const std::optional<Int128> small = FitSmall(unscaled.value)) small_ = *small;
  else big_ = std::make_shared<const BigInteger>(std::move(unscaled));
}

int Numeric::sign() const {
  switch (kind_) {
    case Kind::kMinusInfinity: return -1;
    case Kind::kInfinity: return 1;
    case Kind::kNan: return 0;
    case Kind::kFinite: break;
  }
  if (big_ != nullptr) return sgn(big_->value);
  return small_ < 0 ? -1 : small_ > 0 ? 1 : 0;
}

BigInteger Numeric::unscaled() const { return big_ != nullptr ? *big_ : BigInteger{IntegerOf(small_)}; }

std::strong_ordering Numeric::operator<=>(const Numeric& other) const {
  if (kind_ != other.kind_ || kind_ != Kind::kFinite) return kind_ <=> other.kind_;
  if (const std::optional<SmallPair> pair = AlignSmall(*this, other)) return pair->a <=> pair->b;
  if (const int mine = sign(), others = other.sign(); mine != others) return mine <=> others;
  const int scale = std::max(scale_, other.scale_);
  return cmp(Scaled(*this, scale), Scaled(other, scale)) <=> 0;
}

Numeric Negate(const Numeric& value) {
  switch (value.kind()) {
    case Numeric::Kind::kNan: return value;
    case Numeric::Kind::kInfinity: return Numeric::Infinity(true);
    case Numeric::Kind::kMinusInfinity: return Numeric::Infinity();
    case Numeric::Kind::kFinite: break;
  }
  if (const auto small = value.small(); small && *small >= -kSmallMax) return Numeric(-*small, value.scale());
  return Numeric(BigInteger{-value.unscaled().value}, value.scale());
}

Numeric Abs(const Numeric& value) { return value.sign() < 0 ? Negate(value) : value; }

Numeric Sign(const Numeric& value) { return value.is_nan() ? value : Numeric(value.sign()); }

Result<Numeric> Add(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return Numeric::Nan();
  if (a.is_infinite()) return b.is_infinite() && a.kind() != b.kind() ? Numeric::Nan() : a;
  if (b.is_infinite()) return b;
  if (const std::optional<SmallPair> pair = AlignSmall(a, b)) {
    Int128 sum = 0;
    if (!__builtin_add_overflow(pair->a, pair->b, &sum)) return Numeric(sum, pair->scale);
  }
  const int scale = std::max(a.scale(), b.scale());
  return MakeNumeric(Scaled(a, scale) + Scaled(b, scale), scale);
}

Result<Numeric> Subtract(const Numeric& a, const Numeric& b) { return Add(a, Negate(b)); }

Result<Numeric> Multiply(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return Numeric::Nan();
  if (!a.is_finite() || !b.is_finite()) {
    const int sign = a.sign() * b.sign();
    return sign == 0 ? Numeric::Nan() : Numeric::Infinity(sign < 0);
  }
  const int scale = a.scale() + b.scale();
  Int128 product = 0;
  const auto left = a.small(), right = b.small();
  if (left && right && scale <= Numeric::kMaxScale && !__builtin_mul_overflow(*left, *right, &product)) {
    return Numeric(product, scale);
  }
  mpz_class exact = a.unscaled().value * b.unscaled().value;
  if (scale <= Numeric::kMaxScale) return MakeNumeric(std::move(exact), scale);
  return MakeNumeric(DivideRounded(exact, PowerOfTen(scale - Numeric::kMaxScale)), Numeric::kMaxScale);
}

Result<Numeric> Divide(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return DivideSpecial(a, b);
  if (b.sign() == 0) return DivisionByZero();
  const int scale = QuotientScale(a, b);
  if (const auto small = DivideSmall(a, b, scale)) return Numeric(*small, scale);
  // a / b * 10^scale, with both unscaled: the powers of ten go to the side where they are whole.
  const int shift = scale - a.scale() + b.scale();
  mpz_class dividend = a.unscaled().value;
  mpz_class divisor = b.unscaled().value;
  if (shift >= 0) dividend *= PowerOfTen(shift);
  else divisor *= PowerOfTen(-shift);
  if (sgn(divisor) < 0) {
    divisor = -divisor;
    dividend = -dividend;
  }
  return MakeNumeric(DivideRounded(dividend, divisor), scale);
}

Result<Numeric> DivideWhole(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return DivideSpecial(a, b);
  if (b.sign() == 0) return DivisionByZero();
  if (const std::optional<SmallPair> pair = AlignSmall(a, b); pair && pair->b != -1) {
    return Numeric(pair->a / pair->b, 0);
  }
  const int scale = std::max(a.scale(), b.scale());
  return MakeNumeric(Scaled(a, scale) / Scaled(b, scale), 0);
}

Result<Numeric> Modulo(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) return Numeric::Nan();
  if (b.sign() == 0) return DivisionByZero();
  if (a.is_infinite()) return Numeric::Nan();
  if (b.is_infinite()) return a;
  if (const std::optional<SmallPair> pair = AlignSmall(a, b); pair && pair->b != -1) {
    return Numeric(pair->a % pair->b, pair->scale);
  }
  const int scale = std::max(a.scale(), b.scale());
  return MakeNumeric(Scaled(a, scale) % Scaled(b, scale), scale);
}

Result<Numeric> Round(const Numeric& value, int scale) {
  if (!value.is_finite() || scale == value.scale()) return value;
  scale = std::clamp(scale, -Numeric::kMaxIntegerDigits - 1, Numeric::kMaxScale);
  if (scale >= 0) {
    if (const auto small = SmallAt(value, scale)) return Numeric(*small, scale);
  }
  return AtScale(RoundedTo(value, scale), scale);
}

Numeric Truncate(const Numeric& value, int scale) {
  if (!value.is_finite()) return value;
  scale = std::clamp(scale, -Numeric::kMaxIntegerDigits - 1, Numeric::kMaxScale);
  if (scale >= value.scale()) {
    const auto small = SmallAt(value, scale);
    return small ? Numeric(*small, scale) : Numeric(BigInteger{RoundedTo(value, scale)}, scale);
  }
  if (const auto small = value.small(); small && scale >= 0 && value.scale() - scale <= kSmallDigits) {
    return Numeric(*small / SmallPowerOfTen(value.scale() - scale), scale);
  }
  const mpz_class cut = value.unscaled().value / PowerOfTen(value.scale() - scale);
  if (scale >= 0) return Numeric(BigInteger{cut}, scale);
  return Numeric(BigInteger{cut * PowerOfTen(-scale)}, 0);
}

namespace {

/// The neighbouring integer in the direction of `sign`.
Result<Numeric> WholeTowards(const Numeric& value, int sign) {
  if (!value.is_finite()) return value;
  const Numeric cut = Truncate(value, 0);
  return value.sign() == sign && cut != value ? Add(cut, Numeric(sign)) : cut;
}

}  // namespace

Result<Numeric> Ceil(const Numeric& value) { return WholeTowards(value, 1); }
Result<Numeric> Floor(const Numeric& value) { return WholeTowards(value, -1); }

std::optional<int> MinScale(const Numeric& value) {
  if (!value.is_finite()) return std::nullopt;
  if (value.sign() == 0) return 0;
  int scale = value.scale();
  if (auto small = value.small()) {
    for (const int step : {16, 4, 1}) {
      const Int128 power = SmallPowerOfTen(step);
      for (; scale >= step && *small % power == 0; scale -= step) *small /= power;
    }
    return scale;
  }
  mpz_class left = value.unscaled().value;
  while (scale > 0 && mpz_divisible_ui_p(left.get_mpz_t(), 10) != 0) {
    left /= 10;
    --scale;
  }
  return scale;
}

Numeric TrimScale(const Numeric& value) {
  const std::optional<int> scale = MinScale(value);
  return scale ? Truncate(value, *scale) : value;
}

Result<Numeric> ApplyNumericModifier(const Numeric& value, int32_t modifier) {
  const std::optional<NumericModifier> declared = UnpackNumeric(modifier);
  if (!declared || value.is_nan()) return value;
  const auto overflow = [&](std::string reason) {
    return Error("22003", "numeric field overflow",
                 {.detail = fmt::format("A field with precision {}, scale {} {}.", declared->precision, declared->scale,
                                        reason)});
  };
  if (value.is_infinite()) return overflow("cannot hold an infinite value");
  const auto small = declared->scale >= 0 ? SmallAt(value, declared->scale) : std::nullopt;
  if (small && CountSmallDigits(AbsOfSmall(*small)) <= declared->precision) return Numeric(*small, declared->scale);
  const mpz_class rounded = RoundedTo(value, declared->scale);
  if (sgn(rounded) != 0 && CountDigits(rounded) > declared->precision) {
    const int digits = declared->precision - declared->scale;
    return overflow("must round to an absolute value less than " + (digits == 0 ? "1" : fmt::format("10^{}", digits)));
  }
  return AtScale(rounded, declared->scale);
}

Result<int64_t> IntegerOf(const Numeric& value, int64_t min, int64_t max, std::string_view type) {
  if (value.is_nan()) return Error("0A000", fmt::format("cannot convert NaN to {}", type));
  if (value.is_infinite()) return Error("0A000", fmt::format("cannot convert infinity to {}", type));
  if (const auto small = SmallAt(value, 0); small && *small >= min && *small <= max) {
    return static_cast<int64_t>(*small);
  }
  const mpz_class rounded = RoundedTo(value, 0);
  if (!rounded.fits_slong_p() || rounded.get_si() < min || rounded.get_si() > max) {
    return Error("22003", fmt::format("{} out of range", type));
  }
  return rounded.get_si();
}

std::optional<Int128> DecimalOf(const Numeric& value, int scale) {
  if (!value.is_finite()) return std::nullopt;
  if (value.scale() == scale) return value.small();
  if (const auto small = SmallAt(value, scale)) return small;
  return FitSmall(RoundedTo(value, scale));
}

Result<Numeric> Gcd(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return Numeric::Nan();
  const int scale = std::max(a.scale(), b.scale());
  return MakeNumeric(gcd(Scaled(a, scale), Scaled(b, scale)), scale);
}

Result<Numeric> Lcm(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) return Numeric::Nan();
  const int scale = std::max(a.scale(), b.scale());
  return MakeNumeric(lcm(Scaled(a, scale), Scaled(b, scale)), scale);
}

Result<Numeric> Factorial(int64_t value) {
  constexpr int64_t kLargest = 32'177;
  if (value < 0) return Error("22003", "factorial of a negative number is undefined");
  if (value > kLargest) return NumericOverflow();
  mpz_class result;
  mpz_fac_ui(result.get_mpz_t(), static_cast<unsigned long>(value));
  return MakeNumeric(std::move(result), 0);
}

Result<int32_t> WidthBucket(const Numeric& operand, const Numeric& low, const Numeric& high, int32_t count) {
  const auto invalid = [](std::string message) { return Error("2201G", std::move(message)); };
  if (count <= 0) return invalid("count must be greater than zero");
  if (operand.is_nan() || low.is_nan() || high.is_nan()) {
    return invalid("operand, lower bound, and upper bound cannot be NaN");
  }
  if (low.is_infinite() || high.is_infinite()) return invalid("lower and upper bounds must be finite");
  if (low == high) return invalid("lower bound cannot equal upper bound");
  const bool rising = low < high;
  if (rising ? operand < low : operand > low) return 0;
  if (rising ? operand >= high : operand <= high) {
    int32_t beyond = 0;
    if (__builtin_add_overflow(count, 1, &beyond)) return Error("22003", "integer out of range");
    return beyond;
  }
  const int scale = std::max({operand.scale(), low.scale(), high.scale()});
  const mpz_class bottom = Scaled(low, scale);
  const mpz_class width = abs(Scaled(high, scale) - bottom);
  const mpz_class bucket = abs(Scaled(operand, scale) - bottom) * count / width;
  return static_cast<int32_t>(bucket.get_si()) + 1;
}

}  // namespace weir::postgres
