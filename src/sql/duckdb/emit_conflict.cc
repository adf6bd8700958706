#include "sql/duckdb/definition.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"

// INSERT … ON CONFLICT: the rows to be inserted are joined with those that have their keys, and become what shall
// stand there in the end: new rows, and old ones with what SET says. The table takes them in as upserts.

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
  return select.from_table->type == duckdb::TableReferenceType::EXPRESSION_LIST &&
         select.from_table->Cast<duckdb::ExpressionListRef>().values.size() == 1;
}

/// How many rows have the key; 1 where a part of it is NULL.
Parsed CountOfKey(std::map<int, Parsed> key) {
  auto count = duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE, "system", "main", "count_star");
  ParsedList nulls;
  for (auto& [column, value] : key) {
    nulls.push_back(IsNull(value->Copy()));
    count->partitions.push_back(std::move(value));
  }
  count->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  count->end = duckdb::WindowBoundary::UNBOUNDED_FOLLOWING;
  Parsed has_null = Conjunction(ExpressionType::CONJUNCTION_OR, std::move(nulls));
  return If(std::move(has_null), Literal(duckdb::Value::BIGINT(1)), std::move(count));
}

bool HasColumn(const std::vector<int>& key, int column) {
  return std::find(key.begin(), key.end(), column) != key.end();
}

bool IsPrimaryKey(const std::vector<int>& key, const sql::Relation& table) {
  const std::vector<int> primary_key = table.PrimaryKey();
  return std::is_permutation(key.begin(), key.end(), primary_key.begin(), primary_key.end());
}

/// The keys by which conflicts are found: the one that the statement names, else all that the table has.
std::vector<std::vector<int>> ArbitersOf(const tree::OnConflict& conflict, const sql::Relation& table) {
  if (!conflict.key.empty()) return {conflict.key};
  return UniqueKeysOf(table);
}

/// DO UPDATE writes rows by their primary key, and the key by which it has found them stays.
void CheckMayUpdate(const tree::OnConflict& conflict, const sql::Relation& table) {
  const std::vector<int> primary_key = table.PrimaryKey();
  if (primary_key.empty()) {
    Throw(Error("0A000", "ON CONFLICT DO UPDATE of a table without a primary key is not supported"));
  }
  for (const tree::Assignment& assignment : conflict.assignments) {
    if (HasColumn(primary_key, assignment.column)) {
      Throw(Error("0A000", "ON CONFLICT DO UPDATE of the primary key is not supported"));
    }
    if (HasColumn(conflict.key, assignment.column)) {
      Throw(Error("0A000", "ON CONFLICT DO UPDATE of the columns that it goes by is not supported"));
    }
  }
}

}  // namespace

std::vector<std::vector<int>> UniqueKeysOf(const sql::Relation& table) {
  std::vector<std::vector<int>> keys;
  if (!table.PrimaryKey().empty()) keys.push_back(table.PrimaryKey());
  for (const sql::RelationPtr& index : table.indexes) {
    if (!index->index->valid) continue;
    std::vector<int>& key = keys.emplace_back();
    for (int number : index->index->columns) key.push_back(table.ColumnNumbered(number));
  }
  return keys;
}

/// A column's DEFAULT, in the form that its table has.
Parsed Emitter::DefaultOf(const SqlColumn& column) {
  if (!column.default_value) return NullOf(ColumnType(column));
  return ValueOrThrow(EmitColumnValue(*column.default_value, analyze::DefinitionPart::kDefault, column, {})).expression;
}

/// The rows that INSERT proposes, with all of the table's columns: x0, x1, …; and, for DO UPDATE, n, how many have the
/// row's key. `known`: gets what VALUES say of a column of a key.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::Proposed(const tree::Query& query, std::map<int, ParsedList>* known) {
  const sql::Relation& table = TargetRelation(query);
  auto source = InsertSource(query);
  const bool single = IsSingleRow(*source);
  const auto place_of = [&](int column) {
    return std::find(query.insert_columns.begin(), query.insert_columns.end(), column) - query.insert_columns.begin();
  };
  const auto given = static_cast<long>(query.insert_columns.size());
  for (auto& [column, values] : *known) {
    const long place = place_of(column);
    if (place < given && !TakesDefault(query, static_cast<size_t>(place))) {
      values = ConstantKeys(*source, static_cast<size_t>(place));
    }
  }
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  auto inner = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(source), NewAlias("s"));
  for (long i = 0; i < given; ++i) inner->column_name_alias.push_back("i" + std::to_string(i));
  std::map<int, Parsed> values;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const long place = place_of(static_cast<int>(i));
    Parsed value = place < given ? ColumnOf(inner->alias, "i" + std::to_string(place)) : DefaultOf(table.columns[i]);
    if (known->contains(static_cast<int>(i))) values[static_cast<int>(i)] = value->Copy();
    value->SetAlias(ProposedName(i));
    node->select_list.push_back(std::move(value));
  }
  if (query.on_conflict->update) {
    Parsed count = single ? Literal(duckdb::Value::BIGINT(1)) : CountOfKey(std::move(values));
    count->SetAlias("n");
    node->select_list.push_back(std::move(count));
  }
  node->from_table = std::move(inner);
  return node;
}

