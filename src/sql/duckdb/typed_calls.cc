#include "sql/duckdb/typed_calls.h"

#include "postgres/catalog_name.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/functions.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using postgres::TypeRef;

/// What names something in the catalog is known by its text.
Emitted Argument(Emitted value) {
  const TypeRef type{value.oid};
  if (!postgres::NamesCatalog(type.oid)) return InOwnForm(std::move(value));
  return {TextOf(std::move(value), type), LogicalType::VARCHAR, postgres::oid::kText};
}

Emitted Called(const std::string& name, TypedSignature signature, EmittedList arguments) {
  ParsedList values;
  for (Emitted& argument : arguments) {
    Emitted value = Argument(std::move(argument));
    signature.arguments.push_back(value.oid);
    values.push_back(std::move(value.expression));
  }
  values.insert(values.begin(), Literal(signature.ToConstant()));
  return {Function(name, std::move(values)), signature.Form(), signature.result};
}

/// How many elements an array has that is written out.
size_t LengthOf(const Emitted& array) {
  const duckdb::ParsedExpression* written = array.expression.get();
  if (written->GetExpressionClass() == duckdb::ExpressionClass::CAST)
    written = written->Cast<duckdb::CastExpression>().child.get();
  if (written->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return ElementsOf(array).size();
  const auto& function = written->Cast<duckdb::FunctionExpression>();
  return function.function_name == "list_value" ? function.children.size() : 0;
}

/// How many dimensions the result has where it is an array: array_fill's lengths tell.
int ArgumentDimensions(const postgres::Function& function, const EmittedList& arguments) {
  if (function.name != "array_fill") return 1;
  const auto length = static_cast<int>(LengthOf(arguments[1]));
  if (arguments.size() > 2 || (length == 0 && !arguments[1].is_constant())) return 0;
  return std::max(length, 1);
}

/// Those that take arrays of any shape; all others lists.
bool TakesShaped(const postgres::Function& function) {
  const std::string_view name = function.name;
  return name == "array_dims" || name == "generate_subscripts" || name == "width_bucket" || name == "array_fill" ||
         name == "json_build_array" || name == "jsonb_build_array" || name == "json_build_object" ||
         name == "jsonb_build_object" || name == "to_json" || name == "to_jsonb" || name == "array_to_json" ||
         name == "row_to_json";
}

}  // namespace

std::optional<Emitted> TypedCall(const postgres::Function& function, EmittedList* arguments, TypeRef result,
                                 bool variadic_array) {
  const std::string name = OwnName(function);
  if (!IsTypedFunction(name)) return std::nullopt;
  if (function.name == "array_fill" && arguments->size() == 2 && ArgumentDimensions(function, *arguments) == 1 &&
      DimensionsOf((*arguments)[0].type) == 0) {
    const LogicalType form = LogicalType::LIST((*arguments)[0].type);
    Parsed lengths = CastTo(LogicalType::LIST(LogicalType::INTEGER), std::move((*arguments)[1].expression));
    return Emitted{Function("pg.filled", std::move((*arguments)[0].expression), std::move(lengths)), form, result.oid};
  }
  for (Emitted& argument : *arguments) {
    if (!IsShaped(argument.oid, argument.type)) continue;
    if (variadic_array) argument = Flat(std::move(argument));
    else if (!TakesShaped(function)) argument = InForm(std::move(argument), PhysicalType({argument.oid}));
  }
  TypedSignature signature{.variadic_array = variadic_array,
                           .returns_set = function.returns_set,
                           .dimensions = ArgumentDimensions(function, *arguments),
                           .result = result.oid};
  return Called(name, std::move(signature), std::move(*arguments));
}

Emitted TypedHelper(const std::string& name, EmittedList arguments, TypeRef result) {
  return Called(name, {.result = result.oid}, std::move(arguments));
}

Emitted ShapedHelper(const std::string& name, EmittedList arguments, TypeRef result) {
  return Called(name, {.dimensions = 0, .result = result.oid}, std::move(arguments));
}

}  // namespace weir::sql::duck
