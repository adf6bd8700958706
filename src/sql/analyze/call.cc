#include "sql/analyze/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>

#include "postgres/made_type.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/placement.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/walk.h"
#include "sql/dialect/kept_call.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::FuncCall;
using pg_query::Node;
using postgres::CoercionContext;
using postgres::Function;
using postgres::FunctionKind;
using postgres::Oid;
using postgres::TypeRef;

namespace {

constexpr size_t kMaxArguments = 100;

/// A call whose arguments are analysed and whose function is not known yet.
struct WrittenCall {
  std::vector<std::string> name;
  Expressions arguments;
  std::vector<std::string> argument_names;  // of the last arguments
  bool variadic = false;
  int location = -1;
  size_t ordering_arguments = 0;  // the last ones are of WITHIN GROUP
  bool as_column = false;         // x.f: without such a function it is no error

  std::string shown_name() const { return Dotted(name); }
};

Status Refuse(const Scope& scope, const WrittenCall& call, std::string_view state, std::string message,
              std::string hint = {}) {
  return ErrorAt(scope, call.location, state, std::move(message), std::move(hint));
}

Status CheckArgumentNames(const Scope& scope, const FuncCall& call) {
  std::vector<std::string_view> seen;
  for (const Node& node : call.args()) {
    if (!node.has_named_arg_expr()) {
      if (seen.empty()) continue;
      return ErrorAt(scope, LocationOf(node), sqlstate::kSyntaxError,
                     "positional argument cannot follow named argument");
    }
    const std::string& name = node.named_arg_expr().name();
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return ErrorAt(scope, node.named_arg_expr().location(), sqlstate::kSyntaxError,
                     fmt::format("argument name \"{}\" used more than once", name));
    }
    seen.push_back(name);
  }
  return Status::OK();
}

// JDBC has a parameter of no type where a result is to come out, as PostgreSQL takes it.
bool IsOutParameter(const Expression& argument) {
  constexpr Oid kVoid = 2278;
  return argument.type.oid == kVoid && std::holds_alternative<Parameter>(argument.node);
}

Result<WrittenCall> ReadCall(Scope& scope, const FuncCall& call) {
  WrittenCall written{.name = NamesOf(call.funcname()), .variadic = call.func_variadic(), .location = call.location()};
  for (const Node& node : call.args()) {
    const bool named = node.has_named_arg_expr();
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr argument, Analyze(scope, named ? node.named_arg_expr().arg() : node));
    if (IsOutParameter(*argument) && !call.agg_within_group()) continue;
    if (named) written.argument_names.push_back(node.named_arg_expr().name());
    written.arguments.push_back(std::move(argument));
  }
  if (call.agg_within_group()) {
    for (const Node& node : call.agg_order()) {
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr argument, Analyze(scope, node.sort_by().node(), Clause::kOrderBy));
      written.arguments.push_back(std::move(argument));
      ++written.ordering_arguments;
    }
  }
  WEIR_RETURN_NOT_OK(CheckArgumentNames(scope, call));
  if (written.arguments.size() > kMaxArguments) {
    return Refuse(scope, written, sqlstate::kTooManyArguments,
                  fmt::format("cannot pass more than {} arguments to a function", kMaxArguments));
  }
  return written;
}

std::vector<Oid> TypesOf(const Expressions& expressions) {
  std::vector<Oid> types;
  for (const ExpressionPtr& expression : expressions) types.push_back(expression->type.oid);
  return types;
}

std::string Signature(const Scope& scope, const WrittenCall& call) {
  std::vector<std::string> arguments;
  const size_t unnamed = call.arguments.size() - call.argument_names.size();
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    std::string shown = TypeName(scope, call.arguments[i]->type.oid);
    if (i >= unnamed) shown = call.argument_names[i - unnamed] + " => " + shown;
    arguments.push_back(std::move(shown));
  }
  return fmt::format("{}({})", call.shown_name(), fmt::join(arguments, ", "));
}

// All functions are in pg_catalog.
Status CheckSchema(const Scope& scope, const WrittenCall& call) {
  if (call.name.size() < 2 || call.name[call.name.size() - 2] == "pg_catalog") return Status::OK();
  const std::string& schema = call.name[call.name.size() - 2];
  // Whether it may be used is asked where the database's own functions are looked for.
  const Result<bool> exists = scope.statement.names.HasSchema(schema);
  if (exists.ok() && !*exists) {
    return Refuse(scope, call, sqlstate::kUndefinedSchema, fmt::format("schema \"{}\" does not exist", schema));
  }
  return Refuse(scope, call, sqlstate::kUndefinedFunction,
                fmt::format("function {} does not exist", Signature(scope, call)),
                "No function matches the given name and argument types. You might need to add explicit type casts.");
}

