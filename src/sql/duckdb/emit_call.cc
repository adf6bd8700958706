#include <unordered_map>

#include "postgres/cast.h"
#include "postgres/catalog_name.h"
#include "postgres/made_type.h"
#include "sql/duckdb/array_calls.h"
#include "sql/duckdb/blanks.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/functions.h"
#include "sql/duckdb/json_calls.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/shaped_calls.h"
#include "sql/duckdb/typed_calls.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::Computation;
using postgres::TypeRef;
namespace oid = postgres::oid;

/// An expression of other functions in place of a call.
using Rule = Emitted (*)(const postgres::Function& function, EmittedList arguments, TypeRef result);

constexpr int kLongWidth = 18;  // of a DECIMAL that lies in 64 bits

/// For functions that take lists: of one dimension.
Emitted InListForm(Emitted value) {
  if (IsShaped(value.oid, value.type)) return InForm(std::move(value), PhysicalType({value.oid}));
  return InOwnForm(std::move(value));
}

Emitted Own(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  const std::string name = OwnName(function);
  if (!HasOwnFunction(name)) {
    Throw(Error("0A000", "function " + std::string(function.name) + " is not supported for these types"));
  }
  ParsedList own;
  for (Emitted& argument : arguments) own.push_back(std::move(InListForm(std::move(argument)).expression));
  return {Function(name, std::move(own)), PhysicalType({result.oid}), result.oid};
}

/// DuckDB's function under that name, its result in our form.
Emitted Native(const std::string& name, EmittedList arguments, TypeRef result) {
  ParsedList own;
  for (Emitted& argument : arguments) own.push_back(std::move(InListForm(std::move(argument)).expression));
  const LogicalType form = PhysicalType({result.oid});
  return {CastTo(form, Function(name, std::move(own))), form, result.oid};
}

Emitted Unchanged(const postgres::Function&, EmittedList arguments, TypeRef) { return std::move(arguments[0]); }

bool BothLong(const Emitted& left, const Emitted& right) {
  return duckdb::DecimalType::GetWidth(left.type) <= kLongWidth &&
         duckdb::DecimalType::GetWidth(right.type) <= kLongWidth;
}

/// + and -.
Emitted Sum(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  auto form = SumForm(arguments[0], arguments[1]);
  if (!form) return Own(function, std::move(arguments), result);
  if (duckdb::DecimalType::GetWidth(*form) > kLongWidth && BothLong(arguments[0], arguments[1])) {
    // DuckDB would stay in 64 bits and fail where they do not hold the sum.
    for (Emitted& argument : arguments) argument = {CastTo(*form, std::move(argument.expression)), *form, argument.oid};
  }
  Parsed sum = Function(function.name == "numeric_add" ? "+" : "-", std::move(arguments[0].expression),
                        std::move(arguments[1].expression));
  return {CastTo(*form, std::move(sum)), *form, result.oid};
}

Emitted Product(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  auto form = ProductForm(arguments[0], arguments[1]);
  if (!form) return Own(function, std::move(arguments), result);
  const bool native = duckdb::DecimalType::GetWidth(*form) <= kLongWidth;
  Parsed product = Function(native ? "*" : "pg.decimal_multiply", std::move(arguments[0].expression),
                            std::move(arguments[1].expression));
  return {CastTo(*form, std::move(product)), *form, result.oid};
}

Emitted NegativeOf(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (arguments[0].is_big()) return Own(function, std::move(arguments), result);
  return {Function("-", std::move(arguments[0].expression)), arguments[0].type, result.oid};
}

Emitted Absolute(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (arguments[0].is_big()) return Own(function, std::move(arguments), result);
  return {Function("abs", std::move(arguments[0].expression)), arguments[0].type, result.oid};
}

