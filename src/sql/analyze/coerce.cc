#include "sql/analyze/coerce.h"

#include <fmt/format.h>

#include <optional>

#include "postgres/catalog_name.h"
#include "postgres/made_type.h"
#include "postgres/value.h"
#include "sql/analyze/domain.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::CoercionContext;
using postgres::CoercionPath;
using postgres::Oid;
using postgres::TypeRef;

namespace {

// Pseudo types that take any value as it is.
bool TakesAnything(Oid type) {
  switch (type) {
    case oid::kAny:
    case oid::kAnyelement:
    case oid::kAnynonarray:
    case oid::kAnycompatible:
    case oid::kAnycompatiblenonarray: return true;
    default: return false;
  }
}

ExpressionPtr IntegerConstant(int32_t value) {
  return MakeExpression(Constant{postgres::Value(value)}, {oid::kInt4, -1}, 0);
}

// A parameter that nothing has told its type gets this one.
Result<ExpressionPtr> TypeParameter(const Scope& scope, ExpressionPtr expression, Oid target) {
  const int number = std::get<Parameter>(expression->node).number;
  TypeRef& known = scope.statement.parameters[static_cast<size_t>(number - 1)];
  if (known.oid == oid::kUnknown) known = {target, -1};
  if (known.oid != target) {
    return ErrorAtPosition(
        expression->position, sqlstate::kAmbiguousParameter,
        fmt::format("inconsistent types deduced for parameter ${}", number), {},
        fmt::format("{} versus {}", TypeName(scope, known.oid), TypeName(scope, target)));
  }
  expression->type = {target, -1};
  return expression;
}

Result<ExpressionPtr> ReadConstant(const Scope& scope, ExpressionPtr expression, TypeRef target) {
  const Oid base = scope.statement.resolver.BaseType(target.oid);
  // Only an interval's fields are known when its text is read; other modifiers apply afterwards.
  const TypeRef read_as = {base, base == oid::kInterval ? target.modifier : -1};
  const auto& constant = std::get<Constant>(expression->node);
  if (std::holds_alternative<std::monostate>(constant.value)) {
    expression->type = {base, read_as.modifier};
    return expression;
  }
  return ReadLiteral(scope, std::get<std::string>(constant.value), read_as, expression->position);
}

// By a function of pg_cast, which may ask for the modifier and whether the cast was asked for.
ExpressionPtr CallCast(const postgres::Function* function, ExpressionPtr argument, TypeRef target, bool explicit_cast,
                       CallForm form, int position) {
  Call call{.function = function, .form = form};
  call.arguments.push_back(std::move(argument));
  TypeRef type = {target.oid, -1};
  if (function->arguments.size() > 1) {
    call.arguments.push_back(IntegerConstant(target.modifier));
    type.modifier = target.modifier;
  }
  if (function->arguments.size() > 2) {
    call.arguments.push_back(MakeExpression(Constant{postgres::Value(explicit_cast)}, {oid::kBool, -1}, 0));
  }
  return MakeExpression(std::move(call), type, position);
}

Result<ExpressionPtr> CoerceElements(const Scope& scope, ExpressionPtr array, TypeRef target, CoercionContext context,
                                     CallForm form, int position) {
  const postgres::Resolver& resolver = scope.statement.resolver;
  ExpressionPtr element =
      MakeExpression(ElementValue{}, {resolver.ElementOf(array->type.oid), array->type.modifier}, 0);
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr converted,
                        CoerceIfPossible(scope, std::move(element), {resolver.ElementOf(target.oid), target.modifier},
                                         context, form));
  Coercion node{.kind = Coercion::Kind::kElements, .explicit_cast = context == CoercionContext::kExplicit};
  node.argument = std::move(array);
  node.element = std::move(converted);
  return MakeExpression(std::move(node), target, position);
}

ExpressionPtr MakeCoercion(Coercion::Kind kind, ExpressionPtr argument, TypeRef target, bool explicit_cast,
                           int position) {
  Coercion node{.kind = kind, .explicit_cast = explicit_cast};
  node.argument = std::move(argument);
  return MakeExpression(std::move(node), target, position);
}

