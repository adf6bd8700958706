// Statements that are a call of a function of several statements, or of one that changes rows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pg_query.pb.h"
#include "postgres/identifier.h"
#include "postgres/made_type.h"
#include "postgres/type.h"
#include "sql/analyze/function.h"
#include "sql/dialect/parse_tree.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "sql/session/engine_session.h"
#include "sql/session/session_routines.h"

namespace weir::sql {
namespace {

std::string CastTo(const std::string& value, postgres::TypeRef type) {
  return fmt::format("CAST({} AS {})", value, postgres::KeptTypeText({type.oid}));
}

/// The text of the last statement of a body; empty: it has none.
Result<std::string> LastStatement(const SqlFunction& function) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(function.body));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  if (tree.size() == 0) return std::string();
  const pg_query::RawStmt& last = tree.statement(tree.size() - 1);
  const auto length = static_cast<size_t>(last.stmt_len());
  return function.body.substr(static_cast<size_t>(last.stmt_location()), length == 0 ? std::string::npos : length);
}

/// The last statement with its rows as the function is declared to give them: all, or the first, or one of NULLs.
std::string ResultText(const SqlFunction& function, const std::string& last,
                       const std::vector<analyze::OutputColumn>& columns) {
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const analyze::OutputColumn& column : columns) {
    names.push_back(fmt::format("c{}", names.size() + 1));
    values.push_back(fmt::format("{} AS {}", CastTo("b." + names.back(), column.type),
                                 postgres::QuoteIdentifier(column.name)));
  }
  const std::string_view rows =
      function.returns_set ? "body b" : "(SELECT 1) one LEFT JOIN (SELECT * FROM body LIMIT 1) b ON true";
  return fmt::format("WITH body({}) AS ({}\n) SELECT {} FROM {}", fmt::join(names, ", "), last,
                     fmt::join(values, ", "), rows);
}

/// What a function gives without being run, or one that gives nothing.
std::string NothingText(const SqlFunction& function, const std::vector<analyze::OutputColumn>& columns) {
  if (function.result == "void") return "SELECT ''::pg_catalog.text";
  std::vector<std::string> values;
  for (const analyze::OutputColumn& column : columns) values.push_back(CastTo("NULL", column.type));
  return fmt::format("SELECT {}{}", fmt::join(values, ", "), function.returns_set ? " WHERE false" : "");
}

}  // namespace

Result<std::string> ArgumentsText(const CallProcedure& call, const analyze::FunctionMatch& match) {
  std::vector<std::string> values;
  const auto inputs = match.function->Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int at = match.order[i];
    const std::string& written =
        at < 0 ? *inputs[i]->default_value : call.arguments[static_cast<size_t>(at)].expression;
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(inputs[i]->type));
    values.push_back(fmt::format("{}::pg_catalog.text", CastTo("(" + written + ")", type)));
  }
  if (values.empty()) values.push_back("NULL");
  return fmt::format("SELECT {}", fmt::join(values, ", "));
}

Result<QueryPlan> EngineSession::PlanStatement(const std::string& text, std::vector<uint32_t> parameters) {
  Result<QueryPlan> planned = PlanQuery(text, parameters);
  if (planned.ok() || FieldsOf(planned.status()).hint != analyze::kCalledAlone) return planned;
  WEIR_ASSIGN_OR_RETURN(const auto call, dialect::ReadCallStatement(text));
  return call ? PlanCall(*call, text, parameters) : planned;
}

