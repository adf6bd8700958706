#include <functional>
#include <set>

#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "sql/catalog/sql_types.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/definition.h"
#include "sql/duckdb/emit_change.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/errors.h"

// INSERT … ON CONFLICT: the rows to be inserted are joined with those that have their keys, and become what shall
// stand there in the end: new rows, and old ones with what SET says.

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;

constexpr size_t kMostKeys = 1000;  // that are named one by one

std::string ProposedName(size_t column) { return "x" + std::to_string(column); }

/// The values that a key column may have, where VALUES says them.
ParsedList ConstantKeys(const duckdb::SelectStatement& source, size_t place) {
  ParsedList keys;
  const auto& select = source.node->Cast<duckdb::SelectNode>();
  if (select.from_table->type != duckdb::TableReferenceType::EXPRESSION_LIST) return keys;
  const auto& rows = select.from_table->Cast<duckdb::ExpressionListRef>().values;
  if (rows.size() > kMostKeys) return keys;
  for (const auto& row : rows) {
    if (!row[place]->IsScalar() || row[place]->HasSubquery()) return ParsedList();
    keys.push_back(row[place]->Copy());
  }
  return keys;
}

/// Whether a row of VALUES says DEFAULT there, which may be another value each time it is computed.
bool TakesDefault(const tree::Query& query, size_t place) {
  const auto is_default = [](const tree::Expression& value) {
    return std::holds_alternative<tree::DefaultValue>(value.node);
  };
  const tree::Query& source = *query.insert_source.query;
  if (source.relations.empty()) return place < source.targets.size() && is_default(*source.targets[place].expression);
  const auto* values = std::get_if<tree::RangeEntry::Values>(&source.relations[0].source);
  if (values == nullptr) return false;
  return std::any_of(values->rows.begin(), values->rows.end(),
                     [&](const auto& row) { return place < row.size() && is_default(*row[place]); });
}

bool IsSingleRow(const duckdb::SelectStatement& source) {
  const auto& select = source.node->Cast<duckdb::SelectNode>();
  if (select.from_table->type == duckdb::TableReferenceType::EMPTY_FROM) return true;
  return select.from_table->type == duckdb::TableReferenceType::EXPRESSION_LIST &&
         select.from_table->Cast<duckdb::ExpressionListRef>().values.size() == 1;
}

/// What a value of a key's column is compared by, as the column holds it.
Parsed KeyOfHeld(const SqlColumn& column, Parsed held) {
  if (OneFormOf(column.type, column.data_type) == OneForm::kAlways) return held;
  return KeyOf(FromColumn({std::move(held), ColumnType(column), ValueOrThrow(ResolveType(column.type)).oid}));
}

/// Gives a column of a row, as the table holds it.
using RowColumns = std::function<Parsed(size_t)>;

/// Puts a row's columns in the places of the table's.
void PutColumns(const sql::Relation& table, const RowColumns& row, Parsed* expression) {
  if ((*expression)->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const std::string name = (*expression)->Cast<duckdb::ColumnRefExpression>().GetColumnName();
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (AttachedColumnName(table.columns, i) != name) continue;
      *expression = row(i);
      return;
    }
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      **expression, [&](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { PutColumns(table, row, &child); });
}

/// What an index says of a row, in the form that is compared.
Parsed OfIndex(const std::string& text, analyze::DefinitionPart part, const sql::Relation& table,
               const RowColumns& row) {
  Definition definition = ValueOrThrow(EmitDefinition(text, part, table.path.table, table.columns, {}));
  PutColumns(table, row, &definition.expression);
  return KeyOf({std::move(definition.expression), definition.form, definition.type.oid});
}

/// A part of a row's key, as it is compared.
Parsed PartOfKey(const UniqueKey& key, size_t part, const sql::Relation& table, const RowColumns& row) {
  const int column = key.columns[part];
  if (column >= 0) return KeyOfHeld(table.columns[static_cast<size_t>(column)], row(static_cast<size_t>(column)));
  return OfIndex(key.index->index->ExpressionAt(part)->text, analyze::DefinitionPart::kIndexExpression, table, row);
}

/// Whether the key holds a row; null: it holds all.
Parsed IsHeld(const UniqueKey& key, const sql::Relation& table, const RowColumns& row) {
  if (!key.index || key.index->index->condition.empty()) return nullptr;
  return OfIndex(key.index->index->condition, analyze::DefinitionPart::kIndexCondition, table, row);
}

