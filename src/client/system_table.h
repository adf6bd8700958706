#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/table_impl.h"
#include "format/kv_batch.h"
#include "gateway/gateway.h"
#include "model/sql_marks.h"

namespace weir {

/// A table of the database kSystemDatabase: a PK table of one bucket.
using SystemTablePtr = std::shared_ptr<const Table::Impl>;

/// Makes those of the system's tables, and the database, that are not there yet.
Status CreateSystemTables(Gateway& gateway, const std::vector<NewTable>& tables);

/// Null when there is no such table.
Result<SystemTablePtr> OpenSystemTable(const Connection& connection, const std::string& name);

/// The changes of one such table.
class SystemTableChanges {
 public:
  explicit SystemTableChanges(const Table::Impl& table) : table_(table) {}

  Status Put(const std::vector<Datum>& row);
  /// Only the key's columns matter.
  Status Remove(const std::vector<Datum>& key);

  bool empty() const { return builder_.num_records() == 0; }
  PutKvRequest Finish();

 private:
  Status EncodePrimaryKey(const std::vector<Datum>& row);

  const Table::Impl& table_;
  KvBatchBuilder builder_;
  std::string key_;
  std::string value_;
};

/// Writes them alone.
Status Put(Gateway& gateway, PutKvRequest request);

/// The encoded row of a key; none where there is none.
Result<std::vector<std::string>> LookUp(const Table::Impl& table, const std::vector<Datum>& key);
/// The encoded rows whose bucket key is that of `key`, in the order of their keys.
Result<std::vector<std::string>> LookUpPrefix(const Table::Impl& table, const std::vector<Datum>& key);

/// Encoded rows as what `read` makes of them.
template <typename Read>
auto DecodeRows(const Table::Impl& table, const std::vector<std::string>& values, Read read)
    -> Result<std::vector<decltype(read(RowView()))>> {
  std::vector<decltype(read(RowView()))> rows;
  rows.reserve(values.size());
  for (const std::string& value : values) {
    Arena arena;
    WEIR_ASSIGN_OR_RETURN(const RowView row, DecodeValue(table, value, &arena));
    rows.push_back(read(row));
  }
  return rows;
}

}  // namespace weir
