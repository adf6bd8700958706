#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

using Int128 = __int128;

struct BigInteger;  // numeric_integer.h

/// PostgreSQL's numeric: an exact decimal of any size with the number of digits that it shows after the point
/// (its display scale), NaN, or an infinity. A regular value; copies are cheap.
/// Numbers whose unscaled integer fits 128 bits are held and computed in place, larger ones by GMP.
class Numeric {
 public:
  enum class Kind : uint8_t { kMinusInfinity, kFinite, kInfinity, kNan };  // in the order of comparison

  static constexpr int kMaxPrecision = 1000;        // of a declared precision, and of a result's chosen scale
  static constexpr int kMaxScale = 16'383;          // digits after the point
  static constexpr int kMaxIntegerDigits = 131'072;  // digits before the point

  Numeric() = default;                               // 0
  explicit Numeric(int64_t value) : small_(value) {}
  /// unscaled / 10^scale, shown with `scale` digits after the point; 0 <= scale <= kMaxScale.
  Numeric(Int128 unscaled, int scale) : scale_(scale), small_(unscaled) {}
  /// The same of any size.
  Numeric(BigInteger unscaled, int scale);
  static Numeric Nan() { return Numeric(Kind::kNan); }
  static Numeric Infinity(bool negative = false) {
    return Numeric(negative ? Kind::kMinusInfinity : Kind::kInfinity);
  }

  Kind kind() const { return kind_; }
  bool is_nan() const { return kind_ == Kind::kNan; }
  bool is_finite() const { return kind_ == Kind::kFinite; }
  bool is_infinite() const { return kind_ == Kind::kInfinity || kind_ == Kind::kMinusInfinity; }
  /// -1, 0 or 1; of NaN 0.
  int sign() const;
  /// Digits after the point; of what is not finite 0.
  int scale() const { return scale_; }
  /// The unscaled integer where it fits 128 bits.
  std::optional<Int128> small() const { return is_finite() && big_ == nullptr ? std::optional(small_) : std::nullopt; }
  /// The unscaled integer of any finite number.
  BigInteger unscaled() const;

  /// PostgreSQL's order: -Infinity < numbers < Infinity < NaN; the display scale does not count.
  std::strong_ordering operator<=>(const Numeric& other) const;
  bool operator==(const Numeric& other) const { return (*this <=> other) == std::strong_ordering::equal; }

 private:
  explicit Numeric(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::kFinite;
  int scale_ = 0;
  Int128 small_ = 0;
  std::shared_ptr<const BigInteger> big_;  // null: small_ holds the number
};

/// A finite number to the base of 10,000, as PostgreSQL stores and sends it: without zeros at either end.
/// The value is the sum of digits[i] * 10000^(weight - i). Zero has no digits and the weight 0.
struct NumericDigits {
  bool negative = false;
  int weight = 0;
  std::vector<int16_t> digits;
};
NumericDigits DigitsOf(const Numeric& finite);

// --- text and binary ---

/// 22P02 for what is no number, 22003 for what is too large for PostgreSQL's format or for the modifier's precision.
Result<Numeric> ReadNumeric(std::string_view text, int32_t modifier = -1);
void AppendNumeric(const Numeric& value, std::string* out);
/// unscaled / 10^scale with `scale` digits after the point; the scale may be negative.
void AppendDecimal(Int128 unscaled, int scale, std::string* out);
/// Count, weight, sign, display scale, digits. 22P03 where the bytes are none.
Result<Numeric> ReadNumericBinary(std::string_view bytes);
void AppendNumericBinary(const Numeric& value, std::string* out);

/// Bytes that compare (memcmp) as the values do, followed by two bytes with the display scale: all but the last
/// two bytes of equal values are equal.
void AppendNumericKey(const Numeric& value, std::string* out);
constexpr size_t kNumericKeyScaleBytes = 2;
/// XX001 where the bytes are no key.
Result<Numeric> ReadNumericKey(std::string_view key);
/// A key without those two bytes: with as many digits after the point as the value needs.
Result<Numeric> ReadNumericOrder(std::string_view order);

/// PostgreSQL's hash_numeric_extended; with the seed 0 its lower 32 bits are hash_numeric.
uint64_t HashNumeric(const Numeric& value, uint64_t seed);

// --- conversions ---

/// By the 15 (of float 6) significant digits, as PostgreSQL's cast does.
Numeric NumericOfDouble(double value);
Numeric NumericOfFloat(float value);
/// Nearest double; beyond its range 22003.
Result<double> DoubleOf(const Numeric& value);
Result<float> FloatOf(const Numeric& value);
/// Rounded half away from zero. 22003 "bigint out of range" (`type` names the type), 0A000 for NaN and infinities.
Result<int64_t> IntegerOf(const Numeric& value, int64_t min, int64_t max, std::string_view type);
/// The unscaled integer of the value rounded to `scale`; none where it does not fit or is not finite.
std::optional<Int128> DecimalOf(const Numeric& value, int scale);

/// Rounds to the scale that a type's modifier declares; 22003 "numeric field overflow" with its DETAIL.
Result<Numeric> ApplyNumericModifier(const Numeric& value, int32_t modifier);

// --- arithmetic: PostgreSQL's results digit for digit, its errors (22003 overflow, 22012 division by zero) ---

Result<Numeric> Add(const Numeric& a, const Numeric& b);
Result<Numeric> Subtract(const Numeric& a, const Numeric& b);
Result<Numeric> Multiply(const Numeric& a, const Numeric& b);
Result<Numeric> Divide(const Numeric& a, const Numeric& b);
/// Quotient cut to an integer: div(a, b).
Result<Numeric> DivideWhole(const Numeric& a, const Numeric& b);
Result<Numeric> Modulo(const Numeric& a, const Numeric& b);
Numeric Negate(const Numeric& value);
Numeric Abs(const Numeric& value);
Numeric Sign(const Numeric& value);
/// Half away from zero; the scale may be negative.
Result<Numeric> Round(const Numeric& value, int scale);
Numeric Truncate(const Numeric& value, int scale);
Result<Numeric> Ceil(const Numeric& value);
Result<Numeric> Floor(const Numeric& value);
/// Digits after the point that the value needs; none where it is not finite.
std::optional<int> MinScale(const Numeric& value);
Numeric TrimScale(const Numeric& value);
/// The text of a numeric without the last zeros of its fraction: equal values have equal ones. 22P02.
Result<std::string> WithoutLastZeros(std::string_view text);

/// 2201F for negative numbers.
Result<Numeric> Sqrt(const Numeric& value);
/// With that many digits behind the point.
Result<Numeric> Sqrt(const Numeric& value, int scale);
Result<Numeric> Exp(const Numeric& value);
/// 2201E for zero and negative numbers.
Result<Numeric> Ln(const Numeric& value);
Result<Numeric> Log(const Numeric& base, const Numeric& value);
/// 2201F for 0 to a negative power and for a negative number to a power with a fraction.
Result<Numeric> Power(const Numeric& base, const Numeric& exponent);
Result<Numeric> Gcd(const Numeric& a, const Numeric& b);
Result<Numeric> Lcm(const Numeric& a, const Numeric& b);
Result<Numeric> Factorial(int64_t value);
/// 2201G for bounds or counts that make no histogram.
Result<int32_t> WidthBucket(const Numeric& operand, const Numeric& low, const Numeric& high, int32_t count);

}  // namespace weir::postgres
