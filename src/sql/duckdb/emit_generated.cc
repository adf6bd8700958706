#include "sql/duckdb/definition.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/errors.h"

// Generated columns of rows that a change makes: a SELECT above the one that gives their other columns, each of which
// is thus computed once, whatever it is computed by.

namespace weir::sql::duck {

/// What a generated column holds, over a relation that has the table's columns under other names.
Parsed Emitter::GeneratedValue(const sql::Relation& table, size_t column, const Relation& row) {
  const auto value = ValueOrThrow(AnalyzeGenerated(table, column));
  tree::Query around;
  tree::RangeEntry& entry = around.relations.emplace_back();
  for (const SqlColumn& one : table.columns) entry.columns.push_back({one.name});
  Within within(this, around);
  scope_->relations.push_back(row);
  return ToColumn(Value(*value), ColumnType(table.columns[column]));
}

/// The rows with the table's generated columns computed. `name_of`: what a column of the table is called among theirs.
duckdb::unique_ptr<duckdb::SelectNode> Emitter::WithGenerated(const sql::Relation& table,
                                                              duckdb::unique_ptr<duckdb::SelectNode> rows,
                                                              std::string (*name_of)(size_t)) {
  if (!table.HasGenerated()) return rows;
  Relation row{NewAlias("k"), {}};
  std::map<std::string, size_t> generated;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    row.columns.push_back({name_of(i), ColumnType(table.columns[i])});
    if (table.columns[i].generated) generated.emplace(name_of(i), i);
  }
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (const Parsed& column : rows->select_list) {
    const std::string name = column->GetAlias();
    const auto computed = generated.find(name);
    const bool given = computed == generated.end();
    Parsed value = given ? ColumnOf(row.alias, name) : GeneratedValue(table, computed->second, row);
    value->SetAlias(name);
    node->select_list.push_back(std::move(value));
  }
  node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(rows)), row.alias);
  return node;
}

}  // namespace weir::sql::duck