Status CannotCastRow(const Scope& scope, Oid target, int position, std::string detail) {
  return ErrorAtPosition(position, sqlstate::kCannotCoerce,
                         fmt::format("cannot cast type record to {}", TypeName(scope, target)), {}, std::move(detail));
}

// The fields of a row one by one; what is no ROW(…) is looked at once for each.
Result<Expressions> FieldsOfRow(const Scope& scope, Expression& row, Oid target, int position) {
  if (auto* written = std::get_if<RowOf>(&row.node)) return std::move(written->fields);
  const auto columns = RecordColumns(scope, row);
  if (!columns) return CannotCastRow(scope, target, position, {});
  Expressions fields;
  for (size_t i = 0; i < columns->size(); ++i) {
    ExpressionPtr copy = Clone(row);
    if (!copy) {
      return ErrorAtPosition(position, sqlstate::kFeatureNotSupported,
                             "a subquery's row cannot be cast to another type");
    }
    FieldOf field{std::move(copy), static_cast<int>(i), (*columns)[i].name};
    fields.push_back(MakeExpression(std::move(field), (*columns)[i].type, position));
  }
  return fields;
}

// A row as one of a composite type, field by field.
Result<ExpressionPtr> CoerceRow(const Scope& scope, ExpressionPtr row, Oid target, CoercionContext context,
                                CallForm form, int position) {
  const postgres::MadeType* made = postgres::FindComposite(target);
  if (made == nullptr) return ExpressionPtr();
  const bool written = std::holds_alternative<RowOf>(row->node);
  const int begin = position > 0 ? position : BeginOf(*row);
  WEIR_ASSIGN_OR_RETURN(Expressions fields, FieldsOfRow(scope, *row, target, begin));
  if (fields.size() != made->attributes.size()) {
    const bool few = fields.size() < made->attributes.size();
    return CannotCastRow(scope, target, begin, few ? "Input has too few columns." : "Input has too many columns.");
  }
  RowOf result;
  for (size_t i = 0; i < fields.size(); ++i) {
    const postgres::Attribute& attribute = made->attributes[i];
    const Oid from = fields[i]->type.oid;
    const int place = position > 0 ? position : BeginOf(*fields[i]);
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                          CoerceIfPossible(scope, std::move(fields[i]), attribute.type, context, form));
    if (!value) {
      return CannotCastRow(scope, target, place,
                           fmt::format("Cannot cast type {} to {} in column {}.", TypeName(scope, from),
                                       TypeName(scope, attribute.type.oid), i + 1));
    }
    result.fields.push_back(std::move(value));
    result.names.push_back(attribute.name);
  }
  ExpressionPtr value = MakeExpression(std::move(result), {target, -1}, position);
  if (written) return value;
  Case choice;
  NullTest test{.argument = std::move(row)};
  choice.whens.push_back({MakeExpression(std::move(test), {oid::kBool, -1}, 0),
                          MakeExpression(Constant{}, {target, -1}, 0)});
  choice.otherwise = std::move(value);
  return MakeExpression(std::move(choice), {target, -1}, position);
}

// To a type that is no domain, the modifier left aside unless the cast's function takes it.
Result<ExpressionPtr> CoerceToBase(const Scope& scope, ExpressionPtr expression, TypeRef target,
                                   CoercionContext context, CallForm form, int position) {
  const bool explicit_cast = context == CoercionContext::kExplicit;
  const postgres::Coercion path =
      scope.statement.resolver.FindCoercion(expression->type.oid, target.oid, context);
  switch (path.path) {
    case CoercionPath::kNone: return ExpressionPtr();
    case CoercionPath::kRelabel:
      return MakeCoercion(Coercion::Kind::kRelabel, std::move(expression), {target.oid, -1}, explicit_cast, position);
    case CoercionPath::kFunction:
      return CallCast(postgres::FindFunction(path.function), std::move(expression), target, explicit_cast, form,
                      position);
    case CoercionPath::kIo:
      return MakeCoercion(Coercion::Kind::kThroughText, std::move(expression), {target.oid, -1}, explicit_cast,
                          position);
    case CoercionPath::kArray:
      return CoerceElements(scope, std::move(expression), target, context, form, position);
    case CoercionPath::kRow:
      return CoerceRow(scope, std::move(expression), target.oid, context, form, position);
  }
  return ExpressionPtr();
}

