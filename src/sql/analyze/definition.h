#pragma once

#include <string_view>

#include "sql/analyze/analyze.h"

namespace weir::sql::analyze {

/// What an expression of a definition gives, and whether always the same for the same row.
struct DefinitionMeaning {
  postgres::TypeRef type;
  char volatility = 'i';  // pg_proc.provolatile of the most changing function in it: i, s, v
};

/// Over no relations but the definition's own columns, and without types that the database has made. Errors:
/// AnalyzeExpression's.
Result<DefinitionMeaning> MeaningOf(std::string_view text, const DefinitionExpression& definition,
                                    const postgres::Settings& settings);

}  // namespace weir::sql::analyze