Result<postgres::ResolvedCall> ResolveFunction(const Scope& scope, const WrittenCall& call) {
  WEIR_RETURN_NOT_OK(CheckSchema(scope, call));
  const std::vector<Oid> types = TypesOf(call.arguments);
  const std::vector<std::string_view> names(call.argument_names.begin(), call.argument_names.end());
  const std::string schema = call.name.size() > 1 ? call.name[call.name.size() - 2] : "";
  return scope.statement.resolver.ResolveCall({.name = call.name.back(),
                                               .arguments = types,
                                               .argument_names = names,
                                               .variadic_array = call.variadic,
                                               .schema = schema},
                                              scope.statement.Position(call.location));
}

// A parameter's default value, which the function's row tells as a literal's text.
Result<ExpressionPtr> DefaultOf(const Scope& scope, const Function& function, size_t argument, Oid type) {
  size_t input = 0;
  for (const postgres::Parameter& parameter : function.parameters) {
    if (!postgres::IsInput(parameter.mode) || input++ != argument) continue;
    return ReadLiteral(scope, std::string(parameter.default_value), {type, -1}, 0);
  }
  return MakeExpression(Constant{}, {type, -1}, 0);
}

// Whether an argument may be of any type, and stays what it is.
bool TakesAny(const Function& function, size_t argument) {
  if (argument + 1 >= function.arguments.size() && function.variadic == oid::kAny) return true;
  return argument < function.arguments.size() && function.arguments[argument] == oid::kAny;
}

// The arguments in the function's order and types, defaults put in, variadic ones collected.
Result<Expressions> BuildArguments(const Scope& scope, const postgres::ResolvedCall& resolved, Expressions given) {
  Expressions arguments;
  for (size_t i = 0; i < resolved.order.size(); ++i) {
    if (resolved.order[i] < 0) {
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, DefaultOf(scope, *resolved.function, i, resolved.arguments[i]));
      arguments.push_back(std::move(value));
      continue;
    }
    ExpressionPtr argument = std::move(given[static_cast<size_t>(resolved.order[i])]);
    if (!TakesAny(*resolved.function, i)) {
      WEIR_ASSIGN_OR_RETURN(argument, Coerce(scope, std::move(argument), resolved.arguments[i]));
    }
    arguments.push_back(std::move(argument));
  }
  if (resolved.variadic == 0) return arguments;
  ArrayOf array;
  const size_t first = arguments.size() - static_cast<size_t>(resolved.variadic);
  const Oid element = resolved.arguments.back();
  const int position = BeginOf(*arguments[first]);
  for (size_t i = first; i < arguments.size(); ++i) array.elements.push_back(std::move(arguments[i]));
  arguments.resize(first);
  arguments.push_back(MakeExpression(std::move(array), {scope.statement.resolver.ArrayOf(element), -1}, position));
  return arguments;
}

// What only aggregates and window functions take.
Status CheckPlain(const Scope& scope, const FuncCall& call, const WrittenCall& written) {
  const std::string name = written.shown_name();
  std::string message;
  if (call.agg_star()) message = fmt::format("{}(*) specified, but {} is not an aggregate function", name, name);
  else if (call.agg_distinct()) message = fmt::format("DISTINCT specified, but {} is not an aggregate function", name);
  else if (call.agg_within_group())
    message = fmt::format("WITHIN GROUP specified, but {} is not an aggregate function", name);
  else if (call.agg_order_size() > 0)
    message = fmt::format("ORDER BY specified, but {} is not an aggregate function", name);
  else if (call.has_agg_filter()) message = fmt::format("FILTER specified, but {} is not an aggregate function", name);
  else if (call.has_over())
    message = fmt::format("OVER specified, but {} is not a window function nor an aggregate function", name);
  return message.empty() ? Status::OK() : Refuse(scope, written, sqlstate::kWrongObjectType, std::move(message));
}

