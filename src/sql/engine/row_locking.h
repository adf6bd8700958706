#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/lock_manager.h"
#include "weir/table.h"

namespace weir::sql {

/// FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE or FOR KEY SHARE behind a SELECT, with what follows it.
struct LockingClause {
  enum class IfLocked { kWait, kNoWait, kSkip };
  std::string strength;  // "UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"
  IfLocked if_locked = IfLocked::kWait;
  std::vector<std::string> of;  // aliases; empty: every table

  LockMode mode() const;
};

/// What a session does for a SELECT that locks rows. All throw.
struct RowLockingHost {
  /// Runs a SELECT; its chunks come as they are asked for.
  std::function<duckdb::unique_ptr<duckdb::QueryResult>(duckdb::unique_ptr<duckdb::SQLStatement>)> run;
  /// Before any of a clause's tables is read.
  std::function<void(const LockingClause&, const TablePath&)> lock_table;
  /// One row of a leaf, as the virtual columns name it (null values: none stands there); false: leave it out.
  std::function<bool(const LockingClause&, const duckdb::Value& leaf, const duckdb::Value& position,
                     const duckdb::Value& key)>
      lock_row;
};

/// Stands as a call before the results of a SELECT that locks rows, once for each of its clauses: the strength, what to
/// do about locked rows ("WAIT", "NOWAIT", "SKIP LOCKED") and the aliases that it is for, all as texts.
inline constexpr const char* kLockingCall = "weir_lock_rows";

using ParameterValues = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

/// Runs each SELECT that locks rows, inner ones first, and puts the rows that it has
/// locked in its place; parameters are replaced by their values throughout. Rows are locked in the order in which they
/// come out, no more than LIMIT asks for. Throws.
void LockRows(duckdb::SQLStatement& statement, const ParameterValues& values, const RowLockingHost& host);

/// Forgets the clauses: for a statement that is only described.
void DropLockingClauses(duckdb::SQLStatement& statement);

}  // namespace weir::sql
