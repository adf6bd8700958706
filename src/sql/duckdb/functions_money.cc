#include <cmath>

#include "postgres/compute/money_words.h"
#include "postgres/value/numeric.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

using postgres::Numeric;

constexpr int64_t kCents = 100;

[[noreturn]] void MoneyOutOfRange() { Throw(Error("22003", "money out of range")); }

int64_t Sum(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) MoneyOutOfRange();
  return sum;
}
int64_t Difference(int64_t a, int64_t b) {
  int64_t difference;
  if (__builtin_sub_overflow(a, b, &difference)) MoneyOutOfRange();
  return difference;
}
int64_t Product(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) MoneyOutOfRange();
  return product;
}

int64_t Rounded(double cents) {
  const double rounded = std::nearbyint(cents);
  if (!(rounded >= -9.2233720368547758e18 && rounded < 9.2233720368547758e18)) MoneyOutOfRange();
  return static_cast<int64_t>(rounded);
}

int64_t Divided(int64_t a, int64_t b) {
  if (b == 0) Throw(Error("22012", "division by zero"));
  return b == -1 ? Difference(0, a) : a / b;
}
int64_t Divided(int64_t a, double b) {
  if (b == 0) Throw(Error("22012", "division by zero"));
  return Rounded(static_cast<double>(a) / b);
}

int64_t OfInteger(int64_t dollars) {
  int64_t cents;
  if (__builtin_mul_overflow(dollars, kCents, &cents)) Throw(Error("22003", "bigint out of range"));
  return cents;
}

Result<int64_t> MoneyOfNumeric(const Numeric& dollars) {
  WEIR_ASSIGN_OR_RETURN(const Numeric cents, postgres::Multiply(dollars, Numeric(kCents)));
  return postgres::IntegerOf(cents, INT64_MIN, INT64_MAX, "bigint");
}

template <typename T>
void AddIntegers(FunctionList* list, const std::string& type) {
  list->Add("cash_mul_" + type + "(money," + type + ")", [](int64_t a, T b) -> int64_t { return Product(a, b); });
  list->Add(type + "_mul_cash(" + type + ",money)", [](T a, int64_t b) -> int64_t { return Product(a, b); });
  list->Add("cash_div_" + type + "(money," + type + ")",
            [](int64_t a, T b) -> int64_t { return Divided(a, int64_t{b}); });
}

template <typename T>
void AddFloats(FunctionList* list, const std::string& name, const std::string& type) {
  list->Add("cash_mul_" + name + "(money," + type + ")",
            [](int64_t a, T b) -> int64_t { return Rounded(static_cast<double>(a) * b); });
  list->Add(name + "_mul_cash(" + type + ",money)",
            [](T a, int64_t b) -> int64_t { return Rounded(static_cast<double>(b) * a); });
  list->Add("cash_div_" + name + "(money," + type + ")",
            [](int64_t a, T b) -> int64_t { return Divided(a, static_cast<double>(b)); });
}

}  // namespace

void AddMoney(FunctionList* list) {
  list->Add("cash_pl(money,money)", [](int64_t a, int64_t b) -> int64_t { return Sum(a, b); });
  list->Add("cash_mi(money,money)", [](int64_t a, int64_t b) -> int64_t { return Difference(a, b); });
  list->Add("cash_div_cash(money,money)", [](int64_t a, int64_t b) -> double {
    if (b == 0) Throw(Error("22012", "division by zero"));
    return static_cast<double>(a) / static_cast<double>(b);
  });
  AddIntegers<int16_t>(list, "int2");
  AddIntegers<int32_t>(list, "int4");
  AddIntegers<int64_t>(list, "int8");
  AddFloats<float>(list, "flt4", "float4");
  AddFloats<double>(list, "flt8", "float8");
  list->Add("cash_words(money)", [](int64_t cents) -> std::string { return postgres::WordsOf({cents}); });
  list->Add("money(int4)", [](int32_t dollars) -> int64_t { return OfInteger(dollars); });
  list->Add("money(int8)", [](int64_t dollars) -> int64_t { return OfInteger(dollars); });
  list->Add("money(numeric)", [](const Numeric& dollars) -> Result<int64_t> { return MoneyOfNumeric(dollars); });
  list->Add("numeric(money)", [](int64_t cents) -> Numeric { return Numeric(postgres::Int128{cents}, 2); });
}

}  // namespace weir::sql::duck