// Values of char(n) are held without the blanks that fill them up, so what a call gives back of its arguments is shown
// with those of the length that these have together; PostgreSQL's values keep their own.
TypeRef GivenBack(Oid result, std::initializer_list<std::span<const ExpressionPtr>> arguments) {
  if (result != oid::kBpchar && result != oid::kBpcharArray) return {result, -1};
  std::optional<int32_t> modifier;
  for (const auto& list : arguments) {
    for (const ExpressionPtr& argument : list) {
      const TypeRef type = argument->type;
      if (type.oid != oid::kBpchar && type.oid != oid::kBpcharArray) continue;
      if (type.modifier < 0 && std::holds_alternative<Constant>(argument->node)) continue;  // 'z' has no length
      if (modifier && *modifier != type.modifier) return {result, -1};
      modifier = type.modifier;
    }
  }
  return {result, modifier.value_or(-1)};
}

Result<ExpressionPtr> BuildFunction(Scope& scope, WrittenCall written, const postgres::ResolvedCall& resolved,
                                    int sets) {
  if (resolved.function == nullptr) {
    const int position = scope.statement.Position(written.location);
    return CoerceIfPossible(scope, std::move(written.arguments[0]), {resolved.result, -1}, CoercionContext::kExplicit,
                            CallForm::kExplicitCast, position);
  }
  if (resolved.function->returns_set) WEIR_RETURN_NOT_OK(CheckSetPlacement(scope, sets, written.location));
  Call call{.function = resolved.function, .variadic_array = written.variadic};
  WEIR_ASSIGN_OR_RETURN(call.arguments, BuildArguments(scope, resolved, std::move(written.arguments)));
  const TypeRef type = GivenBack(resolved.result, {call.arguments});
  return MakeExpression(std::move(call), type, scope.statement.Position(written.location));
}

Status CheckDirectArguments(const Scope& scope, const WrittenCall& call, const postgres::Aggregate& facts,
                            const Function& function) {
  const int aggregated = static_cast<int>(call.ordering_arguments);
  const int direct = static_cast<int>(call.arguments.size()) - aggregated;
  const std::string name = call.shown_name();
  const std::string missing = fmt::format("function {} does not exist", Signature(scope, call));
  const bool variadic_direct =
      function.variadic != 0 && facts.direct_arguments >= static_cast<int>(function.arguments.size());
  if (!variadic_direct) {
    if (direct == facts.direct_arguments) return Status::OK();
    return Refuse(scope, call, sqlstate::kUndefinedFunction, missing,
                  fmt::format("There is an ordered-set aggregate {}, but it requires {} direct argument{}, not {}.",
                              name, facts.direct_arguments, facts.direct_arguments == 1 ? "" : "s", direct));
  }
  if (facts.kind != postgres::AggregateKind::kHypothetical || direct == aggregated) return Status::OK();
  return Refuse(scope, call, sqlstate::kUndefinedFunction, missing,
                fmt::format("To use the hypothetical-set aggregate {}, the number of hypothetical direct arguments "
                            "(here {}) must match the number of ordering columns (here {}).",
                            name, direct, aggregated));
}

Status CheckAggregate(const Scope& scope, const FuncCall& call, const WrittenCall& written,
                      const postgres::Aggregate& facts, const Function& function) {
  const std::string name = written.shown_name();
  if (facts.kind == postgres::AggregateKind::kNormal) {
    if (!call.agg_within_group()) return Status::OK();
    return Refuse(scope, written, sqlstate::kWrongObjectType,
                  fmt::format("{} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name));
  }
  if (!call.agg_within_group()) {
    return Refuse(scope, written, sqlstate::kWrongObjectType,
                  fmt::format("WITHIN GROUP is required for ordered-set aggregate {}", name));
  }
  if (call.has_over()) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported,
                  fmt::format("OVER is not supported for ordered-set aggregate {}", name));
  }
  return CheckDirectArguments(scope, written, facts, function);
}

// Of a hypothetical-set aggregate: each direct argument and its ordering column get one type.
Status UnifyHypothetical(const Scope& scope, size_t direct, Expressions* arguments) {
  for (size_t i = 0; i < direct; ++i) {
    ExpressionPtr& hypothetical = (*arguments)[i];
    ExpressionPtr& ordered = (*arguments)[direct + i];
    const std::vector<const Expression*> pair = {ordered.get(), hypothetical.get()};
    WEIR_ASSIGN_OR_RETURN(const Oid type, CommonType(scope, pair, "WITHIN GROUP"));
    WEIR_ASSIGN_OR_RETURN(hypothetical, CoerceToCommon(scope, std::move(hypothetical), type, "WITHIN GROUP"));
    WEIR_ASSIGN_OR_RETURN(ordered, CoerceToCommon(scope, std::move(ordered), type, "WITHIN GROUP"));
  }
  return Status::OK();
}

