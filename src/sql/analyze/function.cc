#include "sql/analyze/function.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/analyze/call.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/inline_function.h"
#include "sql/analyze/select.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/type_name.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::CoercionContext;
using postgres::Oid;
using postgres::TypeRef;

namespace {

// --- which function a call means

Oid TypeOidOf(const std::string& name) {
  const auto type = postgres::ParseType(name);
  return type.ok() ? type->oid : 0;
}

// How one function fits a call.
struct Fit {
  FunctionMatch match;
  int exact = 0;
  std::vector<Oid> inputs;  // along the call's arguments
};

// Places of the call's arguments, by input; nothing where they do not go together.
std::optional<std::vector<int>> OrderOf(const SqlFunction& function, size_t given,
                                        const std::vector<std::string>& names) {
  const auto inputs = function.Inputs();
  const size_t unnamed = given - names.size();
  if (given > inputs.size()) return std::nullopt;
  std::vector<int> order(inputs.size(), -1);
  for (size_t i = 0; i < unnamed; ++i) order[i] = static_cast<int>(i);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto named = std::ranges::find_if(inputs, [&](const auto* input) { return input->name == names[i]; });
    if (named == inputs.end() || order[static_cast<size_t>(named - inputs.begin())] >= 0) return std::nullopt;
    order[static_cast<size_t>(named - inputs.begin())] = static_cast<int>(unnamed + i);
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (order[i] < 0 && !inputs[i]->default_value) return std::nullopt;
  }
  return order;
}

std::optional<Fit> FitOf(const postgres::Resolver& resolver, const SqlFunctionPtr& function,
                         const std::vector<Oid>& types, const std::vector<std::string>& names) {
  const auto order = OrderOf(*function, types.size(), names);
  if (!order) return std::nullopt;
  Fit fit{.match = {function, *order}, .inputs = std::vector<Oid>(types.size())};
  const auto inputs = function->Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if ((*order)[i] < 0) continue;
    const auto at = static_cast<size_t>((*order)[i]);
    const Oid type = TypeOidOf(inputs[i]->type);
    if (types[at] == type) ++fit.exact;
    if (!resolver.CanCoerce(types[at], type, CoercionContext::kImplicit)) return std::nullopt;
    fit.inputs[at] = type;
  }
  return fit;
}

char CategoryOf(const postgres::Resolver& resolver, Oid type) {
  const postgres::Type* found = resolver.Find(type);
  return found == nullptr ? 'X' : found->category;
}

// Of functions that fit equally: those that take a text where a literal without a type stands.
void KeepThoseOfTexts(const postgres::Resolver& resolver, const std::vector<Oid>& types, std::vector<Fit>* fits) {
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] != oid::kUnknown) continue;
    const auto takes_text = [&](const Fit& fit) { return CategoryOf(resolver, fit.inputs[i]) == 'S'; };
    if (std::ranges::any_of(*fits, takes_text)) std::erase_if(*fits, [&](const Fit& fit) { return !takes_text(fit); });
  }
}

void KeepPreferred(const postgres::Resolver& resolver, const std::vector<Oid>& types, std::vector<Fit>* fits) {
  const auto count = [&](const Fit& fit) {
    int preferred = fit.exact;
    for (size_t i = 0; i < types.size(); ++i) {
      const postgres::Type* type = resolver.Find(fit.inputs[i]);
      preferred += types[i] != fit.inputs[i] && type != nullptr && type->preferred ? 1 : 0;
    }
    return preferred;
  };
  int most = 0;
  for (const Fit& fit : *fits) most = std::max(most, count(fit));
  std::erase_if(*fits, [&](const Fit& fit) { return count(fit) < most; });
}

std::string SignatureOf(const Scope& scope, const std::vector<std::string>& name, const FunctionArguments& arguments) {
  std::vector<std::string> shown;
  const size_t unnamed = arguments.values.size() - arguments.names.size();
  for (size_t i = 0; i < arguments.values.size(); ++i) {
    std::string type = TypeName(scope, arguments.values[i]->type.oid);
    shown.push_back(i < unnamed ? type : arguments.names[i - unnamed] + " => " + type);
  }
  return fmt::format("{}({})", Dotted(name), fmt::join(shown, ", "));
}

