#include "sql/engine/generated_columns.h"

#include "sql/engine/leaf_cursor.h"

namespace weir::sql {

GeneratedColumns::GeneratedColumns(duckdb::ClientContext& context, const AttachedTable& table) {
  const Relation& relation = *table.relation();
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].generated) continue;
    One& one = columns_.emplace_back();
    one.column = i;
    one.expression = BindGenerated(context, table, i);
    one.executor = std::make_unique<duckdb::ExpressionExecutor>(context, *one.expression);
  }
}

duckdb::DataChunk& GeneratedColumns::Complete(duckdb::DataChunk& rows, duckdb::DataChunk* made) {
  if (columns_.empty()) return rows;
  made->InitializeEmpty(rows.GetTypes());
  made->Reference(rows);
  for (One& one : columns_) {
    duckdb::Vector& column = made->data[one.column];
    duckdb::Vector computed(column.GetType(), rows.size());
    one.executor->ExecuteExpression(rows, computed);
    column.Reference(computed);
  }
  return *made;
}

}  // namespace weir::sql