Status CheckNoArguments(const Scope& scope, const FuncCall& call, const WrittenCall& written) {
  if (!written.arguments.empty() || call.agg_star() || call.agg_within_group()) return Status::OK();
  return Refuse(scope, written, sqlstate::kWrongObjectType,
                fmt::format("{}(*) must be used to call a parameterless aggregate function", written.shown_name()));
}

// What is written below the casts that nobody wrote.
const Expression& WithoutImplicitCasts(const Expression& expression) {
  const Expression* at = &expression;
  while (true) {
    const auto* coercion = std::get_if<Coercion>(&at->node);
    const auto* call = std::get_if<Call>(&at->node);
    if (coercion != nullptr && !coercion->explicit_cast) {
      at = coercion->argument.get();
    } else if (call != nullptr && call->form == CallForm::kImplicitCast && !call->arguments.empty()) {
      at = call->arguments[0].get();
    } else {
      return *at;
    }
  }
}

// ORDER BY and DISTINCT inside of an aggregate: by its arguments, or by others that are added to them.
Status SortArguments(Scope& scope, const FuncCall& call, Aggregate* aggregate) {
  aggregate->num_arguments = aggregate->arguments.size();
  for (const Node& node : call.agg_order()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr by, Analyze(scope, node.sort_by().node(), Clause::kOrderBy));
    const auto found =
        std::find_if(aggregate->arguments.begin(), aggregate->arguments.end(),
                     [&](const ExpressionPtr& known) { return Equal(WithoutImplicitCasts(*known), *by); });
    const size_t place = static_cast<size_t>(found - aggregate->arguments.begin());
    if (found == aggregate->arguments.end()) {
      WEIR_ASSIGN_OR_RETURN(by, UnknownToText(scope, std::move(by)));
      aggregate->arguments.push_back(std::move(by));
    }
    if (aggregate->distinct && place >= aggregate->num_arguments) {
      return ErrorAtPosition(BeginOf(*aggregate->arguments[place]), sqlstate::kInvalidColumnReference,
                             "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
    }
    WEIR_ASSIGN_OR_RETURN(SortKey key, MakeSortKey(scope, node.sort_by(), *aggregate->arguments[place]));
    key.target = static_cast<int>(place);
    aggregate->order_by.push_back(key);
  }
  for (size_t i = 0; aggregate->distinct && i < aggregate->num_arguments; ++i) {
    WEIR_ASSIGN_OR_RETURN(aggregate->arguments[i], UnknownToText(scope, std::move(aggregate->arguments[i])));
    const Expression& argument = *aggregate->arguments[i];
    WEIR_RETURN_NOT_OK(CheckHasEquality(scope, argument.type.oid, BeginOf(argument)));
    WEIR_ASSIGN_OR_RETURN(const Function* less, LessFunction(scope, argument.type.oid, BeginOf(argument)));
    (void)less;  // only that there is one
  }
  return Status::OK();
}

// The arguments of WITHIN GROUP are sorted as they are; those before it are evaluated once.
Status OrderWithinGroup(const Scope& scope, const FuncCall& call, size_t ordering, Aggregate* aggregate) {
  const size_t direct = aggregate->arguments.size() - ordering;
  Expressions all = std::move(aggregate->arguments);
  aggregate->arguments.clear();
  for (size_t i = 0; i < all.size(); ++i) {
    (i < direct ? aggregate->direct_arguments : aggregate->arguments).push_back(std::move(all[i]));
  }
  aggregate->num_arguments = aggregate->arguments.size();
  for (size_t i = 0; i < ordering; ++i) {
    WEIR_ASSIGN_OR_RETURN(aggregate->arguments[i], UnknownToText(scope, std::move(aggregate->arguments[i])));
    WEIR_ASSIGN_OR_RETURN(SortKey key,
                          MakeSortKey(scope, call.agg_order(static_cast<int>(i)).sort_by(), *aggregate->arguments[i]));
    key.target = static_cast<int>(i);
    aggregate->order_by.push_back(key);
  }
  return Status::OK();
}