Result<QueryPlan> EngineSession::PlanCall(const dialect::CallStatement& statement, const std::string& text,
                                          const std::vector<uint32_t>& parameters) {
  const CallProcedure& call = statement.call;
  WEIR_ASSIGN_OR_RETURN(const std::vector<uint32_t> types, TypesOfArguments(call, parameters));
  RelationNames names = NamesHere();
  WEIR_ASSIGN_OR_RETURN(const auto functions, names.FindFunctions(call.name.schema, call.name.name));
  WEIR_ASSIGN_OR_RETURN(const analyze::FunctionMatch match,
                        analyze::ChooseFunction(names.resolver(), functions, types, NamesOfArguments(call)));
  if (!match.function) return Error("42883", fmt::format("function {} does not exist", call.name.name));
  const SqlFunction& function = *match.function;
  if (!statement.in_from && function.returns_row()) {
    return Error("0A000", fmt::format("function {} gives rows, and is supported in FROM only",
                                      FunctionSignature(function, true)));
  }
  WEIR_RETURN_NOT_OK(names.CheckMayCall(function, nullptr));
  WEIR_ASSIGN_OR_RETURN(const std::string arguments, ArgumentsText(call, match));
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(arguments, parameters));
  planned.arguments = std::make_shared<QueryPlan>(planned);
  planned.text = text;
  planned.asked = parameters;
  planned.function = match.function;
  planned.relations.insert(planned.relations.end(), names.found().begin(), names.found().end());
  WEIR_ASSIGN_OR_RETURN(const auto columns, analyze::ResultColumns(function, names));
  for (const analyze::OutputColumn& column : columns) {
    planned.columns.push_back(DescribeColumn(column.name, column.type));
  }
  const bool value = !function.returns_row() && function.Outputs().empty();
  if (value && !statement.alias.empty()) planned.columns[0].name = statement.alias;
  return planned;
}

Result<EngineSession::Values> EngineSession::ArgumentsOf(QueryPlan* planned, const Values& parameters) {
  WEIR_ASSIGN_OR_RETURN(const auto result, RunAgain(planned->arguments.get(), parameters, false));
  const auto chunk = result->Fetch();
  if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
  Values values;
  for (const SqlFunction::Parameter* input : planned->function->Inputs()) {
    const duckdb::Value text = chunk->GetValue(values.size(), 0);
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(input->type));
    values.emplace_back();
    if (text.IsNull()) continue;
    WEIR_ASSIGN_OR_RETURN(values.back(),
                          postgres::ReadText(type, duckdb::StringValue::Get(text), values_->settings));
  }
  return values;
}

EngineSession::Outcome EngineSession::RunFunction(QueryPlan* planned, const Values& values) {
  const SqlFunctionPtr function = planned->function;
  WEIR_ASSIGN_OR_RETURN(const Values arguments, ArgumentsOf(planned, values));
  RelationNames names = NamesHere();
  for (const RelationPtr& relation : planned->relations) names.Named(relation, relation->path.database);
  WEIR_ASSIGN_OR_RETURN(const auto columns, analyze::ResultColumns(*function, names));
  WEIR_ASSIGN_OR_RETURN(const std::string last, LastStatement(*function));
  WEIR_ASSIGN_OR_RETURN(const analyze::DefinerPtr definer, names.DefinerOf(*function));
  access::RoleId owner = current_role_;
  if (definer) {
    WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *definer->functions));
    owner = target.owner;
  }
  const auto is_null = [](const postgres::Value& value) { return value.is_null(); };
  const bool runs = !function->strict || std::ranges::none_of(arguments, is_null);
  const bool gives = runs && function->result != "void";
  Rows rows = !runs ? Rows(nullptr)
                    : RunWithRights(*function, owner, arguments, gives ? ResultText(*function, last, columns) : "");
  if (!rows.ok()) return InRoutine(*function, rows.status());
  if (!gives) {
    WEIR_ASSIGN_OR_RETURN(QueryPlan nothing, PlanQuery(NothingText(*function, columns)));
    rows = RunAgain(&nothing, {}, false);
    if (!rows.ok()) return rows.status();
  }
  auto transaction = transaction_;
  WEIR_RETURN_NOT_OK(FinishStatement());
  open_ = std::make_shared<OpenRows>(connection_, rows.MoveValue(), planned->columns, std::move(transaction),
                                     engine_->memory);
  return RowsOf(open_, "SELECT", [this](const Status& failure) { return FailedRows(failure); });
}

}  // namespace weir::sql