Emitted NumericOfInteger(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (arguments[0].is_constant()) {
    const auto& constant = arguments[0].expression->Cast<duckdb::ConstantExpression>().value;
    if (!constant.IsNull()) {
      const postgres::Numeric number(constant.GetValue<int64_t>());
      const LogicalType form = TypeOfConstant(number);
      return {Literal(ToDuck(number, result, form)), form, result.oid};
    }
  }
  const auto source = function.arguments[0];
  const LogicalType form = LogicalType::DECIMAL(source == oid::kInt2 ? 5 : source == oid::kInt4 ? 10 : 19, 0);
  return {CastTo(form, std::move(arguments[0].expression)), form, result.oid};
}

/// numeric(numeric, modifier): the coercion node does it with the modifier at hand; here it is a call's argument.
Emitted DoubleOfNumeric(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  // Up to 15 digits both numbers of the quotient are exact, so it is rounded once, as strtod does.
  const bool exact = !arguments[0].is_big() && duckdb::DecimalType::GetWidth(arguments[0].type) <= 15;
  if (!exact) return Own(function, std::move(arguments), result);
  return {CastTo(LogicalType::DOUBLE, std::move(arguments[0].expression)), LogicalType::DOUBLE, result.oid};
}

bool HasBackslash(const Emitted& pattern) {
  if (!pattern.is_constant()) return true;
  const auto& value = pattern.expression->Cast<duckdb::ConstantExpression>().value;
  return !value.IsNull() && duckdb::StringValue::Get(value).find('\\') != std::string::npos;
}

Emitted Like(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  const std::string_view name = function.name;
  const bool any_case = name.ends_with("iclike") || name.ends_with("icnlike");
  const bool negated = name.ends_with("nlike") || name == "notlike";
  const bool native = !any_case && !HasBackslash(arguments[1]);
  Parsed match = Function(native ? "~~" : any_case ? "pg.ilike" : "pg.like", std::move(arguments[0].expression),
                          std::move(arguments[1].expression));
  return {negated ? Not(std::move(match)) : std::move(match), LogicalType::BOOLEAN, result.oid};
}

/// timestamptz against date or timestamp: those are read in the session's time zone.
Emitted ZonedComparison(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  for (size_t i = 0; i < 2; ++i) {
    if (function.arguments[i] == oid::kTimestamptz) continue;
    const auto* cast = postgres::FindCast(function.arguments[i], oid::kTimestamptz);
    EmittedList one;
    one.push_back(std::move(arguments[i]));
    arguments[i] = Own(*postgres::FindFunction(cast->function), std::move(one), {oid::kTimestamptz});
  }
  const std::string_view name = function.name;
  const auto op = name.find("_eq_") != name.npos   ? ExpressionType::COMPARE_EQUAL
                  : name.find("_ne_") != name.npos ? ExpressionType::COMPARE_NOTEQUAL
                  : name.find("_lt_") != name.npos ? ExpressionType::COMPARE_LESSTHAN
                  : name.find("_le_") != name.npos ? ExpressionType::COMPARE_LESSTHANOREQUALTO
                  : name.find("_gt_") != name.npos ? ExpressionType::COMPARE_GREATERTHAN
                                                   : ExpressionType::COMPARE_GREATERTHANOREQUALTO;
  return {CompareValues(op, std::move(arguments[0]), std::move(arguments[1])), LogicalType::BOOLEAN, result.oid};
}

/// concat(…), concat_ws(…): of any types, by their texts.
Emitted Concat(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  ParsedList texts;
  for (Emitted& argument : arguments) {
    const TypeRef type{argument.oid};
    texts.push_back(TextOf(std::move(argument), type));
  }
  return {Function(std::string(function.name), std::move(texts)), LogicalType::VARCHAR, result.oid};
}

Emitted TextBesideAny(const postgres::Function&, EmittedList arguments, TypeRef result) {
  ParsedList texts;
  for (Emitted& argument : arguments) {  // as the cast to text shows them
    const TypeRef type{argument.oid};
    texts.push_back(type.oid == oid::kBool ? Function("pg.text(bool)", std::move(argument.expression))
                                           : TextOf(std::move(argument), type));
  }
  return {Function("||", std::move(texts)), LogicalType::VARCHAR, result.oid};
}

