#pragma once

#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Has every plan that DuckDB is about to run held against what the session's role may do to the tables and columns in
/// it: 42501 where it may not. Who only counts rows needs SELECT on one column.
void RegisterPlanAccess(duckdb::DBConfig* config);

/// Holds a plan that DuckDB has bound, and that runs without its optimizer, against the same. Throws 42501.
void CheckPlanAccess(duckdb::ClientContext& context, duckdb::LogicalOperator& plan);

/// The columns that an UPDATE reads, before those are added that it writes back as they are. Throws 42501.
void CheckUpdate(duckdb::ClientContext& context, const Relation& relation, const duckdb::LogicalGet& get);

}  // namespace weir::sql
