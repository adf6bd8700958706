#include "sql/session/prepared.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/made_type.h"
#include "postgres/sqlstate.h"

namespace weir::sql {

ResultColumn DescribeColumn(const std::string& name, postgres::TypeRef known) {
  const postgres::TypeRef shown = postgres::BaseTypeOf(known);  // clients know nothing of domains
  const postgres::Type* type = postgres::FindType(shown.oid);
  return {.name = name,
          .type_oid = shown.oid,
          .type_modifier = shown.modifier,
          .type_size = type == nullptr ? int16_t{-1} : type->length};
}

std::vector<ResultColumn> DescribePlan(const duck::Plan& plan) {
  std::vector<ResultColumn> columns;
  for (const duck::PlanColumn& column : plan.columns()) {
    ResultColumn& described = columns.emplace_back(DescribeColumn(column.name, column.type));
    described.row = column.row;
    described.table = static_cast<uint32_t>(column.origin.relation);
    described.number = static_cast<int16_t>(column.origin.column);
  }
  return columns;
}

std::vector<ResultColumn> DescribeQuery(const QueryPlan& query) {
  return query.function ? query.columns : DescribePlan(*query.plan);
}

void EnginePrepared::SetQuery(std::shared_ptr<QueryPlan> query) {
  columns_ = DescribeQuery(*query);
  query_ = std::move(query);
  query_->KeepTypes();  // what the client has been told stays true
  parameter_oids_ = query_->asked;
}

void EnginePrepared::SetInner(std::shared_ptr<QueryPlan> inner) {
  inner_ = std::move(inner);
  inner_->KeepTypes();
  parameter_oids_ = inner_->asked;
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

bool AreAlike(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
  return std::ranges::equal(a, b, [](const ResultColumn& x, const ResultColumn& y) {
    return x.name == y.name && x.type_oid == y.type_oid && x.type_modifier == y.type_modifier;
  });
}

void QueryPlan::KeepTypes() {
  asked.clear();
  for (const postgres::TypeRef type : plan->parameters()) asked.push_back(type.oid);
}

Status EnginePrepared::CheckColumns() const {
  return AreAlike(DescribeQuery(*query_), columns_)
             ? Status::OK()
             : Error(sqlstate::kFeatureNotSupported, "cached plan must not change result type");
}

Result<std::vector<postgres::Value>> EnginePrepared::Read(const std::vector<ParameterValue>& values,
                                                          const postgres::Settings& settings) const {
  if (values.size() != parameter_oids_.size()) {
    return Error(sqlstate::kProtocolViolation,
                 fmt::format("bind message supplies {} parameters, but the statement requires {}", values.size(),
                             parameter_oids_.size()));
  }
  std::vector<postgres::Value> read;
  const QueryPlan* plan = query_ ? query_.get() : inner_.get();
  for (size_t i = 0; i < values.size(); ++i) {
    read.emplace_back();
    if (!values[i]) continue;
    WEIR_ASSIGN_OR_RETURN(read.back(), postgres::ReadText(plan->plan->parameters()[i], *values[i], settings));
  }
  return read;
}

}  // namespace weir::sql
