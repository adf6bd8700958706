#include <cmath>
#include <limits>
#include <numeric>

#include "sql/duckdb/degrees.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

[[noreturn]] void OutOfRange(const char* type) { Throw(Error("22003", std::string(type) + " out of range")); }
[[noreturn]] void DivisionByZero() { Throw(Error("22012", "division by zero")); }

template <typename T>
T Plus(T a, T b) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum)) OutOfRange(IntegerName<T>());
  return sum;
}
template <typename T>
T Minus(T a, T b) {
  T difference;
  if (__builtin_sub_overflow(a, b, &difference)) OutOfRange(IntegerName<T>());
  return difference;
}
template <typename T>
T Times(T a, T b) {
  T product;
  if (__builtin_mul_overflow(a, b, &product)) OutOfRange(IntegerName<T>());
  return product;
}
template <typename T>
T Over(T a, T b) {
  if (b == 0) DivisionByZero();
  if (b == -1) return Minus<T>(0, a);
  return static_cast<T>(a / b);
}
template <typename T>
T Rest(T a, T b) {
  if (b == 0) DivisionByZero();
  return b == -1 ? T{0} : static_cast<T>(a % b);
}
template <typename T>
T Absolute(T a) {
  return a < 0 ? Minus<T>(0, a) : a;
}
template <typename T>
T GreatestDivisor(T a, T b) {
  using U = std::make_unsigned_t<T>;
  const auto size = [](T v) { return v < 0 ? static_cast<U>(U{0} - static_cast<U>(v)) : static_cast<U>(v); };
  const U divisor = std::gcd(size(a), size(b));
  if (divisor > static_cast<U>(std::numeric_limits<T>::max())) OutOfRange(IntegerName<T>());
  return static_cast<T>(divisor);
}
template <typename T>
T LeastMultiple(T a, T b) {
  if (a == 0 || b == 0) return 0;
  return Absolute(Times<T>(static_cast<T>(a / GreatestDivisor(a, b)), b));
}

/// The four operators of one pair of integer types, which are computed in the wider one.
template <typename A, typename B>
void AddPair(FunctionList* list, const std::string& prefix, const std::string& types) {
  using T = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;
  list->Add(prefix + "pl" + types, [](A a, B b) -> T { return Plus<T>(a, b); });
  list->Add(prefix + "mi" + types, [](A a, B b) -> T { return Minus<T>(a, b); });
  list->Add(prefix + "mul" + types, [](A a, B b) -> T { return Times<T>(a, b); });
  list->Add(prefix + "div" + types, [](A a, B b) -> T { return Over<T>(a, b); });
}

template <typename T>
void AddInteger(FunctionList* list, const std::string& name) {
  const std::string one = "(" + name + ")";
  const std::string two = "(" + name + "," + name + ")";
  AddPair<T, T>(list, name, two);
  list->Add(name + "mod" + two, [](T a, T b) -> T { return Rest(a, b); });
  list->Add("mod" + two, [](T a, T b) -> T { return Rest(a, b); });
  list->Add(name + "um" + one, [](T a) -> T { return Minus<T>(0, a); });
  list->Add(name + "abs" + one, [](T a) -> T { return Absolute(a); });
  list->Add("abs" + one, [](T a) -> T { return Absolute(a); });
  list->Add(name + "and" + two, [](T a, T b) -> T { return a & b; });
  list->Add(name + "or" + two, [](T a, T b) -> T { return a | b; });
  list->Add(name + "xor" + two, [](T a, T b) -> T { return a ^ b; });
  list->Add(name + "not" + one, [](T a) -> T { return ~a; });
  constexpr int kMask = sizeof(T) == 8 ? 63 : 31;
  list->Add(name + "shl(" + name + ",int4)", [](T a, int32_t b) -> T {
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(static_cast<int64_t>(a)) * (uint64_t{1} << (b & kMask)));
  });
  list->Add(name + "shr(" + name + ",int4)", [](T a, int32_t b) -> T { return static_cast<T>(a >> (b & kMask)); });
}

// --- floating point: infinities and zeros that the arguments do not explain are errors ---

