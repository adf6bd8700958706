#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "postgres/made_type.h"
#include "sql/analyze/walk.h"
#include "sql/catalog/system_schemas.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/json_calls.h"
#include "sql/duckdb/may_fail.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/attached_table.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::TypeRef;
using TableRefPtr = duckdb::unique_ptr<duckdb::TableRef>;

/// Of a constant, also of an integer that becomes a number; nothing for any other.
std::optional<double> NumberIn(const tree::Expression& expression) {
  if (const auto* call = std::get_if<tree::Call>(&expression.node)) {
    const bool cast = call->form == tree::CallForm::kImplicitCast || call->form == tree::CallForm::kExplicitCast;
    return cast && call->arguments.size() == 1 ? NumberIn(*call->arguments[0]) : std::nullopt;
  }
  const auto* constant = std::get_if<tree::Constant>(&expression.node);
  if (constant == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<double>(&constant->value)) return *number;
  if (const auto* number = std::get_if<float>(&constant->value)) return *number;
  if (const auto* number = std::get_if<postgres::Numeric>(&constant->value)) {
    const auto near = postgres::DoubleOf(*number);
    return near.ok() ? std::optional(*near) : std::nullopt;
  }
  if (const auto* number = std::get_if<int32_t>(&constant->value)) return *number;
  if (const auto* number = std::get_if<int64_t>(&constant->value)) return static_cast<double>(*number);
  return std::nullopt;
}

duckdb::unique_ptr<duckdb::SampleOptions> SampleOf(const tree::RangeEntry::Sample& sample) {
  const std::optional<double> value = NumberIn(*sample.percent);
  if (!value) Throw(Error("0A000", "TABLESAMPLE takes a constant only"));
  if (!(*value >= 0 && *value <= 100)) Throw(Error("2202H", "sample percentage must be between 0 and 100"));
  auto options = duckdb::make_uniq<duckdb::SampleOptions>();
  options->is_percentage = true;
  options->sample_size = duckdb::Value::DOUBLE(*value);
  options->method = sample.system ? duckdb::SampleMethod::SYSTEM_SAMPLE : duckdb::SampleMethod::BERNOULLI_SAMPLE;
  if (sample.repeatable) {
    const std::optional<double> number = NumberIn(*sample.repeatable);
    if (!number) Throw(Error("0A000", "TABLESAMPLE takes a constant only"));
    options->seed = duckdb::optional_idx(static_cast<duckdb::idx_t>(static_cast<int64_t>(*number) & 0xFFFFFFFF));
    options->repeatable = true;
  }
  return options;
}

bool IsOuterJoin(const tree::FromItem& item) {
  using Join = tree::FromItem::Join;
  if (item.relation >= 0) return false;
  return (item.join != Join::kInner && item.join != Join::kCross) || IsOuterJoin(*item.left) ||
         IsOuterJoin(*item.right);
}

}  // namespace

bool HasOuterJoin(const tree::Query& query) { return std::ranges::any_of(query.from, IsOuterJoin); }

void Emitter::Relations(const tree::Query& query) {
  for (size_t i = 0; i < query.relations.size(); ++i) Declare(query.relations[i], i);
}

Emitted Emitter::Definition(const tree::Expression& expression, const std::vector<SqlColumn>& columns) {
  tree::Query around;
  Relation table;
  tree::RangeEntry& entry = around.relations.emplace_back();
  for (size_t i = 0; i < columns.size(); ++i) {
    table.columns.push_back({AttachedColumnName(columns, i), ColumnType(columns[i])});
    entry.columns.push_back({columns[i].name});
  }
  Within within(this, around);
  scope_->relations.push_back(std::move(table));
  return Value(expression);
}

