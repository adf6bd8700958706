#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/value.h"
#include "postgres/value/row_shape.h"
#include "sql/analyze/tree.h"
#include "sql/duckdb/emit.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// A column of the rows that a statement gives: its PostgreSQL type, and the form that DuckDB gives its values in,
/// which is one that Arrow has. Values of types that Arrow does not know come as their texts; so do those of regclass
/// and its like, whose type is then text.
struct PlanColumn {
  std::string name;
  postgres::TypeRef type;
  duckdb::LogicalType form;
  std::shared_ptr<const postgres::RowShape> row = nullptr;  // as ResultColumn has it
  analyze::ColumnOrigin origin = {};
};

/// A statement that DuckDB can run: as often as wanted, in any connection whose session has SessionValues.
class Plan {
 public:
  using Values = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;
  /// What DuckDB takes for one run. It plans with the values, so that partitions are left out by them. The rows of a
  /// statement that changes a table are its RETURNING, or one with the number of rows that it has changed.
  struct Run {
    duckdb::unique_ptr<duckdb::SQLStatement> statement;
    Values values;
    const TableChange* change = nullptr;  // the plan's, that it makes; SessionState::change while DuckDB plans it
  };
  /// A query of WITH that changes a table, or is read by one that does. It runs before the statement and in its
  /// snapshot; its rows are then given to those that come after it (AddRows).
  struct Change {
    std::string alias;
    duckdb::unique_ptr<duckdb::SQLStatement> statement;
    RelationPtr target;                 // null: it changes none
    std::optional<TableChange> change;  // none: INSERT
  };

  /// Errors: 0A000 for what cannot be run.
  static Result<std::shared_ptr<const Plan>> Make(const analyze::AnalyzedQuery& query, const EmitContext& session);

  /// Empty for a statement that gives no rows.
  const std::vector<PlanColumn>& columns() const { return columns_; }
  const std::vector<postgres::TypeRef>& parameters() const { return parameters_; }
  analyze::Query::Command command() const { return command_; }
  /// What it does to its table's rows; null: it is a query or an INSERT.
  const TableChange* change() const { return change_ ? &*change_ : nullptr; }
  /// The table that it changes; null for a query.
  const RelationPtr& target() const { return target_; }
  /// Whether an INSERT minds rows that have its keys: one that another has inserted meanwhile is then no error, but to
  /// be looked at again.
  bool minds_conflicts() const { return minds_conflicts_; }
  /// Whether it may be one of few rows (few_rows.h).
  bool is_of_few_rows() const { return is_of_few_rows_; }
  /// Whether a SELECT in it locks rows (row_locking.h).
  bool locks_rows() const { return locks_rows_; }

  const std::vector<Change>& changes() const { return changes_; }

  /// Whether it can be run with these values: an array of several dimensions wants a plan of shaped ones.
  bool Takes(const std::vector<postgres::Value>& values) const;
  /// It without its parameters' values.
  duckdb::unique_ptr<duckdb::SQLStatement> statement() const { return statement_->Copy(); }
  /// `values`: one for each parameter, of its type. Throws.
  Values ValuesOf(const std::vector<postgres::Value>& values) const;
  /// Likewise.
  Run Bind(const std::vector<postgres::Value>& values) const;
  /// The same of a change.
  Run Bind(const Change& change, const std::vector<postgres::Value>& values) const;
  /// What the one query of a statement's WITH says are these rows.
  static void SetRows(std::shared_ptr<duckdb::ColumnDataCollection> rows, duckdb::SQLStatement* statement);
  /// Gives a statement the rows of a change, under its alias.
  static void AddRows(const std::string& alias, std::shared_ptr<duckdb::ColumnDataCollection> rows,
                      duckdb::SQLStatement* statement);

 private:
  Run Bind(const duckdb::SQLStatement& statement, const std::optional<TableChange>& change,
           const std::vector<postgres::Value>& values) const;

  duckdb::unique_ptr<duckdb::SQLStatement> statement_;
  std::vector<Change> changes_;
  std::vector<PlanColumn> columns_;
  std::vector<postgres::TypeRef> parameters_;
  bool shaped_parameters_ = false;
  analyze::Query::Command command_ = analyze::Query::Command::kSelect;
  RelationPtr target_;
  std::optional<TableChange> change_;
  bool minds_conflicts_ = false;
  bool locks_rows_ = false;
  bool is_of_few_rows_ = false;
};

}  // namespace weir::sql::duck
