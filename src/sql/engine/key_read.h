#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sql/engine/attached_table.h"
#include "sql/engine/condition.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// The row that a whole primary key names, as it lies in its leaf.
class KeyRead {
 public:
  struct Found {
    RelationPtr leaf;
    LeafBatch batch;  // of the columns, in their order
  };

  /// `columns`: positions in the table. `row_ids`: what names the row is wanted as well.
  KeyRead(duckdb::ClientContext& context, const AttachedTable& table, std::vector<int> columns, bool row_ids)
      : context_(context), table_(table), columns_(std::move(columns)), row_ids_(row_ids) {}

  /// Whether the columns are shown in the forms of Arrow's that they lie in.
  bool IsShownAsItLies() const;

  /// Within the statement's transaction; none where there is no such row. Absent: it may be in a leaf that has no keys.
  /// Throws.
  std::optional<std::vector<Found>> Find(const Condition& key) const;
  /// The same in one batch; null: there is no such row.
  std::optional<std::shared_ptr<arrow::RecordBatch>> Rows(const Condition& key) const;

 private:
  duckdb::ClientContext& context_;
  const AttachedTable& table_;
  const std::vector<int> columns_;
  const bool row_ids_;
};

}  // namespace weir::sql
