#pragma once

#include "sql/engine/duckdb_headers.h"
#include "sql/engine/parameters.h"
#include "sql/engine/session_functions.h"
#include "sql/session.h"

namespace weir::sql {

/// What a statement's rows look like.
struct ResultShape {
  std::vector<std::string> names;
  std::vector<duckdb::LogicalType> types;
  bool operator==(const ResultShape&) const = default;
};

/// A parsed statement with the types of its parameters and columns. Each execution is planned with its values, so
/// partitions are left out by them.
class EnginePrepared : public PreparedStatement {
 public:
  explicit EnginePrepared(Statement statement) : statement_(std::move(statement)) {}

  const std::vector<uint32_t>& parameter_types() const override { return parameter_oids_; }
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  const Statement& statement() const override { return statement_; }

  /// Has DuckDB bind a query. `type_oids`: what the client says of the parameters. Throws.
  Status Describe(duckdb::Connection& connection, const SessionNames& names, const std::vector<uint32_t>& type_oids);
  /// The columns of SHOW and EXPLAIN.
  void DescribeOther(const Parameters& parameters);

  /// As it was described; without columns for a statement that gives no rows.
  const ResultShape& shape() const { return shape_; }
  /// What the client said of the parameters' types.
  const std::vector<uint32_t>& asked() const { return asked_; }

  /// Text values as values of the parameters' types. Throws.
  Status Bind(duckdb::Connection& connection, const std::vector<ParameterValue>& values,
              duckdb::case_insensitive_map_t<duckdb::BoundParameterData>* bound) const;

 private:
  /// What a query gives when the parameters have their types: DuckDB alone cannot always say.
  Result<ResultShape> Plan(duckdb::Connection& connection, duckdb::unique_ptr<duckdb::SQLStatement> query,
                           const std::string& text);
  void SetShape(ResultShape shape);

  Statement statement_;
  std::vector<uint32_t> asked_;
  std::vector<uint32_t> parameter_oids_;
  std::vector<duckdb::LogicalType> parameter_types_;
  std::vector<ResultColumn> columns_;
  ResultShape shape_;
};

}  // namespace weir::sql
