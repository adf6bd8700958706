// Functions and procedures that are written in SQL: what their bodies mean, and CALL.
#include <fmt/format.h>

#include <algorithm>

#include "pg_query.pb.h"
#include "postgres/type.h"
#include "sql/analyze/function.h"
#include "sql/catalog/function_ddl.h"
#include "sql/dialect/parse_tree.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/session/session_routines.h"

namespace weir::sql {
namespace {

/// Where a statement of a body begins and ends in it, in bytes.
std::string StatementText(const std::string& body, const dialect::ParseTree& tree, int index) {
  const pg_query::RawStmt& statement = tree.statement(index);
  const auto begin = static_cast<size_t>(statement.stmt_location());
  const auto length = static_cast<size_t>(statement.stmt_len());
  return body.substr(begin, length == 0 ? std::string::npos : length);
}

bool IsQueryOfProcedure(const pg_query::Node& statement) {
  return statement.has_select_stmt() || statement.has_insert_stmt() || statement.has_update_stmt() ||
         statement.has_delete_stmt() || statement.has_merge_stmt();
}

/// A function that says it changes nothing does not.
Status CheckMayChangeIn(const SqlFunction& routine, const pg_query::Node& statement) {
  if (routine.procedure || routine.volatility == 'v' || statement.has_select_stmt()) return Status::OK();
  const char* command = statement.has_insert_stmt()   ? "INSERT"
                        : statement.has_update_stmt() ? "UPDATE"
                        : statement.has_delete_stmt() ? "DELETE"
                                                      : "MERGE";
  return Error("0A000", fmt::format("{} is not allowed in a non-volatile function", command));
}

Status NotInProcedure() {
  return Error("0A000", "statements other than queries are not supported in procedures");
}

/// Told in the body, to be told in the statement that has it.
Status PlacedInBody(const Status& failure, int position) {
  const int in_body = FieldsOf(failure).position;
  return AtPosition(failure, in_body > 0 && position > 0 ? position + in_body - 1 : 0);
}

}  // namespace

Status InRoutine(const SqlFunction& routine, const Status& failure) {
  ErrorFields fields = FieldsOf(failure);
  fields.position = 0;
  fields.row = -1;  // of the routine's rows
  return postgres::InContext(Error(std::move(fields)), fmt::format("SQL function \"{}\"", routine.name));
}

Status EngineSession::CheckFunction(const SqlFunction& function, int position) {
  RelationNames names = NamesHere();
  for (const SqlFunction::Parameter* input : function.Inputs()) {
    if (!input->default_value) continue;
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(input->type));
    const analyze::DefinitionExpression definition{.part = analyze::DefinitionPart::kDefault, .type = type};
    WEIR_RETURN_NOT_OK(analyze::AnalyzeExpression(*input->default_value, definition, {names, settings_}).status());
  }
  // Dumps make functions before the tables that their bodies name.
  if (function.standard.empty() && !parameters_.IsOn("check_function_bodies")) return Status::OK();
  if (!function.procedure) {
    const Status fits = analyze::CheckFunctionBody(function, {names, settings_});
    return fits.ok() ? fits : PlacedInBody(fits, position);
  }
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(function.body));
  const auto tree = dialect::ParseTree::Of(source);
  if (!tree.ok()) return PlacedInBody(tree.status(), position);
  for (int i = 0; i < tree->size(); ++i) {
    if (!IsQueryOfProcedure(tree->statement(i).stmt())) return NotInProcedure();
    analyze::Context context{names, settings_, {.allowed = true}};
    context.function = &function;
    for (const SqlFunction::Parameter* input : function.Inputs()) {
      WEIR_ASSIGN_OR_RETURN(context.parameters.types.emplace_back(), postgres::ParseType(input->type));
    }
    const Status means = analyze::AnalyzeStatement(source, *tree, i, context).status();
    if (!means.ok()) return PlacedInBody(means, position);
  }
  return Status::OK();
}