/// format(pattern, …): of any types, by their texts.
Emitted Format(const postgres::Function&, EmittedList arguments, TypeRef result) {
  Parsed pattern = std::move(arguments[0].expression);
  ParsedList texts;
  for (size_t i = 1; i < arguments.size(); ++i) {
    const TypeRef type{arguments[i].oid};
    texts.push_back(TextOf(std::move(arguments[i]), type));
  }
  const LogicalType form = LogicalType::LIST(LogicalType::VARCHAR);
  return {Function("pg.format", std::move(pattern), CastTo(form, Function("list_value", std::move(texts)))),
          LogicalType::VARCHAR, result.oid};
}

/// quote_literal(any), quote_nullable(any): of what a cast to text gives, which may be more than the value's text.
Emitted Quoted(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  const TypeRef type{arguments[0].oid};
  const postgres::Cast* cast = postgres::FindCast(type.oid, oid::kText);
  const bool computed = cast != nullptr && cast->method == postgres::CastMethod::kFunction;
  const std::string name = computed ? OwnName(*postgres::FindFunction(cast->function)) : std::string();
  Parsed text = HasOwnFunction(name) ? Function(name, std::move(arguments[0].expression))
                                     : TextOf(std::move(arguments[0]), type);
  return {Function("pg." + std::string(function.name) + "(text)", std::move(text)), LogicalType::VARCHAR, result.oid};
}

Emitted TypeOfArgument(const postgres::Function&, EmittedList arguments, TypeRef result) {
  return {Literal(duckdb::Value::BIGINT(arguments[0].oid)), LogicalType::BIGINT, result.oid};
}