template <typename T>
T InRange(T value, bool may_be_infinite, bool may_be_zero) {
  if (std::isinf(value) && !may_be_infinite) Throw(Error("22003", "value out of range: overflow"));
  if (value == 0 && !may_be_zero) Throw(Error("22003", "value out of range: underflow"));
  return value;
}

template <typename A, typename B>
void AddFloatPair(FunctionList* list, const std::string& prefix, const std::string& types) {
  using T = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;
  list->Add(prefix + "pl" + types, [](A a, B b) -> T {
    return InRange<T>(static_cast<T>(a) + static_cast<T>(b), std::isinf(a) || std::isinf(b), true);
  });
  list->Add(prefix + "mi" + types, [](A a, B b) -> T {
    return InRange<T>(static_cast<T>(a) - static_cast<T>(b), std::isinf(a) || std::isinf(b), true);
  });
  list->Add(prefix + "mul" + types, [](A a, B b) -> T {
    return InRange<T>(static_cast<T>(a) * static_cast<T>(b), std::isinf(a) || std::isinf(b), a == 0 || b == 0);
  });
  list->Add(prefix + "div" + types, [](A a, B b) -> T {
    if (b == 0 && !std::isnan(a)) DivisionByZero();
    return InRange<T>(static_cast<T>(a) / static_cast<T>(b), std::isinf(a), a == 0 || std::isinf(b));
  });
}

void AddFloats(FunctionList* list) {
  AddFloatPair<float, float>(list, "float4", "(float4,float4)");
  AddFloatPair<double, double>(list, "float8", "(float8,float8)");
  AddFloatPair<float, double>(list, "float48", "(float4,float8)");
  AddFloatPair<double, float>(list, "float84", "(float8,float4)");
  list->Add("float4um(float4)", [](float a) -> float { return -a; });
  list->Add("float8um(float8)", [](double a) -> double { return -a; });
  for (const char* name : {"float8abs(float8)", "abs(float8)"})
    list->Add(name, [](double a) -> double { return std::fabs(a); });
  for (const char* name : {"float4abs(float4)", "abs(float4)"})
    list->Add(name, [](float a) -> float { return std::fabs(a); });
}

double Power(double a, double b) {
  if (a == 0 && b < 0) Throw(Error("2201F", "zero raised to a negative power is undefined"));
  if (a < 0 && std::isfinite(b) && std::floor(b) != b) {
    Throw(Error("2201F", "a negative number raised to a non-integer power yields a complex result"));
  }
  return InRange(std::pow(a, b), std::isinf(a) || std::isinf(b), a == 0 || std::isinf(a) || std::isinf(b));
}

double Logarithm(double a, double (*function)(double)) {
  if (a == 0) Throw(Error("2201E", "cannot take logarithm of zero"));
  if (a < 0) Throw(Error("2201E", "cannot take logarithm of a negative number"));
  return function(a);
}

double SquareRoot(double a) {
  if (a < 0) Throw(Error("2201F", "cannot take square root of a negative number"));
  return std::sqrt(a);
}

[[noreturn]] void InputOutOfRange() { Throw(Error("22003", "input is out of range")); }

double Sine(double a) {
  if (std::isinf(a)) InputOutOfRange();
  return std::sin(a);
}
double Cosine(double a) {
  if (std::isinf(a)) InputOutOfRange();
  return std::cos(a);
}
double Tangent(double a) {
  if (std::isinf(a)) InputOutOfRange();
  return std::tan(a);
}

constexpr double kPi = 3.14159265358979323846;

