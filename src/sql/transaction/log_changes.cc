#include "sql/transaction/log_changes.h"

#include <arrow/record_batch.h>

namespace weir::sql {

void LogChanges::Add(std::shared_ptr<arrow::RecordBatch> batch) {
  const int64_t rows = batch->num_rows();
  added_.push_back({std::move(batch), num_added_});
  num_added_ += rows;
}

void LogChanges::RemoveLast() {
  num_added_ = added_.back().first;
  added_.pop_back();
}

void LogChanges::Replace(size_t batch, std::shared_ptr<arrow::RecordBatch> same) {
  added_[batch].batch = std::move(same);
  view_ = nullptr;
}

void LogChanges::Delete(const Deletions& rows) {
  deleted_added_.Add(rows.added);
  for (const auto& [bucket, offsets] : rows.stored) deleted_[bucket].Add(offsets);
}

void LogChanges::Restore(const Deletions& rows) {
  deleted_added_.Remove(rows.added);
  for (const auto& [bucket, offsets] : rows.stored) {
    OffsetSet& deleted = deleted_[bucket];
    deleted.Remove(offsets);
    if (deleted.empty()) deleted_.erase(bucket);
  }
}

void LogChanges::Freeze(int64_t statement) {
  if (frozen_statement_ == statement) return;
  frozen_statement_ = statement;
  frozen_batches_ = added_.size();
  frozen_deleted_added_ = deleted_added_;
  frozen_deleted_ = deleted_;
}

std::shared_ptr<const LogChanges::View> LogChanges::ViewOf(int64_t statement) {
  if (view_ != nullptr && view_statement_ == statement) return view_;
  Freeze(statement);
  auto view = std::make_shared<View>();
  view->added.assign(added_.begin(), added_.begin() + static_cast<ptrdiff_t>(frozen_batches_));
  view->deleted_added = frozen_deleted_added_;
  view->deleted = frozen_deleted_;
  view_statement_ = statement;
  view_ = std::move(view);
  return view_;
}

}  // namespace weir::sql
