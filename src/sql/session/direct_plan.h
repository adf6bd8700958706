#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/state.h"
#include "sql/duckdb/plan.h"
#include "sql/engine/condition.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

class AttachedTable;
class KeyRead;
class ModifyOperator;

/// A statement of few rows, run without DuckDB's optimizer, scheduler and threads: a SELECT of expressions alone; a
/// SELECT, UPDATE or DELETE of the rows whose whole primary key WHERE names by values; an INSERT of VALUES. It is bound
/// once and runs as often as wanted with other parameters, in the connection that it was bound in.
class DirectPlan {
 public:
  /// Null when the statement is none of these. `statement` without its parameters' values. Throws what binding it does.
  static std::shared_ptr<DirectPlan> Of(duckdb::ClientContext& context,
                                        duckdb::unique_ptr<duckdb::SQLStatement> statement);
  ~DirectPlan();

  /// Whether the session's tables and what it may do are what they were when it was bound. Throws.
  bool IsCurrent() const;
  /// Locks its table, which may have another version then.
  void Lock() const;
  /// Within the statement's transaction, after Lock. Throws.
  duckdb::unique_ptr<duckdb::QueryResult> Run(const duck::Plan::Values& values);

 private:
  /// One operator above the rows' source.
  struct Step {
    duckdb::PhysicalOperator* op = nullptr;
    ModifyOperator* change = nullptr;  // null: a projection or a filter
    bool filters = false;
    bool routes = false;  // its expressions know where rows go, as it is when their executor is made
    std::unique_ptr<duckdb::ExpressionExecutor> executor;
    duckdb::DataChunk rows;  // that a projection makes
    duckdb::SelectionVector kept;
  };
  /// column = value, of the table that is scanned.
  struct KeyTest {
    int column = 0;
    duckdb::LogicalType type;
    std::unique_ptr<duckdb::ExpressionExecutor> value;
  };
  class Execution;

  explicit DirectPlan(duckdb::ClientContext& context);
  bool Bind(duckdb::unique_ptr<duckdb::SQLStatement> statement);
  bool TakeParameters(duckdb::LogicalOperator& op);
  bool Take(duckdb::PhysicalOperator& op);
  bool TakeSource(duckdb::PhysicalOperator& op);
  bool KeepTable(const AttachedTable& table);
  bool FindKey();
  duckdb::column_t ScannedId(size_t place) const;
  int ScannedColumn(size_t place) const;
  std::optional<std::vector<int>> ReadColumns() const;
  void ReadSource();
  void AddKeyTest(const duckdb::Expression& condition);
  void SetParameters(const duck::Plan::Values& values);
  /// Absent: no row can have the key.
  std::optional<Condition> KeyCondition();
  duckdb::unique_ptr<duckdb::QueryResult> Read();

  duckdb::ClientContext& context_;
  std::vector<std::pair<std::string, duckdb::shared_ptr<duckdb::BoundParameterData>>> parameters_;  // each use of one
  duckdb::unique_ptr<duckdb::PhysicalPlan> plan_;
  duckdb::vector<std::string> names_;
  duckdb::PhysicalOperator* source_ = nullptr;
  std::unique_ptr<duckdb::ThreadContext> thread_;  // that it scans with
  duckdb::DataChunk scanned_;                      // what it scans to
  std::vector<std::unique_ptr<Step>> steps_;  // from the source on
  std::vector<KeyTest> key_;
  size_t tests_ = 0;               // that the filters make, those of the key among them
  std::unique_ptr<KeyRead> read_;  // null: its rows go through DuckDB's operators
  std::unique_ptr<KeyRead> read_source_;  // what it scans, without DuckDB's scan
  std::shared_ptr<AttachedTable> table_;  // that it scans or changes; null: none
  access::StatePtr access_;  // that it was held against
  access::RoleId role_ = access::kWeir;
};

}  // namespace weir::sql
