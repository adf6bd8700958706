#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sql/engine/attached_table.h"
#include "sql/engine/condition.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Columns of the row that a whole primary key names, given as they lie in its leaf.
class KeyRead {
 public:
  /// `columns`: positions in the table. Null where one of them is shown in another form of Arrow's than it lies in.
  static std::unique_ptr<KeyRead> Of(duckdb::ClientContext& context, const AttachedTable& table,
                                     std::vector<int> columns);

  /// Within the statement's transaction. Null: there is no such row. Absent: it may be in a leaf that has no keys.
  /// Throws.
  std::optional<std::shared_ptr<arrow::RecordBatch>> Run(const Condition& key) const;

 private:
  KeyRead(duckdb::ClientContext& context, const AttachedTable& table, std::vector<int> columns)
      : context_(context), table_(table), columns_(std::move(columns)) {}

  duckdb::ClientContext& context_;
  const AttachedTable& table_;
  std::vector<int> columns_;
};

}  // namespace weir::sql