/// Whether a value is a column's, loaded or filled with its blanks.
bool IsOfColumn(const duckdb::ParsedExpression& value) {
  if (value.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) return true;
  if (value.GetExpressionClass() == duckdb::ExpressionClass::CAST) {
    return IsOfColumn(*value.Cast<duckdb::CastExpression>().child);
  }
  if (value.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return false;
  const auto& call = value.Cast<duckdb::FunctionExpression>();
  const bool as_it_is = call.function_name == "pg.loaded" || call.function_name == "pg.text_of";
  return as_it_is && IsOfColumn(*call.children.front());
}

Emitted ColumnSize(const postgres::Function&, EmittedList arguments, TypeRef result) {
  const bool stored = IsOfColumn(*arguments[0].expression);
  return TypedHelper(stored ? "pg.stored_size" : "pg.datum_size", std::move(arguments), result);
}

/// Nothing is compressed value by value.
Emitted NoCompression(const postgres::Function&, EmittedList, TypeRef result) {
  return {NullOf(LogicalType::VARCHAR), LogicalType::VARCHAR, result.oid};
}

/// regclass(text)
Emitted Named(const postgres::Function&, EmittedList arguments, TypeRef result) {
  return ThroughText(std::move(arguments[0]), {oid::kText}, result);
}

/// num_nulls(…), num_nonnulls(…)
Emitted CountNulls(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  Parsed sum = Literal(duckdb::Value::INTEGER(0));
  for (Emitted& argument : arguments) {
    Parsed counts = function.name == "num_nulls" ? IsNull(std::move(argument.expression))
                                                 : IsNotNull(std::move(argument.expression));
    sum = Function("+", std::move(sum), CastTo(LogicalType::INTEGER, std::move(counts)));
  }
  return {CastTo(LogicalType::INTEGER, std::move(sum)), LogicalType::INTEGER, result.oid};
}

/// A type's output or send function, which give the text or the bytes that clients get of a value, or its input
/// function, if that takes a text alone; null for its other functions, and for bytes that need the catalog or begin
/// with 0.
std::optional<Emitted> FormOf(const postgres::Function& function, EmittedList* arguments, TypeRef result) {
  if (function.computation != Computation::kForm || arguments->size() != 1) return std::nullopt;
  const postgres::Oid declared = function.arguments[0];
  const bool of_any = declared == oid::kAny || declared == oid::kAnyelement || declared == oid::kAnynonarray ||
                      declared == oid::kAnycompatible || declared == oid::kAnycompatiblenonarray;
  if (of_any) {
    const std::string type = postgres::FormatType(declared);
    Throw(Error("0A000", "cannot display a value of type " + (type == "\"any\"" ? "any" : type)));
  }
  const bool sends = function.name.ends_with("send");
  const bool vector = declared == oid::kInt2vector || declared == oid::kOidvector;
  if (sends && (vector || postgres::NamesCatalog(declared))) return std::nullopt;
  if (sends) return TypedHelper("pg.binary_form", std::move(*arguments), result);
  const postgres::Type* read = postgres::FindType(function.result);
  const bool reads = declared == oid::kCstring && !read->is_pseudo();
  if (reads) return ThroughText(std::move(arguments->front()), {oid::kText}, result);
  const bool shows = function.result == oid::kCstring && !function.name.ends_with("typmodout");
  if (!shows) return std::nullopt;
  const TypeRef type{arguments->front().oid};
  return Emitted{TextOf(std::move(arguments->front()), type), LogicalType::VARCHAR, result.oid};
}

const std::unordered_map<std::string_view, Rule>& Rules() {
  static const auto* rules = new std::unordered_map<std::string_view, Rule>{
      {"numeric_add", Sum},          {"numeric_sub", Sum},          {"numeric_mul", Product},
      {"numeric_uminus", NegativeOf},  {"numeric_abs", Absolute},     {"numeric_uplus", Unchanged},
      {"int2up", Unchanged},         {"int4up", Unchanged},         {"int8up", Unchanged},
      {"float4up", Unchanged},       {"float8up", Unchanged},       {"textlike", Like},
      {"textnlike", Like},           {"texticlike", Like},          {"texticnlike", Like},
      {"namelike", Like},            {"namenlike", Like},           {"nameiclike", Like},
      {"nameicnlike", Like},         {"bpcharlike", Like},          {"bpcharnlike", Like},
      {"bpchariclike", Like},        {"bpcharicnlike", Like},       {"concat", Concat},
      {"format", Format},            {"quote_literal", Quoted},    {"quote_nullable", Quoted},
      {"pg_typeof", TypeOfArgument}, {"regclass", Named},
      {"pg_column_size", ColumnSize}, {"pg_column_compression", NoCompression},
      {"num_nulls", CountNulls},     {"num_nonnulls", CountNulls},
      {"concat_ws", Concat},         {"anytextcat", TextBesideAny}, {"textanycat", TextBesideAny},
  };
  return *rules;
}

/// Rules for one of the functions of a name.
Rule RuleOf(const postgres::Function& function) {
  const std::string_view name = function.name;
  if (auto found = Rules().find(name); found != Rules().end()) return found->second;
  const auto& arguments = function.arguments;
  if (arguments.empty()) return nullptr;
  if (name == "numeric" && (arguments[0] == oid::kInt2 || arguments[0] == oid::kInt4 || arguments[0] == oid::kInt8)) {
    return NumericOfInteger;
  }
  if (name == "abs" && arguments[0] == oid::kNumeric) return Absolute;
  if (name == "float8" && arguments[0] == oid::kNumeric) return DoubleOfNumeric;
  const bool text = arguments[0] == oid::kText || arguments[0] == oid::kName;
  if ((name == "like" || name == "notlike") && text) return Like;
  const bool zoned = function.result == oid::kBool && arguments.size() == 2 && arguments[0] != arguments[1] &&
                     (arguments[0] == oid::kTimestamptz || arguments[1] == oid::kTimestamptz);
  return zoned ? ZonedComparison : nullptr;
}

}  // namespace

EmittedList Emitter::Arguments(const postgres::Function& function, const tree::Expressions& expressions) {
  EmittedList arguments = Values(expressions);
  for (size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = ArgumentOf(function, std::move(arguments[i]), expressions[i]->type);
  }
  return arguments;
}