bool NullsAreDistinct(const UniqueKey& key) { return !key.index || key.index->index->nulls_distinct; }

/// The table's columns that an index computes something of.
std::set<int> UsedBy(const SqlIndex& index, const sql::Relation& table) {
  std::set<int> columns;
  for (const int number : index.uses) columns.insert(table.ColumnNumbered(number));
  return columns;
}

/// Those that a key is made of.
std::set<int> ColumnsOf(const UniqueKey& key, const sql::Relation& table) {
  std::set<int> columns(key.columns.begin(), key.columns.end());
  columns.erase(-1);
  if (key.index) columns.merge(UsedBy(*key.index->index, table));
  return columns;
}

/// How many rows have the row's key; 1 where it is like no other.
Parsed CountOfKey(const UniqueKey& key, const sql::Relation& table, const RowColumns& row) {
  auto count =
      duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE, "system", "main", "count_star");
  ParsedList alone;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    Parsed part = PartOfKey(key, i, table, row);
    if (NullsAreDistinct(key)) alone.push_back(IsNull(part->Copy()));
    count->partitions.push_back(std::move(part));
  }
  if (Parsed held = IsHeld(key, table, row)) {
    Parsed no = Literal(duckdb::Value::BOOLEAN(false));
    alone.push_back(Not(Operator(ExpressionType::OPERATOR_COALESCE, ListOf(held->Copy(), std::move(no)))));
    count->partitions.push_back(std::move(held));
  }
  count->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  count->end = duckdb::WindowBoundary::UNBOUNDED_FOLLOWING;
  if (alone.empty()) return count;
  Parsed is_alone = Conjunction(ExpressionType::CONJUNCTION_OR, std::move(alone));
  return If(std::move(is_alone), Literal(duckdb::Value::BIGINT(1)), std::move(count));
}

/// A part of the key of each row of VALUES, where these say all that it is made of; else none.
ParsedList KnownParts(const UniqueKey& key, size_t part, const sql::Relation& table,
                      const std::map<int, ParsedList>& known) {
  std::set<int> columns = {key.columns[part]};
  if (key.columns[part] < 0) columns = UsedBy(*key.index->index, table);
  size_t rows = columns.empty() ? 0 : kMostKeys;
  for (const int column : columns) rows = std::min(rows, known.at(column).size());
  ParsedList parts;
  for (size_t i = 0; i < rows; ++i) {
    parts.push_back(PartOfKey(key, part, table, [&](size_t at) { return known.at(static_cast<int>(at))[i]->Copy(); }));
  }
  return parts;
}

UniqueKey KeyOfIndex(const RelationPtr& own, const sql::Relation& table) {
  const SqlIndex& index = *own->index;
  const bool plain = index.is_plain() && index.nulls_distinct;
  return {KeyPositionsOf(index, table), plain ? nullptr : own};
}

/// The keys that ON CONFLICT means.
std::vector<UniqueKey> ArbitersOf(const tree::OnConflict& conflict, const sql::Relation& table) {
  for (const RelationPtr& index : table.indexes) {
    if (index->path.table == conflict.index) return {KeyOfIndex(index, table)};
  }
  return conflict.key.empty() ? UniqueKeysOf(table) : std::vector<UniqueKey>{{conflict.key}};
}

/// INSERT … DEFAULT VALUES: a row that says nothing.
duckdb::unique_ptr<duckdb::SelectStatement> RowOfDefaults() {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  node->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));
  return AsStatement(std::move(node));
}

}  // namespace

std::vector<UniqueKey> UniqueKeysOf(const sql::Relation& table) {
  std::vector<UniqueKey> keys;
  if (!table.PrimaryKey().empty()) keys.push_back({table.PrimaryKey()});
  for (const RelationPtr& index : table.indexes) {
    if (index->index->unique && index->index->valid) keys.push_back(KeyOfIndex(index, table));
  }
  return keys;
}

