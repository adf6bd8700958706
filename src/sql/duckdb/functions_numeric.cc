#include "sql/duckdb/decimal_bounds.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;
using postgres::Int128;
using postgres::Numeric;

/// Calls `body` with a reader of the unscaled integers of a DECIMAL or integer vector.
template <typename Body>
void WithIntegers(const LogicalType& type, const UnifiedVectorFormat& format, Body&& body) {
  using duckdb::PhysicalType;
  switch (type.InternalType()) {
    case PhysicalType::INT16:
      return body(
          [data = UnifiedVectorFormat::GetData<int16_t>(format)](idx_t i) { return static_cast<int64_t>(data[i]); });
    case PhysicalType::INT32:
      return body(
          [data = UnifiedVectorFormat::GetData<int32_t>(format)](idx_t i) { return static_cast<int64_t>(data[i]); });
    case PhysicalType::INT64:
      return body([data = UnifiedVectorFormat::GetData<int64_t>(format)](idx_t i) { return data[i]; });
    case PhysicalType::INT128:
      return body(
          [data = UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format)](idx_t i) { return ToInt128(data[i]); });
    default: Throw(Error("XX000", "no DECIMAL: " + type.ToString()));
  }
}

int ScaleOf(const LogicalType& type) {
  return type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
}

/// A DECIMAL or an integer in the big form.
void ToBig(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  Vector& input = chunk.data[0];
  const bool constant = input.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  const idx_t count = constant ? 1 : chunk.size();
  UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(result);
  const int scale = ScaleOf(input.GetType());
  WithIntegers(input.GetType(), format, [&](auto&& integer) {
    for (idx_t row = 0; row < count; ++row) {
      const idx_t at = format.sel->get_index(row);
      if (!format.validity.RowIsValid(at)) {
        duckdb::FlatVector::SetNull(result, row, true);
        continue;
      }
      data[row] = Lane<Numeric>::Write(Numeric(Int128{integer(at)}, scale), result);
    }
  });
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

/// The big form as a DECIMAL of the second argument's type; rounding is done before.
[[noreturn]] void TooManyDigits(const duckdb::LogicalType& type) {
  const int scale = duckdb::DecimalType::GetScale(type);
  const int width = duckdb::DecimalType::GetWidth(type);
  Throw(Error("22003", "numeric field overflow",
              {.detail = "The column holds " + std::to_string(width) + " digits, " + std::to_string(scale) +
                         " of them after the decimal point.",
               .hint = "Declare it as numeric(p,s), or round the value."}));
}

void ToDecimal(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  UnifiedVectorFormat format;
  const bool constant = chunk.data[0].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  const idx_t count = constant ? 1 : chunk.size();
  chunk.data[0].ToUnifiedFormat(count, format);
  const int scale = ScaleOf(result.GetType());
  const auto* keys = UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  using duckdb::PhysicalType;
  const auto write = [&](idx_t row, Int128 value) {
    switch (result.GetType().InternalType()) {
      case PhysicalType::INT16: duckdb::FlatVector::GetData<int16_t>(result)[row] = static_cast<int16_t>(value); return;
      case PhysicalType::INT32: duckdb::FlatVector::GetData<int32_t>(result)[row] = static_cast<int32_t>(value); return;
      case PhysicalType::INT64: duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(value); return;
      default: duckdb::FlatVector::GetData<duckdb::hugeint_t>(result)[row] = ToHugeint(value);
    }
  };
  for (idx_t row = 0; row < count; ++row) {
    const idx_t at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const Numeric number = Lane<Numeric>::Read(keys[at]);
    const auto value = postgres::DecimalOf(number, scale);
    if (!value && !number.is_finite()) {
      Throw(Error("0A000", "NaN and infinity are not supported in a column of type numeric"));
    }
    if (!value || postgres::MinScale(number).value_or(0) > scale) TooManyDigits(result.GetType());
    write(row, *value);
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

duckdb::unique_ptr<duckdb::FunctionData> BindDecimal(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  function.arguments[1] = arguments[1]->return_type;
  function.SetReturnType(arguments[1]->return_type);
  return nullptr;
}

[[noreturn]] void TooLargeProduct() {
  Throw(Error("22003", "numeric field overflow",
              {.detail = "A product of numerics with precision has more than 38 digits.",
               .hint = "Cast a factor to a wider type, e.g. numeric(100,20)."}));
}

inline bool FitsWord(Int128 value) { return value == static_cast<int64_t>(value); }

/// 2^126 at most.
inline Int128 ProductOfWords(Int128 a, Int128 b) { return Int128{static_cast<int64_t>(a)} * static_cast<int64_t>(b); }

/// In 128 bits, below 10^38.
[[gnu::noinline]] Int128 ProductOfLong(Int128 a, Int128 b) {
  static const Int128 kLimit = ToInt128(duckdb::Hugeint::POWERS_OF_TEN[38]);
  Int128 product;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  if (overflow || product >= kLimit || product <= -kLimit) TooLargeProduct();
  return product;
}

/// DECIMAL times DECIMAL in 128 bits. `kWords`: all are known to fit 64.
template <bool kWords>
void Multiply(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  UnifiedVectorFormat left;
  UnifiedVectorFormat right;
  const idx_t count = chunk.size();
  chunk.data[0].ToUnifiedFormat(count, left);
  chunk.data[1].ToUnifiedFormat(count, right);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* data = duckdb::FlatVector::GetData<duckdb::hugeint_t>(result);
  const bool valid = left.validity.AllValid() && right.validity.AllValid();
  const bool flat = !left.sel->IsSet() && !right.sel->IsSet();
  const auto product = [](Int128 a, Int128 b) {
    return ToHugeint(kWords || (FitsWord(a) && FitsWord(b)) ? ProductOfWords(a, b) : ProductOfLong(a, b));
  };
  const auto rows = [&](auto&& a, auto&& b) {
    if (valid && flat) {
      for (idx_t row = 0; row < count; ++row) data[row] = product(a(row), b(row));
      return;
    }
    for (idx_t row = 0; row < count; ++row) {
      const idx_t i = left.sel->get_index(row);
      const idx_t j = right.sel->get_index(row);
      if (!valid && !(left.validity.RowIsValid(i) && right.validity.RowIsValid(j))) {
        duckdb::FlatVector::SetNull(result, row, true);
        continue;
      }
      data[row] = product(a(i), b(j));
    }
  };
  WithIntegers(chunk.data[0].GetType(), left, [&](auto&& a) {
    WithIntegers(chunk.data[1].GetType(), right, [&](auto&& b) { rows(a, b); });
  });
}

duckdb::unique_ptr<duckdb::FunctionData> BindMultiply(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  BindAny(context, function, arguments);
  const auto& a = arguments[0]->return_type;
  const auto& b = arguments[1]->return_type;
  const int width = std::min(38, duckdb::DecimalType::GetWidth(a) + duckdb::DecimalType::GetWidth(b));
  function.SetReturnType(
      LogicalType::DECIMAL(static_cast<uint8_t>(std::max(width, 19)), static_cast<uint8_t>(ScaleOf(a) + ScaleOf(b))));
  return nullptr;
}

duckdb::unique_ptr<duckdb::BaseStatistics> NarrowProduct(duckdb::ClientContext&,
                                                         duckdb::FunctionStatisticsInput& input) {
  auto bounds = BoundsOfProduct(input);
  if (bounds) input.expr.function.function = Multiply<true>;
  return bounds;
}

using N = Numeric;
using R = Result<Numeric>;

void AddNumericOperators(FunctionList* list) {
  list->Add("numeric_add(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Add(a, b); });
  list->Add("numeric_sub(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Subtract(a, b); });
  list->Add("numeric_mul(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Multiply(a, b); });
  list->Add("numeric_div(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Divide(a, b); });
  list->Add("div(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::DivideWhole(a, b); });
  for (const char* name : {"mod(numeric,numeric)", "numeric_mod(numeric,numeric)"}) {
    list->Add(name, [](const N& a, const N& b) -> R { return postgres::Modulo(a, b); });
  }
  list->Add("numeric_uminus(numeric)", [](const N& a) -> N { return postgres::Negate(a); });
  for (const char* name : {"abs(numeric)", "numeric_abs(numeric)"}) {
    list->Add(name, [](const N& a) -> N { return postgres::Abs(a); });
  }
  for (const char* name : {"power(numeric,numeric)", "pow(numeric,numeric)", "numeric_power(numeric,numeric)"}) {
    list->Add(name, [](const N& a, const N& b) -> R { return postgres::Power(a, b); });
  }
}

void AddFunctions(FunctionList* list) {
  list->Add("sign(numeric)", [](const N& a) -> N { return postgres::Sign(a); });
  list->Add("round(numeric,int4)", [](const N& a, int32_t scale) -> R { return postgres::Round(a, scale); });
  list->Add("round(numeric)", [](const N& a) -> R { return postgres::Round(a, 0); });
  list->Add("trunc(numeric,int4)", [](const N& a, int32_t scale) -> N { return postgres::Truncate(a, scale); });
  list->Add("trunc(numeric)", [](const N& a) -> N { return postgres::Truncate(a, 0); });
  for (const char* name : {"ceil(numeric)", "ceiling(numeric)"}) {
    list->Add(name, [](const N& a) -> R { return postgres::Ceil(a); });
  }
  list->Add("floor(numeric)", [](const N& a) -> R { return postgres::Floor(a); });
  list->Add("sqrt(numeric)", [](const N& a) -> R { return postgres::Sqrt(a); });
  list->Add("exp(numeric)", [](const N& a) -> R { return postgres::Exp(a); });
  list->Add("ln(numeric)", [](const N& a) -> R { return postgres::Ln(a); });
  for (const char* name : {"log(numeric)", "log10(numeric)"}) {
    list->Add(name, [](const N& a) -> R { return postgres::Log(N(int64_t{10}), a); });
  }
  list->Add("log(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Log(a, b); });
  list->Add("gcd(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Gcd(a, b); });
  list->Add("lcm(numeric,numeric)", [](const N& a, const N& b) -> R { return postgres::Lcm(a, b); });
  list->Add("factorial(int8)", [](int64_t a) -> R { return postgres::Factorial(a); });
  list->Add("scale(numeric)", [](const N& a) -> std::optional<int32_t> {
    return a.is_finite() ? std::optional<int32_t>(a.scale()) : std::nullopt;
  });
  list->Add("min_scale(numeric)", [](const N& a) -> std::optional<int32_t> { return postgres::MinScale(a); });
  list->Add("trim_scale(numeric)", [](const N& a) -> N { return postgres::TrimScale(a); });
  list->Add("width_bucket(numeric,numeric,numeric,int4)", [](const N& a, const N& low, const N& high, int32_t count)
                -> Result<int32_t> { return postgres::WidthBucket(a, low, high, count); });
}

/// A set of numerics.
struct NumericList {
  std::vector<Numeric> numbers;
};

NumericList Series(const N& from, const N& to, const N& step) {
  for (const auto& [value, what] : {std::pair(&from, "start"), std::pair(&to, "stop"), std::pair(&step, "step size")}) {
    if (value->is_finite()) continue;
    Throw(Error("22023", std::string(what) + (value->is_nan() ? " value cannot be NaN" : " value cannot be infinity")));
  }
  if (step.sign() == 0) Throw(Error("22023", "step size cannot equal zero"));
  NumericList list;
  GrowingValue growing;
  for (N at = from; step.sign() > 0 ? at <= to : at >= to; at = ValueOrThrow(postgres::Add(at, step))) {
    growing.Grow(4 * sizeof(at));  // with its digits, here and in its vector
    list.numbers.push_back(at);
  }
  return list;
}

/// Whether a text is what the number's output would be: most are, as Weir itself has written them.
bool IsAsShown(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t whole = std::min(text.find('.'), text.size());
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!all_digits(text.substr(0, whole)) || (whole > 1 && text[0] == '0')) return false;
  if (whole < text.size() && !all_digits(text.substr(whole + 1))) return false;
  constexpr size_t kCertainlyInRange = 1000;
  return text.size() <= kCertainlyInRange && (!negative || text.find_first_not_of("0.") != std::string_view::npos);
}

// Numbers that frames' offsets are added to, in units of kFrameDigits behind the point: what is not finite lies farther
// out than any sum of two that are, NaN farthest, and a sum with it stays within DECIMAL(38, 12).
constexpr int kFrameDigits = 12;
// Finite numbers and steps are less than 10^24.
constexpr __int128 kFrameUnit = __int128{1'000'000'000'000'000'000} * 1'000'000'000'000'000'000;
constexpr __int128 kFrameInfinity = 3 * kFrameUnit;
constexpr __int128 kFrameInfiniteStep = 2 * kFrameInfinity + kFrameUnit / 2;
constexpr __int128 kFrameNan = 20 * kFrameUnit;

Result<Numeric> FrameNumber(const Numeric& number) {
  if (number.is_nan()) return Numeric(kFrameNan, kFrameDigits);
  if (number.is_infinite()) return Numeric(number < Numeric() ? -kFrameInfinity : kFrameInfinity, kFrameDigits);
  const auto units = postgres::DecimalOf(number, kFrameDigits);
  const bool fits = units && *units < kFrameUnit && *units > -kFrameUnit;
  if (fits && postgres::TrimScale(number).scale() <= kFrameDigits) return number;
  return Error("0A000", "RANGE with an offset is not supported for numerics beyond numeric(36,12)");
}

/// `away`: the frame begins behind the row, or ends before it.
Result<Numeric> FrameStep(const Numeric& step, bool away) {
  if (step.is_nan() || step < Numeric()) {
    return Error("22013", "invalid preceding or following size in window function");
  }
  if (!step.is_infinite()) return FrameNumber(step);
  if (!away) return Numeric(kFrameInfiniteStep, kFrameDigits);
  return Error("0A000", "a frame that begins infinitely far behind a row or ends so before it is not supported");
}

void AddHelpers(FunctionList* list) {
  const LogicalType big = BigNumericType();
  duckdb::ScalarFunction to_big("pg.to_numeric", {LogicalType::ANY}, big, ToBig, BindAny);
  list->Add(std::move(to_big));
  duckdb::ScalarFunction to_decimal("pg.decimal_of", {big, LogicalType::ANY}, LogicalType::ANY, ToDecimal, BindDecimal);
  to_decimal.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  to_decimal.SetFallible();
  list->Add(std::move(to_decimal));
  duckdb::ScalarFunction multiply(kDecimalMultiply, {LogicalType::ANY, LogicalType::ANY}, LogicalType::ANY,
                                  Multiply<false>, BindMultiply);
  multiply.SetFallible();
  multiply.SetStatisticsCallback(NarrowProduct);
  list->Add(std::move(multiply));
  list->Add("pg.numeric_key", {big}, LogicalType::BLOB, [](std::string_view key) -> std::string_view {
    return key.substr(0, key.size() - postgres::kNumericKeyScaleBytes);
  });
  list->Add("pg.shown_numeric", {LogicalType::VARCHAR}, LogicalType::VARCHAR, [](std::string_view text) -> std::string {
    if (IsAsShown(text)) return std::string(text);
    std::string shown;
    postgres::AppendNumeric(ValueOrThrow(postgres::ReadNumeric(text)), &shown);
    return shown;
  });
  list->Add("pg.numeric_modified", {big, LogicalType::INTEGER}, big,
            [](const N& a, int32_t modifier) -> R { return postgres::ApplyNumericModifier(a, modifier); });
  list->Add("pg.frame_number", {big}, big, [](const N& a) -> R { return FrameNumber(a); });
  list->Add("pg.frame_step", {big, LogicalType::BOOLEAN}, big,
            [](const N& step, bool away) -> R { return FrameStep(step, away); });
  list->Add("pg.average", {big, LogicalType::BIGINT}, big,
            [](const N& sum, int64_t count) -> R { return postgres::Divide(sum, N(count)); });
}

}  // namespace

template <>
struct Lane<NumericList> {
  using Stored = duckdb::list_entry_t;
  static Stored Write(const NumericList& list, duckdb::Vector& vector) {
    const Stored entry{duckdb::ListVector::GetListSize(vector), list.numbers.size()};
    for (const Numeric& number : list.numbers) {
      std::string key;
      postgres::AppendNumericKey(number, &key);
      duckdb::ListVector::PushBack(vector, duckdb::Value::BLOB_RAW(key));
    }
    return entry;
  }
};

void AddNumeric(FunctionList* list) {
  list->Add("generate_series(numeric,numeric)",
            [](const N& from, const N& to) -> NumericList { return Series(from, to, N(int64_t{1})); });
  list->Add("generate_series(numeric,numeric,numeric)", [](const N& from, const N& to, const N& step) -> NumericList {
    return Series(from, to, step);
  });
  AddNumericOperators(list);
  AddFunctions(list);
  AddHelpers(list);
}

}  // namespace weir::sql::duck