Emitted Emitter::Of(const tree::Call& call, const tree::Expression& expression) {
  const bool of_made = !call.arguments.empty() && call.arguments.front()->type.oid >= postgres::kFirstMadeOid;
  if (of_made && call.function->name == "pg_typeof") {  // which tells a domain from what it is over
    return {Literal(duckdb::Value::BIGINT(call.arguments.front()->type.oid)), LogicalType::BIGINT, expression.type.oid};
  }
  EmittedList arguments = Arguments(*call.function, call.arguments);
  if (postgres::IsConstructor(*call.function)) {
    const bool range = postgres::FindMadeType(expression.type.oid)->kind == postgres::TypeKind::kRange;
    return TypedHelper(range ? "pg.make_range" : "pg.make_multirange", std::move(arguments), expression.type);
  }
  if (call.variadic_array) return WithVariadicArray(*call.function, std::move(arguments), expression.type);
  if (call.function->returns_set) {
    return OfSet(expression, Generated(*call.function, std::move(arguments), expression.type));
  }
  return Apply(*call.function, std::move(arguments), expression.type);
}

/// f(VARIADIC array): of the functions of "any" those that join texts.
Emitted Emitter::WithVariadicArray(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (function.variadic != oid::kAny) return Apply(function, std::move(arguments), result);
  if (auto typed = TypedCall(function, &arguments, result, true)) return std::move(*typed);
  Emitted array = Flat(std::move(arguments.back()));
  if (function.name == "concat") {
    Parsed joined = JoinedTexts(std::move(array), Literal(duckdb::Value("")), NullOf(LogicalType::VARCHAR));
    return {std::move(joined), LogicalType::VARCHAR, result.oid};
  }
  if (function.name == "concat_ws") {
    Parsed joined = JoinedTexts(std::move(array), std::move(arguments[0].expression), NullOf(LogicalType::VARCHAR));
    return {std::move(joined), LogicalType::VARCHAR, result.oid};
  }
  if (function.name == "format") {  // NULL in the place of the array: nothing to fill in
    const LogicalType form = LogicalType::LIST(LogicalType::VARCHAR);
    Parsed none = CastTo(form, Function("list_value", ParsedList()));
    Parsed texts = Operator(ExpressionType::OPERATOR_COALESCE, ListOf(TextsOf(std::move(array)), std::move(none)));
    return {Function("pg.format", std::move(arguments[0].expression), std::move(texts)), LogicalType::VARCHAR,
            result.oid};
  }
  const bool counts_nulls = function.name == "num_nulls";
  if ((counts_nulls || function.name == "num_nonnulls") && DimensionsOf(array.type) == 1) {
    Parsed element = duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kElement));
    Parsed counted = counts_nulls ? IsNull(std::move(element)) : IsNotNull(std::move(element));
    Parsed list = WithLambda("list_filter", std::move(array.expression), kElement, std::move(counted));
    return {CastTo(LogicalType::INTEGER, Function("len", std::move(list))), LogicalType::INTEGER, result.oid};
  }
  Throw(Error("0A000", "VARIADIC before an array is not supported for function " + std::string(function.name)));
}

Emitted Emitter::Apply(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (auto op = ComparisonOf(function)) {
    return {CompareValues(*op, std::move(arguments[0]), std::move(arguments[1])), LogicalType::BOOLEAN, oid::kBool};
  }
  if (auto array = ArrayCall(function, &arguments, result)) return std::move(*array);
  if (auto row = JsonIntoRow(function, &arguments)) return std::move(*row);
  if (auto typed = TypedCall(function, &arguments, result)) return std::move(*typed);
  if (Rule rule = RuleOf(function)) return rule(function, std::move(arguments), result);
  if (auto form = FormOf(function, &arguments, result)) return std::move(*form);
  if (HasOwnFunction(OwnName(function))) return Own(function, std::move(arguments), result);
  switch (function.computation) {
    case Computation::kOperator: {
      const LogicalType form = PhysicalType({result.oid});
      if (function.computed_by == "cast") return {CastTo(form, std::move(arguments[0].expression)), form, result.oid};
      return Native(std::string(function.computed_by), std::move(arguments), result);
    }
    case Computation::kDuckDb: return Native(std::string(function.computed_by), std::move(arguments), result);
    case Computation::kCatalog: return Native(std::string(function.name), std::move(arguments), result);
    case Computation::kOwn:
    case Computation::kRewrite:
    case Computation::kForm: break;
  }
  return Own(function, std::move(arguments), result);
}