// The database's function that a call means; none where the database has none of the name.
Result<std::optional<FunctionMatch>> FindCalled(Scope& scope, const std::vector<std::string>& name,
                                                const FunctionArguments& arguments, int location) {
  const std::string schema = name.size() > 1 ? name[name.size() - 2] : "";
  WEIR_RETURN_NOT_OK(CheckSchemaWritten(scope, schema, location));
  WEIR_ASSIGN_OR_RETURN(const auto functions, scope.statement.names.FindFunctions(schema, name.back()));
  if (functions.empty()) return std::optional<FunctionMatch>();
  std::vector<Oid> types;
  for (const ExpressionPtr& value : arguments.values) types.push_back(value->type.oid);
  Result<FunctionMatch> chosen = ChooseFunction(scope.statement.resolver, functions, types, arguments.names);
  const auto refuse = [&](std::string_view state, std::string_view what, std::string hint) {
    return ErrorAt(scope, location, state,
                   fmt::format("{}{} {}", state == sqlstate::kWrongObjectType ? "" : "function ",
                               SignatureOf(scope, name, arguments), what),
                   std::move(hint));
  };
  if (!chosen.ok()) {
    return refuse(sqlstate::kAmbiguousFunction, "is not unique",
                  "Could not choose a best candidate function. You might need to add explicit type casts.");
  }
  if (!chosen->function) {
    return refuse(sqlstate::kUndefinedFunction, "does not exist",
                  "No function matches the given name and argument types. You might need to add explicit type casts.");
  }
  if (chosen->function->procedure) {
    return refuse(sqlstate::kWrongObjectType, "is a procedure", "To call a procedure, use CALL.");
  }
  WEIR_RETURN_NOT_OK(
      scope.statement.names.OfSession().CheckMayCall(*chosen->function, scope.statement.definer.get()));
  if (scope.statement.noted != nullptr) scope.statement.noted->functions.insert(chosen->function->id);
  return std::optional(chosen.MoveValue());
}

// The arguments in the order and of the types of the inputs.
Result<Expressions> ArgumentsOf(Scope& scope, const FunctionMatch& match, FunctionArguments given) {
  Expressions arguments;
  const auto inputs = match.function->Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Oid type = TypeOidOf(inputs[i]->type);
    if (match.order[i] < 0) {
      const DefinitionExpression definition{.part = DefinitionPart::kDefault, .type = {type, -1}};
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                            AnalyzeExpression(*inputs[i]->default_value, definition,
                                              {scope.statement.names.OfSession(), scope.statement.settings}));
      arguments.push_back(std::move(value));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                          Coerce(scope, std::move(given.values[static_cast<size_t>(match.order[i])]), type));
    arguments.push_back(std::move(value));
  }
  return arguments;
}

// --- bodies

Status NotGiven(const SqlFunction& function, std::string detail) {
  const std::string result = function.procedure ? "void" : postgres::WithTypeNames(function.result);
  const Status failure = postgres::Error(
      sqlstate::kInvalidFunctionDefinition,
      fmt::format("return type mismatch in function declared to return {}", result), {.detail = std::move(detail)});
  return postgres::InContext(failure, fmt::format("SQL function \"{}\"", function.name));
}

std::vector<TypeRef> ParameterTypes(const SqlFunction& function) {
  std::vector<TypeRef> types;
  for (const SqlFunction::Parameter* input : function.Inputs()) types.push_back({TypeOidOf(input->type), -1});
  return types;
}

}  // namespace

Result<std::vector<OutputColumn>> ResultColumns(const SqlFunction& function, Names& names) {
  std::vector<OutputColumn> columns;
  if (!function.result_schema.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto relation, names.FindRelation(function.result_schema, function.result));
    if (!relation) {
      return postgres::Error(sqlstate::kUndefinedTable, fmt::format("relation \"{}\" does not exist", function.result));
    }
    for (const OutputColumn& column : relation->columns) {
      if (!column.hidden) columns.push_back(column);
    }
    return columns;
  }
  const auto outputs = function.Outputs();
  for (const SqlFunction::Parameter* output : outputs) {
    std::string name = output->name.empty() ? fmt::format("column{}", columns.size() + 1) : output->name;
    if (outputs.size() == 1 && output->name.empty()) name = function.name;
    columns.push_back({std::move(name), {TypeOidOf(output->type), -1}});
  }
  if (columns.empty()) columns.push_back({function.name, {TypeOidOf(function.result), -1}});
  return columns;
}

