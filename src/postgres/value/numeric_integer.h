#pragma once

#include <gmpxx.h>

#include "postgres/value/numeric.h"

namespace weir::postgres {

/// GMP's integer, which users of numeric.h need not know.
struct BigInteger {
  mpz_class value;
};

inline constexpr int kDigitsPerWord = 4;          // of the words that NumericDigits holds
inline constexpr int kSmallDigits = 38;           // that 128 bits always hold
inline constexpr int kMinSignificantDigits = 16;  // that a quotient, a root or a logarithm is to have

mpz_class IntegerOf(Int128 value);
/// 10^exponent.
mpz_class PowerOfTen(int exponent);
/// 10^exponent for exponents up to kSmallDigits.
Int128 SmallPowerOfTen(int exponent);
/// Half away from zero. `divisor` is positive.
mpz_class DivideRounded(const mpz_class& dividend, const mpz_class& divisor);
/// Decimal digits of |value|; of 0 one.
int CountDigits(const mpz_class& value);
/// unscaled / 10^scale as a Numeric that shows `scale` digits, or 22003 "value overflows numeric format".
Result<Numeric> MakeNumeric(mpz_class unscaled, int scale);
/// The unscaled integer at another scale, cut or rounded where digits are lost. The scale may be negative.
mpz_class RoundedTo(const Numeric& finite, int scale);
Status NumericOverflow();

}  // namespace weir::postgres
