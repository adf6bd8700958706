#include "sql/engine/prepared.h"

#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/planner/planner.hpp"
#include "sql/dialect/rewrite.h"
#include "sql/engine/casts.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

bool IsOpen(const LogicalType& type) {
  return type.id() == LogicalTypeId::UNKNOWN || type.id() == LogicalTypeId::INVALID || type.id() == LogicalTypeId::SQLNULL;
}

/// "$3" of a statement → 3 − 1; an error for names.
Result<size_t> ParameterIndex(const std::string& name) {
  char* end = nullptr;
  size_t number = std::strtoull(name.c_str(), &end, 10);
  if (number == 0 || *end) return Error("42P02", "there is no parameter $" + name);
  return number - 1;
}

}  // namespace

Status EnginePrepared::Describe(duckdb::Connection& connection, const SessionNames& names,
                                const std::vector<uint32_t>& type_oids) {
  std::string text = ToDuckDb(std::get<Query>(statement_.action));
  auto statements = connection.context->ParseStatements(text);
  if (statements.size() != 1) return Error("42601", "cannot insert multiple commands into a prepared statement");
  auto written = statements[0]->Copy();
  ReplaceFunctions(*statements[0], names);
  auto prepared = connection.Prepare(std::move(statements[0]));
  if (prepared->HasError()) return StatusOf(prepared->GetErrorObject(), text);

  asked_ = type_oids;
  parameter_types_.resize(std::max(type_oids.size(), written->named_param_map.size()), LogicalType::UNKNOWN);
  for (const auto& [name, type] : prepared->GetExpectedParameterTypes()) {
    WEIR_ASSIGN_OR_RETURN(size_t index, ParameterIndex(name));
    if (parameter_types_.size() <= index) parameter_types_.resize(index + 1, LogicalType::UNKNOWN);
    parameter_types_[index] = type;
  }
  ParameterTypes unknown;
  for (size_t i = 0; i < parameter_types_.size(); ++i) {
    const uint32_t asked = i < type_oids.size() ? type_oids[i] : 0;
    const LogicalType said = asked ? TypeOfOid(asked) : LogicalType(LogicalTypeId::INVALID);
    LogicalType& type = parameter_types_[i];
    if (!IsOpen(said)) type = said;
    if (IsOpen(type) || IsNameType(type)) type = LogicalType::VARCHAR;
    // A text may still become what its context asks for.
    if (type.id() != LogicalTypeId::VARCHAR) unknown.emplace(std::to_string(i + 1), type);
    parameter_oids_.push_back(asked ? asked : DescribeColumn("", type).type_oid);
  }
  if (prepared->GetStatementProperties().return_type != duckdb::StatementReturnType::QUERY_RESULT) return Status::OK();
  if (parameter_types_.empty()) {
    SetShape({prepared->GetNames(), prepared->GetTypes()});
    return Status::OK();
  }
  auto again = written->Copy();
  ReplaceFunctions(*written, names);
  WEIR_ASSIGN_OR_RETURN(ResultShape shape, Plan(connection, std::move(written), text));
  // A NULL in place of a parameter makes expressions simpler than they are; only where a value is wanted while the
  // statement is planned it has to do.
  ReplaceFunctions(*again, names, unknown);
  auto typed = Plan(connection, std::move(again), text);
  if (typed.ok()) shape.types = std::move(typed->types);
  SetShape(std::move(shape));
  return Status::OK();
}

void EnginePrepared::SetShape(ResultShape shape) {
  for (size_t i = 0; i < shape.types.size(); ++i) columns_.push_back(DescribeColumn(shape.names[i], shape.types[i]));
  shape_ = std::move(shape);
}

Result<ResultShape> EnginePrepared::Plan(duckdb::Connection& connection,
                                         duckdb::unique_ptr<duckdb::SQLStatement> query, const std::string& text) {
  return Guarded(text, [&]() -> Result<ResultShape> {
    ResultShape shape;
    connection.context->RunFunctionInTransaction([&] {
      duckdb::Planner planner(*connection.context);
      for (size_t i = 0; i < parameter_types_.size(); ++i) {
        planner.parameter_data.emplace(std::to_string(i + 1), duckdb::BoundParameterData(duckdb::Value(parameter_types_[i])));
      }
      planner.CreatePlan(std::move(query));
      shape = {planner.names, planner.types};
    });
    return shape;
  });
}

void EnginePrepared::DescribeOther(const Parameters&) {
  if (std::holds_alternative<Explain>(statement_.action)) columns_.push_back({.name = "QUERY PLAN"});
  if (const auto* show = std::get_if<ShowParameter>(&statement_.action)) {
    if (show->name == "all") {
      columns_ = {{.name = "name"}, {.name = "setting"}, {.name = "description"}};
    } else {
      columns_.push_back({.name = show->name});
    }
  }
}

Status EnginePrepared::Bind(duckdb::Connection& connection, const std::vector<ParameterValue>& values,
                            duckdb::case_insensitive_map_t<duckdb::BoundParameterData>* bound) const {
  if (values.size() != parameter_types_.size()) {
    return Error("08P01", "bind message supplies " + std::to_string(values.size()) +
                              " parameters, but the statement requires " + std::to_string(parameter_types_.size()));
  }
  connection.context->RunFunctionInTransaction([&] {
    for (size_t i = 0; i < values.size(); ++i) {
      duckdb::Value value(parameter_types_[i]);
      if (values[i]) value = ValueOfText(*connection.context, *values[i], parameter_types_[i]);
      bound->emplace(std::to_string(i + 1), duckdb::BoundParameterData(std::move(value)));
    }
  });
  return Status::OK();
}

}  // namespace weir::sql
