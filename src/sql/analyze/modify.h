#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

/// The hidden column that RETURNING of INSERT knows of its table.
inline constexpr const char* kXmax = "xmax";

/// Statements that change a table, alone or in WITH (`parent`: the query around).
Result<QueryPtr> AnalyzeInsert(Statement& statement, Scope* parent, const pg_query::InsertStmt& insert);
Result<QueryPtr> AnalyzeUpdate(Statement& statement, Scope* parent, const pg_query::UpdateStmt& update);
Result<QueryPtr> AnalyzeDelete(Statement& statement, Scope* parent, const pg_query::DeleteStmt& statement_node);
Result<QueryPtr> AnalyzeMerge(Statement& statement, Scope* parent, const pg_query::MergeStmt& merge);

}  // namespace weir::sql::analyze
