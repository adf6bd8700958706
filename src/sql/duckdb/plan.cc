#include "sql/duckdb/plan.h"

#include "sql/duckdb/physical.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

duckdb::LogicalType FormOfParameter(postgres::TypeRef type) {
  return type.oid == postgres::oid::kNumeric ? BigNumericType() : PhysicalType(type);
}

RelationPtr TargetOf(const analyze::Query& query) {
  if (query.target_relation < 0) return nullptr;
  const auto& source = query.relations[static_cast<size_t>(query.target_relation)].source;
  const auto* table = std::get_if<analyze::RangeEntry::Table>(&source);
  return table == nullptr ? nullptr : table->relation;
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
    plan->command_ = query.query->command;
    plan->target_ = TargetOf(*query.query);
    plan->locks_rows_ = emitter.locks_rows();
    for (size_t i = 0; i < query.columns.size(); ++i) {
      const EmittedColumn& column = emitter.columns()[i];
      const bool same = column.oid == query.columns[i].type.oid;
      plan->columns_.push_back(
          {query.columns[i].name, same ? query.columns[i].type : postgres::TypeRef{column.oid}, column.type});
    }
    return std::shared_ptr<const Plan>(std::move(plan));
  });
}

Plan::Run Plan::Bind(const std::vector<postgres::Value>& values) const {
  Run run;
  run.statement = statement_->Copy();
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string name = std::to_string(i + 1);
    run.values.emplace(name, duckdb::BoundParameterData(ToDuck(values[i], parameters_[i], FormOfParameter(parameters_[i]))));
    run.statement->named_param_map.emplace(name, i + 1);
  }
  return run;
}

}  // namespace weir::sql::duck