namespace {

/// The row that a function's OUT parameters make.
LogicalType RowTypeOfOut(const postgres::Function& function) {
  duckdb::child_list_t<LogicalType> fields;
  for (const postgres::Parameter& parameter : function.parameters) {
    if (!postgres::IsOutput(parameter.mode)) continue;
    fields.emplace_back(FieldName(fields.size(), {parameter.type}), PhysicalType({parameter.type}));
  }
  return LogicalType::STRUCT(std::move(fields));
}

}  // namespace

/// What gives a set gives a list here, which UNNEST spreads: several of one query in step, as in PostgreSQL.
Emitted Emitter::Generated(const postgres::Function& function, EmittedList arguments, TypeRef result) {
  if (function.name == "unnest") {
    if (function.arguments[0] == oid::kAnymultirange) {
      const TypeRef ranges{postgres::FindType(result.oid)->array};
      Emitted list = TypedHelper("pg.multirange_ranges", std::move(arguments), ranges);
      return {Function("unnest", std::move(list.expression)), PhysicalType(result), result.oid};
    }
    Emitted array = Flat(std::move(arguments[0]));
    const LogicalType element = duckdb::ListType::GetChildType(array.type);
    return {Function("unnest", std::move(array.expression)), element, result.oid};
  }
  auto list = JsonIntoRow(function, &arguments);
  if (!list) list = TypedCall(function, &arguments, result);
  if (list)
    return {Function("unnest", std::move(list->expression)), duckdb::ListType::GetChildType(list->type), result.oid};
  LogicalType element = PhysicalType({result.oid});
  const bool integers = function.name == "generate_series" && (result.oid == oid::kInt4 || result.oid == oid::kInt8);
  if (integers) {
    ParsedList bounds;
    for (Emitted& argument : arguments) bounds.push_back(CastTo(LogicalType::BIGINT, std::move(argument.expression)));
    if (bounds.size() == 3) bounds[2] = Function("pg.step", std::move(bounds[2]));
    Parsed step = bounds.size() == 3 ? bounds[2]->Copy() : Literal(duckdb::Value::BIGINT(1));
    bounds[0] = Function("pg.series_begin", ListOf(std::move(bounds[0]), bounds[1]->Copy(), std::move(step)));
    Parsed series = CastTo(LogicalType::LIST(element), Function("generate_series", std::move(bounds)));
    return {Function("unnest", std::move(series)), element, result.oid};
  }
  const bool shaped = !arguments.empty() && IsShaped(arguments[0].oid, arguments[0].type);
  if (function.name == "generate_subscripts" && arguments.size() == 2 && shaped) {
    Emitted places = TypedHelper("pg.shaped_subscripts", std::move(arguments), {oid::kInt4Array});
    return {Function("unnest", std::move(places.expression)), element, result.oid};
  }
  if (function.name == "generate_subscripts" && arguments.size() == 2) {
    const bool from_zero = arguments[0].oid == oid::kInt2vector || arguments[0].oid == oid::kOidvector;
    const int64_t first = from_zero ? 0 : 1;
    Parsed length = Function("pg.array_length(anyarray,int4)", std::move(arguments[0].expression),
                             std::move(arguments[1].expression));
    Parsed last = Function("+", ListOf(CastTo(LogicalType::BIGINT, std::move(length)),
                                       Literal(duckdb::Value::BIGINT(first - 1))));
    Parsed series = Function("generate_series", ListOf(Literal(duckdb::Value::BIGINT(first)), std::move(last)));
    return {Function("unnest", CastTo(LogicalType::LIST(element), std::move(series))), element, result.oid};
  }
  const bool catalog = function.computation == Computation::kCatalog;
  const std::string name = catalog ? std::string(function.name) : OwnName(function);
  if (!catalog && !HasOwnFunction(name)) {
    Throw(Error("0A000", "function " + std::string(function.name) + " is not supported for these types"));
  }
  if (catalog && result.oid == oid::kRecord) element = RowTypeOfOut(function);
  if (auto type = RowTypeOf(name)) element = *type;
  ParsedList own;
  for (Emitted& argument : arguments) own.push_back(std::move(InListForm(std::move(argument)).expression));
  return {Function("unnest", Function(name, std::move(own))), element, result.oid};
}

