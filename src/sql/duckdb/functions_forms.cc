#include <cmath>
#include <limits>

#include "postgres/value/bits.h"
#include "postgres/value/calendar.h"
#include "postgres/value/order_key.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/kernel.h"
#include "sql/duckdb/numeric_text.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/stored.h"
#include "sql/duckdb/time_lanes.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;
using postgres::TypeRef;
using View = std::string_view;

/// Which PostgreSQL type a call of text_of, order_key, value_of, stored, loaded or modified is about: its constant
/// arguments.
struct TypeData : public duckdb::FunctionData {
  TypeData(TypeRef of, bool cuts) : type(of), is_explicit(cuts) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<TypeData>(type, is_explicit);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& data = other.Cast<TypeData>();
    return data.type == type && data.is_explicit == is_explicit;
  }

  TypeRef type;
  bool is_explicit;
};

TypeRef TypeOf(duckdb::ClientContext& context, const BoundList& arguments) {
  const auto constant = [&](size_t i) { return duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[i]); };
  return {static_cast<postgres::Oid>(constant(1).GetValue<int64_t>()), constant(2).GetValue<int32_t>()};
}

const TypeData& DataOf(duckdb::ExpressionState& state) {
  return state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<TypeData>();
}

/// Row by row from value to value, which any type takes.
template <typename Change>
void Rows(duckdb::DataChunk& chunk, Vector& result, Change&& change) {
  const bool constant = chunk.data[0].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  const idx_t count = constant ? 1 : chunk.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    const duckdb::Value value = chunk.data[0].GetValue(row);
    if (value.IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      const duckdb::Value changed = change(value);
      CheckDimensions(changed.type(), result.GetType());
      result.SetValue(row, changed);
    }
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

/// text_of(value, type, modifier): by the type's output function.
void OutputText(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeRef type = DataOf(state).type;
  const auto& settings = SessionValues::Of(state.GetContext()).settings;
  Rows(chunk, result, [&](const duckdb::Value& value) {
    std::string text;
    postgres::WriteText(type.oid, FromDuck(value, type), settings, &text);
    return duckdb::Value(text);
  });
}

/// order_key(value, type, modifier): what it is compared by.
void OrderKeyOf(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeRef type = DataOf(state).type;
  Rows(chunk, result, [&](const duckdb::Value& value) {
    return duckdb::Value::BLOB_RAW(ValueOrThrow(postgres::OrderKey(type.oid, FromDuck(value, type))));
  });
}

/// value_of(text, type, modifier): by the type's input function.
void ReadValues(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeRef type = DataOf(state).type;
  const auto& settings = SessionValues::Of(state.GetContext()).settings;
  Rows(chunk, result, [&](const duckdb::Value& value) {
    return ToDuck(ValueOrThrow(postgres::ReadText(type, duckdb::StringValue::Get(value), settings)), type,
                  result.GetType());
  });
}

// A column of numerics is read and written at every turn: without a duckdb::Value for each.
constexpr auto kStoreNumeric = [](const postgres::Numeric& number, int64_t, std::optional<View>) -> std::string {
  std::string text;
  postgres::AppendNumeric(number, &text);
  return text;
};
constexpr auto kLoadNumeric = [](const NumericText& number, int64_t) -> NumericText { return number; };

/// "12:30:00.25", as a column holds it.
constexpr auto kLoadTime = [](View text, int64_t) -> postgres::Time {
  constexpr size_t kSeconds = 8;  // the bytes before the fraction
  if (text.size() < kSeconds) return ValueOrThrow(postgres::ReadTime(text, {}));
  const auto two = [&](size_t at) { return int64_t{text[at] - '0'} * 10 + (text[at + 1] - '0'); };
  int64_t micros = ((two(0) * 60 + two(3)) * 60 + two(6)) * postgres::kMicrosPerSecond;
  int64_t unit = postgres::kMicrosPerSecond / 10;
  for (size_t i = kSeconds + 1; i < text.size(); ++i, unit /= 10) micros += (text[i] - '0') * unit;
  return {micros};
};
constexpr auto kStoreTime = [](postgres::Time time, int64_t, std::optional<View>) -> std::string {
  std::string text;
  postgres::AppendTime(time, &text);
  return text;
};

bool IsTimeOfDay(TypeRef type, const LogicalType& form) {
  return type.oid == postgres::oid::kTime && form.id() == duckdb::LogicalTypeId::TIME;
}

/// stored(value, type, NULL::form): as a table's column of that form holds it.
void StoredValue(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeRef type = DataOf(state).type;
  if (type.oid == postgres::oid::kNumeric && chunk.data[0].GetType() == BigNumericType() &&
      result.GetType().id() == duckdb::LogicalTypeId::VARCHAR) {
    return Adapter<std::remove_const_t<decltype(kStoreNumeric)>>::Run(chunk, state, result);
  }
  if (IsTimeOfDay(type, chunk.data[0].GetType()) && result.GetType().id() == duckdb::LogicalTypeId::VARCHAR) {
    return Adapter<std::remove_const_t<decltype(kStoreTime)>>::Run(chunk, state, result);
  }
  Rows(chunk, result,
       [&](const duckdb::Value& value) { return ToStored(FromDuck(value, type), type, result.GetType()); });
}

/// loaded(stored, type): what a table's column holds, in the form of its type.
void LoadedValue(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeRef type = DataOf(state).type;
  if (type.oid == postgres::oid::kNumeric && chunk.data[0].GetType().id() == duckdb::LogicalTypeId::VARCHAR) {
    return Adapter<std::remove_const_t<decltype(kLoadNumeric)>>::Run(chunk, state, result);
  }
  if (IsTimeOfDay(type, result.GetType()) && chunk.data[0].GetType().id() == duckdb::LogicalTypeId::VARCHAR) {
    return Adapter<std::remove_const_t<decltype(kLoadTime)>>::Run(chunk, state, result);
  }
  if (result.GetType().id() == duckdb::LogicalTypeId::ENUM) {
    duckdb::VectorOperations::Cast(state.GetContext(), chunk.data[0], result, chunk.size());
    return;
  }
  Rows(chunk, result, [&](const duckdb::Value& value) { return FromStored(value, type, result.GetType()); });
}

/// modified(value, type, modifier, explicit): under the type's modifier.
void Modified(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, Vector& result) {
  const TypeData& data = DataOf(state);
  Rows(chunk, result, [&](const duckdb::Value& value) {
    auto modified = postgres::ApplyModifier(data.type, FromDuck(value, {data.type.oid}), data.is_explicit);
    return ToDuck(ValueOrThrow(std::move(modified)), data.type, result.GetType());
  });
}

duckdb::unique_ptr<duckdb::FunctionData> BindText(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                  BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  return duckdb::make_uniq<TypeData>(TypeOf(context, arguments), false);
}

duckdb::unique_ptr<duckdb::FunctionData> BindShaped(duckdb::ClientContext& context, duckdb::ScalarFunction&,
                                                    BoundList& arguments) {
  return duckdb::make_uniq<TypeData>(TypeOf(context, arguments), false);
}

LogicalType FormOf(TypeRef type) {
  return type.oid == postgres::oid::kNumeric ? BigNumericType() : PhysicalType(type);
}

duckdb::unique_ptr<duckdb::FunctionData> BindValue(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                   BoundList& arguments) {
  const TypeRef type = TypeOf(context, arguments);
  function.SetReturnType(FormOf(type));
  return duckdb::make_uniq<TypeData>(type, false);
}

duckdb::unique_ptr<duckdb::FunctionData> BindModified(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                      BoundList& arguments) {
  const TypeRef type = TypeOf(context, arguments);
  const bool cuts = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[3]).GetValue<bool>();
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(WithDimensionsOf(arguments[0]->return_type, FormOf(type)));
  return duckdb::make_uniq<TypeData>(type, cuts);
}

