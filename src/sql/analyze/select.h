#pragma once

#include "sql/analyze/scope.h"

namespace weir::sql::analyze {

struct QueryOptions {
  bool keep_unknown = false;     // bare literals stay of the type unknown: INSERT and set operations type them
  WithEntry* with = nullptr;     // the item of WITH whose query it is
  std::string_view recursion_bar = {};  // why an item of WITH must not refer to itself in here
};

/// A query of its own inside of `parent` (null: the statement itself): SELECT, VALUES, INSERT, UPDATE, DELETE, MERGE.
Result<QueryPtr> AnalyzeQuery(Statement& statement, Scope* parent, const pg_query::Node& node,
                              const QueryOptions& options = {});
/// The same of a SELECT or VALUES.
Result<QueryPtr> AnalyzeSelect(Statement& statement, Scope* parent, const pg_query::SelectStmt& select,
                               const QueryOptions& options = {});

/// The list of a SELECT or of RETURNING: `Query::targets`.
Status AnalyzeTargets(Scope& scope, const Nodes& list, Clause clause);
/// Bare literals that are left become text.
Status ResolveUnknownTargets(Scope& scope);

/// Converts what a query gives to these types: in its own targets where that changes nothing else.
Status ConvertColumns(const Scope& scope, ConvertedQuery* query, const std::vector<postgres::TypeRef>& types,
                      std::string_view construct);

/// A set operation's query: UNION and its like.
Status AnalyzeSetOperation(Scope& scope, const pg_query::SelectStmt& select, const QueryOptions& options);
/// VALUES (…), (…) as a query.
Status AnalyzeValues(Scope& scope, const pg_query::SelectStmt& select);
/// LIMIT and OFFSET, and FOR UPDATE and its like.
Status AnalyzeLimit(Scope& scope, const pg_query::SelectStmt& select);
Status AnalyzeLocks(Scope& scope, const pg_query::SelectStmt& select);

}  // namespace weir::sql::analyze
