#include <algorithm>
#include <cmath>
#include <utility>

#include "postgres/error.h"
#include "postgres/value/numeric.h"
#include "postgres/value/numeric_integer.h"

// Roots, logarithms and powers. How many digits a result has is PostgreSQL's rule; the digits themselves are computed
// in binary fixed point with so many spare ones that rounding gives the exact result's.

namespace weir::postgres {
namespace {

constexpr int kSpareDigits = 24;
constexpr double kLog10OfE = 0.434294481903252;
constexpr double kLn10 = 2.302585092994046;
constexpr int kMaxExponent = 6000;  // of e, either sign

int LimitScale(int scale) { return std::clamp(scale, 0, Numeric::kMaxPrecision); }

int64_t BitsOf(int64_t digits) { return std::max<int64_t>(digits, 0) * 3322 / 1000 + 64; }

mpz_class ShiftLeft(const mpz_class& value, int64_t bits) {
  mpz_class result;
  if (bits >= 0) mpz_mul_2exp(result.get_mpz_t(), value.get_mpz_t(), static_cast<mp_bitcnt_t>(bits));
  else mpz_fdiv_q_2exp(result.get_mpz_t(), value.get_mpz_t(), static_cast<mp_bitcnt_t>(-bits));
  return result;
}

mpz_class One(int64_t bits) { return ShiftLeft(1, bits); }

/// 2 atanh(y) in fixed point, |y| well below 1.
mpz_class TwiceAtanh(const mpz_class& y, int64_t bits) {
  const mpz_class square = ShiftLeft(y * y, -bits);
  mpz_class power = y;
  mpz_class sum = y;
  for (unsigned long i = 3; sgn(power) != 0; i += 2) {
    power = ShiftLeft(power * square, -bits);
    sum += power / i;
    if (power == -1) break;  // shifting rounds down: a negative power ends here
  }
  return sum * 2;
}

mpz_class Ln2(int64_t bits) {
  const auto inverse = [bits](unsigned long n) { return TwiceAtanh(One(bits) / n, bits); };
  return inverse(26) * 9 - inverse(4801) + inverse(8749) * 4;
}

/// ln(numerator / denominator) in fixed point; both are positive.
mpz_class LnFixed(const mpz_class& numerator, const mpz_class& denominator, int64_t bits) {
  auto exponent = static_cast<int64_t>(mpz_sizeinbase(numerator.get_mpz_t(), 2)) -
                  static_cast<int64_t>(mpz_sizeinbase(denominator.get_mpz_t(), 2));
  const auto mantissa_of = [&] {
    const int64_t shift = bits - exponent;
    return shift >= 0 ? mpz_class(ShiftLeft(numerator, shift) / denominator)
                      : mpz_class(numerator / ShiftLeft(denominator, -shift));
  };
  mpz_class mantissa = mantissa_of();  // within (1/2, 2)
  if (mantissa * 4 >= One(bits) * 5) ++exponent;
  else if (mantissa * 8 < One(bits) * 5) --exponent;
  mantissa = mantissa_of();  // within [5/8, 5/4)
  const mpz_class ratio = ShiftLeft(mantissa - One(bits), bits) / (mantissa + One(bits));
  mpz_class result = TwiceAtanh(ratio, bits);
  if (exponent != 0) result += Ln2(bits) * exponent;
  return result;
}

/// e^x in fixed point as a fraction near 1 times a power of two.
struct Exponential {
  mpz_class fraction;
  int64_t shift = 0;
};
Exponential ExpFixed(const mpz_class& x, int64_t bits) {
  constexpr int kHalvings = 8;
  const int64_t wide = bits + kHalvings * 2;
  const mpz_class ln2 = Ln2(wide);
  const mpz_class wide_x = ShiftLeft(x, wide - bits);
  mpz_class times;
  mpz_fdiv_q(times.get_mpz_t(), wide_x.get_mpz_t(), ln2.get_mpz_t());
  const mpz_class rest = ShiftLeft(wide_x - times * ln2, -kHalvings);  // at least 0
  mpz_class term = One(wide);
  mpz_class sum = term;
  for (unsigned long i = 1; sgn(term) != 0; ++i) {
    term = ShiftLeft(term * rest, -wide) / i;
    sum += term;
  }
  for (int i = 0; i < kHalvings; ++i) sum = ShiftLeft(sum * sum, -wide);
  return {.fraction = ShiftLeft(sum, bits - wide), .shift = times.get_si()};
}

/// fraction / 2^bits * 10^scale, rounded.
mpz_class ToDecimal(const mpz_class& fixed, int64_t bits, int scale) {
  const mpz_class scaled = fixed * PowerOfTen(scale);
  return bits >= 0 ? DivideRounded(scaled, One(bits)) : ShiftLeft(scaled, -bits);
}

double Approximate(const Numeric& value) {
  std::string text;
  AppendNumeric(value, &text);
  return std::strtod(text.c_str(), nullptr);
}

mpz_class FixedOf(const Numeric& value, int64_t bits) {
  return ShiftLeft(value.unscaled().value, bits) / PowerOfTen(value.scale());
}

/// e^x (x in fixed point) rounded to `scale` digits.
Result<Numeric> RoundedExp(const mpz_class& x, int64_t bits, int scale) {
  const Exponential result = ExpFixed(x, bits);
  return MakeNumeric(ToDecimal(result.fraction, bits - result.shift, scale), scale);
}

/// e^x where |x| >= kMaxExponent: too large, or 0.
Result<Numeric> BeyondExp(double x, int scale) {
  if (x > 0) return NumericOverflow();
  return Numeric(Int128{0}, scale);
}

/// The decimal weight of ln(value), by its first digits.
int LnWeight(const Numeric& value) {
  if (value.sign() <= 0) return 0;
  if (value >= Numeric(9, 1) && value <= Numeric(11, 1)) {
    const mpz_class away = value.unscaled().value - PowerOfTen(value.scale());
    return sgn(away) == 0 ? 0 : CountDigits(away) - 1 - value.scale();
  }
  const NumericDigits digits = DigitsOf(value);
  const int second = digits.digits.size() > 1 ? digits.digits[1] : 0;
  const double ln = std::log(digits.digits[0] * 10'000.0 + second) + (digits.weight - 1) * kDigitsPerWord * kLn10;
  return static_cast<int>(std::log10(std::fabs(ln)));
}

Status NegativeLogarithm() { return Error("2201E", "cannot take logarithm of a negative number"); }
Status ZeroLogarithm() { return Error("2201E", "cannot take logarithm of zero"); }
/// The base is looked at first, unless one of them is infinite: then signs go before zeros.
Status CheckLogarithm(const Numeric& base, const Numeric& value) {
  const bool finite = base.is_finite() && value.is_finite();
  if (finite && base.sign() == 0) return ZeroLogarithm();
  if (base.sign() < 0 || value.sign() < 0) return NegativeLogarithm();
  if (base.sign() == 0 || value.sign() == 0) return ZeroLogarithm();
  return Status::OK();
}

Status PowerError(std::string message) { return Error("2201F", std::move(message)); }

bool IsWhole(const Numeric& value) { return value.is_infinite() || Truncate(value, 0) == value; }
bool IsOdd(const Numeric& value) {
  return value.is_finite() && IsWhole(value) && mpz_odd_p(Truncate(value, 0).unscaled().value.get_mpz_t()) != 0;
}

/// A power of which the base or the exponent is not finite; none is NaN.
Numeric PowerOfInfinity(const Numeric& base, const Numeric& exponent) {
  const Numeric one(1);
  if (base == one || exponent.sign() == 0) return one;
  if (base.sign() == 0) return Numeric();
  if (exponent.is_infinite()) {
    if (Abs(base) == one) return one;
    return (Abs(base) > one) == (exponent.sign() > 0) ? Numeric::Infinity() : Numeric();
  }
  if (exponent.sign() < 0) return Numeric();
  return Numeric::Infinity(base.sign() < 0 && IsOdd(exponent));
}

/// log10 of |base|^exponent by the first 16 digits; of zero 0.
double PowerWeight(const Numeric& base, int exponent) {
  const NumericDigits number = DigitsOf(base);
  if (number.digits.empty()) return 0;
  double first = number.digits[0];
  int weight = number.weight * kDigitsPerWord;
  for (size_t i = 1; i < number.digits.size() && i * kDigitsPerWord < 16; ++i) {
    first = first * 10'000 + number.digits[i];
    weight -= kDigitsPerWord;
  }
  return exponent * (std::log10(first) + weight);
}

/// |base|^exponent by squares of `digits` significant digits.
struct Scientific {
  mpz_class digits;
  int64_t exponent = 0;

  void Shorten(int limit) {
    const int excess = CountDigits(digits) - limit;
    if (excess <= 0) return;
    digits = DivideRounded(digits, PowerOfTen(excess));
    exponent += excess;
  }
};
Scientific PowerByTurns(const Numeric& base, uint32_t exponent, int digits) {
  Scientific square{.digits = abs(base.unscaled().value), .exponent = -base.scale()};
  Scientific result{.digits = 1, .exponent = 0};
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) {
      result.digits *= square.digits;
      result.exponent += square.exponent;
      result.Shorten(digits);
    }
    if (exponent == 1) break;
    square.digits *= square.digits;
    square.exponent *= 2;
    square.Shorten(digits);
  }
  return result;
}

Result<Numeric> RoundScientific(const Scientific& value, bool inverse, bool negative, int scale) {
  mpz_class result;
  if (inverse) {  // 10^scale / (digits * 10^exponent)
    const int64_t shift = scale - value.exponent;
    result = shift >= 0 ? DivideRounded(PowerOfTen(static_cast<int>(shift)), value.digits)
                        : DivideRounded(1, value.digits * PowerOfTen(static_cast<int>(-shift)));
  } else {
    const int64_t shift = scale + value.exponent;
    result = shift >= 0 ? mpz_class(value.digits * PowerOfTen(static_cast<int>(shift)))
                        : DivideRounded(value.digits, PowerOfTen(static_cast<int>(-shift)));
  }
  return MakeNumeric(negative ? mpz_class(-result) : result, scale);
}

Result<Numeric> WholePower(const Numeric& base, int exponent) {
  const int scale = LimitScale(std::max(kMinSignificantDigits, base.scale()));
  const double weight = PowerWeight(base, exponent);
  if (weight > Numeric::kMaxIntegerDigits) return NumericOverflow();
  if (weight + 1 < -scale) return Numeric(Int128{0}, scale);
  if (exponent == 0) return MakeNumeric(PowerOfTen(scale), scale);
  if (base.sign() == 0) {
    if (exponent < 0) return Error("22012", "division by zero");
    return Numeric(Int128{0}, scale);
  }
  const auto turns = static_cast<uint32_t>(exponent < 0 ? -int64_t{exponent} : exponent);
  // Each squaring may double the error.
  const int digits = scale + static_cast<int>(std::fabs(weight)) + 2 * kSpareDigits;
  return RoundScientific(PowerByTurns(base, turns, digits), exponent < 0, base.sign() < 0 && turns % 2 == 1, scale);
}

Result<Numeric> FractionPower(const Numeric& base, const Numeric& exponent) {
  if (base.sign() == 0) return Numeric(Int128{0}, kMinSignificantDigits);
  const bool negative = base.sign() < 0 && IsOdd(exponent);
  const Numeric size = Abs(base);
  const auto ln = [&](int64_t bits) { return LnFixed(size.unscaled().value, PowerOfTen(size.scale()), bits); };
  // The result's weight is estimated with about 8 significant digits.
  const int rough_scale = std::max(8 - LnWeight(size), 0);
  const int64_t rough_bits = BitsOf(rough_scale + kSpareDigits);
  const Numeric rough_ln(BigInteger{ToDecimal(ln(rough_bits), rough_bits, rough_scale)}, rough_scale);
  WEIR_ASSIGN_OR_RETURN(const Numeric rough, Multiply(rough_ln, exponent));
  const double x = Approximate(Numeric(BigInteger{RoundedTo(rough, rough_scale)}, rough_scale));
  constexpr double kCertainOverflow = 6020;
  if (std::fabs(x) > kCertainOverflow) {
    if (x > 0) return NumericOverflow();
    return Numeric(Int128{0}, Numeric::kMaxPrecision);
  }
  const int weight = static_cast<int>(x * kLog10OfE);
  const int scale = LimitScale(std::max({kMinSignificantDigits - weight, base.scale(), exponent.scale()}));
  if (std::fabs(x) >= kMaxExponent) return BeyondExp(x, scale);
  const int64_t bits = BitsOf(scale + std::max(weight, 0) + kSpareDigits + CountDigits(exponent.unscaled().value));
  WEIR_ASSIGN_OR_RETURN(Numeric result,
                        RoundedExp(ln(bits) * exponent.unscaled().value / PowerOfTen(exponent.scale()), bits, scale));
  return negative ? Negate(result) : result;
}

}  // namespace

