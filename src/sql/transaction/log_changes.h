#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "sql/transaction/offset_set.h"

namespace weir::sql {

/// What a transaction has done to a log leaf: rows added, numbered from 0, and rows deleted.
class LogChanges {
 public:
  struct Rows {
    std::shared_ptr<arrow::RecordBatch> batch;
    int64_t first = 0;  // number of its first row
  };
  /// What a statement sees of it.
  struct View {
    std::vector<Rows> added;
    OffsetSet deleted_added;              // numbers of added rows
    std::map<int32_t, OffsetSet> deleted;  // offsets of stored rows, by bucket
  };
  /// Deletions that another call may take back.
  struct Deletions {
    OffsetSet added;
    std::map<int32_t, OffsetSet> stored;
  };

  void Add(std::shared_ptr<arrow::RecordBatch> batch);
  /// Drops the last batch.
  void RemoveLast();
  /// The batch with the number `batch`, with the same rows that lie elsewhere.
  void Replace(size_t batch, std::shared_ptr<arrow::RecordBatch> same);
  /// Rows that are there and not deleted yet; the caller has made sure of it.
  void Delete(const Deletions& rows);
  void Restore(const Deletions& rows);

  bool empty() const { return added_.empty() && deleted_.empty(); }
  int64_t num_added() const { return num_added_; }
  const std::vector<Rows>& added() const { return added_; }
  const OffsetSet& deleted_added() const { return deleted_added_; }
  const std::map<int32_t, OffsetSet>& deleted() const { return deleted_; }

  /// What was there when `statement` began; Freeze is called before the statement's first change.
  void Freeze(int64_t statement);
  std::shared_ptr<const View> ViewOf(int64_t statement);

 private:
  std::vector<Rows> added_;
  int64_t num_added_ = 0;
  OffsetSet deleted_added_;
  std::map<int32_t, OffsetSet> deleted_;

  int64_t frozen_statement_ = -1;
  size_t frozen_batches_ = 0;
  OffsetSet frozen_deleted_added_;
  std::map<int32_t, OffsetSet> frozen_deleted_;
  int64_t view_statement_ = -1;
  std::shared_ptr<const View> view_;
};

}  // namespace weir::sql
