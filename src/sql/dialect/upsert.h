#pragma once

#include <optional>
#include <string_view>

#include "sql/dialect/show.h"

namespace weir::sql::dialect {

/// The constraint that ON CONFLICT names where UPSERT was written.
inline constexpr std::string_view kUpsertConstraint = "weir.upsert";

/// KWDB's UPSERT INTO as INSERT INTO … ON CONFLICT ON CONSTRAINT "weir.upsert" DO NOTHING, which analysis knows: a row
/// whose primary key is there gets the values that were given. Nothing for another statement. Errors: what PostgreSQL's
/// grammar says of it as an INSERT.
Result<std::optional<ExpandedText>> ExpandUpsert(const StatementSource& statement);

}  // namespace weir::sql::dialect