// Holds a value to its type's modifier, unless it is held to it already.
Result<ExpressionPtr> ApplyModifier(const Scope& scope, ExpressionPtr expression, int32_t modifier,
                                    CoercionContext context, int position) {
  if (expression->type.modifier == modifier) return expression;
  const TypeRef type = {expression->type.oid, modifier};
  if (modifier < 0 || scope.statement.resolver.ModifierFunction(type.oid) == 0) {
    return MakeCoercion(Coercion::Kind::kRelabel, std::move(expression), type, false, position);
  }
  return MakeCoercion(Coercion::Kind::kModifier, std::move(expression), type, context == CoercionContext::kExplicit,
                      position);
}

// coerce_type() of PostgreSQL; null where there is no way.
Result<ExpressionPtr> CoerceValue(const Scope& scope, ExpressionPtr expression, TypeRef target,
                                  CoercionContext context, CallForm form, int position) {
  if (expression->type.oid == target.oid || TakesAnything(target.oid)) return expression;
  if (postgres::IsPolymorphic(target.oid) && !IsUnknown(*expression)) return expression;
  if (IsUnknown(*expression)) {
    if (std::holds_alternative<Constant>(expression->node)) return ReadConstant(scope, std::move(expression), target);
    if (std::holds_alternative<Parameter>(expression->node)) {
      return TypeParameter(scope, std::move(expression), target.oid);
    }
  }
  if (auto* collated = std::get_if<Collated>(&expression->node)) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr inner,
                          CoerceValue(scope, std::move(collated->argument), target, context, form, position));
    if (!inner) return inner;
    const TypeRef type = inner->type;
    const postgres::Type* found = scope.statement.resolver.Find(type.oid);
    if (found == nullptr || found->collation == 0) return inner;
    return MakeExpression(Collated{std::move(inner), collated->collation}, type, expression->position);
  }
  return CoerceToBase(scope, std::move(expression), target, context, form, position);
}

// A literal array of regclass or its like; null where such names are known when the statement runs only.
Result<ExpressionPtr> ReadArrayOfNames(const Scope& scope, const std::string& text, TypeRef type, int position) {
  Result<postgres::Value> names = postgres::ReadText({oid::kTextArray}, text, scope.statement.settings);
  if (!names.ok()) return WithPosition(names.status(), position);
  auto array = std::get<postgres::Array>(names.MoveValue());
  array.element = scope.statement.resolver.ElementOf(type.oid);
  for (postgres::Value& element : array.elements) {
    if (element.is_null()) continue;
    const auto read = scope.statement.names.ReadCatalogName(array.element, std::get<std::string>(element));
    if (!read.ok()) return WithPosition(read.status(), position);
    if (!*read) return ExpressionPtr();
    element = uint32_t{**read};
  }
  return MakeExpression(Constant{postgres::Value(std::move(array))}, type, position);
}

// A literal aclitem[].
Result<ExpressionPtr> ReadAclItems(const Scope& scope, const std::string& text, TypeRef type, int position) {
  Result<postgres::Value> items = postgres::ReadText({oid::kTextArray}, text, scope.statement.settings);
  if (!items.ok()) return WithPosition(items.status(), position);
  auto array = std::get<postgres::Array>(items.MoveValue());
  array.element = oid::kAclitem;
  for (postgres::Value& element : array.elements) {
    if (element.is_null()) continue;
    Result<std::string> item = scope.statement.names.ReadAclItem(std::get<std::string>(element));
    if (!item.ok()) return WithPosition(item.status(), position);
    element = item.MoveValue();
  }
  return MakeExpression(Constant{postgres::Value(std::move(array))}, type, position);
}

}  // namespace