/// The rows that INSERT proposes, with all of the table's columns: x0, x1, …; and, for DO UPDATE, n, how many have the
/// row's key. `known`: gets what VALUES say of the columns that it has.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::Proposed(const tree::Query& query, const std::vector<UniqueKey>& keys,
                                                         std::map<int, ParsedList>* known) {
  const sql::Relation& table = TargetRelation(query);
  auto source = query.insert_source.query ? InsertSource(query) : RowOfDefaults();
  const bool single = IsSingleRow(*source);
  const auto place_of = [&](int column) {
    return std::find(query.insert_columns.begin(), query.insert_columns.end(), column) - query.insert_columns.begin();
  };
  const auto given = static_cast<long>(query.insert_columns.size());
  for (auto& [column, values] : *known) {
    const auto place = static_cast<size_t>(place_of(column));
    if (place_of(column) < given && !TakesDefault(query, place)) values = ConstantKeys(*source, place);
  }
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  auto inner = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(source), NewAlias("s"));
  for (long i = 0; i < given; ++i) inner->column_name_alias.push_back("i" + std::to_string(i));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const long place = place_of(static_cast<int>(i));
    Parsed value = place < given ? ColumnOf(inner->alias, "i" + std::to_string(place)) : DefaultOf(table.columns[i]);
    value->SetAlias(ProposedName(i));
    node->select_list.push_back(std::move(value));
  }
  node->from_table = std::move(inner);
  node = WithGenerated(table, std::move(node), ProposedName);
  if (!query.on_conflict || !query.on_conflict->update) return node;
  if (single) {
    node->select_list.push_back(Literal(duckdb::Value::BIGINT(1)));
    node->select_list.back()->SetAlias("n");
    return node;
  }
  // A DEFAULT is computed once: what it gives is counted a level above.
  auto rows = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(node)), NewAlias("s"));
  auto counted = duckdb::make_uniq<duckdb::SelectNode>();
  for (size_t i = 0; i < table.columns.size(); ++i)
    counted->select_list.push_back(ColumnOf(rows->alias, ProposedName(i)));
  const auto row = [&](size_t column) { return ColumnOf(rows->alias, ProposedName(column)); };
  counted->select_list.push_back(CountOfKey(keys.front(), table, row));
  counted->select_list.back()->SetAlias("n");
  counted->from_table = std::move(rows);
  return counted;
}

/// Joins the proposed rows with the row of the table that has the same key.
duckdb::unique_ptr<duckdb::TableRef> Emitter::WithSameKey(const tree::Query& query,
                                                          duckdb::unique_ptr<duckdb::TableRef> rows,
                                                          const Relation& proposed, const UniqueKey& key,
                                                          const std::map<int, ParsedList>& known) {
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = duckdb::JoinType::LEFT;
  join->left = std::move(rows);
  join->right = Entry(query.target_relation);
  const Relation& target = RelationAt(0, query.target_relation);
  const sql::Relation& table = TargetRelation(query);
  const RowColumns stored = [&](size_t column) { return ColumnOf(target.alias, target.columns[column].name); };
  const RowColumns added = [&](size_t column) { return ColumnOf(proposed.alias, ProposedName(column)); };
  const auto is_same =
      NullsAreDistinct(key) ? ExpressionType::COMPARE_EQUAL : ExpressionType::COMPARE_NOT_DISTINCT_FROM;
  ParsedList same;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    same.push_back(Compare(is_same, PartOfKey(key, i, table, stored), PartOfKey(key, i, table, added)));
    if (!NullsAreDistinct(key)) continue;
    ParsedList one_of = ListOf(PartOfKey(key, i, table, stored));
    for (Parsed& value : KnownParts(key, i, table, known)) one_of.push_back(std::move(value));
    if (one_of.size() > 1) same.push_back(Operator(ExpressionType::COMPARE_IN, std::move(one_of)));
  }
  for (const RowColumns& row : {stored, added}) {
    if (Parsed held = IsHeld(key, table, row)) same.push_back(std::move(held));
  }
  join->condition = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(same));
  return join;
}