Emitted Emitter::Modified(Emitted value, TypeRef type, bool explicit_cast) {
  if (type.oid == oid::kNumeric) return Rounded(std::move(value), type.modifier);
  LogicalType form = WithDimensionsOf(value.type, PhysicalType(type));
  return {Function("pg.modified", ListOf(std::move(value.expression), Literal(duckdb::Value::BIGINT(type.oid)),
                                         Literal(duckdb::Value::INTEGER(type.modifier)),
                                         Literal(duckdb::Value::BOOLEAN(explicit_cast)))),
          form, type.oid};
}

/// numeric(p,s) of a numeric.
Emitted Emitter::Rounded(Emitted value, int32_t modifier) {
  const LogicalType form = PhysicalType({oid::kNumeric, modifier});
  const auto declared = postgres::UnpackNumeric(modifier);
  if (!declared) return value;
  if (value.type.id() == LogicalTypeId::DECIMAL && form.id() == LogicalTypeId::DECIMAL) {
    const int whole = duckdb::DecimalType::GetWidth(value.type) - duckdb::DecimalType::GetScale(value.type);
    const bool fits = duckdb::DecimalType::GetScale(value.type) <= declared->scale &&
                      whole <= declared->precision - declared->scale;
    if (fits) return InForm(std::move(value), form);
  }
  value = InForm(std::move(value), BigNumericType());
  Parsed rounded =
      Function("pg.numeric_modified", std::move(value.expression), Literal(duckdb::Value::INTEGER(modifier)));
  if (form == BigNumericType()) return {std::move(rounded), form, oid::kNumeric};
  return {Function("pg.decimal_of", std::move(rounded), NullOf(form)), form, oid::kNumeric};
}

Emitted Emitter::Of(const tree::SessionValue& value, const tree::Expression& expression) {
  using Kind = tree::SessionValue::Kind;
  const auto text = [&](const std::string& what) {
    return Emitted{Literal(duckdb::Value(what)), LogicalType::VARCHAR, expression.type.oid};
  };
  const auto moment = [&](const char* name, const LogicalType& form) {
    Emitted now{Function(name, ParsedList()), form, expression.type.oid};
    if (!value.precision) return now;
    const postgres::TypeRef type{expression.type.oid, *value.precision};
    return Modified(std::move(now), type, true);
  };
  switch (value.kind) {
    case Kind::kCurrentDate: return moment("pg.current_date", LogicalType::DATE);
    case Kind::kCurrentTime: return moment("pg.current_time", LogicalType::TIME_TZ);
    case Kind::kCurrentTimestamp: return moment("pg.current_timestamp", LogicalType::TIMESTAMP_TZ);
    case Kind::kLocalTime: return moment("pg.localtime", LogicalType::TIME);
    case Kind::kLocalTimestamp: return moment("pg.localtimestamp", LogicalType::TIMESTAMP);
    case Kind::kSessionUser: return text(context_.session_user);
    case Kind::kCurrentUser:
    case Kind::kCurrentRole:
    case Kind::kUser: return text(context_.user);
    case Kind::kCurrentCatalog: return text(context_.database);
    case Kind::kCurrentSchema: {
      return {Function("current_schema", ParsedList()), LogicalType::VARCHAR, expression.type.oid};
    }
  }
  return {};
}

}  // namespace weir::sql::duck
