#pragma once

#include <string_view>

#include "sql/analyze/analyze.h"

namespace weir::sql::analyze {

/// AnalyzeExpression over no relations but the definition's own columns, and without types that the database has made.
Result<ExpressionPtr> AnalyzeDefinition(std::string_view text, const DefinitionExpression& definition,
                                        const postgres::Settings& settings);

/// pg_proc.provolatile of the most changing function in an expression: i, s, v.
char VolatilityOf(Expression& expression);

}  // namespace weir::sql::analyze