Result<ExpressionPtr> ReadLiteral(const Scope& scope, const std::string& text, TypeRef type, int position) {
  if (postgres::NamesCatalog(type.oid)) {
    const auto read = scope.statement.names.ReadCatalogName(type.oid, text);
    if (!read.ok()) return WithPosition(read.status(), position);
    if (*read) return MakeExpression(Constant{postgres::Value(uint32_t{**read})}, type, position);
    ExpressionPtr name = MakeExpression(Constant{postgres::Value(text)}, {oid::kText, -1}, position);
    return MakeCoercion(Coercion::Kind::kThroughText, std::move(name), type, true, position);
  }
  if (postgres::NamesCatalog(scope.statement.resolver.ElementOf(type.oid))) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr names, ReadArrayOfNames(scope, text, type, position));
    if (names) return names;
  }
  if (type.oid == oid::kAclitem) {
    Result<std::string> item = scope.statement.names.ReadAclItem(text);
    if (!item.ok()) return WithPosition(item.status(), position);
    return MakeExpression(Constant{postgres::Value(item.MoveValue())}, type, position);
  }
  if (type.oid == oid::kAclitemArray) return ReadAclItems(scope, text, type, position);
  Result<postgres::Value> value = postgres::ReadText(type, text, scope.statement.settings);
  if (!value.ok()) return WithPosition(value.status(), position);
  return MakeExpression(Constant{value.MoveValue()}, type, position);
}

bool CanCoerce(const Scope& scope, Oid from, Oid to, CoercionContext context) {
  return from == to || scope.statement.resolver.CanCoerce(from, to, context);
}

namespace {

bool IsNullLiteral(const Expression& expression) {
  const auto* constant = std::get_if<Constant>(&expression.node);
  return constant != nullptr && constant->value.is_null();
}

// The type of arrays of what an array's domain is over; 0: its elements are of no domain.
Oid ArrayWithoutDomain(const Scope& scope, Oid array) {
  const Oid element = scope.statement.resolver.ElementOf(array);
  const Oid base = postgres::BaseTypeOf({element}).oid;
  return element == base ? 0 : scope.statement.resolver.ArrayOf(base);
}

}  // namespace

Result<ExpressionPtr> CoerceIfPossible(const Scope& scope, ExpressionPtr expression, TypeRef target,
                                       CoercionContext context, CallForm form, int position) {
  if (const Oid plain = IsUnknown(*expression) ? ArrayWithoutDomain(scope, target.oid) : 0; plain != 0) {
    WEIR_ASSIGN_OR_RETURN(expression,
                          CoerceIfPossible(scope, std::move(expression), {plain, -1}, context, form, position));
  }
  if (!CanCoerce(scope, expression->type.oid, target.oid, context)) return ExpressionPtr();
  const postgres::Type* type = scope.statement.resolver.Find(target.oid);
  const bool domain = type != nullptr && type->kind == postgres::TypeKind::kDomain;
  if (domain && expression->type.oid != target.oid) {
    const TypeRef base = postgres::BaseTypeOf({target.oid});
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                          CoerceIfPossible(scope, std::move(expression), base, context, form, position));
    if (!value) return value;
    return HoldToDomain(scope, std::move(value), target.oid, context == CoercionContext::kExplicit, position);
  }
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                        CoerceValue(scope, std::move(expression), target, context, form, position));
  if (!value) return value;
  return ApplyModifier(scope, std::move(value), target.modifier, context, position);
}

Result<ExpressionPtr> Coerce(const Scope& scope, ExpressionPtr expression, Oid target, CoercionContext context,
                             CallForm form) {
  const Oid from = expression->type.oid;
  if (from == target) return expression;
  const int position = BeginOf(*expression);
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, CoerceValue(scope, std::move(expression), {target, -1}, context, form, 0));
  if (value) return value;
  return ErrorAtPosition(position, sqlstate::kCannotCoerce,
                         fmt::format("cannot cast type {} to {}", TypeName(scope, from), TypeName(scope, target)));
}

