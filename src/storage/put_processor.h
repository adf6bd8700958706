#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "format/kv_batch.h"
#include "storage/auto_increment.h"
#include "storage/bucket_columns.h"
#include "storage/changelog.h"
#include "storage/key_layout.h"
#include "storage/merge_engine.h"
#include "storage/row_schemas.h"

namespace weir {

/// What a KV batch comes to: the changelog batch to append and, once that is done, the row changes.
struct PutPlan {
  std::shared_ptr<arrow::Buffer> changelog;
  std::vector<KvStore::RowChange> changes;  // refer to the KV batch and to `arena`
  /// Live rows more than before; absent when the rows that were there were not looked up.
  std::optional<int64_t> new_rows = 0;
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
};

/// Turns KV batches of one bucket into changelog batches and row changes (docs/fluss-formats.md, "What a batch does").
/// Made for one state of the table's metadata. Not thread-safe.
class PutProcessor {
 public:
  static Result<std::unique_ptr<PutProcessor>> Make(const TableBucket& bucket,
                                                    std::shared_ptr<const TableContext> table);

  /// Where old rows are: the store has them all (null: none of the keys has one); of many some may be found as columns,
  /// which costs less.
  struct OldRows {
    KvStore* kv = nullptr;
    std::function<std::optional<ColumnPlaces>(std::span<const std::string_view> keys)> find_columns = nullptr;
  };
  /// `target_columns`: positions in the schema of the batch; empty: full rows. Changes nothing.
  Result<PutPlan> Process(const KvBatchView& batch, const std::vector<int>& target_columns, int agg_mode,
                          const OldRows& old_rows, AutoIncrement* auto_increment);
  /// As Process, for rows of the latest schema that carry only their keys: they are inserted as
  /// they are, whatever the merge engine.
  Result<PutPlan> InsertKeys(const std::vector<KvRecordView>& records, KvStore* kv, AutoIncrement* auto_increment);

  const TableContext& table() const { return *table_; }
  const std::shared_ptr<const TableContext>& shared_table() const { return table_; }
  const KeyLayout& layout() const { return layout_; }
  RowSchemas* schemas() { return schemas_.get(); }

 private:
  PutProcessor(const TableBucket& bucket, std::shared_ptr<const TableContext> table)
      : bucket_(bucket), table_(std::move(table)) {}
  Result<std::optional<std::vector<int>>> LatestTargets(const RowSchema& schema, const std::vector<int>& targets) const;
  Result<PutPlan> Run(const KvBatchView& batch, const MergeRules& rules, const OldRows& old_rows,
                      AutoIncrement* auto_increment);

  TableBucket bucket_;
  std::shared_ptr<const TableContext> table_;
  KeyLayout layout_;
  std::unique_ptr<RowSchemas> schemas_;
  std::shared_ptr<arrow::Schema> arrow_schema_;
};

}  // namespace weir