Result<Numeric> Sqrt(const Numeric& value) {
  const int weight = value.is_finite() ? (DigitsOf(value).weight + 1) * kDigitsPerWord / 2 - 1 : 0;
  return Sqrt(value, LimitScale(std::max(kMinSignificantDigits - weight, value.scale())));
}

Result<Numeric> Sqrt(const Numeric& value, int scale) {
  if (value.sign() < 0) return PowerError("cannot take square root of a negative number");
  if (!value.is_finite()) return value;
  // One digit more than asked for: it tells how to round, since the root of a decimal is never half way beyond it.
  const int wide = 2 * scale + 2;
  const mpz_class square = wide >= value.scale() ? mpz_class(value.unscaled().value * PowerOfTen(wide - value.scale()))
                                                 : mpz_class(value.unscaled().value / PowerOfTen(value.scale() - wide));
  return MakeNumeric(DivideRounded(sqrt(square), 10), scale);
}

Result<Numeric> Exp(const Numeric& value) {
  if (!value.is_finite()) return value.kind() == Numeric::Kind::kMinusInfinity ? Numeric() : value;
  const double x = Approximate(value);
  const int weight = static_cast<int>(std::clamp(x * kLog10OfE, -2000.0, 2000.0));
  const int scale = LimitScale(std::max(kMinSignificantDigits - weight, value.scale()));
  if (std::fabs(x) >= kMaxExponent) return BeyondExp(x, scale);
  const int64_t bits = BitsOf(scale + static_cast<int>(std::max(x * kLog10OfE, 0.0)) + kSpareDigits);
  return RoundedExp(FixedOf(value, bits), bits, scale);
}