Result<ExpressionPtr> BuildAggregate(Scope& scope, const FuncCall& call, WrittenCall written,
                                     const postgres::ResolvedCall& resolved, ExpressionPtr filter) {
  const postgres::Aggregate& facts = *postgres::FindAggregate(resolved.function->oid);
  if (!written.argument_names.empty()) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported, "aggregates cannot use named arguments");
  }
  WEIR_RETURN_NOT_OK(CheckNoArguments(scope, call, written));
  const size_t ordering = written.ordering_arguments;
  const size_t direct = written.arguments.size() - ordering;
  Aggregate aggregate{.function = resolved.function, .star = call.agg_star(), .distinct = call.agg_distinct()};
  WEIR_ASSIGN_OR_RETURN(aggregate.arguments, BuildArguments(scope, resolved, std::move(written.arguments)));
  if (facts.kind == postgres::AggregateKind::kHypothetical) {
    WEIR_RETURN_NOT_OK(UnifyHypothetical(scope, direct, &aggregate.arguments));
  }
  WEIR_RETURN_NOT_OK(call.agg_within_group() ? OrderWithinGroup(scope, call, ordering, &aggregate)
                                             : SortArguments(scope, call, &aggregate));
  aggregate.filter = std::move(filter);
  std::vector<const Expression*> aggregated = PointersTo(aggregate.arguments);
  if (aggregate.filter) aggregated.push_back(aggregate.filter.get());
  WEIR_ASSIGN_OR_RETURN(aggregate.level,
                        PlaceAggregate(scope, Placed::kAggregate, PointersTo(aggregate.direct_arguments),
                                       std::move(aggregated), call.location()));
  const auto taken = std::span<const ExpressionPtr>(aggregate.arguments).first(aggregate.num_arguments);
  const TypeRef type = GivenBack(resolved.result, {taken, aggregate.direct_arguments});
  return MakeExpression(std::move(aggregate), type, scope.statement.Position(call.location()));
}

Status CheckWindowCall(const Scope& scope, const FuncCall& call, const WrittenCall& written, bool aggregate, int sets) {
  if (!written.argument_names.empty()) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported, "window functions cannot use named arguments");
  }
  if (call.agg_distinct()) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported, "DISTINCT is not implemented for window functions");
  }
  if (aggregate) WEIR_RETURN_NOT_OK(CheckNoArguments(scope, call, written));
  if (call.agg_order_size() > 0) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported,
                  "aggregate ORDER BY is not implemented for window functions");
  }
  if (!aggregate && call.has_agg_filter()) {
    return Refuse(scope, written, sqlstate::kFeatureNotSupported,
                  "FILTER is not implemented for non-aggregate window functions");
  }
  if (scope.set_returning == sets) return Status::OK();
  return ErrorAtPosition(scope.set_returning_position, sqlstate::kFeatureNotSupported,
                         "window function calls cannot contain set-returning function calls",
                         "You might be able to move the set-returning function into a LATERAL FROM item.");
}

Result<int> WindowOf(Scope& scope, const pg_query::WindowDef& over) {
  auto& known = scope.window_definitions;
  if (over.name().empty()) {
    known.push_back(&over);
    return static_cast<int>(known.size()) - 1;
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i]->name() == over.name()) return static_cast<int>(i);
  }
  return ErrorAt(scope, over.location(), sqlstate::kUndefinedObject,
                 fmt::format("window \"{}\" does not exist", over.name()));
}

Result<ExpressionPtr> BuildWindowCall(Scope& scope, const FuncCall& call, WrittenCall written,
                                      const postgres::ResolvedCall& resolved, ExpressionPtr filter, int sets) {
  const bool aggregate = resolved.function->kind == FunctionKind::kAggregate;
  WEIR_RETURN_NOT_OK(CheckWindowCall(scope, call, written, aggregate, sets));
  WindowCall window{.function = resolved.function, .star = call.agg_star()};
  WEIR_ASSIGN_OR_RETURN(window.arguments, BuildArguments(scope, resolved, std::move(written.arguments)));
  window.filter = std::move(filter);
  WEIR_RETURN_NOT_OK(PlaceWindowCall(scope, PointersTo(window.arguments), call.location()));
  WEIR_ASSIGN_OR_RETURN(window.window, WindowOf(scope, call.over()));
  const TypeRef type = GivenBack(resolved.result, {window.arguments});
  return MakeExpression(std::move(window), type, scope.statement.Position(call.location()));
}

