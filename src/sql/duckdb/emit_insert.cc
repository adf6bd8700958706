#include <algorithm>

#include "sql/catalog/domain.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/definition.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/may_fail.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/output.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/table_change.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

Parsed Stored(Emitted value, const sql::SqlColumn& column) { return ToColumn(std::move(value), ColumnType(column)); }

bool IsDefault(const tree::ExpressionPtr& value) { return std::holds_alternative<tree::DefaultValue>(value->node); }

/// Whether a query gives the rows that it lists, each once: VALUES, or a SELECT of nothing but expressions.
bool ListsRows(const tree::Query& query) {
  const bool grouped = query.has_aggregates || !query.group_by.empty() || query.having;
  const bool limited = query.limit || query.offset || query.where;
  return query.with.empty() && !query.set_operation && !query.has_set_returning && !grouped && !limited;
}

/// Whether RETURNING has subqueries, which DuckDB's INSERT does not take.
bool ReturnsQuery(const tree::Query& query) {
  return std::ranges::any_of(query.targets, [](const tree::Target& target) { return HoldsQuery(*target.expression); });
}

/// The rows of INSERT … VALUES if DEFAULT stands among them, else none: one row is the source's targets, several are
/// its relation.
std::vector<std::vector<const tree::Expression*>> RowsWithDefault(const tree::Query& query) {
  std::vector<std::vector<const tree::Expression*>> rows;
  const auto* source = query.insert_source.query.get();
  if (source == nullptr || !query.insert_source.columns.empty() || !ListsRows(*source)) return rows;
  bool found = false;
  const auto add = [&](const tree::ExpressionPtr& value) {
    found |= IsDefault(value);
    rows.back().push_back(value.get());
  };
  if (source->relations.empty()) {
    rows.emplace_back();
    for (const tree::Target& target : source->targets) add(target.expression);
  } else if (const auto* values = std::get_if<tree::RangeEntry::Values>(&source->relations[0].source)) {
    for (const auto& row : values->rows) {
      rows.emplace_back();
      for (const auto& value : row) add(value);
    }
  }
  if (!found && !query.on_conflict && !ReturnsQuery(query)) rows.clear();
  return rows;
}

/// As DuckDB finds it.
std::string TargetName(const tree::Query& query) {
  const auto& table = std::get<tree::RangeEntry::Table>(query.relations[query.target_relation].source);
  return AttachedNameOf(*table.relation, table.of_view, table.checking_view);
}

}  // namespace

const sql::Relation& Emitter::TargetRelation(const tree::Query& query) {
  const tree::RangeEntry& entry = query.relations[query.target_relation];
  if (const auto* system = std::get_if<tree::RangeEntry::SystemTable>(&entry.source)) {
    Throw(Error("42501", "permission denied: \"" + system->name + "\" is a system catalog"));
  }
  return *std::get<tree::RangeEntry::Table>(entry.source).relation;
}

/// The table that is changed: its columns keep their names, which RETURNING and SET need.
void Emitter::Target(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  Relation& relation = RelationAt(0, query.target_relation);
  for (size_t i = 0; i < table.columns.size(); ++i) relation.columns[i].name = AttachedColumnName(table.columns, i);
}

duckdb::unique_ptr<duckdb::TableRef> Emitter::TargetTable(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  auto base = duckdb::make_uniq<duckdb::BaseTableRef>();
  base->catalog_name = kAttachedName;
  base->schema_name = table.path.database;
  base->table_name = TargetName(query);
  base->alias = RelationAt(0, query.target_relation).alias;
  return base;
}

ParsedList Emitter::Returning(const tree::Query& query) {
  ParsedList list;
  scope_->returns_new = query.command != tree::Query::Command::kDelete;
  for (const tree::Target& target : query.targets) {
    Emitted value = Value(*target.expression);
    auto row = ShapeOf(value.oid, value.type);
    if (!within_with_) value = OutputOf(std::move(value), target.expression->type);
    const std::string name = "c" + std::to_string(columns_.size());
    value.expression->SetAlias(name);
    list.push_back(std::move(value.expression));
    columns_.push_back({name, value.type, value.oid, std::move(row)});
  }
  scope_->returns_new = false;
  return list;
}

