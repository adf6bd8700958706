#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/value.h"
#include "sql/analyze/tree.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// A column of the rows that a statement gives: its PostgreSQL type, and the form that DuckDB gives its values in.
struct PlanColumn {
  std::string name;
  postgres::TypeRef type;
  duckdb::LogicalType form;
};

/// A statement that DuckDB can run: as often as wanted, in any connection whose session has SessionValues.
class Plan {
 public:
  /// Errors: 0A000 for what cannot be run.
  static Result<std::shared_ptr<const Plan>> Make(const analyze::AnalyzedQuery& query, const EmitContext& session);

  /// Empty for a statement that gives no rows.
  const std::vector<PlanColumn>& columns() const { return columns_; }
  const std::vector<postgres::TypeRef>& parameters() const { return parameters_; }

  /// DuckDB plans with the values, so that partitions are left out by them. The rows of a statement that changes a
  /// table are its RETURNING, or one with the number of rows that it has changed. Errors: what the values or the rows
  /// that are read raise, with PostgreSQL's SQLSTATE.
  Result<duckdb::unique_ptr<duckdb::QueryResult>> Run(duckdb::Connection& connection,
                                                      const std::vector<postgres::Value>& values, bool streaming) const;

 private:
  duckdb::unique_ptr<duckdb::SQLStatement> statement_;
  std::vector<PlanColumn> columns_;
  std::vector<postgres::TypeRef> parameters_;
};

/// A value of a result in its type's text form, as `settings` have it. Not NULL.
void AppendText(const PlanColumn& column, const duckdb::Value& value, const postgres::Settings& settings, std::string* out);

}  // namespace weir::sql::duck