TypeRef PlainTypeOf(duckdb::ClientContext& context, const BoundList& arguments) {
  const duckdb::Value type = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  return {static_cast<postgres::Oid>(type.GetValue<int64_t>())};
}

duckdb::unique_ptr<duckdb::FunctionData> BindStored(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                    BoundList& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.arguments[2] = arguments[2]->return_type;
  function.SetReturnType(arguments[2]->return_type);
  return duckdb::make_uniq<TypeData>(PlainTypeOf(context, arguments), false);
}

duckdb::unique_ptr<duckdb::FunctionData> BindLoaded(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                                    BoundList& arguments) {
  const TypeRef type = PlainTypeOf(context, arguments);
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(PhysicalType(type));
  return duckdb::make_uniq<TypeData>(type, false);
}

void Same(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) { result.Reference(chunk.data[0]); }

void AddTyped(FunctionList* list) {
  const LogicalType any = LogicalType::ANY;
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType type = LogicalType::BIGINT;
  const LogicalType modifier = LogicalType::INTEGER;
  const auto add = [&](duckdb::ScalarFunction function) {
    function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
    function.SetFallible();
    list->Add(std::move(function));
  };
  add(duckdb::ScalarFunction("pg.text_of", {any, type, modifier}, text, OutputText, BindText));
  add(duckdb::ScalarFunction("pg.order_key", {any, type, modifier}, LogicalType::BLOB, OrderKeyOf, BindText));
  add(duckdb::ScalarFunction("pg.value_of", {text, type, modifier}, any, ReadValues, BindValue));
  add(duckdb::ScalarFunction("pg.shaped_of", {text, type, modifier}, text, ReadValues, BindShaped));
  duckdb::ScalarFunction stored("pg.stored", {any, type, any}, any, StoredValue, BindStored);
  stored.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);  // the form's example is a NULL
  stored.SetFallible();
  list->Add(std::move(stored));
  duckdb::ScalarFunction loaded("pg.loaded", {any, type}, any, LoadedValue, BindLoaded);
  loaded.SetFallible();
  list->Add(std::move(loaded));
  add(duckdb::ScalarFunction("pg.modified", {any, type, modifier, LogicalType::BOOLEAN}, any, Modified, BindModified));
  list->Add(duckdb::ScalarFunction("pg.same", {any}, any, Same, BindSame));
}

