// Functions and procedures that are written in SQL: what their bodies mean, and CALL.
#include <fmt/format.h>

#include <algorithm>

#include "pg_query.pb.h"
#include "postgres/type.h"
#include "sql/analyze/function.h"
#include "sql/catalog/function_ddl.h"
#include "sql/dialect/parse_tree.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"

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

Status NotInProcedure() {
  return Error("0A000", "statements other than queries are not supported in procedures");
}

/// An error of a body, which is not in the statement's own text.
Status InRoutine(const SqlFunction& routine, const Status& failure) {
  const ErrorFields fields = FieldsOf(failure);
  const Status here = Error(fields.sqlstate, fields.message,
                            {.detail = fields.detail,
                             .hint = fields.hint,
                             .schema = fields.schema,
                             .table = fields.table,
                             .column = fields.column,
                             .constraint = fields.constraint});
  return postgres::InContext(here, fmt::format("SQL function \"{}\"", routine.name));
}

/// Told in the body, to be told in the statement that has it.
Status PlacedInBody(const Status& failure, int position) {
  const ErrorFields fields = FieldsOf(failure);
  const bool known = fields.position > 0 && position > 0;
  const Status placed = Error(fields.sqlstate, fields.message,
                              {.detail = fields.detail,
                               .hint = fields.hint,
                               .position = known ? position + fields.position - 1 : 0});
  return fields.context.empty() ? placed : postgres::InContext(placed, fields.context);
}

}  // namespace

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

bool IsBareLiteral(const std::string& expression) {
  return expression.starts_with('\'') && expression.find('\'', 1) == expression.size() - 1;
}

}  // namespace

/// The procedure that a call means. 42883 and 42725 where there is none, or more than one.
Result<analyze::FunctionMatch> EngineSession::FindProcedure(const CallProcedure& call) {
  std::vector<postgres::Oid> types;
  std::vector<std::string> names;
  if (!call.arguments.empty()) {
    WEIR_ASSIGN_OR_RETURN(const QueryPlan planned, PlanQuery(ArgumentsQuery(call)));
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const bool bare = IsBareLiteral(call.arguments[i].expression);
      types.push_back(bare ? postgres::oid::kUnknown : planned.plan->columns()[i].type.oid);
      if (!call.arguments[i].name.empty()) names.push_back(call.arguments[i].name);
    }
  }
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

/// The statements of a body, one after the other, in the transaction of the CALL.
Status EngineSession::RunBody(const SqlFunction& procedure, const Values& values) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(procedure.body));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  std::vector<uint32_t> types;
  for (const SqlFunction::Parameter* input : procedure.Inputs()) {
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(input->type));
    types.push_back(type.oid);
  }
  for (int i = 0; i < tree.size(); ++i) {
    if (!IsQueryOfProcedure(tree.statement(i).stmt())) return NotInProcedure();
    WEIR_RETURN_NOT_OK(BeginRows());
    WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(StatementText(procedure.body, tree, i), types));
    const bool modifies = planned.plan->target() != nullptr || !planned.plan->changes().empty();
    if (modifies) WEIR_RETURN_NOT_OK(CheckMayChange("CALL"));
    WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(&planned, values, false));
    while (auto chunk = result->Fetch()) {
      if (chunk->size() == 0) break;
    }
    if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
  }
  return Status::OK();
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
Status EngineSession::RunWithRights(const SqlFunction& procedure, access::RoleId owner, const Values& values) {
  const SqlFunction* const around = std::exchange(body_of_, &procedure);
  const access::RoleId caller = current_role_;
  const Parameters parameters = parameters_;
  const auto act_as = [&](access::RoleId role) {
    current_role_ = state_->role = role;
    state_->user = NameOfUser(role);
  };
  if (procedure.security_definer) act_as(owner);
  Status run = procedure.search_path ? parameters_.Set("search_path", *procedure.search_path) : Status::OK();
  if (run.ok()) run = RunBody(procedure, values);
  parameters_ = parameters;
  act_as(caller);
  body_of_ = around;
  return run;
}

EngineSession::Outcome EngineSession::RunCall(const CallProcedure& call) {
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const analyze::FunctionMatch match, FindProcedure(call));
  WEIR_ASSIGN_OR_RETURN(const Values values, ArgumentsOfCall(call, match));
  WEIR_ASSIGN_OR_RETURN(const access::RoleId owner, OwnerOf(call, *match.function));
  const Status run = Guarded({}, [&] { return RunWithRights(*match.function, owner, values); });
  if (!run.ok()) return InRoutine(*match.function, run);
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("CALL");
}

}  // namespace weir::sql
