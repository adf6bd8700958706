#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/duckdb/typed_calls.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::TypeRef;
namespace oid = postgres::oid;

constexpr postgres::Oid kJsonbPath[] = {oid::kJsonb, oid::kTextArray};

}  // namespace

/// A name is an array of characters from 0.
Emitted Emitter::CharacterOf(Emitted name, const tree::Subscript& subscript, TypeRef type) {
  const auto& step = subscript.steps[0];
  if (step.slice || subscript.steps.size() > 1) Throw(Error("0A000", "slices of names are not supported"));
  Parsed place = CastTo(LogicalType::BIGINT, Value(*step.upper).expression);
  Parsed from_one = Function("greatest", Function("+", std::move(place), Literal(duckdb::Value::BIGINT(1))),
                             Literal(duckdb::Value::BIGINT(0)));
  return {Function("substring", std::move(name.expression), std::move(from_one), Literal(duckdb::Value::BIGINT(1))),
          LogicalType::VARCHAR, type.oid};
}

/// What the path of the subscripts leads to, as the operator #> finds it.
Emitted Emitter::JsonElement(Emitted json, const tree::Subscript& subscript) {
  static const postgres::Function* const at_path = postgres::FindFunction("jsonb_extract_path", kJsonbPath);
  ParsedList path;
  for (const auto& step : subscript.steps) {
    path.push_back(CastTo(LogicalType::VARCHAR, Value(*step.upper).expression));
  }
  EmittedList arguments;
  arguments.push_back(std::move(json));
  arguments.push_back(
      {Function("list_value", std::move(path)), LogicalType::LIST(LogicalType::VARCHAR), oid::kTextArray});
  return Apply(*at_path, std::move(arguments), {oid::kJsonb});
}

Emitted Emitter::Of(const tree::Subscript& subscript, const tree::Expression& expression) {
  Emitted value = Value(*subscript.container);
  if (subscript.container->type.oid == oid::kJsonb) return JsonElement(std::move(value), subscript);
  if (subscript.container->type.oid == oid::kName) return CharacterOf(std::move(value), subscript, expression.type);
  const bool slice =
      std::any_of(subscript.steps.begin(), subscript.steps.end(), [](const auto& step) { return step.slice; });
  const bool deep_slice = slice && (subscript.steps.size() > 1 || DimensionsOf(value.type) > 1);
  if (IsShaped(value.oid, value.type) || deep_slice) {
    return PartOfArray(Shaped(std::move(value)), subscript.steps, slice, expression.type);
  }
  if (value.type.id() != LogicalTypeId::LIST) Throw(Error("0A000", "subscripts of this type are not supported"));
  for (size_t i = 0; i < subscript.steps.size(); ++i) {
    const auto& step = subscript.steps[i];
    if (value.type.id() != LogicalTypeId::LIST) {  // more subscripts than dimensions
      const LogicalType form = PhysicalType(expression.type);
      return {NullOf(form), form, expression.type.oid};
    }
    const LogicalType child = duckdb::ListType::GetChildType(value.type);
    if (!slice) {
      Parsed place = CastTo(LogicalType::BIGINT, Value(*step.upper).expression);
      const bool from_zero = value.oid == oid::kInt2vector || value.oid == oid::kOidvector;
      if (from_zero) place = Function("+", std::move(place), Literal(duckdb::Value::BIGINT(1)));
      value = {Function("pg.element", std::move(value.expression), std::move(place)), child, value.oid};
      continue;
    }
    Parsed lower = step.slice && step.lower ? CastTo(LogicalType::BIGINT, Value(*step.lower).expression)
                                            : Literal(duckdb::Value::BIGINT(1));
    Parsed upper = step.upper ? CastTo(LogicalType::BIGINT, Value(*step.upper).expression)
                              : Literal(duckdb::Value::BIGINT(INT64_MAX));
    value.expression = Function("pg.slice", std::move(value.expression), std::move(lower), std::move(upper));
  }
  if (!slice && value.type.id() == LogicalTypeId::LIST) {  // fewer subscripts than dimensions
    const LogicalType form = PhysicalType(expression.type);
    return {NullOf(form), form, expression.type.oid};
  }
  value.oid = expression.type.oid;
  return value;
}

/// The ends of a subscript; one that is open goes as far as the array does.
void Emitter::Ends(const tree::Subscript::Step& step, EmittedList* ends) {
  const auto end = [&](const tree::ExpressionPtr& written, int32_t open) {
    if (written) return Value(*written);
    return Emitted{Literal(duckdb::Value::INTEGER(open)), LogicalType::INTEGER, oid::kInt4};
  };
  ends->push_back(step.slice ? end(step.lower, INT32_MIN) : end(step.upper, 0));
  ends->push_back(end(step.upper, INT32_MAX));
}

/// The subscripts behind what is taken apart, or the ends of slices.
void Emitter::AddSteps(const std::vector<tree::Subscript::Step>& steps, bool slice, EmittedList* arguments) {
  for (const auto& step : steps) {
    if (slice) Ends(step, arguments);
    else arguments->push_back(Value(*step.upper));
  }
}

Emitted Emitter::PartOfArray(Emitted array, const std::vector<tree::Subscript::Step>& steps, bool slice, TypeRef type) {
  const TypeRef whole{array.oid};
  EmittedList arguments;
  arguments.push_back(std::move(array));
  AddSteps(steps, slice, &arguments);
  if (slice) return ShapedHelper("pg.shaped_part", std::move(arguments), whole);
  return TypedHelper("pg.shaped_element", std::move(arguments), {postgres::BaseTypeOf(type).oid});
}

Emitted Emitter::Of(const tree::ElementAssignment& assignment, const tree::Expression& expression) {
  EmittedList arguments;
  arguments.push_back(Value(*assignment.container));
  const LogicalType form = arguments.front().type;
  arguments.push_back(Value(*assignment.value));
  if (arguments.front().oid == oid::kJsonb) {
    for (const auto& step : assignment.steps) arguments.push_back(Value(*step.upper));
    return TypedHelper("pg.jsonb_with_element", std::move(arguments), expression.type);
  }
  const TypeRef array{arguments.front().oid};
  if (IsShaped(array.oid, form)) {
    const bool part = assignment.steps.front().slice;
    AddSteps(assignment.steps, part, &arguments);
    return ShapedHelper(part ? "pg.shaped_with_part" : "pg.shaped_with_element", std::move(arguments), array);
  }
  if (form.id() != LogicalTypeId::LIST) {
    Throw(Error("0A000", "assignment to elements of this type is not supported"));
  }
  const size_t dimensions = std::max(assignment.steps.size(), DimensionsOf(form));
  if (dimensions > 1) Throw(TooManyDimensions(dimensions));
  Ends(assignment.steps.front(), &arguments);
  const bool slice = assignment.steps.front().slice;
  return TypedHelper(slice ? "pg.array_with_slice" : "pg.array_with_element", std::move(arguments), array);
}

}  // namespace weir::sql::duck
