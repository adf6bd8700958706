#include "sql/duckdb/array_calls.h"

#include <unordered_map>

#include "sql/duckdb/form.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::Oid;
using postgres::TypeRef;
using ArrayRule = Emitted (*)(EmittedList arguments, TypeRef result);

Parsed Variable() { return duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kElement)); }

const LogicalType& ChildOf(const Emitted& array) {
  if (array.type.id() != LogicalTypeId::LIST) Throw(Error("0A000", "this kind of array is not supported"));
  const LogicalType& child = duckdb::ListType::GetChildType(array.type);
  if (child.id() == LogicalTypeId::LIST)
    Throw(Error("0A000", "this function on arrays of several dimensions is not supported"));
  return child;
}

/// An array and values of its elements, in one form.
void Align(Emitted* array, std::vector<Emitted*> elements) {
  const Oid oid = ElementOf(array->oid);
  LogicalType form = ChildOf(*array);
  for (const Emitted* element : elements) form = CommonForm(oid, form, element->type);
  for (Emitted* element : elements) {
    element->oid = oid;
    *element = InForm(std::move(*element), form);
  }
  *array = InForm(std::move(*array), LogicalType::LIST(form));
}

Emitted Append(EmittedList arguments, TypeRef result) {
  Align(&arguments[0], {&arguments[1]});
  const LogicalType form = arguments[0].type;
  Parsed one = Function("list_value", std::move(arguments[1].expression));
  return {CastTo(form, Function("list_concat", std::move(arguments[0].expression), CastTo(form, std::move(one)))), form,
          result.oid};
}

Emitted Prepend(EmittedList arguments, TypeRef result) {
  Align(&arguments[1], {&arguments[0]});
  const LogicalType form = arguments[1].type;
  Parsed one = Function("list_value", std::move(arguments[0].expression));
  return {CastTo(form, Function("list_concat", CastTo(form, std::move(one)), std::move(arguments[1].expression))), form,
          result.oid};
}

Emitted Concatenated(EmittedList arguments, TypeRef result) {
  ChildOf(arguments[0]);
  ChildOf(arguments[1]);
  const LogicalType form = Unify(&arguments);
  Parsed whole = Function("pg.two_arrays", CastTo(form, std::move(arguments[0].expression)),
                          CastTo(form, std::move(arguments[1].expression)));
  return {std::move(whole), form, result.oid};
}

/// x IS [NOT] DISTINCT FROM value
Parsed IsSame(const Emitted& array, const Emitted& value, bool same) {
  Emitted element{Variable(), duckdb::ListType::GetChildType(array.type), value.oid};
  return CompareValues(same ? ExpressionType::COMPARE_NOT_DISTINCT_FROM : ExpressionType::COMPARE_DISTINCT_FROM,
                       std::move(element), value.Copy());
}

Emitted Removed(EmittedList arguments, TypeRef result) {
  Align(&arguments[0], {&arguments[1]});
  const LogicalType form = arguments[0].type;
  Parsed keeps = IsSame(arguments[0], arguments[1], false);
  return {WithLambda("list_filter", std::move(arguments[0].expression), kElement, std::move(keeps)), form, result.oid};
}

Emitted Replaced(EmittedList arguments, TypeRef result) {
  Align(&arguments[0], {&arguments[1], &arguments[2]});
  const LogicalType form = arguments[0].type;
  Parsed same = IsSame(arguments[0], arguments[1], true);
  Parsed body = If(std::move(same), std::move(arguments[2].expression), Variable());
  Parsed replaced = WithLambda("list_transform", std::move(arguments[0].expression), kElement, std::move(body));
  return {CastTo(form, std::move(replaced)), form, result.oid};
}

/// The places, from 1, whose elements are the same as the value.
Parsed Places(const Emitted& array, const Emitted& value) {
  Parsed same = WithLambda("list_transform", array.expression->Copy(), kElement, IsSame(array, value, true));
  return Function("pg.true_places", std::move(same));
}

Emitted Position(EmittedList arguments, TypeRef result) {
  Align(&arguments[0], {&arguments[1]});
  Parsed from = arguments.size() > 2 ? CastTo(LogicalType::BIGINT, std::move(arguments[2].expression))
                                     : Literal(duckdb::Value::BIGINT(1));
  Parsed first = Function("pg.first_from", Places(arguments[0], arguments[1]), std::move(from));
  return {std::move(first), LogicalType::INTEGER, result.oid};
}