std::string Operated(std::string_view a, std::string_view b, const char* name, bool (*op)(bool, bool)) {
  if (a.size() != b.size()) Throw(Error("22026", std::string("cannot ") + name + " bit strings of different sizes"));
  std::string bits;
  for (size_t i = 0; i < a.size(); ++i) bits += op(a[i] == '1', b[i] == '1') ? '1' : '0';
  return bits;
}

constexpr int32_t kLongestBitType = 0x7ffffff7;  // a longer one is taken for none

/// An integer's lowest bits, the sign's before them where there are more.
std::string BitsOf(int64_t value, int32_t bits, int32_t width) {
  if (bits <= 0 || bits > kLongestBitType) bits = 1;
  GrowingValue().Grow(static_cast<size_t>(bits));
  std::string text;
  for (int32_t i = bits - 1; i >= 0; --i) text += (i >= width ? value < 0 : (value >> i & 1) != 0) ? '1' : '0';
  return text;
}

/// Bit strings are texts of 0 and 1.
void AddBits(FunctionList* list) {
  list->Add("bitand(bit,bit)", [](View a, View b) -> std::string {
    return Operated(a, b, "AND", [](bool x, bool y) { return x && y; });
  });
  list->Add("bitor(bit,bit)", [](View a, View b) -> std::string {
    return Operated(a, b, "OR", [](bool x, bool y) { return x || y; });
  });
  list->Add("bitxor(bit,bit)", [](View a, View b) -> std::string {
    return Operated(a, b, "XOR", [](bool x, bool y) { return x != y; });
  });
  list->Add("bitnot(bit)", [](View a) -> std::string {
    std::string bits(a);
    for (char& bit : bits) bit = bit == '1' ? '0' : '1';
    return bits;
  });
  list->Add("bitcat(varbit,varbit)", [](View a, View b) -> std::string { return std::string(a) += b; });
  list->Add("bit(int4,int4)", [](int32_t value, int32_t bits) -> std::string { return BitsOf(value, bits, 32); });
  list->Add("bit(int8,int4)", [](int64_t value, int32_t bits) -> std::string { return BitsOf(value, bits, 64); });
  list->Add("length(bit)", [](View a) -> int32_t { return static_cast<int32_t>(a.size()); });
  list->Add("bit_length(bit)", [](View a) -> int32_t { return static_cast<int32_t>(a.size()); });
  list->Add("octet_length(bit)", [](View a) -> int32_t { return static_cast<int32_t>((a.size() + 7) / 8); });
}

}  // namespace