namespace {

/// The types of the arguments of a call as they are written; each of them is a column of the query.
std::string ArgumentsQuery(const CallProcedure& call) {
  std::string query = "SELECT ";
  for (const CallProcedure::Argument& argument : call.arguments) {
    query += (query.size() > 7 ? ", " : "") + ("(" + argument.expression + ")");
  }
  return query;
}

std::string CallSignature(const CallProcedure& call, const std::vector<postgres::Oid>& types) {
  std::string shown;
  for (const postgres::Oid type : types) shown += (shown.empty() ? "" : ", ") + postgres::FormatType(type);
  return fmt::format("{}({})", call.name.name, shown);
}

/// "$1" of a type that the client has not named.
bool IsUntypedParameter(const std::string& expression, const std::vector<uint32_t>& types) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool parameter = expression.size() > 1 && expression.front() == '$' &&
                         std::all_of(expression.begin() + 1, expression.end(), digit);
  if (!parameter) return false;
  const size_t place = std::strtoull(expression.c_str() + 1, nullptr, 10);
  return place > types.size() || place == 0 || types[place - 1] == 0 || types[place - 1] == postgres::oid::kUnknown;
}

/// A string or NULL, which has no type yet.
bool IsBareLiteral(const std::string& expression) {
  const auto same = [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b); };
  if (std::ranges::equal(std::string_view("NULL"), expression, same)) return true;
  const size_t tag = expression.starts_with('$') ? expression.find('$', 1) : std::string::npos;
  if (tag != std::string::npos) {  // $tag$…$tag$
    const std::string mark = expression.substr(0, tag + 1);
    return expression.find(mark, tag + 1) == expression.size() - mark.size();
  }
  if (expression.size() < 2 || expression.front() != '\'' || expression.back() != '\'') return false;
  size_t at = 1;
  while (at + 1 < expression.size() && (expression[at] != '\'' || expression[at + 1] == '\'')) {
    at += expression[at] == '\'' ? 2 : 1;
  }
  return at + 1 == expression.size();
}

}  // namespace

std::vector<std::string> NamesOfArguments(const CallProcedure& call) {
  std::vector<std::string> names;
  for (const CallProcedure::Argument& argument : call.arguments) {
    if (!argument.name.empty()) names.push_back(argument.name);
  }
  return names;
}

Result<std::vector<uint32_t>> EngineSession::TypesOfArguments(const CallProcedure& call,
                                                              const std::vector<uint32_t>& parameters) {
  std::vector<uint32_t> types;
  if (call.arguments.empty()) return types;
  WEIR_ASSIGN_OR_RETURN(const QueryPlan planned, PlanQuery(ArgumentsQuery(call), parameters));
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const std::string& written = call.arguments[i].expression;
    const bool bare = IsBareLiteral(written) || IsUntypedParameter(written, parameters);
    types.push_back(bare ? postgres::oid::kUnknown : planned.plan->columns()[i].type.oid);
  }
  return types;
}

/// The procedure that a call means. 42883 and 42725 where there is none, or more than one.
Result<analyze::FunctionMatch> EngineSession::FindProcedure(const CallProcedure& call,
                                                            const std::vector<uint32_t>& parameters) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<uint32_t> types, TypesOfArguments(call, parameters));
  const std::vector<std::string> names = NamesOfArguments(call);
  RelationNames here = NamesHere();
  WEIR_ASSIGN_OR_RETURN(const auto functions, here.FindFunctions(call.name.schema, call.name.name));
  const auto chosen = analyze::ChooseFunction(here.resolver(), functions, types, names);
  const std::string shown = CallSignature(call, types);
  if (!chosen.ok()) {
    return Error("42725", fmt::format("procedure {} is not unique", shown),
                 {.hint = "Could not choose a best candidate procedure. You might need to add explicit type casts.",
                  .position = call.name.position});
  }
  if (!chosen->function) {
    return Error("42883", fmt::format("procedure {} does not exist", shown),
                 {.hint = "No procedure matches the given name and argument types. You might need to add explicit type "
                          "casts.",
                  .position = call.name.position});
  }
  if (!chosen->function->procedure) {
    return Error("42809", fmt::format("{} is not a procedure", shown),
                 {.hint = "To call a function, use SELECT.", .position = call.name.position});
  }
  WEIR_RETURN_NOT_OK(here.CheckMayCall(*chosen->function, nullptr));
  return *chosen;
}

/// The arguments' values, in the order of the procedure's inputs.
Result<EngineSession::Values> EngineSession::ArgumentsOfCall(const CallProcedure& call,
                                                             const analyze::FunctionMatch& match) {
  Values values;
  const auto inputs = match.function->Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(inputs[i]->type));
    const int at = match.order[i];
    Expression argument;
    if (at < 0) {
      argument.text = *inputs[i]->default_value;
    } else {
      argument = {call.arguments[static_cast<size_t>(at)].expression, call.arguments[static_cast<size_t>(at)].position};
    }
    WEIR_ASSIGN_OR_RETURN(const ParameterValue text, TextOf(argument, type.oid));
    if (!text) {
      values.emplace_back();
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(values.emplace_back(), postgres::ReadText(type, *text, values_->settings));
  }
  return values;
}