Result<Numeric> Ln(const Numeric& value) {
  if (value.is_nan()) return value;
  if (value.sign() < 0) return NegativeLogarithm();
  if (value.sign() == 0) return ZeroLogarithm();
  if (value.is_infinite()) return value;
  const int scale = LimitScale(std::max(kMinSignificantDigits - LnWeight(value), value.scale()));
  const int64_t bits = BitsOf(scale + kSpareDigits);
  return MakeNumeric(ToDecimal(LnFixed(value.unscaled().value, PowerOfTen(value.scale()), bits), bits, scale), scale);
}

Result<Numeric> Log(const Numeric& base, const Numeric& value) {
  if (base.is_nan() || value.is_nan()) return Numeric::Nan();
  WEIR_RETURN_NOT_OK(CheckLogarithm(base, value));
  if (base.is_infinite()) return value.is_infinite() ? Numeric::Nan() : Numeric();
  if (value.is_infinite()) return value;
  const int base_weight = LnWeight(base);
  const int value_weight = LnWeight(value);
  const int weight = value_weight - base_weight;
  const int scale = LimitScale(std::max({kMinSignificantDigits - weight, base.scale(), value.scale()}));
  const int64_t bits = BitsOf(scale + 2 * std::abs(base_weight) + 2 * std::abs(value_weight) + kSpareDigits);
  const auto ln = [bits](const Numeric& of) {
    return LnFixed(of.unscaled().value, PowerOfTen(of.scale()), bits);
  };
  mpz_class divisor = ln(base);
  mpz_class dividend = ln(value);
  if (sgn(divisor) == 0) return Error("22012", "division by zero");
  if (sgn(divisor) < 0) {
    divisor = -divisor;
    dividend = -dividend;
  }
  return MakeNumeric(DivideRounded(dividend * PowerOfTen(scale), divisor), scale);
}

Result<Numeric> Power(const Numeric& base, const Numeric& exponent) {
  if (base.is_nan() || exponent.is_nan()) {
    const bool one = exponent.is_nan() ? base == Numeric(1) : exponent.sign() == 0;
    return one ? Numeric(1) : Numeric::Nan();
  }
  if (base.sign() == 0 && exponent.sign() < 0) return PowerError("zero raised to a negative power is undefined");
  if (base.sign() < 0 && !IsWhole(exponent)) {
    return PowerError("a negative number raised to a non-integer power yields a complex result");
  }
  if (!base.is_finite() || !exponent.is_finite()) return PowerOfInfinity(base, exponent);
  if (IsWhole(exponent)) {
    const mpz_class whole = Truncate(exponent, 0).unscaled().value;
    if (whole.fits_sint_p()) return WholePower(base, static_cast<int>(whole.get_si()));
  }
  return FractionPower(base, exponent);
}

}  // namespace weir::postgres
