#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The unique key that ON CONFLICT (…) or ON CONSTRAINT means: one of the same columns and expressions, whose condition
/// is part of the one that is written. 42P10 and 42704 without one.
Status FindArbiter(Scope& scope, const pg_query::InferClause& infer, OnConflict* conflict);
/// 55000 for a target that has a DEFERRABLE key: ON CONFLICT DO NOTHING would mean it, too.
Status CheckNoneIsDeferrable(const Scope& scope);

}  // namespace weir::sql::analyze