void AddTrigonometry(FunctionList* list) {
  list->Add("sin(float8)", [](double a) -> double { return Sine(a); });
  list->Add("cos(float8)", [](double a) -> double { return Cosine(a); });
  list->Add("tan(float8)", [](double a) -> double { return Tangent(a); });
  list->Add("cot(float8)", [](double a) -> double { return 1 / Tangent(a); });
  list->Add("asin(float8)", [](double a) -> double {
    if (a < -1 || a > 1) InputOutOfRange();
    return std::asin(a);
  });
  list->Add("acos(float8)", [](double a) -> double {
    if (a < -1 || a > 1) InputOutOfRange();
    return std::acos(a);
  });
  list->Add("atan(float8)", [](double a) -> double { return std::atan(a); });
  list->Add("atan2(float8,float8)", [](double a, double b) -> double { return std::atan2(a, b); });
  list->Add("sinh(float8)", [](double a) -> double { return std::sinh(a); });
  list->Add("cosh(float8)", [](double a) -> double { return std::cosh(a); });
  list->Add("tanh(float8)", [](double a) -> double { return std::tanh(a); });
  list->Add("asinh(float8)", [](double a) -> double { return std::asinh(a); });
  list->Add("acosh(float8)", [](double a) -> double {
    if (a < 1) InputOutOfRange();
    return std::acosh(a);
  });
  list->Add("atanh(float8)", [](double a) -> double {
    if (a < -1 || a > 1) InputOutOfRange();
    return std::atanh(a);
  });
  list->Add("degrees(float8)",
            [](double a) -> double { return InRange(a / kRadiansPerDegree, std::isinf(a), a == 0); });
  list->Add("radians(float8)", [](double a) -> double { return a * kRadiansPerDegree; });
}

void AddDoubles(FunctionList* list) {
  for (const char* name : {"dpow(float8,float8)", "pow(float8,float8)", "power(float8,float8)"}) {
    list->Add(name, [](double a, double b) -> double { return Power(a, b); });
  }
  for (const char* name : {"dsqrt(float8)", "sqrt(float8)"})
    list->Add(name, [](double a) -> double { return SquareRoot(a); });
  for (const char* name : {"dcbrt(float8)", "cbrt(float8)"})
    list->Add(name, [](double a) -> double { return std::cbrt(a); });
  list->Add("exp(float8)", [](double a) -> double { return InRange(std::exp(a), std::isinf(a), std::isinf(a)); });
  list->Add("ln(float8)", [](double a) -> double { return Logarithm(a, std::log); });
  for (const char* name : {"log(float8)", "log10(float8)"})
    list->Add(name, [](double a) -> double { return Logarithm(a, std::log10); });
  list->Add("round(float8)", [](double a) -> double { return std::nearbyint(a); });
  list->Add("ceil(float8)", [](double a) -> double { return std::ceil(a); });
  list->Add("ceiling(float8)", [](double a) -> double { return std::ceil(a); });
  list->Add("floor(float8)", [](double a) -> double { return std::floor(a); });
  list->Add("trunc(float8)", [](double a) -> double { return std::trunc(a); });
  list->Add("sign(float8)", [](double a) -> double { return a > 0 ? 1 : a < 0 ? -1 : 0; });
}

}  // namespace

void AddArithmetic(FunctionList* list) {
  AddInteger<int16_t>(list, "int2");
  AddInteger<int32_t>(list, "int4");
  AddInteger<int64_t>(list, "int8");
  AddPair<int16_t, int32_t>(list, "int24", "(int2,int4)");
  AddPair<int16_t, int64_t>(list, "int28", "(int2,int8)");
  AddPair<int32_t, int16_t>(list, "int42", "(int4,int2)");
  AddPair<int32_t, int64_t>(list, "int48", "(int4,int8)");
  AddPair<int64_t, int16_t>(list, "int82", "(int8,int2)");
  AddPair<int64_t, int32_t>(list, "int84", "(int8,int4)");
  list->Add("gcd(int4,int4)", [](int32_t a, int32_t b) -> int32_t { return GreatestDivisor(a, b); });
  list->Add("gcd(int8,int8)", [](int64_t a, int64_t b) -> int64_t { return GreatestDivisor(a, b); });
  list->Add("lcm(int4,int4)", [](int32_t a, int32_t b) -> int32_t { return LeastMultiple(a, b); });
  list->Add("lcm(int8,int8)", [](int64_t a, int64_t b) -> int64_t { return LeastMultiple(a, b); });
  AddFloats(list);
  AddDoubles(list);
  AddTrigonometry(list);
}

}  // namespace weir::sql::duck