void AddForms(FunctionList* list) {
  AddTyped(list);
  AddBits(list);
  AddTypedHelper(list, "pg.binary_form", [](const TypedArguments& a) -> Result<postgres::Value> {
    postgres::Bytes form;
    WEIR_RETURN_NOT_OK(postgres::WriteBinary(a.type(0), a.value(0), a.settings(), &form.bytes));
    return postgres::Value(std::move(form));
  });
  list->Add("pg.changed_once", {LogicalType::BIGINT}, LogicalType::BOOLEAN, [](int64_t rows) -> Result<bool> {
    if (rows <= 1) return true;
    return Error(
        "21000", "ON CONFLICT DO UPDATE command cannot affect row a second time",
        {.hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained "
                 "values."});
  });
  list->Add("pg.unlike_rows", {LogicalType::BOOLEAN, LogicalType::VARCHAR}, LogicalType::BOOLEAN,
            [](bool, View why) -> Result<bool> { return Error("42804", std::string(why)); });
  list->Add("pg.row_count", {LogicalType::BIGINT, LogicalType::VARCHAR}, LogicalType::BIGINT,
            [](int64_t count, std::string_view what) -> int64_t {
              if (count < 0)
                Throw(Error(what == "LIMIT" ? "2201W" : "2201X", std::string(what) + " must not be negative"));
              return count;
            });
  using Rows = std::optional<int64_t>;
  list->Add("pg.frame_rows", {LogicalType::BIGINT, LogicalType::VARCHAR}, LogicalType::BIGINT,
            [](Rows rows, std::string_view end) -> int64_t {
              constexpr int64_t kMostRows = int64_t{1} << 60;  // they are added to a row's number
              const std::string what = "frame " + std::string(end) + " offset must not be ";
              if (!rows) Throw(Error("22004", what + "null"));
              if (*rows < 0) Throw(Error("22013", what + "negative"));
              return std::min(*rows, kMostRows);
            });
  list->Add("pg.frame_float", {LogicalType::DOUBLE, LogicalType::BOOLEAN}, LogicalType::DOUBLE,
            [](double offset, bool away) -> Result<double> {
              if (!(offset >= 0)) return Error("22013", "invalid preceding or following size in window function");
              if (!away || std::isfinite(offset)) return offset;
              return Error("0A000",
                           "a frame that begins infinitely far behind a row or ends so before it is not supported");
            });
  // what an infinite offset can be taken from and added to: it reaches past the greatest number
  list->Add("pg.frame_float_key", {LogicalType::DOUBLE, LogicalType::DOUBLE}, LogicalType::DOUBLE,
            [](double key, double offset) -> double {
              if (std::isfinite(offset) || !std::isinf(key)) return key;
              return std::copysign(std::numeric_limits<double>::max(), key);
            });
  list->Add("pg.window_count", {LogicalType::BIGINT, LogicalType::VARCHAR}, LogicalType::BIGINT,
            [](int64_t count, std::string_view name) -> int64_t {
              if (count > 0) return count;
              Throw(Error(name == "ntile" ? "22014" : "22016",
                          "argument of " + std::string(name) + " must be greater than zero"));
            });
  list->Add("pg.series_begin", {LogicalType::BIGINT, LogicalType::BIGINT, LogicalType::BIGINT}, LogicalType::BIGINT,
            [](int64_t begin, int64_t end, int64_t step) -> Result<int64_t> {
              constexpr __int128 kMostValues = __int128{1} << 27;  // they are in memory at once
              const __int128 count = step == 0 ? 0 : (static_cast<__int128>(end) - begin) / step + 1;
              if (count > kMostValues) {
                return Error("54000", "a series of more than 134217728 values is not supported in this place",
                             {.hint = "Call generate_series in FROM."});
              }
              if (count > 0) GrowingValue().Grow(static_cast<size_t>(count) * 2 * sizeof(int64_t));
              return begin;
            });
  list->Add("pg.step", {LogicalType::BIGINT}, LogicalType::BIGINT, [](int64_t step) -> int64_t {
    if (step == 0) Throw(Error("22023", "step size cannot equal zero"));
    return step;
  });
}

}  // namespace weir::sql::duck