Emitted Positions(EmittedList arguments, TypeRef result) {
  Align(&arguments[0], {&arguments[1]});
  return {Places(arguments[0], arguments[1]), LogicalType::LIST(LogicalType::INTEGER), result.oid};
}

/// Elements by their keys.
Parsed Keys(Emitted array) {
  Emitted element{Variable(), ChildOf(array), ElementOf(array.oid)};
  const bool as_they_are = element.type.id() != LogicalTypeId::INTERVAL && !NeedsKey(element.oid, element.type);
  if (as_they_are) return std::move(array.expression);
  return WithLambda("list_transform", std::move(array.expression), kElement, KeyWithin(std::move(element)));
}

/// a @> b: NULL is in no array, and unknown in an array that is NULL itself.
Parsed Contains(EmittedList arguments, size_t whole, size_t part) {
  Unify(&arguments);
  Parsed unknown = IsNull(arguments[whole].expression->Copy());
  Parsed no_null = Compare(ExpressionType::COMPARE_EQUAL, Function("list_count", arguments[part].expression->Copy()),
                           Function("len", arguments[part].expression->Copy()));
  Parsed all = Function("list_has_all", Keys(std::move(arguments[whole])), Keys(std::move(arguments[part])));
  Parsed contains = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(all), std::move(no_null));
  return If(std::move(unknown), NullOf(LogicalType::BOOLEAN), std::move(contains));
}
Emitted ContainsOther(EmittedList arguments, TypeRef result) {
  return {Contains(std::move(arguments), 0, 1), LogicalType::BOOLEAN, result.oid};
}
Emitted IsContained(EmittedList arguments, TypeRef result) {
  return {Contains(std::move(arguments), 1, 0), LogicalType::BOOLEAN, result.oid};
}
Emitted Overlaps(EmittedList arguments, TypeRef result) {
  Unify(&arguments);
  return {Function("list_has_any", Keys(std::move(arguments[0])), Keys(std::move(arguments[1]))), LogicalType::BOOLEAN,
          result.oid};
}

Emitted ToString(EmittedList arguments, TypeRef result) {
  Parsed null_text = arguments.size() > 2 ? std::move(arguments[2].expression) : NullOf(LogicalType::VARCHAR);
  return {JoinedTexts(std::move(arguments[0]), std::move(arguments[1].expression), std::move(null_text)),
          LogicalType::VARCHAR, result.oid};
}

Emitted TrimmedArray(EmittedList arguments, TypeRef result) {
  ChildOf(arguments[0]);
  const LogicalType form = arguments[0].type;
  return {Function("pg.trimmed", std::move(arguments[0].expression),
                   CastTo(LogicalType::BIGINT, std::move(arguments[1].expression))),
          form, result.oid};
}

}  // namespace

Parsed TextsOf(Emitted array) {
  const TypeRef element{ElementOf(array.oid)};
  Parsed text = TextOf({Variable(), ChildOf(array), element.oid}, element);
  return WithLambda("list_transform", std::move(array.expression), kElement, std::move(text));
}

Parsed JoinedTexts(Emitted array, Parsed delimiter, Parsed null_text) {
  return Function("pg.joined", TextsOf(std::move(array)), std::move(delimiter), std::move(null_text));
}

std::optional<Emitted> ArrayCall(const postgres::Function& function, EmittedList* arguments, TypeRef result) {
  static const auto* rules = new std::unordered_map<std::string_view, ArrayRule>{
      {"array_append", Append},      {"array_prepend", Prepend},      {"array_cat", Concatenated},
      {"array_remove", Removed},     {"array_replace", Replaced},     {"array_position", Position},
      {"array_positions", Positions}, {"arraycontains", ContainsOther}, {"arraycontained", IsContained},
      {"arrayoverlap", Overlaps},    {"array_to_string", ToString},   {"trim_array", TrimmedArray},
  };
  if (auto shaped = ShapedCall(function, arguments, result)) return shaped;
  const auto found = rules->find(function.name);
  if (found == rules->end()) return std::nullopt;
  return found->second(std::move(*arguments), result);
}

}  // namespace weir::sql::duck