void Emitter::Declare(const tree::RangeEntry& entry, size_t) {
  Relation relation;
  relation.alias = NewAlias("r");
  for (const tree::OutputColumn& column : entry.columns) {
    relation.columns.push_back(
        {"c" + std::to_string(relation.columns.size()), PhysicalType(column.type), column.type.oid});
  }
  const auto* table = std::get_if<tree::RangeEntry::Table>(&entry.source);
  for (size_t i = 0; table && i < relation.columns.size(); ++i) {
    const auto& columns = table->relation->columns;
    if (i < columns.size()) {
      relation.columns[i].type = ColumnType(columns[i]);
    } else {
      relation.columns[i].name = i == columns.size() ? "tableoid" : "ctid";  // whose names a view hides (xmax is none)
    }
  }
  scope_->relations.push_back(std::move(relation));
}

Emitter::Scope& Emitter::ScopeAt(int level) {
  Scope* scope = scope_;
  for (; level > 0 && scope != nullptr; --level) scope = scope->outer;
  if (scope == nullptr) Throw(Error("XX000", "a query refers to one around it that is not there"));
  return *scope;
}

Emitter::Relation& Emitter::RelationAt(int level, int relation) {
  auto& relations = ScopeAt(level).relations;
  if (relation < 0 || relation >= static_cast<int>(relations.size())) {
    Throw(Error("XX000", "a query refers to a relation that it does not have"));
  }
  return relations[relation];
}

TableRefPtr Emitter::Entry(int index) {
  const tree::RangeEntry& entry = scope_->query->relations[index];
  Relation relation = RelationAt(0, index);  // the list may move while the entry is emitted
  TableRefPtr table;
  if (std::holds_alternative<tree::RangeEntry::Table>(entry.source)) {
    table = Table(entry, &relation);
  } else if (std::holds_alternative<tree::RangeEntry::SystemTable>(entry.source)) {
    table = SystemTable(entry, &relation);
  } else if (std::holds_alternative<tree::RangeEntry::Subquery>(entry.source)) {
    table = Subquery(entry, &relation);
  } else if (std::holds_alternative<tree::RangeEntry::Functions>(entry.source)) {
    table = Functions(entry, &relation);
  } else if (std::holds_alternative<tree::RangeEntry::Values>(entry.source)) {
    table = Values(entry, &relation);
  } else {
    table = WithQuery(entry, &relation);
  }
  if (entry.sample) table->sample = SampleOf(*entry.sample);
  const bool has_tableoid = std::ranges::any_of(entry.columns, [](const auto& column) { return column.hidden; });
  if (entry.whole && !has_tableoid && HasOuterJoin(*scope_->query)) table = Marked(std::move(table), &relation);
  RelationAt(0, index) = std::move(relation);
  return table;
}

/// The same rows with one more column, by which those are known that an outer join makes up.
TableRefPtr Emitter::Marked(TableRefPtr table, Relation* relation) {
  table->alias = NewAlias("m");
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (const EmittedColumn& column : relation->columns)
    node->select_list.push_back(ColumnOf(table->alias, column.name));
  node->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));
  node->select_list.back()->SetAlias(kThere);
  node->from_table = std::move(table);
  relation->there = kThere;
  return duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), relation->alias);
}

void Emitter::NameColumns(Relation* relation, duckdb::TableRef* table) {
  table->alias = relation->alias;
  for (const EmittedColumn& column : relation->columns) table->column_name_alias.push_back(column.name);
}

/// The row of a sequence, by functions that read where it stands.
TableRefPtr Emitter::SequenceRow(const tree::RangeEntry::Table& table, Relation* relation) {
  const sql::Relation& sequence = *table.relation;
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  const auto number = [&] { return Literal(duckdb::Value::BIGINT(sequence.id)); };
  for (size_t i = 0; i < relation->columns.size(); ++i) {
    const bool hidden = i >= sequence.columns.size();  // tableoid, and the ctid of its only row
    ParsedList arguments = ListOf(number());
    if (table.of_view) arguments.push_back(Literal(duckdb::Value::BOOLEAN(true)));
    Parsed value;
    if (hidden) value = i > sequence.columns.size() ? Literal(duckdb::Value::BIGINT(1)) : number();
    else value = Function("weir_sequence_" + sequence.columns[i].name, std::move(arguments));
    node->select_list.push_back(CastTo(relation->columns[i].type, std::move(value)));
  }
  node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  auto row = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), relation->alias);
  NameColumns(relation, row.get());
  return row;
}