// As PostgreSQL says it: 42883 of a call that looks like an aggregate's has another hint.
Status AsCallError(const Status& status, const FuncCall& call) {
  postgres::ErrorFields fields = postgres::FieldsOf(status);
  if (fields.sqlstate == sqlstate::kDatatypeMismatch) {  // of polymorphic types; PostgreSQL tells no position
    return postgres::AtPosition(status, 0);
  }
  if (fields.sqlstate != sqlstate::kUndefinedFunction || call.agg_within_group() || call.agg_order_size() < 2) {
    return status;
  }
  fields.detail.clear();
  fields.hint =
      "No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must "
      "appear after all regular arguments of the aggregate.";
  return postgres::Error(std::move(fields));
}

// A made range type's constructor, if the call's name is one: of as many arguments, which become its inputs.
Result<ExpressionPtr> ConstructorCall(Scope& scope, WrittenCall* written) {
  const std::string schema = written->name.size() > 1 ? written->name[written->name.size() - 2] : "";
  WEIR_ASSIGN_OR_RETURN(const auto type, scope.statement.names.FindMadeType(schema, written->name.back()));
  if (!type || !written->argument_names.empty()) return ExpressionPtr();
  const postgres::Type* row = postgres::FindType(type->oid);
  const size_t count = written->arguments.size();
  const bool gathers = row->kind == postgres::TypeKind::kMultirange && count > 1;
  const auto constructors = postgres::ConstructorsOf(type->oid);
  const auto found = std::ranges::find_if(constructors, [&](const Function& one) {
    if (gathers || written->variadic) return one.variadic != 0;
    return one.variadic == 0 && one.arguments.size() == count;
  });
  if (found == constructors.end()) return ExpressionPtr();
  const auto wanted = [&](size_t i) { return gathers ? found->variadic : found->arguments[i]; };
  for (size_t i = 0; i < count; ++i) {
    const Oid given = written->arguments[i]->type.oid;
    const bool fits = given == oid::kUnknown || CanCoerce(scope, given, wanted(i), CoercionContext::kImplicit);
    if (!fits) return ExpressionPtr();
  }
  Expressions arguments;
  for (size_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(arguments.emplace_back(), Coerce(scope, std::move(written->arguments[i]), wanted(i)));
  }
  Call call{.function = &*found};
  if (gathers) {
    call.arguments.push_back(MakeExpression(ArrayOf{std::move(arguments)}, {found->arguments[0], -1}, 0));
  } else {
    call.arguments = std::move(arguments);
  }
  return MakeExpression(std::move(call), {type->oid, -1}, scope.statement.Position(written->location));
}

// A call that no function of PostgreSQL's fits may mean one of the database's own; null: it does not.
Result<ExpressionPtr> MadeCall(Scope& scope, const FuncCall& call, WrittenCall* written, const Status& failure) {
  const std::string state = postgres::FieldsOf(failure).sqlstate;
  if (state != sqlstate::kUndefinedFunction && state != sqlstate::kAmbiguousFunction) return ExpressionPtr();
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr constructed, ConstructorCall(scope, written));
  if (constructed) return constructed;
  if (written->variadic) return ExpressionPtr();
  FunctionArguments arguments{std::move(written->arguments), written->argument_names};
  Result<ExpressionPtr> made = AnalyzeMadeCall(scope, written->name, &arguments, written->location);
  written->arguments = std::move(arguments.values);
  if (made.ok() && *made) WEIR_RETURN_NOT_OK(CheckPlain(scope, call, *written));
  return made;
}

bool IsDecorated(const FuncCall& call) {
  return call.agg_order_size() > 0 || call.has_agg_filter() || call.has_over() || call.agg_within_group() ||
         call.agg_star() || call.agg_distinct() || call.func_variadic();
}

bool IsRowType(postgres::Oid type) {
  return type == oid::kRecord || postgres::FindComposite(postgres::BaseTypeOf({type}).oid) != nullptr;
}

