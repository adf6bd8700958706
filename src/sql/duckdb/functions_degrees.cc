#include <cmath>

#include "sql/duckdb/degrees.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

/// Trigonometry by degrees, exact where the result is: every value is taken relative to one that is known, so that the
/// library's rounding drops out (sind(30) is 0.5).

/// The library's own values, computed at run time as all others are.
struct Known {
  volatile double one = 1;
  volatile double half = 0.5;
  volatile double thirty = 30;
  volatile double forty_five = 45;
  volatile double sixty = 60;
  double sin_30 = std::sin(thirty * kRadiansPerDegree);
  double one_minus_cos_60 = 1 - std::cos(sixty * kRadiansPerDegree);
  double asin_half = std::asin(half);
  double acos_half = std::acos(half);
  double atan_one = std::atan(one);
};
const Known& Of() {
  static const Known known;
  return known;
}

[[noreturn]] void OutOfRange() { Throw(Error("22003", "input is out of range")); }

// SineOfDegrees to 30 degrees, cosine to 60, and both in the first quadrant.
double SineTo30(double x) { return std::sin(x * kRadiansPerDegree) / Of().sin_30 / 2; }
double CosineTo60(double x) { return 1 - (1 - std::cos(x * kRadiansPerDegree)) / Of().one_minus_cos_60 / 2; }
double SineTo90(double x) { return x <= 30 ? SineTo30(x) : CosineTo60(90 - x); }
double CosineTo90(double x) { return x <= 60 ? CosineTo60(x) : SineTo30(90 - x); }
double ArcSineOfPositive(double x) {
  return x <= 0.5 ? std::asin(x) / Of().asin_half * 30 : 90 - std::acos(x) / Of().acos_half * 60;
}
double ArcCosineOfPositive(double x) {
  return x <= 0.5 ? 90 - std::asin(x) / Of().asin_half * 30 : std::acos(x) / Of().acos_half * 60;
}

/// An angle of the first quadrant, and the sign that its function has where the angle was.
struct Angle {
  double degrees = 0;
  double sign = 1;
};
/// `odd`: the function changes its sign with the angle's; `half`: also in the second quadrant.
Angle FirstQuadrant(double x, bool odd, bool half) {
  if (std::isinf(x)) OutOfRange();
  Angle angle{std::fmod(x, 360.0), 1};
  if (angle.degrees < 0) {
    angle.degrees = -angle.degrees;
    if (odd) angle.sign = -angle.sign;
  }
  if (angle.degrees > 180) {
    angle.degrees = 360 - angle.degrees;
    if (odd) angle.sign = -angle.sign;
  }
  if (angle.degrees > 90) {
    angle.degrees = 180 - angle.degrees;
    if (half) angle.sign = -angle.sign;
  }
  return angle;
}

double SineOfDegrees(double x) {
  const Angle angle = FirstQuadrant(x, true, false);
  return angle.sign * SineTo90(angle.degrees);
}
double CosineOfDegrees(double x) {
  const Angle angle = FirstQuadrant(x, false, true);
  return angle.sign * CosineTo90(angle.degrees);
}
double TangentOfDegrees(double x) {
  const Angle angle = FirstQuadrant(x, true, true);
  const double of_45 = SineTo90(Of().forty_five) / CosineTo90(Of().forty_five);
  const double tangent = angle.sign * (SineTo90(angle.degrees) / CosineTo90(angle.degrees) / of_45);
  return tangent == 0 ? 0 : tangent;  // without a sign
}
double Cotangent(double x) {
  const Angle angle = FirstQuadrant(x, true, true);
  const double of_45 = CosineTo90(Of().forty_five) / SineTo90(Of().forty_five);
  const double cotangent = angle.sign * (CosineTo90(angle.degrees) / SineTo90(angle.degrees) / of_45);
  return cotangent == 0 ? 0 : cotangent;
}
double ArcSine(double x) {
  if (x < -1 || x > 1) OutOfRange();
  return x >= 0 ? ArcSineOfPositive(x) : -ArcSineOfPositive(-x);
}
double ArcCosine(double x) {
  if (x < -1 || x > 1) OutOfRange();
  return x >= 0 ? ArcCosineOfPositive(x) : 90 + ArcSineOfPositive(-x);
}

/// In which of `count` equal parts a value lies; 0 and count + 1 are outside.
int32_t WidthBucket(double value, double low, double high, int32_t count) {
  const auto refuse = [](const char* why) { Throw(Error("2201G", why)); };
  if (count <= 0) refuse("count must be greater than zero");
  if (std::isnan(value) || std::isnan(low) || std::isnan(high))
    refuse("operand, lower bound, and upper bound cannot be NaN");
  if (std::isinf(low) || std::isinf(high)) refuse("lower and upper bounds must be finite");
  if (low == high) refuse("lower bound cannot equal upper bound");
  const bool down = low > high;
  if (down ? value > low : value < low) return 0;
  if (down ? value <= high : value >= high) {
    if (count == INT32_MAX) Throw(Error("22003", "integer out of range"));
    return count + 1;
  }
  const double width = high - low;
  const double part = std::isinf(width) ? (value / 2 - low / 2) / (high / 2 - low / 2) : (value - low) / width;
  return std::min(static_cast<int32_t>(count * part), count - 1) + 1;
}

}  // namespace

void AddDegrees(FunctionList* list) {
  list->Add("sind(float8)", [](double x) -> double { return std::isnan(x) ? x : SineOfDegrees(x); });
  list->Add("cosd(float8)", [](double x) -> double { return std::isnan(x) ? x : CosineOfDegrees(x); });
  list->Add("tand(float8)", [](double x) -> double { return std::isnan(x) ? x : TangentOfDegrees(x); });
  list->Add("cotd(float8)", [](double x) -> double { return std::isnan(x) ? x : Cotangent(x); });
  list->Add("asind(float8)", [](double x) -> double { return std::isnan(x) ? x : ArcSine(x); });
  list->Add("acosd(float8)", [](double x) -> double { return std::isnan(x) ? x : ArcCosine(x); });
  list->Add("atand(float8)", [](double x) -> double { return std::atan(x) / Of().atan_one * 45; });
  list->Add("atan2d(float8,float8)",
            [](double y, double x) -> double { return std::atan2(y, x) / Of().atan_one * 45; });
  list->Add("width_bucket(float8,float8,float8,int4)",
            [](double value, double low, double high, int32_t count) -> int32_t {
              return WidthBucket(value, low, high, count);
            });
}

}  // namespace weir::sql::duck