/// The proposed rows beside those of the table that have their keys. Gives whether a row is new: has none of them.
Parsed Emitter::Conflicts(const tree::Query& query, const std::vector<UniqueKey>& keys, Relation* proposed,
                          duckdb::SelectNode* rows) {
  std::map<int, ParsedList> known;
  for (const UniqueKey& key : keys) {
    for (const int column : ColumnsOf(key, TargetRelation(query))) known.try_emplace(column);
  }
  rows->from_table =
      duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(Proposed(query, keys, &known)), proposed->alias);
  ParsedList no_such_row;
  std::optional<Relation> first;
  for (const UniqueKey& key : keys) {
    Relation& target = RelationAt(0, query.target_relation);
    if (first) target.alias = NewAlias("t");
    rows->from_table = WithSameKey(query, std::move(rows->from_table), *proposed, key, known);
    if (!first) first = RelationAt(0, query.target_relation);
    no_such_row.push_back(IsNull(ColumnOf(RelationAt(0, query.target_relation).alias, kPlaceColumns[0])));
  }
  for (size_t i = 0; i < TargetRelation(query).columns.size(); ++i) {
    proposed->columns.push_back({ProposedName(i), first->columns[i].type, first->columns[i].oid});
  }
  RelationAt(0, query.target_relation) = std::move(*first);
  return Conjunction(ExpressionType::CONJUNCTION_AND, std::move(no_such_row));
}

/// An INSERT as a change of rows: each has no old one.
duckdb::unique_ptr<duckdb::SQLStatement> Emitter::InsertRows(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  Within within(this, query);
  duckdb::SelectNode with;
  With(query, &with);
  Relations(query);
  const std::string proposed = NewAlias("p");
  std::map<int, ParsedList> known;
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = duckdb::JoinType::LEFT;
  join->left = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(Proposed(query, {}, &known)), proposed);
  join->right = Entry(query.target_relation);
  join->condition = Literal(duckdb::Value::BOOLEAN(false));
  auto rows = duckdb::make_uniq<duckdb::SelectNode>();
  rows->from_table = std::move(join);
  AddPlaceAndAction(RelationAt(0, query.target_relation).alias, ActionOf(RowAction::kInsert), rows.get());
  TableChange change{.kind = TableChange::Kind::kUpsert, .writes = true, .inserts = true};
  for (int column : query.insert_columns) change.inserted.push_back(table.columns[column].name);
  std::vector<Parsed> values;
  for (size_t i = 0; i < table.columns.size(); ++i) values.push_back(ColumnOf(proposed, ProposedName(i)));
  AddNewRow(std::move(values), rows.get());
  return Changing(query, std::move(change), std::move(rows), &with);
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Upsert(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  const tree::OnConflict& conflict = *query.on_conflict;
  const std::vector<UniqueKey> keys = ArbitersOf(conflict, table);
  Within within(this, query);
  duckdb::SelectNode with;
  With(query, &with);
  Relations(query);
  Relation proposed{NewAlias("p"), {}};
  auto rows = duckdb::make_uniq<duckdb::SelectNode>();
  const Parsed none_there = Conflicts(query, keys, &proposed, rows.get());
  if (conflict.excluded >= 0) RelationAt(0, conflict.excluded) = proposed;
  const std::string target = RelationAt(0, query.target_relation).alias;
  const auto is_new = [&] { return none_there->Copy(); };
  AddPlaceAndAction(target, If(is_new(), ActionOf(RowAction::kInsert), ActionOf(RowAction::kUpdate)), rows.get());

  TableChange change{.kind = TableChange::Kind::kUpsert, .writes = true, .inserts = true};
  if (!conflict.update) change.distinct_keys = keys;
  for (int column : query.insert_columns) change.inserted.push_back(table.columns[column].name);
  if (!conflict.index.empty() || !conflict.key.empty()) scope_->read.merge(ColumnsOf(keys.front(), table));
  std::vector<Parsed> values = OldRow(query);
  for (const tree::Assignment& assignment : conflict.assignments) {
    const SqlColumn& column = table.columns[assignment.column];
    values[assignment.column] = Assigned(assignment, column);
    change.updated.push_back(column.name);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    Parsed added = ColumnOf(proposed.alias, ProposedName(i));
    values[i] = conflict.update ? If(is_new(), std::move(added), std::move(values[i])) : std::move(added);
  }
  AddNewRow(std::move(values), rows.get());
  rows->where_clause = is_new();
  if (conflict.update) {
    Parsed once = Function("pg.changed_once", ColumnOf(proposed.alias, "n"));
    Parsed wanted = conflict.where ? Filter(*conflict.where) : Literal(duckdb::Value::BOOLEAN(true));
    rows->where_clause = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(once),
                                     Conjunction(ExpressionType::CONJUNCTION_OR, is_new(), std::move(wanted)));
  }
  return Changing(query, std::move(change), std::move(rows), &with);
}

}  // namespace weir::sql::duck