/// The statements of a body, one after the other, in the transaction of the call.
EngineSession::Rows EngineSession::RunBody(const SqlFunction& routine, const Values& values,
                                           const std::string& instead) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(routine.body));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  duckdb::unique_ptr<duckdb::QueryResult> last;
  std::vector<uint32_t> types;
  for (const SqlFunction::Parameter* input : routine.Inputs()) {
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(input->type));
    types.push_back(type.oid);
  }
  for (int i = 0; i < tree.size(); ++i) {
    if (!IsQueryOfProcedure(tree.statement(i).stmt())) return NotInProcedure();
    WEIR_RETURN_NOT_OK(BeginRows());
    const bool is_last = i + 1 == tree.size();
    const bool replaced = is_last && !instead.empty();
    WEIR_ASSIGN_OR_RETURN(QueryPlan planned,
                          PlanQuery(replaced ? instead : StatementText(routine.body, tree, i), types));
    WEIR_RETURN_NOT_OK(CheckMayModify(planned));
    WEIR_RETURN_NOT_OK(CheckMayChangeIn(routine, tree.statement(i).stmt()));
    WEIR_ASSIGN_OR_RETURN(last, RunAgain(&planned, values, false));
    if (is_last) break;
    while (auto chunk = last->Fetch()) {
      if (chunk->size() == 0) break;
    }
    if (last->HasError()) return duck::RuntimeError(last->GetErrorObject());
  }
  return last;
}

/// Whose the procedure is that a call means: all of its name have one owner.
Result<access::RoleId> EngineSession::OwnerOf(const CallProcedure& call, const SqlFunction& procedure) {
  RelationNames names = NamesHere();
  WEIR_RETURN_NOT_OK(names.FindFunctions(call.name.schema, call.name.name).status());
  WEIR_ASSIGN_OR_RETURN(const analyze::DefinerPtr definer, names.DefinerOf(procedure));
  if (!definer) return current_role_;
  WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *definer->functions));
  return target.owner;
}

/// The same by its owner's rights, if it is SECURITY DEFINER, and by its search path, if it has one.
EngineSession::Rows EngineSession::RunWithRights(const SqlFunction& routine, access::RoleId owner,
                                                 const Values& values, const std::string& instead) {
  const SqlFunction* const around = std::exchange(body_of_, &routine);
  const access::RoleId caller = current_role_;
  const std::string path_around = parameters_.Get("search_path").value_or("");
  const auto act_as = [&](access::RoleId role) {
    current_role_ = state_->role = role;
    state_->user = NameOfUser(role);
  };
  if (routine.security_definer) act_as(owner);
  const Status path = routine.search_path ? parameters_.Set("search_path", *routine.search_path) : Status::OK();
  Rows run = path.ok() ? Guarded({}, [&] { return RunBody(routine, values, instead); }) : Rows(path);
  if (routine.search_path) (void)parameters_.Set("search_path", path_around);
  act_as(caller);
  body_of_ = around;
  return run;
}

EngineSession::Outcome EngineSession::RunCall(const CallProcedure& call) {
  WEIR_RETURN_NOT_OK(BeginRows());
  const std::vector<uint32_t> given = given_ != nullptr ? given_->types : std::vector<uint32_t>();
  WEIR_ASSIGN_OR_RETURN(const analyze::FunctionMatch match, FindProcedure(call, given));
  WEIR_ASSIGN_OR_RETURN(const Values values, ArgumentsOfCall(call, match));
  WEIR_ASSIGN_OR_RETURN(const access::RoleId owner, OwnerOf(call, *match.function));
  const Rows run = Guarded({}, [&]() -> Rows {
    WEIR_ASSIGN_OR_RETURN(auto last, RunWithRights(*match.function, owner, values, {}));
    while (auto chunk = last ? last->Fetch() : nullptr) {
      if (chunk->size() == 0) break;
    }
    if (last && last->HasError()) return duck::RuntimeError(last->GetErrorObject());
    return last;
  });
  if (!run.ok()) return InRoutine(*match.function, run.status());
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("CALL");
}

}  // namespace weir::sql
