#include "sql/transaction/key_changes.h"

#include <arrow/record_batch.h>

#include <algorithm>

namespace weir::sql {

int64_t KeyChanges::Touch(std::string_view key, int32_t bucket) {
  const auto [number, added] = index_.Insert(key);
  if (added) entries_.push_back({.stored = {}, .bucket = bucket, .last = -1});
  return number;
}

int64_t KeyChanges::AddRows(std::shared_ptr<arrow::RecordBatch> batch) {
  const auto first = static_cast<int64_t>(key_of_row_.size());
  key_of_row_.resize(key_of_row_.size() + static_cast<size_t>(batch->num_rows()), -1);
  added_.push_back({std::move(batch), first});
  return first;
}

void KeyChanges::Change(int64_t key, Op op, int64_t row, int64_t statement) {
  changes_.push_back({key, row, entries_[key].last, statement, op});
  entries_[key].last = static_cast<int64_t>(changes_.size()) - 1;
  if (row >= 0) key_of_row_[row] = key;
}

void KeyChanges::RollbackTo(const Mark& mark) {
  while (changes_.size() > mark.changes) {
    entries_[changes_.back().key].last = changes_.back().previous;
    changes_.pop_back();
  }
  if (added_.size() > mark.batches) {
    key_of_row_.resize(static_cast<size_t>(added_[mark.batches].first));
    added_.resize(mark.batches);
  }
}

std::shared_ptr<const KeyChanges::View> KeyChanges::ViewOf(int64_t statement) {
  if (view_ != nullptr && view_statement_ == statement) return view_;
  auto view = std::make_shared<View>();
  for (int64_t number = 0; number < num_keys(); ++number) {
    int64_t change = entries_[number].last;
    while (change >= 0 && changes_[change].statement >= statement) change = changes_[change].previous;
    if (change < 0) continue;
    const int64_t hidden = view->hidden.Insert(index_.key(number)).first;
    view->buckets.push_back(entries_[number].bucket);
    if (changes_[change].row >= 0) view->rows.push_back({changes_[change].row, hidden});
  }
  std::ranges::sort(view->rows, {}, &View::Row::number);
  view->added = added_;
  view_statement_ = statement;
  view_ = std::move(view);
  return view_;
}

KeyChanges::Op KeyChanges::first_op(int64_t number) const {
  int64_t change = entries_[number].last;
  while (changes_[change].previous >= 0) change = changes_[change].previous;
  return changes_[change].op;
}

}  // namespace weir::sql
