#include "sql/duckdb/plan.h"

#include "sql/duckdb/physical.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using Values = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

duckdb::LogicalType FormOfParameter(postgres::TypeRef type) {
  return type.oid == postgres::oid::kNumeric ? BigNumericType() : PhysicalType(type);
}

}  // namespace

const SessionValues& SessionValues::Of(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<SessionValues>(kKey);
  if (!state) Throw(Error("XX000", "the session has no settings"));
  return *state;
}

Result<std::shared_ptr<const Plan>> Plan::Make(const analyze::AnalyzedQuery& query, const EmitContext& session) {
  return Guarded({}, [&]() -> Result<std::shared_ptr<const Plan>> {
    auto plan = std::make_shared<Plan>();
    Emitter emitter(session);
    plan->statement_ = emitter.Statement(*query.query);
    plan->parameters_ = query.parameters;
    for (size_t i = 0; i < query.columns.size(); ++i) {
      plan->columns_.push_back({query.columns[i].name, query.columns[i].type, emitter.columns()[i].type});
    }
    return std::shared_ptr<const Plan>(std::move(plan));
  });
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> Plan::Run(duckdb::Connection& connection,
                                                          const std::vector<postgres::Value>& values, bool streaming) const {
  using Rows = Result<duckdb::unique_ptr<duckdb::QueryResult>>;
  return GuardedRun([&]() -> Rows {
    Values named;
    for (size_t i = 0; i < values.size(); ++i) {
      auto value = ToDuck(values[i], parameters_[i], FormOfParameter(parameters_[i]));
      named.emplace(std::to_string(i + 1), duckdb::BoundParameterData(std::move(value)));
    }
    auto statement = statement_->Copy();
    for (size_t i = 0; i < values.size(); ++i) statement->named_param_map.emplace(std::to_string(i + 1), i + 1);
    auto pending = connection.context->PendingQuery(std::move(statement), named, streaming);
    if (pending->HasError()) return RuntimeError(pending->GetErrorObject());
    auto result = pending->Execute();
    if (result->HasError()) return RuntimeError(result->GetErrorObject());
    return result;
  });
}

void AppendText(const PlanColumn& column, const duckdb::Value& value, const postgres::Settings& settings, std::string* out) {
  postgres::WriteText(column.type.oid, FromDuck(value, column.type), settings, out);
}

}  // namespace weir::sql::duck
