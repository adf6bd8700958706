#include "sql/duckdb/plan.h"

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/tableref/column_data_ref.hpp"
#include "postgres/made_type.h"
#include "sql/duckdb/build.h"
#include "sql/duckdb/few_rows.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

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
    for (EmittedChange& change : emitter.TakeChanges()) {
      plan->changes_.push_back({change.alias, std::move(change.statement), change.target, std::move(change.change)});
    }
    plan->parameters_ = query.parameters;
    plan->shaped_parameters_ = session.shaped_parameters;
    plan->command_ = query.query->command;
    plan->target_ = TargetOf(*query.query);
    plan->locks_rows_ = emitter.locks_rows();
    plan->change_ = emitter.TakeChange();
    plan->is_of_few_rows_ = IsOfFewRows(*query.query);
    plan->minds_conflicts_ = query.query->on_conflict.has_value();
    for (size_t i = 0; i < query.columns.size(); ++i) {
      const EmittedColumn& column = emitter.columns()[i];
      const bool same = column.oid == postgres::BaseTypeOf(query.columns[i].type).oid;
      plan->columns_.push_back(
          {query.columns[i].name, same ? query.columns[i].type : postgres::TypeRef{column.oid}, column.type, column.row,
           query.origins[i], column.shaped || DimensionsOf(column.type) > 1});
    }
    return std::shared_ptr<const Plan>(std::move(plan));
  });
}

Plan::Run Plan::Bind(const std::vector<postgres::Value>& values) const { return Bind(*statement_, change_, values); }

Plan::Run Plan::Bind(const Change& change, const std::vector<postgres::Value>& values) const {
  return Bind(*change.statement, change.change, values);
}

Plan::Run Plan::Bind(const duckdb::SQLStatement& statement, const std::optional<TableChange>& change,
                     const std::vector<postgres::Value>& values) const {
  Run run{statement.Copy(), ValuesOf(values), change ? &*change : nullptr};
  for (size_t i = 0; i < values.size(); ++i) run.statement->named_param_map.emplace(std::to_string(i + 1), i + 1);
  return run;
}

bool Plan::Takes(const std::vector<postgres::Value>& values) const {
  return shaped_parameters_ || std::ranges::none_of(values, [](const postgres::Value& value) {
           const auto* array = std::get_if<postgres::Array>(&value);
           return array != nullptr && (array->dimensions.size() > 1 || HasOwnBounds(*array));
         });
}

Plan::Values Plan::ValuesOf(const std::vector<postgres::Value>& values) const {
  Values bound;
  for (size_t i = 0; i < values.size(); ++i) {
    const duckdb::LogicalType form = FormOfParameter(parameters_[i], shaped_parameters_);
    duckdb::Value value = ToDuck(values[i], parameters_[i], form);
    CheckDimensions(value.type(), form);
    bound.emplace(std::to_string(i + 1), duckdb::BoundParameterData(std::move(value)));
  }
  return bound;
}

duckdb::CommonTableExpressionMap& WithOf(duckdb::SQLStatement& statement) {
  if (statement.type == duckdb::StatementType::INSERT_STATEMENT)
    return statement.Cast<duckdb::InsertStatement>().cte_map;
  return statement.Cast<duckdb::SelectStatement>().node->cte_map;
}

namespace {

duckdb::unique_ptr<duckdb::SelectStatement> SelectOfRows(duckdb::ColumnDataCollection& rows) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  duckdb::vector<std::string> names;
  for (size_t i = 0; i < rows.ColumnCount(); ++i) {
    names.push_back("c" + std::to_string(i));
    node->select_list.push_back(ColumnOf("changed", names.back()));
  }
  node->from_table = duckdb::make_uniq<duckdb::ColumnDataRef>(
      duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(rows), std::move(names));
  node->from_table->alias = "changed";
  return AsStatement(std::move(node));
}

}  // namespace

namespace {

/// Has each column in it be `column`; false: there is none.
bool RenameColumns(duckdb::ParsedExpression* expression, const duckdb::ParsedExpression& column) {
  bool found = false;
  duckdb::ParsedExpressionIterator::EnumerateChildren(*expression, [&](Parsed& child) {
    if (child->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
      child = column.Copy();
      found = true;
    } else {
      found = RenameColumns(child.get(), column) || found;
    }
  });
  return found;
}

/// The rows lie as in a table's columns: what the query that they stand for loads its columns by loads them, too.
duckdb::unique_ptr<duckdb::SelectStatement> LoadedRows(duckdb::ColumnDataCollection& rows,
                                                       const duckdb::SelectStatement& like) {
  auto select = SelectOfRows(rows);
  auto& list = select->node->Cast<duckdb::SelectNode>().select_list;
  const auto* loading = dynamic_cast<const duckdb::SelectNode*>(like.node.get());
  if (loading == nullptr || loading->select_list.size() != list.size()) {
    Throw(Error("XX000", "changed rows come where other columns are wanted"));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    Parsed loaded = loading->select_list[i]->Copy();
    if (RenameColumns(loaded.get(), *list[i])) list[i] = std::move(loaded);
  }
  return select;
}

}  // namespace

void Plan::SetRows(std::shared_ptr<duckdb::ColumnDataCollection> rows, duckdb::SQLStatement* statement) {
  for (auto& entry : WithOf(*statement).map) {
    entry.second->query = LoadedRows(*rows, *entry.second->query);
    entry.second->materialized = duckdb::CTEMaterialize::CTE_MATERIALIZE_NEVER;
  }
}

void Plan::AddRows(const std::string& alias, std::shared_ptr<duckdb::ColumnDataCollection> rows,
                   duckdb::SQLStatement* statement) {
  auto info = duckdb::make_uniq<duckdb::CommonTableExpressionInfo>();
  info->query = SelectOfRows(*rows);
  info->materialized = duckdb::CTEMaterialize::CTE_MATERIALIZE_NEVER;
  duckdb::CommonTableExpressionMap all;  // before the queries that read them
  all.map[alias] = std::move(info);
  auto& with = WithOf(*statement);
  for (auto& entry : with.map) all.map[entry.first] = std::move(entry.second);
  with = std::move(all);
}

}  // namespace weir::sql::duck