// (row).field; null: the row has no such field.
Result<ExpressionPtr> FieldOfRow(Scope& scope, const std::string& name, ExpressionPtr* row, int location) {
  if (const auto* whole = std::get_if<WholeRow>(&(*row)->node)) {
    Scope* at = &scope;
    for (int i = 0; i < whole->level; ++i) at = at->parent;
    const auto& columns = at->query->relations[static_cast<size_t>(whole->relation)].columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name != name) continue;
      return ColumnOf(*at, whole->level, whole->relation, static_cast<int>(i), scope.statement.Position(location));
    }
    return ExpressionPtr();
  }
  if (auto* written = std::get_if<RowOf>(&(*row)->node)) {
    for (size_t i = 0; i < written->names.size(); ++i) {
      if (written->names[i] == name) return UnknownToText(scope, std::move(written->fields[i]));
    }
    return ExpressionPtr();
  }
  const auto columns = RecordColumns(scope, **row);
  for (size_t i = 0; columns && i < columns->size(); ++i) {
    if ((*columns)[i].name != name) continue;
    const postgres::TypeRef type = (*columns)[i].type;
    FieldOf field{std::move(*row), static_cast<int>(i), name};
    return MakeExpression(std::move(field), type, scope.statement.Position(location));
  }
  return ExpressionPtr();
}

}  // namespace

Status CheckSetPlacement(Scope& scope, int before, int location) {
  const bool of_from = scope.clause == Clause::kFromFunction;
  const std::string why = of_from && scope.set_returning == before ? "" : WhyNotAllowed(Placed::kSet, scope.clause);
  if (!why.empty()) {
    const int position = of_from ? scope.set_returning_position : scope.statement.Position(location);
    return ErrorAtPosition(position, sqlstate::kFeatureNotSupported, why);
  }
  ++scope.set_returning;
  scope.set_returning_position = scope.statement.Position(location);
  if (!of_from) scope.query->has_set_returning = true;
  return Status::OK();
}

Result<ExpressionPtr> FieldOrCall(Scope& scope, const std::vector<std::string>& name, ExpressionPtr* argument,
                                  int location) {
  if (IsRowType((*argument)->type.oid)) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr field, FieldOfRow(scope, name.back(), argument, location));
    if (field) return field;
  }
  WrittenCall written{.name = name, .location = location, .as_column = true};
  written.arguments.push_back(std::move(*argument));
  const Result<postgres::ResolvedCall> resolved = ResolveFunction(scope, written);
  if (!resolved.ok() || (resolved->function && resolved->function->kind != FunctionKind::kFunction)) {
    *argument = std::move(written.arguments[0]);
    if (!resolved.ok() && postgres::FieldsOf(resolved.status()).sqlstate != sqlstate::kUndefinedFunction) {
      return resolved.status();
    }
    return ExpressionPtr();
  }
  return BuildFunction(scope, std::move(written), *resolved, scope.set_returning);
}

Result<FunctionArguments> ReadArguments(Scope& scope, const FuncCall& call) {
  WEIR_ASSIGN_OR_RETURN(WrittenCall written, ReadCall(scope, call));
  WEIR_RETURN_NOT_OK(CheckPlain(scope, call, written));
  return FunctionArguments{std::move(written.arguments), std::move(written.argument_names)};
}

namespace {

// information_schema._pg_expandarray(a), by which drivers look at keys: the elements with their places, from 1.
bool IsExpandArray(const FuncCall& call) {
  return call.funcname_size() == 2 && call.args_size() == 1 && call.funcname(1).string().sval() == "_pg_expandarray" &&
         call.funcname(0).string().sval() == "information_schema";
}

pg_query::Node CallOf(const char* name, const pg_query::Node& argument) {
  pg_query::Node node;
  node.mutable_func_call()->add_funcname()->mutable_string()->set_sval(name);
  *node.mutable_func_call()->add_args() = argument;
  return node;
}

bool IsKeptCall(const FuncCall& call) {
  return call.funcname_size() == 1 && call.funcname(0).string().sval() == dialect::kKeptCall;
}

Result<ExpressionPtr> ExpandArray(Scope& scope, const FuncCall& call) {
  pg_query::Node one;
  one.mutable_a_const()->mutable_ival()->set_ival(1);
  pg_query::Node place = CallOf("generate_subscripts", call.args(0));
  *place.mutable_func_call()->add_args() = one;
  WEIR_ASSIGN_OR_RETURN(const ExpressionPtr array, Analyze(scope, call.args(0)));
  if (array->type.oid == oid::kInt2vector || array->type.oid == oid::kOidvector) {  // these begin with 0
    pg_query::Node next;
    next.mutable_a_expr()->set_kind(pg_query::AEXPR_OP);
    next.mutable_a_expr()->add_name()->mutable_string()->set_sval("+");
    *next.mutable_a_expr()->mutable_lexpr() = place;
    *next.mutable_a_expr()->mutable_rexpr() = one;
    place = std::move(next);
  }
  RowOf row{.names = {"x", "n"}};
  WEIR_ASSIGN_OR_RETURN(row.fields.emplace_back(), Analyze(scope, CallOf("unnest", call.args(0))));
  WEIR_ASSIGN_OR_RETURN(row.fields.emplace_back(), Analyze(scope, place));
  return MakeExpression(std::move(row), {oid::kRecord, -1}, scope.statement.Position(call.location()));
}

}  // namespace

