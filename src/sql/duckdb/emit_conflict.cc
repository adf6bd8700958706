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

Parsed CountOfKey(const ParsedList& key) {
  auto count = duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE, "system", "main", "count_star");
  for (const Parsed& column : key) count->partitions.push_back(column->Copy());
  count->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  count->end = duckdb::WindowBoundary::UNBOUNDED_FOLLOWING;
  return count;
}

}  // namespace

/// A column's DEFAULT, in the form that its table has.
Parsed Emitter::DefaultOf(const SqlColumn& column) {
  if (!column.default_value) return NullOf(ColumnType(column));
  return ValueOrThrow(EmitColumnValue(*column.default_value, analyze::DefinitionPart::kDefault, column, {})).expression;
}

/// The rows that INSERT proposes, with all of the table's columns: x0, x1, …; and n, how many have the row's key.
/// `match`: gets what their keys must be equal to.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::Proposed(const tree::Query& query, const std::vector<int>& key,
                                                         std::vector<ParsedList>* known_keys) {
  const sql::Relation& table = TargetRelation(query);
  auto source = InsertSource(query);
  const bool single = IsSingleRow(*source);
  const auto place_of = [&](int column) {
    return std::find(query.insert_columns.begin(), query.insert_columns.end(), column) - query.insert_columns.begin();
  };
  const auto given = static_cast<long>(query.insert_columns.size());
  for (int column : key) {
    const bool named = place_of(column) < given;
    const bool known = named && !TakesDefault(query, static_cast<size_t>(place_of(column)));
    known_keys->push_back(known ? ConstantKeys(*source, static_cast<size_t>(place_of(column))) : ParsedList());
  }
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  auto inner = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(source), NewAlias("s"));
  for (long i = 0; i < given; ++i) inner->column_name_alias.push_back("i" + std::to_string(i));
  ParsedList key_values;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const long place = place_of(static_cast<int>(i));
    Parsed value = place < given ? ColumnOf(inner->alias, "i" + std::to_string(place)) : DefaultOf(table.columns[i]);
    if (std::find(key.begin(), key.end(), static_cast<int>(i)) != key.end()) key_values.push_back(value->Copy());
    value->SetAlias(ProposedName(i));
    node->select_list.push_back(std::move(value));
  }
  if (query.on_conflict->update) {
    Parsed count = single ? Literal(duckdb::Value::BIGINT(1)) : CountOfKey(key_values);
    count->SetAlias("n");
    node->select_list.push_back(std::move(count));
  } else if (!single) {
    auto distinct = duckdb::make_uniq<duckdb::DistinctModifier>();
    distinct->distinct_on_targets = std::move(key_values);
    node->modifiers.push_back(std::move(distinct));
  }
  node->from_table = std::move(inner);
  return node;
}

duckdb::unique_ptr<duckdb::SelectStatement> Emitter::ConflictSource(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  const tree::OnConflict& conflict = *query.on_conflict;
  const std::vector<int> key = table.PrimaryKey();
  std::vector<ParsedList> known_keys;
  Relation proposed{NewAlias("p"), {}};
  auto rows = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(Proposed(query, key, &known_keys)), proposed.alias);
  Relation& target = RelationAt(0, query.target_relation);
  const Relation returned = target;
  target.alias = NewAlias("t");
  for (size_t i = 0; i < table.columns.size(); ++i) {
    proposed.columns.push_back({ProposedName(i), ColumnType(table.columns[i]), returned.columns[i].oid});
  }
  if (conflict.excluded >= 0) RelationAt(0, conflict.excluded) = proposed;

  auto base = duckdb::make_uniq<duckdb::BaseTableRef>();
  base->catalog_name = kAttachedName;
  base->schema_name = table.path.database;
  base->table_name = table.path.table;
  base->alias = target.alias;
  ParsedList same;
  for (size_t i = 0; i < key.size(); ++i) {
    const std::string& name = table.columns[static_cast<size_t>(key[i])].name;
    same.push_back(Compare(ExpressionType::COMPARE_EQUAL, ColumnOf(target.alias, name),
                           ColumnOf(proposed.alias, ProposedName(static_cast<size_t>(key[i])))));
    if (known_keys[i].empty()) continue;
    ParsedList one_of = std::move(known_keys[i]);
    one_of.insert(one_of.begin(), ColumnOf(target.alias, name));
    same.push_back(Operator(ExpressionType::COMPARE_IN, std::move(one_of)));
  }
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = duckdb::JoinType::LEFT;
  join->left = std::move(rows);
  join->right = std::move(base);
  join->condition = Conjunction(ExpressionType::CONJUNCTION_AND, std::move(same));
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->from_table = std::move(join);
  const auto is_new = [&] { return IsNull(ColumnOf(target.alias, "weir_leaf")); };
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Parsed value = ColumnOf(proposed.alias, ProposedName(i));
    if (conflict.update) value = If(is_new(), std::move(value), ColumnOf(target.alias, table.columns[i].name));
    node->select_list.push_back(std::move(value));
  }
  for (const tree::Assignment& assignment : conflict.assignments) {
    const SqlColumn& column = table.columns[static_cast<size_t>(assignment.column)];
    if (std::find(key.begin(), key.end(), assignment.column) != key.end()) {
      Throw(Error("0A000", "ON CONFLICT DO UPDATE of the primary key is not supported"));
    }
    const bool is_default = std::holds_alternative<tree::DefaultValue>(assignment.value->node);
    Parsed value = is_default ? DefaultOf(column) : ToColumn(Value(*assignment.value), ColumnType(column));
    Parsed kept = ColumnOf(proposed.alias, ProposedName(static_cast<size_t>(assignment.column)));
    node->select_list[static_cast<size_t>(assignment.column)] = If(is_new(), std::move(kept), std::move(value));
  }
  node->where_clause = is_new();
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
