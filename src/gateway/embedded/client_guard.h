#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/embedded/row_rules.h"
#include "gateway/embedded/sql_definitions.h"
#include "gateway/gateway.h"
#include "types/mutex.h"

namespace weir {

/// Keeps Fluss clients, of the network and of this process, from breaking what SQL says of its tables: what does not
/// come in a commit is theirs. Refusals are code 48 and name the way that is left, unless another code is named.
/// Thread-safe.
class ClientGuard {
 public:
  ClientGuard(Catalog* catalog, BucketRegistry* registry) : catalog_(catalog), definitions_(catalog, registry) {}

  /// Nothing in the database `weir`, no marks of SQL's (code 39), no name that SQL has given (code 8).
  Status CheckCreate(const std::vector<NewTable>& tables);
  /// No marks, and no columns of a table that SQL has made.
  Status CheckAlter(const TablePath& path, const TableChange& change);
  Status CheckDrop(const TablePath& path);
  /// Whether it is a table that SQL has defined.
  Result<bool> IsDefined(const TablePath& path);
  /// Not `weir`, and none that SQL has made something in (code 5).
  Status CheckDropDatabase(const std::string& name);

  /// Not `weir`, and no marks.
  static Status CheckAlterDatabase(const std::string& name, const DatabaseChange& change);

  /// Writes of rows of this table as a whole: none into `weir`, none where SQL keeps keys of its own beside the rows.
  Status CheckWrites(int64_t table_id);
  /// A lookup that inserts makes rows of their keys alone.
  Status CheckInsertsOfLookup(int64_t table_id);
  /// The records of one bucket.
  Status CheckLog(int64_t table_id, const std::shared_ptr<arrow::Buffer>& batches);
  Status CheckKv(int64_t table_id, std::string_view batch, const std::vector<int>& target_columns);

  /// A commit has changed tables or definitions: what was read of them is read anew.
  void Forget();
  /// Whether that is so of a commit that is done.
  bool ChangesDefinitions(const CommitRequest& request);

 private:
  /// Null where there are none, or there is no such table.
  Result<RowRulesPtr> RulesOf(int64_t table_id);

  Catalog* const catalog_;
  SqlDefinitions definitions_;
  Mutex mutex_;
  uint64_t generation_ WEIR_GUARDED_BY(mutex_) = 0;  // grows with each Forget
  std::unordered_map<int64_t, RowRulesPtr> rules_ WEIR_GUARDED_BY(mutex_);  // by table, as far as they were asked for
};

}  // namespace weir