Result<ExpressionPtr> AnalyzeCall(Scope& scope, const FuncCall& call) {
  if (IsExpandArray(call)) return ExpandArray(scope, call);
  if (IsKeptCall(call)) return AnalyzeKeptCall(scope, call);
  const int sets = scope.set_returning;
  WEIR_ASSIGN_OR_RETURN(WrittenCall written, ReadCall(scope, call));
  ExpressionPtr filter;
  if (call.has_agg_filter()) {
    WEIR_ASSIGN_OR_RETURN(filter, AnalyzeCondition(scope, call.agg_filter(), Clause::kFilter));
  }
  const bool plain = !IsDecorated(call) && written.name.size() == 1 && written.arguments.size() == 1 &&
                     written.argument_names.empty();
  if (plain && IsRowType(written.arguments[0]->type.oid)) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr field,
                          FieldOfRow(scope, written.name[0], &written.arguments[0], call.location()));
    if (field) return field;
  }
  Result<postgres::ResolvedCall> found = ResolveFunction(scope, written);
  if (!found.ok()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr made, MadeCall(scope, call, &written, found.status()));
    return made ? std::move(made) : Result<ExpressionPtr>(AsCallError(found.status(), call));
  }
  const postgres::ResolvedCall resolved = found.MoveValue();
  const Function* function = resolved.function;
  if (function == nullptr || function->kind == FunctionKind::kFunction) {
    WEIR_RETURN_NOT_OK(CheckPlain(scope, call, written));
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, BuildFunction(scope, std::move(written), resolved, sets));
    auto* built = std::get_if<Call>(&value->node);
    const bool syntax = call.funcformat() == pg_query::COERCE_SQL_SYNTAX;
    if (syntax && built != nullptr && built->form == CallForm::kFunction) built->form = CallForm::kSqlSyntax;
    return value;
  }
  if (function->kind == FunctionKind::kAggregate) {
    const postgres::Aggregate& facts = *postgres::FindAggregate(function->oid);
    WEIR_RETURN_NOT_OK(CheckAggregate(scope, call, written, facts, *function));
  } else if (!call.has_over()) {
    return Refuse(scope, written, sqlstate::kWrongObjectType,
                  fmt::format("window function {} requires an OVER clause", written.shown_name()));
  } else if (call.agg_within_group()) {
    return Refuse(scope, written, sqlstate::kWrongObjectType,
                  fmt::format("window function {} cannot have WITHIN GROUP", written.shown_name()));
  }
  if (call.has_over()) return BuildWindowCall(scope, call, std::move(written), resolved, std::move(filter), sets);
  return BuildAggregate(scope, call, std::move(written), resolved, std::move(filter));
}

Result<ExpressionPtr> AnalyzeGrouping(Scope& scope, const pg_query::GroupingFunc& grouping) {
  constexpr int kMaxGroupingArguments = 31;
  if (grouping.args_size() > kMaxGroupingArguments) {
    return ErrorAt(scope, grouping.location(), sqlstate::kTooManyArguments,
                   "GROUPING must have fewer than 32 arguments");
  }
  Grouping result;
  for (const Node& node : grouping.args()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr argument, Analyze(scope, node));
    result.arguments.push_back(std::move(argument));
  }
  WEIR_ASSIGN_OR_RETURN(result.level, PlaceAggregate(scope, Placed::kGrouping, {}, PointersTo(result.arguments),
                                                     grouping.location()));
  return MakeExpression(std::move(result), {oid::kInt4, -1}, scope.statement.Position(grouping.location()));
}

}  // namespace weir::sql::analyze
