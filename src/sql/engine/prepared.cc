#include "sql/engine/prepared.h"

#include <fmt/format.h>

#include "postgres/sqlstate.h"

namespace weir::sql {

std::vector<ResultColumn> DescribePlan(const duck::Plan& plan) {
  std::vector<ResultColumn> columns;
  for (const duck::PlanColumn& column : plan.columns()) {
    const postgres::Type* type = postgres::FindType(column.type.oid);
    columns.push_back({.name = column.name,
                       .type_oid = column.type.oid,
                       .type_modifier = column.type.modifier,
                       .type_size = type == nullptr ? int16_t{-1} : type->length});
  }
  return columns;
}

void EnginePrepared::SetQuery(QueryPlan query) {
  columns_ = DescribePlan(*query.plan);
  for (const postgres::TypeRef type : query.plan->parameters()) parameter_oids_.push_back(type.oid);
  query.asked = parameter_oids_;  // what the client has been told stays true
  query_ = std::move(query);
}

void EnginePrepared::DescribeOther(const Parameters& parameters) {
  if (std::holds_alternative<Explain>(statement_.action)) columns_.push_back({.name = "QUERY PLAN"});
  if (const auto* show = std::get_if<ShowParameter>(&statement_.action)) {
    if (show->name == "all") {
      columns_ = {{.name = "name"}, {.name = "setting"}, {.name = "description"}};
    } else {
      columns_.push_back({.name = parameters.NameOf(show->name)});
    }
  }
}

Status EnginePrepared::CheckColumns() const {
  const std::vector<ResultColumn> now = DescribePlan(*query_->plan);
  const auto alike = [](const ResultColumn& a, const ResultColumn& b) {
    return a.name == b.name && a.type_oid == b.type_oid && a.type_modifier == b.type_modifier;
  };
  const bool same = std::equal(now.begin(), now.end(), columns_.begin(), columns_.end(), alike);
  return same ? Status::OK() : Error(sqlstate::kFeatureNotSupported, "cached plan must not change result type");
}

Result<std::vector<postgres::Value>> EnginePrepared::Read(const std::vector<ParameterValue>& values,
                                                          const postgres::Settings& settings) const {
  if (values.size() != parameter_oids_.size()) {
    return Error(sqlstate::kProtocolViolation,
                 fmt::format("bind message supplies {} parameters, but the statement requires {}", values.size(),
                             parameter_oids_.size()));
  }
  std::vector<postgres::Value> read;
  for (size_t i = 0; i < values.size(); ++i) {
    read.emplace_back();
    if (!values[i]) continue;
    WEIR_ASSIGN_OR_RETURN(read.back(), postgres::ReadText(query_->plan->parameters()[i], *values[i], settings));
  }
  return read;
}

}  // namespace weir::sql