/// Whether a row of the table has the key of a proposed one. A row with a NULL in its key is like no other.
Parsed Emitter::HasSameKey(const sql::Relation& table, const std::vector<int>& key, const std::string& target,
                           const std::string& proposed, const std::map<int, ParsedList>& known) {
  ParsedList same;
  for (int column : key) {
    const std::string& name = table.columns[static_cast<size_t>(column)].name;
    same.push_back(Compare(ExpressionType::COMPARE_EQUAL, ColumnOf(target, name),
                           ColumnOf(proposed, ProposedName(static_cast<size_t>(column)))));
    ParsedList one_of = ListOf(ColumnOf(target, name));
    for (const Parsed& value : known.at(column)) one_of.push_back(value->Copy());
    if (one_of.size() > 1) same.push_back(Operator(ExpressionType::COMPARE_IN, std::move(one_of)));
  }
  return Conjunction(ExpressionType::CONJUNCTION_AND, std::move(same));
}

duckdb::unique_ptr<duckdb::SelectStatement> Emitter::ConflictSource(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  const tree::OnConflict& conflict = *query.on_conflict;
  const std::vector<std::vector<int>> keys = ArbitersOf(conflict, table);
  conflicts_.upserts = conflict.update;
  if (!conflict.update) conflicts_.skips = keys;
  if (conflict.update) CheckMayUpdate(conflict, table);
  if (conflict.update && !IsPrimaryKey(conflict.key, table)) conflicts_.arbiter = conflict.key;
  std::map<int, ParsedList> known;
  for (const auto& key : keys) {
    for (int column : key) known.try_emplace(column);
  }
  Relation proposed{NewAlias("p"), {}};
  auto rows = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(Proposed(query, &known)), proposed.alias);
  Relation& target = RelationAt(0, query.target_relation);
  const Relation returned = target;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    proposed.columns.push_back({ProposedName(i), ColumnType(table.columns[i]), returned.columns[i].oid});
  }
  if (conflict.excluded >= 0) RelationAt(0, conflict.excluded) = proposed;

  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = std::move(rows);
  ParsedList news;  // whether no row has the first key, the second, …
  for (const auto& key : keys) {
    target.alias = NewAlias("t");
    auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
    join->type = duckdb::JoinType::LEFT;
    join->left = std::move(node->from_table);
    join->right = TargetTable(query);
    join->condition = HasSameKey(table, key, target.alias, proposed.alias, known);
    node->from_table = std::move(join);
    news.push_back(IsNull(ColumnOf(target.alias, "weir_leaf")));
  }
  const auto is_new = [&] { return IsNull(ColumnOf(target.alias, "weir_leaf")); };
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Parsed value = ColumnOf(proposed.alias, ProposedName(i));
    if (conflict.update) value = If(is_new(), std::move(value), ColumnOf(target.alias, table.columns[i].name));
    node->select_list.push_back(std::move(value));
  }
  for (const tree::Assignment& assignment : conflict.assignments) {
    const SqlColumn& column = table.columns[static_cast<size_t>(assignment.column)];
    const bool is_default = std::holds_alternative<tree::DefaultValue>(assignment.value->node);
    Parsed value = is_default ? DefaultOf(column) : ToColumn(Value(*assignment.value), ColumnType(column));
    Parsed kept = ColumnOf(proposed.alias, ProposedName(static_cast<size_t>(assignment.column)));
    node->select_list[static_cast<size_t>(assignment.column)] = If(is_new(), std::move(kept), std::move(value));
  }
  node->where_clause = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(news));
  if (conflict.update) {
    Parsed once = Function("pg.changed_once", ColumnOf(proposed.alias, "n"));
    Parsed wanted = conflict.where ? Filter(*conflict.where) : Literal(duckdb::Value::BOOLEAN(true));
    node->where_clause = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(once),
                                     Conjunction(ExpressionType::CONJUNCTION_OR, is_new(), std::move(wanted)));
  }
  RelationAt(0, query.target_relation) = returned;
  return AsStatement(std::move(node));
}

}  // namespace weir::sql::duck