namespace {

// 42P13 for a query that does not give the columns.
Status CheckGives(const SqlFunction& function, const Query& query, const std::vector<OutputColumn>& columns,
                  const Scope& scope) {
  std::vector<const Target*> given;
  for (const Target& target : query.targets) {
    if (!target.hidden) given.push_back(&target);
  }
  const bool row = function.returns_row();
  if (given.size() != columns.size()) {
    if (!row) return NotGiven(function, "Final statement must return exactly one column.");
    return NotGiven(function, given.size() < columns.size() ? "Final statement returns too few columns."
                                                            : "Final statement returns too many columns.");
  }
  for (size_t i = 0; i < given.size(); ++i) {
    const Oid from = given[i]->expression->type.oid;
    if (CanCoerce(scope, from, columns[i].type.oid, CoercionContext::kAssignment)) continue;
    const std::string actual = TypeName(scope, from);
    if (!row) return NotGiven(function, fmt::format("Actual return type is {}.", actual));
    return NotGiven(function, fmt::format("Final statement returns {} instead of {} at column {}.", actual,
                                          TypeName(scope, columns[i].type.oid), i + 1));
  }
  return Status::OK();
}

// Whether a query's columns are only given, so that it does not matter of which type they are.
bool OnlyGivesColumns(const Query& query) {
  return !query.set_operation && !query.distinct && query.distinct_on.empty() && query.order_by.empty() &&
         query.group_by.empty() && !query.grouping_sets && query.windows.empty();
}

// The query, or one above it, that gives its columns in other types.
Result<QueryPtr> Converted(Scope& scope, QueryPtr query, const std::vector<OutputColumn>& columns) {
  bool same = true;
  std::vector<TypeRef> types;
  for (const Target& target : query->targets) {
    if (target.hidden) continue;
    same = same && target.expression->type.oid == columns[types.size()].type.oid;
    types.push_back(target.expression->type);
  }
  if (same) return query;
  size_t place = 0;
  for (Target& target : query->targets) {
    if (!OnlyGivesColumns(*query)) break;
    if (target.hidden) continue;
    WEIR_ASSIGN_OR_RETURN(target.expression,
                          CoerceIfPossible(scope, std::move(target.expression), columns[place++].type,
                                           CoercionContext::kAssignment, CallForm::kImplicitCast));
  }
  if (OnlyGivesColumns(*query)) return query;
  auto above = std::make_unique<Query>();
  RangeEntry entry;
  entry.alias = "body";
  for (size_t i = 0; i < types.size(); ++i) {
    entry.columns.push_back({columns[i].name, types[i]});
    ExpressionPtr value = MakeExpression(ColumnReference{0, 0, static_cast<int>(i)}, types[i], 0);
    WEIR_ASSIGN_OR_RETURN(value, CoerceIfPossible(scope, std::move(value), columns[i].type,
                                                  CoercionContext::kAssignment, CallForm::kImplicitCast));
    above->targets.push_back({columns[i].name, std::move(value)});
  }
  entry.source = RangeEntry::Subquery{std::move(query)};
  above->relations.push_back(std::move(entry));
  above->from.push_back({.relation = 0});
  return above;
}

constexpr int kMostNested = 24;     // calls in bodies of functions that are called
constexpr int kMostInlined = 2000;  // calls in a statement

// Where a function calls itself, its bodies would have no end.
Status CountInlined(Statement& statement) {
  if (statement.function_depth < kMostNested && ++*statement.inlined < kMostInlined) return Status::OK();
  return postgres::Error(sqlstate::kStatementTooComplex, "stack depth limit exceeded",
                         {.hint = "A function takes the place of its calls, and so cannot call itself."});
}

bool ChangesRows(const pg_query::Node& statement) {
  return statement.has_insert_stmt() || statement.has_update_stmt() || statement.has_delete_stmt() ||
         statement.has_merge_stmt();
}

// Whether a body's statements are run one by one; else it is one query, which takes the place of a call.
bool RunsStatements(const SqlFunction& function, const dialect::ParseTree& tree) {
  if (tree.size() != 1) return tree.size() > 1 || function.result == "void";
  const pg_query::Node& only = tree.statement(0).stmt();
  const auto changes = [](const pg_query::Node& item) { return ChangesRows(item.common_table_expr().ctequery()); };
  return ChangesRows(only) || std::ranges::any_of(only.select_stmt().with_clause().ctes(), changes);
}

Status CalledElsewhere(const SqlFunction& function) {
  return postgres::Error(sqlstate::kFeatureNotSupported,
                         fmt::format("function {} changes rows or has several statements, and is not supported within "
                                     "a query",
                                     FunctionSignature(function, true)),
                         {.hint = kCalledAlone});
}

// 42P13 unless the last statement of a body gives the columns. Void functions give what they like.
Status CheckLastGives(const SqlFunction& function, Statement& statement, Query& query,
                      const std::vector<OutputColumn>& columns) {
  if (function.result == "void") return Status::OK();
  if (VisibleColumns(query) == 0) {
    return NotGiven(function, "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
  }
  return CheckGives(function, query, columns, Scope(statement, nullptr, &query));
}

// Of a body whose statements are run one by one. Errors of each of them.
Status CheckStatements(const SqlFunction& function, const dialect::Source& source, const dialect::ParseTree& tree,
                       const Context& context, const std::vector<OutputColumn>& columns) {
  for (int i = 0; i < tree.size(); ++i) {
    const pg_query::Node& written = tree.statement(i).stmt();
    if (!ChangesRows(written) && !written.has_select_stmt()) {
      return postgres::Error(sqlstate::kFeatureNotSupported,
                             "statements other than queries are not supported in functions");
    }
    Statement statement(source, tree.begin(), context);
    WEIR_ASSIGN_OR_RETURN(const QueryPtr query, AnalyzeQuery(statement, nullptr, written));
    const bool gives = i + 1 == tree.size() && function.result != "void";
    if (gives && std::ranges::any_of(query->with, [](const WithItem& item) {
          return item.query->command != Query::Command::kSelect;
        })) {
      return postgres::Error(sqlstate::kFeatureNotSupported,
                             "a WITH that changes rows is not supported in a function's final statement");
    }
    if (i + 1 == tree.size()) WEIR_RETURN_NOT_OK(CheckLastGives(function, statement, *query, columns));
  }
  return Status::OK();
}

// The query of a body that is one; `columns`: what it is to give. Void functions give what they like.
Result<QueryPtr> AnalyzeBody(const SqlFunction& function, Statement& statement, const dialect::ParseTree& tree,
                             const std::vector<OutputColumn>& columns) {
  if (tree.size() == 0 || !tree.statement(0).stmt().has_select_stmt()) {
    return NotGiven(function, "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
  }
  WEIR_ASSIGN_OR_RETURN(QueryPtr query, AnalyzeQuery(statement, nullptr, tree.statement(0).stmt()));
  if (query->command != Query::Command::kSelect) return postgres::Error(sqlstate::kFeatureNotSupported, "not a query");
  if (function.result == "void") return query;
  Scope scope(statement, nullptr, query.get());
  WEIR_RETURN_NOT_OK(CheckGives(function, *query, columns, scope));
  return Converted(scope, std::move(query), columns);
}

// What a call is made of: the body's query, the columns that it gives.
struct Body {
  QueryPtr query;
  std::vector<OutputColumn> columns;
};

// The rights that a body has: a function's owner's, or those of what calls it.
Result<DefinerPtr> RightsOf(const SqlFunction& function, Names& names, const Statement* caller) {
  if (function.security_definer) return names.DefinerOf(function);
  return caller == nullptr ? DefinerPtr() : caller->definer;
}

Result<Body> BodyOf(const SqlFunction& function, const Context& context, const Statement* caller) {
  Body body;
  const auto names_of_path = function.search_path ? context.names.WithSearchPath(*function.search_path) : nullptr;
  Names& names = names_of_path ? *names_of_path : context.names;
  WEIR_ASSIGN_OR_RETURN(body.columns, ResultColumns(function, names));
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(function.body));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  Context inner{names, context.settings, {.allowed = true, .types = ParameterTypes(function)}};
  inner.function = &function;
  if (RunsStatements(function, tree)) {
    if (caller != nullptr) return CalledElsewhere(function);
    WEIR_RETURN_NOT_OK(CheckStatements(function, source, tree, inner, body.columns));
    return body;
  }
  Statement statement(source, tree.begin(), inner);
  WEIR_ASSIGN_OR_RETURN(statement.definer, RightsOf(function, context.names, caller));
  if (caller != nullptr) {
    statement.stack_base = caller->stack_base;
    statement.function_depth = caller->function_depth + 1;
    statement.inlined = caller->inlined;
  }
  WEIR_ASSIGN_OR_RETURN(body.query, AnalyzeBody(function, statement, tree, body.columns));
  return body;
}

// The same of a call, whose errors are not in the statement's text.
Result<Body> BodyOfCall(const SqlFunction& function, Statement& statement) {
  WEIR_RETURN_NOT_OK(statement.CheckStack());
  WEIR_RETURN_NOT_OK(CountInlined(statement));
  Result<Body> body = BodyOf(function, {statement.names.OfSession(), statement.settings}, &statement);
  if (body.ok()) return body;
  return postgres::InContext(postgres::AtPosition(body.status(), 0), fmt::format("SQL function \"{}\"", function.name));
}

}  // namespace

Result<FunctionMatch> ChooseFunction(const postgres::Resolver& resolver, const std::vector<SqlFunctionPtr>& functions,
                                     const std::vector<Oid>& types, const std::vector<std::string>& names) {
  std::vector<Fit> fits;
  for (const SqlFunctionPtr& function : functions) {
    if (auto fit = FitOf(resolver, function, types, names)) fits.push_back(std::move(*fit));
  }
  if (fits.empty()) return FunctionMatch();
  int most = 0;
  for (const Fit& fit : fits) most = std::max(most, fit.exact);
  std::erase_if(fits, [&](const Fit& fit) { return fit.exact < most; });
  if (fits.size() > 1) KeepPreferred(resolver, types, &fits);
  if (fits.size() > 1) KeepThoseOfTexts(resolver, types, &fits);
  if (fits.size() == 1) return std::move(fits[0].match);
  return postgres::Error(sqlstate::kAmbiguousFunction, "several functions fit");
}

namespace {

/// Null where the arguments cannot be kept beside what the function makes of them. `given`: so many of the arguments
/// were written, and are no defaults.
std::shared_ptr<const CalledFunction> CallOf(const Scope& scope, const SqlFunction& function,
                                             const Expressions& arguments, size_t given) {
  auto called = std::make_shared<CalledFunction>();
  called->function = function.id;
  called->schema = scope.statement.names.SchemaOf(function);
  called->name = function.name;
  called->volatility = function.volatility;
  for (size_t i = 0; i < std::min(given, arguments.size()); ++i) {
    called->arguments.push_back(Clone(*arguments[i]));
    if (!called->arguments.back()) return nullptr;
  }
  return called;
}

}  // namespace

Result<ExpressionPtr> AnalyzeMadeCall(Scope& scope, const std::vector<std::string>& name, FunctionArguments* arguments,
                                      int location) {
  WEIR_ASSIGN_OR_RETURN(const auto match, FindCalled(scope, name, *arguments, location));
  if (!match) return ExpressionPtr();
  const SqlFunction& function = *match->function;
  if (function.returns_set || function.returns_row()) {
    return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                   fmt::format("function {} gives rows, and is supported in FROM only",
                               FunctionSignature(function, true)));
  }
  const size_t given = arguments->names.empty() ? arguments->values.size() : function.parameters.size();
  WEIR_ASSIGN_OR_RETURN(Expressions values, ArgumentsOf(scope, *match, std::move(*arguments)));
  WEIR_ASSIGN_OR_RETURN(Body body, BodyOfCall(function, scope.statement));
  const TypeRef type = function.result == "void" ? TypeRef{oid::kVoid, -1} : body.columns[0].type;
  const auto called = scope.statement.keeps_calls ? CallOf(scope, function, values, given) : nullptr;
  WEIR_ASSIGN_OR_RETURN(
      ExpressionPtr value,
      InlineValue({function, std::move(body.query), std::move(values), type, scope.statement.Position(location)}));
  value->called = called;
  return value;
}

