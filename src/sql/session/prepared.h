#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "sql/engine/parameters.h"
#include "sql/session.h"
#include "sql/session/query_plan.h"

namespace weir::sql {

/// A parsed statement with the types of its parameters and columns. A query keeps its plan; DuckDB plans each execution
/// with its values, so that partitions are left out by them.
class EnginePrepared : public PreparedStatement {
 public:
  explicit EnginePrepared(Statement statement) : statement_(std::move(statement)) {}

  const std::vector<uint32_t>& parameter_types() const override { return parameter_oids_; }
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  const Statement& statement() const override { return statement_; }

  /// It may be others' as well, who asked for the same.
  void SetQuery(std::shared_ptr<QueryPlan> query);
  /// The PREPARE that has made it, and when, in microseconds since 1970 UTC.
  struct Origin {
    std::string text;
    int64_t created = 0;
  };
  void SetOrigin(Origin origin) { origin_ = std::move(origin); }
  const Origin& origin() const { return origin_; }
  void SetColumns(std::vector<ResultColumn> columns) { columns_ = std::move(columns); }
  /// The query of a cursor, of a new table or of EXPLAIN, whose parameters are the statement's.
  void SetInner(std::shared_ptr<QueryPlan> inner);
  /// The columns of SHOW and EXPLAIN.
  void DescribeOther(const Parameters& parameters);

  /// Null of a statement that is no query.
  const std::shared_ptr<QueryPlan>& query() const { return query_; }
  /// Whether it is none, but holds one with parameters.
  bool has_inner() const { return inner_ != nullptr; }
  /// 0A000 when the plan, which was made anew, gives other columns than the client was told of.
  Status CheckColumns() const;

  /// Texts as values of the parameters' types. Errors: those of reading them; 08P01 for a wrong number.
  Result<std::vector<postgres::Value>> Read(const std::vector<ParameterValue>& values,
                                            const postgres::Settings& settings) const;

 private:
  Statement statement_;
  std::shared_ptr<QueryPlan> query_;
  std::shared_ptr<QueryPlan> inner_;
  std::vector<uint32_t> parameter_oids_;
  std::vector<ResultColumn> columns_;
  Origin origin_;
};

}  // namespace weir::sql