TableRefPtr Emitter::Table(const tree::RangeEntry& entry, Relation* relation) {
  const auto& table = std::get<tree::RangeEntry::Table>(entry.source);
  if (table.relation->is_sequence()) return SequenceRow(table, relation);
  if (table.only && table.relation->is_partitioned()) {  // without its leaves it has no rows
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    for (const EmittedColumn& column : relation->columns) node->select_list.push_back(NullOf(column.type));
    for (duckdb::idx_t i = 0; i < std::size(kPlaceColumns); ++i) {  // for what changes its rows
      node->select_list.push_back(NullOf(VirtualColumnType(kLeafColumn + i)));
      node->select_list.back()->SetAlias(kPlaceColumns[i]);
    }
    node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
    node->where_clause = Literal(duckdb::Value::BOOLEAN(false));
    auto empty = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), relation->alias);
    NameColumns(relation, empty.get());
    return empty;
  }
  auto base = duckdb::make_uniq<duckdb::BaseTableRef>();
  base->catalog_name = kAttachedName;
  base->schema_name = table.relation->path.database;
  const tree::Query& query = *scope_->query;
  const bool takes_rows = query.command == tree::Query::Command::kInsert && query.target_relation >= 0 &&
                          &query.relations[static_cast<size_t>(query.target_relation)] == &entry;
  const bool heirs = !table.only && !takes_rows && !table.relation->inherited_by.empty();
  base->table_name = AttachedNameOf(*table.relation, table.of_view, 0, heirs);
  base->alias = relation->alias;
  for (size_t i = 0; i < table.relation->columns.size(); ++i)
    base->column_name_alias.push_back("c" + std::to_string(i));
  return base;
}

/// A system table by its columns' names there, in the forms that PostgreSQL's types have here.
TableRefPtr Emitter::SystemTable(const tree::RangeEntry::SystemTable& table, const std::vector<std::string>& columns,
                                 Relation* relation) {
  auto base = duckdb::make_uniq<duckdb::BaseTableRef>();
  base->catalog_name = kAttachedName;
  base->schema_name = table.schema;
  base->table_name = table.name;
  base->alias = NewAlias("s");
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (size_t i = 0; i < columns.size(); ++i) {
    node->select_list.push_back(CastTo(relation->columns[i].type, ColumnOf(base->alias, columns[i])));
  }
  node->from_table = std::move(base);
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), relation->alias);
  NameColumns(relation, subquery.get());
  return subquery;
}

TableRefPtr Emitter::SystemTable(const tree::RangeEntry& entry, Relation* relation) {
  std::vector<std::string> columns;
  for (const tree::OutputColumn& column : entry.columns) columns.push_back(column.name);
  return SystemTable(std::get<tree::RangeEntry::SystemTable>(entry.source), columns, relation);
}

/// A function of the catalog whose rows are those of a system table; null for any other.
TableRefPtr Emitter::CatalogRows(const tree::RangeEntry::Functions& functions, Relation* relation) {
  const auto* call = std::get_if<tree::Call>(&functions.calls[0]->node);
  if (functions.calls.size() != 1 || functions.ordinality || call == nullptr) return nullptr;
  const std::string_view table = TableOfSetFunction(call->function->name);
  if (table.empty()) return nullptr;
  std::vector<std::string> columns;
  for (const postgres::Parameter& parameter : call->function->parameters) {
    if (postgres::IsOutput(parameter.mode)) columns.emplace_back(parameter.name);
  }
  return SystemTable({kCatalogSchemaName, std::string(table)}, columns, relation);
}

namespace {

bool JoinMayFail(const tree::FromItem& item) {
  if (item.relation >= 0) return false;
  return (item.condition && MayFail(*item.condition)) || JoinMayFail(*item.left) || JoinMayFail(*item.right);
}

/// Whether what a query asks of rows could tell of others by its errors.
bool MayTell(const tree::Query& query) {
  return (query.where && MayFail(*query.where)) || std::ranges::any_of(query.from, JoinMayFail);
}

}  // namespace