/// tableoid of a row that is returned: where routing brings it, or where it stays that a child of the table had.
Parsed Emitter::LeafOid(const Relation& target) {
  const sql::Relation& table = TargetRelation(*scope_->query);
  if (!table.inherited_by.empty() && scope_->query->command != tree::Query::Command::kInsert) {
    ParsedList known = ListOf(ColumnOf(target.alias, kPlaceColumns[0]), Literal(duckdb::Value::BIGINT(table.id)));
    return Operator(duckdb::ExpressionType::OPERATOR_COALESCE, std::move(known));
  }
  ParsedList arguments = ListOf(Literal(duckdb::Value(table.path.database)), Literal(duckdb::Value(table.path.table)));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    arguments.push_back(ColumnOf(target.alias, target.columns[i].name));
  }
  return Function(kLeafOidFunction, std::move(arguments));
}

/// A column's DEFAULT, in the form that its table has.
Parsed Emitter::DefaultOf(const SqlColumn& column) {
  const auto text = DefaultTextOf(column);
  if (!text) return NullOf(ColumnType(column));
  return ValueOrThrow(EmitColumnValue(*text, analyze::DefinitionPart::kDefault, column, {})).expression;
}

duckdb::unique_ptr<duckdb::SelectStatement> Emitter::InsertSource(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  if (const auto rows = RowsWithDefault(query); !rows.empty()) {
    Within within(this, *query.insert_source.query);
    auto list = duckdb::make_uniq<duckdb::ExpressionListRef>();
    for (const auto& row : rows) {
      list->values.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) {
        const sql::SqlColumn& column = table.columns[query.insert_columns[i]];
        const bool own_default = (query.on_conflict || ReturnsQuery(query)) &&
                                 std::holds_alternative<tree::DefaultValue>(row[i]->node);
        list->values.back().push_back(own_default ? DefaultOf(column) : Stored(Value(*row[i]), column));
      }
    }
    list->alias = NewAlias("v");
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    node->from_table = std::move(list);
    return AsStatement(std::move(node));
  }
  EmittedQuery source = Converted(query.insert_source);
  const EmittedColumns columns = source.columns;
  std::string alias;
  auto node = Around(std::move(source), &alias);
  for (size_t i = 0; i < columns.size(); ++i) {
    Emitted value{ColumnOf(alias, columns[i].name), columns[i].type, columns[i].oid};
    node->select_list.push_back(Stored(std::move(value), table.columns[query.insert_columns[i]]));
  }
  if (columns.empty()) node->select_list.push_back(DefaultOf(table.columns[0]));  // rows of nothing but defaults
  return AsStatement(std::move(node));
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Insert(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  if (query.on_conflict && !UniqueKeysOf(table).empty()) return Upsert(query);
  if (ReturnsQuery(query)) return InsertRows(query);
  Within within(this, query);
  Relations(query);
  Target(query);
  auto insert = duckdb::make_uniq<duckdb::InsertStatement>();
  insert->catalog = kAttachedName;
  insert->schema = table.path.database;
  insert->table = TargetName(query);
  insert->table_ref = TargetTable(query);
  duckdb::SelectNode with;
  With(query, &with);
  insert->cte_map = std::move(with.cte_map);
  if (query.insert_source.query) {
    for (int column : query.insert_columns) {
      insert->columns.push_back(AttachedColumnName(table.columns, static_cast<size_t>(column)));
    }
    if (query.insert_columns.empty()) insert->columns.push_back(AttachedColumnName(table.columns, 0));
    insert->select_statement = InsertSource(query);
  } else {
    insert->default_values = true;
  }
  insert->returning_list = Returning(query);
  return insert;
}

}  // namespace weir::sql::duck