Result<ExpressionPtr> CoerceToType(const Scope& scope, ExpressionPtr expression, Oid type,
                                   std::string_view construct) {
  const Oid from = expression->type.oid;
  const int position = BeginOf(*expression);
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                        CoerceIfPossible(scope, std::move(expression), {type, -1}, CoercionContext::kAssignment,
                                         CallForm::kImplicitCast));
  if (value) return value;
  return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                         fmt::format("argument of {} must be type {}, not type {}", construct, TypeName(scope, type),
                                     TypeName(scope, from)));
}

Result<ExpressionPtr> CoerceToBoolean(const Scope& scope, ExpressionPtr expression, std::string_view construct) {
  const auto* call = std::get_if<Call>(&expression->node);
  const bool set = call != nullptr && call->function->returns_set;
  if (expression->type.oid == oid::kBool && !set) return expression;
  const int position = BeginOf(*expression);
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, CoerceToType(scope, std::move(expression), oid::kBool, construct));
  if (!set) return value;
  return ErrorAtPosition(position, sqlstate::kDatatypeMismatch,
                         fmt::format("argument of {} must not return a set", construct));
}

std::vector<const Expression*> PointersTo(const Expressions& expressions) {
  std::vector<const Expression*> pointers;
  for (const ExpressionPtr& expression : expressions) pointers.push_back(expression.get());
  return pointers;
}

Result<Oid> CommonType(const Scope& scope, std::span<const Expression* const> expressions, std::string_view context) {
  std::vector<Oid> types;
  for (const Expression* expression : expressions) types.push_back(expression->type.oid);
  Result<Oid> common = scope.statement.resolver.CommonType(types, context);
  if (common.ok()) return common;
  size_t failing = 1;  // the first that does not go with those before it
  while (failing < types.size() && scope.statement.resolver.CommonType(std::span(types).first(failing), context).ok()) {
    ++failing;
  }
  return WithPosition(common.status(), BeginOf(*expressions[failing - 1]));
}

int32_t CommonModifier(std::span<const Expression* const> expressions, Oid type) {
  std::optional<int32_t> modifier;
  for (const Expression* const expression : expressions) {
    if (type == oid::kBpchar && IsNullLiteral(*expression)) continue;  // the others' blanks are as many beside a NULL
    if (expression->type.oid != type) return -1;
    if (modifier && expression->type.modifier != *modifier) return -1;
    modifier = expression->type.modifier;
  }
  return modifier.value_or(-1);
}

Result<ExpressionPtr> CoerceToCommon(const Scope& scope, ExpressionPtr expression, Oid type,
                                     std::string_view context) {
  const Oid from = expression->type.oid;
  if (from == type) return expression;
  const int position = BeginOf(*expression);
  if (CanCoerce(scope, from, type, CoercionContext::kImplicit)) return Coerce(scope, std::move(expression), type);
  return ErrorAtPosition(position, sqlstate::kCannotCoerce,
                         fmt::format("{} could not convert type {} to {}", context, TypeName(scope, from),
                                     TypeName(scope, type)));
}

Result<ExpressionPtr> CoerceToColumn(const Scope& scope, ExpressionPtr expression, const OutputColumn& column,
                                     int position) {
  const Oid from = expression->type.oid;
  const int begin = BeginOf(*expression);
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                        CoerceIfPossible(scope, std::move(expression), column.type, CoercionContext::kAssignment,
                                         CallForm::kImplicitCast));
  if (value) return value;
  return ErrorAtPosition(begin == 0 ? position : begin, sqlstate::kDatatypeMismatch,
                         fmt::format("column \"{}\" is of type {} but expression is of type {}", column.name,
                                     TypeName(scope, column.type.oid), TypeName(scope, from)),
                         "You will need to rewrite or cast the expression.");
}

Result<ExpressionPtr> UnknownToText(const Scope& scope, ExpressionPtr expression) {
  if (!IsUnknown(*expression)) return expression;
  return Coerce(scope, std::move(expression), oid::kText);
}

}  // namespace weir::sql::analyze
