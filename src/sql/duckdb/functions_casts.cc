#include <cmath>
#include <limits>

#include "postgres/value/character.h"
#include "postgres/value/number.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {
namespace {

using postgres::Numeric;

template <typename T>
[[noreturn]] void OutOfRange() {
  Throw(Error("22003", std::string(IntegerName<T>()) + " out of range"));
}

template <typename T>
T Narrowed(int64_t value) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) OutOfRange<T>();
  return static_cast<T>(value);
}

/// Rounded half to even, as PostgreSQL's rint does.
template <typename T>
T OfDouble(double value) {
  const double rounded = std::nearbyint(value);
  const double end = -static_cast<double>(std::numeric_limits<T>::min());  // 2^n, exact
  if (!(rounded >= -end && rounded < end)) OutOfRange<T>();
  return static_cast<T>(rounded);
}

template <typename T>
Result<T> OfNumeric(const Numeric& value) {
  WEIR_ASSIGN_OR_RETURN(int64_t integer, postgres::IntegerOf(value, std::numeric_limits<T>::min(),
                                                             std::numeric_limits<T>::max(), IntegerName<T>()));
  return static_cast<T>(integer);
}

float FloatOfDouble(double value) {
  const auto narrowed = static_cast<float>(value);
  if (std::isinf(narrowed) && !std::isinf(value)) Throw(Error("22003", "value out of range: overflow"));
  if (narrowed == 0 && value != 0) Throw(Error("22003", "value out of range: underflow"));
  return narrowed;
}

void AddNumbers(FunctionList* list) {
  list->Add("int2(int4)", [](int32_t v) -> int16_t { return Narrowed<int16_t>(v); });
  list->Add("int2(int8)", [](int64_t v) -> int16_t { return Narrowed<int16_t>(v); });
  list->Add("int4(int8)", [](int64_t v) -> int32_t { return Narrowed<int32_t>(v); });
  list->Add("int2(float4)", [](float v) -> int16_t { return OfDouble<int16_t>(v); });
  list->Add("int2(float8)", [](double v) -> int16_t { return OfDouble<int16_t>(v); });
  list->Add("int4(float4)", [](float v) -> int32_t { return OfDouble<int32_t>(v); });
  list->Add("int4(float8)", [](double v) -> int32_t { return OfDouble<int32_t>(v); });
  list->Add("int8(float4)", [](float v) -> int64_t { return OfDouble<int64_t>(v); });
  list->Add("int8(float8)", [](double v) -> int64_t { return OfDouble<int64_t>(v); });
  list->Add("int2(numeric)", [](const Numeric& v) -> Result<int16_t> { return OfNumeric<int16_t>(v); });
  list->Add("int4(numeric)", [](const Numeric& v) -> Result<int32_t> { return OfNumeric<int32_t>(v); });
  list->Add("int8(numeric)", [](const Numeric& v) -> Result<int64_t> { return OfNumeric<int64_t>(v); });
  list->Add("float4(float8)", [](double v) -> float { return FloatOfDouble(v); });
  list->Add("float4(numeric)", [](const Numeric& v) -> Result<float> { return postgres::FloatOf(v); });
  list->Add("float8(numeric)", [](const Numeric& v) -> Result<double> { return postgres::DoubleOf(v); });
  list->Add("numeric(float4)", [](float v) -> Numeric { return postgres::NumericOfFloat(v); });
  list->Add("numeric(float8)", [](double v) -> Numeric { return postgres::NumericOfDouble(v); });
  list->Add("int4(bool)", [](bool v) -> int32_t { return v ? 1 : 0; });
  list->Add("bool(int4)", [](int32_t v) -> bool { return v != 0; });
  list->Add("oid(int8)", [](int64_t v) -> int64_t {
    if (v < 0 || v > 0xFFFFFFFFLL) Throw(Error("22003", "OID out of range"));
    return v;
  });
  list->Add("int8(oid)", [](int64_t v) -> int64_t { return v; });
}

void AddTextCasts(FunctionList* list) {
  list->Add("text(bool)", [](bool v) -> std::string_view { return v ? "true" : "false"; });
  list->Add("text(bpchar)", [](std::string_view v) -> std::string_view { return v; });
  list->Add("text(name)", [](std::string_view v) -> std::string_view { return v; });
  list->Add("pg.char_text", {duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::VARCHAR,
            [](std::string_view v) -> std::string {
              std::string text;
              postgres::AppendChar(v.empty() ? '\0' : v[0], &text);
              return text;
            });
  for (const char* name : {"text(char)", "bpchar(char)"}) {  // the empty one lies as a zero byte
    list->Add(name, [](std::string_view v) -> std::string_view { return v.starts_with('\0') ? v.substr(1) : v; });
  }
  for (const char* name : {"name(text)", "name(varchar)", "name(bpchar)"}) {
    list->Add(name, [](std::string_view v) -> std::string_view { return v.substr(0, 63); });
  }
  for (const char* name : {"bpchar(name)", "varchar(name)"}) {
    list->Add(name, [](std::string_view v) -> std::string_view { return v; });
  }
  list->Add("char(text)", [](std::string_view v) -> std::string_view { return v.substr(0, 1); });
}

}  // namespace

void AddCasts(FunctionList* list) {
  AddNumbers(list);
  AddTextCasts(list);
  list->Add("pg.bigint_of_sum", {duckdb::LogicalType::HUGEINT}, duckdb::LogicalType::BIGINT,
            [](duckdb::hugeint_t sum) -> int64_t {
              int64_t value;
              if (!duckdb::Hugeint::TryCast(sum, value)) OutOfRange<int64_t>();
              return value;
            });
}

}  // namespace weir::sql::duck