/// A limit that no view reaches keeps what the queries around ask of its rows behind its own conditions.
void Emitter::Bar(duckdb::QueryNode* view) const {
  bool tells = false;
  for (const Scope* scope = scope_; scope != nullptr && !tells; scope = scope->outer) tells = MayTell(*scope->query);
  if (!tells) return;
  auto limit = duckdb::make_uniq<duckdb::LimitModifier>();
  limit->limit = Literal(duckdb::Value::BIGINT(std::numeric_limits<int64_t>::max()));
  view->modifiers.push_back(std::move(limit));
}

TableRefPtr Emitter::Subquery(const tree::RangeEntry& entry, Relation* relation) {
  const tree::Query& within = *std::get<tree::RangeEntry::Subquery>(entry.source).query;
  EmittedQuery query = Query(within);
  KeepRowOfNone(within, &query);
  if (entry.view && entry.view->is_view() && entry.view->view->IsOn("security_barrier")) Bar(query.node.get());
  for (size_t i = 0; i < relation->columns.size() && i < query.columns.size(); ++i) {
    relation->columns[i].type = query.columns[i].type;
  }
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(query.node)), relation->alias);
  NameColumns(relation, subquery.get());
  return subquery;
}

TableRefPtr Emitter::Series(const tree::RangeEntry::Functions& functions, Relation* relation) {
  const auto* call = std::get_if<tree::Call>(&functions.calls[0]->node);
  const auto type = functions.calls[0]->type.oid;
  const bool integers = type == postgres::oid::kInt4 || type == postgres::oid::kInt8;
  if (functions.calls.size() != 1 || functions.ordinality || call == nullptr || !integers) return nullptr;
  if (call->function->name != "generate_series") return nullptr;
  ParsedList bounds;
  for (const auto& argument : call->arguments) {
    Parsed bound = Value(*argument).expression;
    if (!bound->IsScalar() || bound->HasSubquery()) return nullptr;  // lateral
    bounds.push_back(CastTo(LogicalType::BIGINT, std::move(bound)));
  }
  if (bounds.size() == 3) bounds[2] = Function("pg.step", std::move(bounds[2]));
  auto series = duckdb::make_uniq<duckdb::TableFunctionRef>();
  series->function = Function("generate_series", std::move(bounds));
  series->alias = NewAlias("f");
  series->column_name_alias = {"v"};
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(CastTo(relation->columns[0].type, ColumnOf(series->alias, "v")));
  node->from_table = std::move(series);
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), relation->alias);
  NameColumns(relation, subquery.get());
  return subquery;
}

/// What a function in FROM gives; `columns`: those that it has there.
Emitted Emitter::RowsOf(const tree::Expression& expression, std::span<const tree::OutputColumn> columns) {
  const auto* call = std::get_if<tree::Call>(&expression.node);
  if (call == nullptr || !MakesDefinedRows(*call->function)) return Value(expression);
  return DefinedRows(*call->function, Value(*call->arguments[0]), columns);
}

namespace {

/// A record's fields are those that its list of definitions names: 42804.
void CheckRow(const LogicalType& row, std::span<const tree::OutputColumn> columns) {
  constexpr const char* kUnlike = "function return row and query-specified return row do not match";
  const auto& fields = duckdb::StructType::GetChildTypes(row);
  if (fields.size() != columns.size()) {
    Throw(Error("42804", kUnlike, {.detail = fmt::format("Returned row contains {} attribute{}, but query expects {}.",
                                                         fields.size(), fields.size() == 1 ? "" : "s",
                                                         columns.size())}));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].first.starts_with(fmt::format("f{}_", i))) continue;  // of a function that names them
    const postgres::Oid returned = postgres::BaseTypeOf(FieldType(fields[i].first)).oid;
    const bool literal = returned == postgres::oid::kUnknown;
    if (literal || returned == postgres::BaseTypeOf(columns[i].type).oid) continue;
    Throw(Error("42804", kUnlike,
                {.detail = fmt::format("Returned type {} at ordinal position {}, but query expects {}.",
                                       postgres::FormatType({returned}), i + 1,
                                       postgres::FormatType({columns[i].type.oid}))}));
  }
}

}  // namespace

