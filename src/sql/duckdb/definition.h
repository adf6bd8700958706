#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "postgres/value/settings.h"
#include "sql/analyze/analyze.h"
#include "sql/analyze/tree.h"
#include "sql/catalog/relation.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// An expression of a definition as DuckDB's unbound one, with what it gives.
struct Definition {
  duckdb::unique_ptr<duckdb::ParsedExpression> expression;
  postgres::TypeRef type;
  duckdb::LogicalType form = duckdb::LogicalType::INVALID;  // of its values, where that is not a column's
};

/// What a CHECK, a partition's key or bound, an index or COPY's WHERE holds of a row: over the columns by their names.
/// `settings`: literals are read by them. Errors: PostgreSQL's.
Result<Definition> EmitDefinition(std::string_view text, analyze::DefinitionPart part, std::string_view relation,
                                  const std::vector<SqlColumn>& columns, const postgres::Settings& settings);

/// A value for a column: a DEFAULT, a partition's bound. In the form that the column's table has.
Result<Definition> EmitColumnValue(std::string_view text, analyze::DefinitionPart part, const SqlColumn& column,
                                   const postgres::Settings& settings);

/// A value for a column over other columns of its row: what ALTER TABLE makes of it. In the form that its table has.
Result<Definition> EmitNewValue(std::string_view text, std::string_view relation, const std::vector<SqlColumn>& columns,
                                const SqlColumn& column, const postgres::Settings& settings);

/// What a generated column of a table holds, over the table's other columns by their names. In the form that the table
/// has.
Result<Definition> EmitGenerated(const Relation& table, size_t column);
/// The same before it is emitted: over relation 0, the table.
Result<analyze::ExpressionPtr> AnalyzeGenerated(const Relation& table, size_t column);

/// The hidden shard columns of a table; null where nothing of it is sharded.
std::shared_ptr<const std::vector<analyze::RangeEntry::ShardColumn>> ShardColumnsOf(const Relation& table);

/// The value of that of the primary key, over the table's columns by their names. The table has one.
Result<Definition> EmitShard(const Relation& table);

}  // namespace weir::sql::duck
