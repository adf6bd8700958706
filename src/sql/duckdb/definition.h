#pragma once

#include <string_view>
#include <vector>

#include "postgres/value/settings.h"
#include "sql/analyze/analyze.h"
#include "sql/catalog/relation.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// An expression of a definition as DuckDB's unbound one, with what it gives.
struct Definition {
  duckdb::unique_ptr<duckdb::ParsedExpression> expression;
  postgres::TypeRef type;
};

/// What a CHECK, a partition's key or bound, or an index holds of a row: over the columns by their names.
/// `settings`: literals are read by them. Errors: PostgreSQL's.
Result<Definition> EmitDefinition(std::string_view text, analyze::DefinitionPart part, std::string_view relation,
                                  const std::vector<SqlColumn>& columns, const postgres::Settings& settings);

/// A value for a column: a DEFAULT, a partition's bound. In the form that the column's table has.
Result<Definition> EmitColumnValue(std::string_view text, analyze::DefinitionPart part, const SqlColumn& column,
                                   const postgres::Settings& settings);

}  // namespace weir::sql::duck
