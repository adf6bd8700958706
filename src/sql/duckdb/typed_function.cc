#include "sql/duckdb/typed_function.h"

#include <deque>

#include "sql/duckdb/kernel.h"
#include "sql/duckdb/operators.h"

namespace weir::sql::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

struct SignatureData : public duckdb::FunctionData {
  explicit SignatureData(TypedSignature of) : signature(std::move(of)) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override { return duckdb::make_uniq<SignatureData>(signature); }
  bool Equals(const duckdb::FunctionData& other) const override {
    return other.Cast<SignatureData>().signature.ToConstant() == signature.ToConstant();
  }

  TypedSignature signature;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                              BoundList& arguments) {
  auto signature = TypedSignature::FromConstant(duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]));
  function.SetReturnType(signature.Form());
  return duckdb::make_uniq<SignatureData>(std::move(signature));
}

/// Which type ToDuck takes the kernel's value for: a set's array has none of its own.
postgres::Oid ShownAs(const TypedSignature& signature) { return signature.returns_set ? 0 : signature.result; }

/// Elements of arrays as values of their own take so much, whatever they are in their vector.
constexpr size_t kBoxed = 128;

/// The arguments that are arrays, whose elements are counted before values are made of them.
class BoxedArrays {
 public:
  explicit BoxedArrays(duckdb::DataChunk& chunk) {
    for (duckdb::Vector& vector : chunk.data) {
      if (vector.GetType().id() != duckdb::LogicalTypeId::LIST) continue;
      vector.ToUnifiedFormat(chunk.size(), formats_.emplace_back());
    }
  }
  size_t BytesAt(idx_t row) const {
    size_t count = 0;
    for (const auto& format : formats_) {
      const idx_t at = format.sel->get_index(row);
      const auto* entries = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format);
      if (format.validity.RowIsValid(at)) count += entries[at].length;
    }
    return count * kBoxed;
  }

 private:
  std::deque<duckdb::UnifiedVectorFormat> formats_;
};

void Run(TypedKernel kernel, bool strict, duckdb::DataChunk& chunk, duckdb::ExpressionState& state,
         duckdb::Vector& result) {
  const auto& signature = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<SignatureData>().signature;
  const auto& settings = SessionValues::Of(state.GetContext()).settings;
  const idx_t count = chunk.AllConstant() ? 1 : chunk.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<duckdb::Value> values(chunk.ColumnCount() - 1);
  const Computing computing(&state.GetContext());
  const BoxedArrays arrays(chunk);
  for (idx_t row = 0; row < count; ++row) {
    GrowingValue boxed;
    boxed.Grow(arrays.BytesAt(row));
    bool has_null = false;
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = chunk.data[i + 1].GetValue(row);
      has_null |= values[i].IsNull();
    }
    postgres::Value value;
    if (!strict || !has_null) value = ValueOrThrow(kernel(TypedArguments(signature, values, settings)));
    if (const auto* array = std::get_if<postgres::Array>(&value)) boxed.Grow(array->elements.size() * kBoxed);
    if (value.is_null()) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      const duckdb::Value given = ToDuck(value, {ShownAs(signature)}, result.GetType());
      CheckDimensions(given.type(), result.GetType());
      result.SetValue(row, given);
    }
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void Add(FunctionList* list, std::string name, bool strict, char volatility, TypedKernel kernel) {
  duckdb::ScalarFunction function(
      std::move(name), {LogicalType::LIST(LogicalType::BIGINT)}, LogicalType::ANY,
      [kernel, strict](duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
        Run(kernel, strict, chunk, state, result);
      },
      Bind);
  function.varargs = LogicalType::ANY;
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  if (volatility != 'i') function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
  function.SetFallible();
  list->AddTyped(std::move(function));
}

}  // namespace

LogicalType TypedSignature::Form() const {
  if (dimensions == 0) return LogicalType::VARCHAR;
  LogicalType form = PhysicalType({result});
  for (int i = 1; i < dimensions; ++i) form = LogicalType::LIST(form);
  return returns_set ? LogicalType::LIST(form) : form;
}

duckdb::Value TypedSignature::ToConstant() const {
  duckdb::vector<duckdb::Value> values = {duckdb::Value::BIGINT(variadic_array), duckdb::Value::BIGINT(returns_set),
                                          duckdb::Value::BIGINT(dimensions), duckdb::Value::BIGINT(result)};
  for (postgres::Oid argument : arguments) values.push_back(duckdb::Value::BIGINT(argument));
  return duckdb::Value::LIST(LogicalType::BIGINT, std::move(values));
}

TypedSignature TypedSignature::FromConstant(const duckdb::Value& value) {
  const auto& values = duckdb::ListValue::GetChildren(value);
  const auto number = [&](size_t i) { return static_cast<postgres::Oid>(duckdb::BigIntValue::Get(values[i])); };
  TypedSignature signature{.variadic_array = number(0) != 0,
                           .returns_set = number(1) != 0,
                           .dimensions = static_cast<int>(number(2)),
                           .result = number(3)};
  for (size_t i = 4; i < values.size(); ++i) signature.arguments.push_back(number(i));
  return signature;
}

std::vector<std::optional<std::string>> TypedArguments::texts(size_t i) const {
  std::vector<std::optional<std::string>> texts;
  const auto array = get<postgres::Array>(i);
  for (const postgres::Value& element : array.elements) {
    texts.push_back(element.is_null() ? std::nullopt : std::optional(std::get<std::string>(element)));
  }
  return texts;
}

void AddTypedFunction(FunctionList* list, std::string_view signature, TypedKernel kernel) {
  const std::string name = "pg." + std::string(signature);
  for (const auto& function : postgres::FindFunctions(signature.substr(0, signature.find('(')))) {
    if (OwnName(function) == name) return Add(list, name, function.strict, function.volatility, kernel);
  }
  Throw(Error("XX000", "the vocabulary has no function " + std::string(signature)));
}

void AddTypedHelper(FunctionList* list, std::string_view name, TypedKernel kernel, bool strict) {
  Add(list, std::string(name), strict, 's', kernel);
}

}  // namespace weir::sql::duck