Result<ExpressionPtr> AnalyzeKeptCall(Scope& scope, const pg_query::FuncCall& call) {
  const auto malformed = [&] { return ErrorAt(scope, call.location(), sqlstate::kSyntaxError, "syntax error"); };
  const auto number = [&](int i) { return call.args(i).has_a_const() ? call.args(i).a_const().ival().ival() : -1; };
  if (call.args_size() != 4 || !call.args(1).has_a_const() || !call.args(3).has_func_call()) return malformed();
  const pg_query::FuncCall& written = call.args(3).func_call();
  const std::vector<std::string> name = NamesOf(written.funcname());
  const std::string& volatility = call.args(1).a_const().sval().sval();
  if (name.size() != 2 || volatility.size() != 1 || number(0) < 0) return malformed();
  auto called = std::make_shared<CalledFunction>();
  called->function = number(0);
  called->schema = name[0];
  called->name = name[1];
  called->volatility = volatility[0];
  for (const pg_query::Node& argument : written.args()) {
    WEIR_ASSIGN_OR_RETURN(called->arguments.emplace_back(), Analyze(scope, argument));
  }
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, Analyze(scope, call.args(2)));
  value->called = std::move(called);
  return value;
}

Result<std::optional<RangeEntry>> MadeFunctionEntry(Scope& scope, const pg_query::RangeFunction& function) {
  std::optional<RangeEntry> none;
  if (function.functions_size() != 1 || function.coldeflist_size() > 0) return none;
  const auto& items = function.functions(0).list().items();
  if (items.empty() || !items[0].has_func_call()) return none;
  if (items.size() > 1 && items[1].list().items_size() > 0) return none;
  const pg_query::FuncCall& call = items[0].func_call();
  const std::vector<std::string> name = NamesOf(call.funcname());
  const bool own_schema = name.size() > 1 && name[name.size() - 2] != "pg_catalog";
  if (!own_schema && !postgres::FindFunctions(name.back()).empty()) return none;
  WEIR_ASSIGN_OR_RETURN(const auto known,
                        scope.statement.names.FindFunctions(own_schema ? name[name.size() - 2] : "", name.back()));
  if (known.empty()) return none;
  const InClause in(scope, Clause::kFromFunction);
  WEIR_ASSIGN_OR_RETURN(FunctionArguments given, ReadArguments(scope, call));
  WEIR_ASSIGN_OR_RETURN(const auto match, FindCalled(scope, name, given, call.location()));
  if (!match) return none;
  const SqlFunction& made = *match->function;
  WEIR_ASSIGN_OR_RETURN(Expressions values, ArgumentsOf(scope, *match, std::move(given)));
  RangeEntry entry;
  for (const ExpressionPtr& value : values) entry.lateral = entry.lateral || FindColumnOfLevel(*value) != nullptr;
  WEIR_ASSIGN_OR_RETURN(Body body, BodyOfCall(made, scope.statement));
  entry.columns = body.columns;
  entry.alias = function.has_alias() ? function.alias().aliasname() : made.name;
  if (!made.returns_row() && made.Outputs().empty()) entry.columns[0].name = entry.alias;
  entry.position = scope.statement.Position(call.location());
  const TypeRef type = made.result == "void" ? TypeRef{oid::kVoid, -1} : body.columns[0].type;
  WEIR_ASSIGN_OR_RETURN(QueryPtr rows,
                        InlineRows({made, std::move(body.query), std::move(values), type, entry.position}));
  if (function.ordinality()) {
    rows = WithNumbers(std::move(rows));
    entry.columns.push_back({"ordinality", {oid::kInt8, -1}});
  }
  entry.source = RangeEntry::Subquery{std::move(rows)};
  return std::optional(std::move(entry));
}

Status CheckFunctionBody(const SqlFunction& function, const Context& context) {
  return BodyOf(function, context, nullptr).status();
}

ExpressionPtr NamedParameter(const Statement& statement, const std::string& qualifier, const std::string& name,
                             int location) {
  if (statement.function == nullptr) return nullptr;
  if (!qualifier.empty() && qualifier != statement.function->name) return nullptr;
  const auto inputs = statement.function->Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]->name.empty() || inputs[i]->name != name) continue;
    return MakeExpression(Parameter{static_cast<int>(i) + 1}, {TypeOidOf(inputs[i]->type), -1},
                          statement.Position(location));
  }
  return nullptr;
}

}  // namespace weir::sql::analyze