/// Functions side by side are lists that are unnested in step, as sets in a list of targets are in PostgreSQL.
TableRefPtr Emitter::Functions(const tree::RangeEntry& entry, Relation* relation) {
  const auto& functions = std::get<tree::RangeEntry::Functions>(entry.source);
  if (TableRefPtr series = Series(functions, relation)) return series;
  if (TableRefPtr rows = CatalogRows(functions, relation)) return rows;
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  auto outer = duckdb::make_uniq<duckdb::SelectNode>();
  const std::string alias = NewAlias("f");
  size_t column = 0;
  for (size_t i = 0; i < functions.calls.size(); ++i) {
    Emitted value =
        RowsOf(*functions.calls[i], {functions.given.data() + column, static_cast<size_t>(functions.columns[i])});
    const std::string name = "v" + std::to_string(i);
    value.expression->SetAlias(name);
    node->select_list.push_back(std::move(value.expression));
    const bool record = value.type.id() == LogicalTypeId::STRUCT && functions.columns[i] > 0;
    if (record) CheckRow(value.type, {functions.given.data() + column, static_cast<size_t>(functions.columns[i])});
    for (int field = 0; field < functions.columns[i]; ++field, ++column) {
      Parsed part = ColumnOf(alias, name);
      LogicalType type = value.type;
      if (record) {
        part = Function("struct_extract", std::move(part),
                        Literal(duckdb::Value(duckdb::StructType::GetChildName(value.type, field))));
        type = duckdb::StructType::GetChildType(value.type, field);
        const TypeRef declared = entry.columns[column].type;
        if (declared.modifier >= 0) {
          Emitted modified = Modified({std::move(part), type, declared.oid}, declared, false);
          part = std::move(modified.expression);
          type = modified.type;
        }
      }
      relation->columns[column].type = type;
      outer->select_list.push_back(std::move(part));
    }
  }
  outer->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), alias);
  if (functions.ordinality) {
    outer->select_list.push_back(
        duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_ROW_NUMBER, "system", "main", "row_number"));
    auto& number = outer->select_list.back()->Cast<duckdb::WindowExpression>();
    number.start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
    number.end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  }
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(outer)), relation->alias);
  NameColumns(relation, subquery.get());
  return subquery;
}

TableRefPtr Emitter::Values(const tree::RangeEntry& entry, Relation* relation) {
  const auto& values = std::get<tree::RangeEntry::Values>(entry.source);
  std::vector<EmittedList> columns(relation->columns.size());
  for (const auto& row : values.rows) {
    for (size_t i = 0; i < row.size(); ++i) columns[i].push_back(Value(*row[i]));
  }
  auto list = duckdb::make_uniq<duckdb::ExpressionListRef>();
  for (size_t row = 0; row < values.rows.size(); ++row) list->values.emplace_back();
  for (size_t i = 0; i < columns.size(); ++i) {
    relation->columns[i].type = Unify(&columns[i]);
    for (size_t row = 0; row < columns[i].size(); ++row) {
      list->values[row].push_back(CastTo(relation->columns[i].type, std::move(columns[i][row].expression)));
    }
    list->expected_names.push_back(relation->columns[i].name);
  }
  list->alias = relation->alias;
  return list;
}

TableRefPtr Emitter::WithQuery(const tree::RangeEntry& entry, Relation* relation) {
  const auto& source = std::get<tree::RangeEntry::WithQuery>(entry.source);
  Scope& owner = ScopeAt(source.level);
  owner.with_read.insert(source.index);
  if (!owner.with[source.index]) {  // WITH RECURSIVE: one that stands behind
    Scope* inner = std::exchange(scope_, &owner);
    WithItem(source.index);
    scope_ = inner;
  }
  const Relation with = *owner.with[source.index];
  auto base = duckdb::make_uniq<duckdb::BaseTableRef>();
  base->table_name = with.alias;
  for (size_t i = 0; i < relation->columns.size() && i < with.columns.size(); ++i) {
    relation->columns[i].type = with.columns[i].type;
  }
  NameColumns(relation, base.get());
  return base;
}

}  // namespace weir::sql::duck
