#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sql/dialect/statement.h"

namespace weir::sql {

/// A query of PostgreSQL's dialect as DuckDB reads it. What the two read alike stays as it is, byte for byte; each
/// rule with its reason stands in rewrite.cc.
std::string ToDuckDb(const Query& query);

/// Stands as a call before the results of a SELECT that locks rows, once for each of its clauses: the strength, what to
/// do about locked rows ("WAIT", "NOWAIT", "SKIP LOCKED") and the aliases that it is for, all as texts.
inline constexpr const char* kLockingCall = "weir_lock_rows";

/// Whether a table is partitioned: it holds no rows of its own, so that ONLY the table is empty.
using IsPartitioned = std::function<bool(const QualifiedName&)>;
std::string ToDuckDb(const Query& query, const IsPartitioned& is_partitioned);

/// The same for an expression: a DEFAULT, a CHECK, a partition's bound or key.
std::string ExpressionToDuckDb(std::string_view expression);

}  // namespace weir::sql
