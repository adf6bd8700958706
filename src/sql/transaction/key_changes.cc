#include "sql/transaction/key_changes.h"

#include <arrow/record_batch.h>

#include <algorithm>

namespace weir::sql {

int64_t KeyChanges::Touch(std::string_view key, int32_t bucket) {
  const auto [number, added] = index_.Insert(key);
  if (added) entries_.push_back({.bucket = bucket});
  return number;
}

int64_t KeyChanges::AddRows(std::shared_ptr<arrow::RecordBatch> batch) {
  const auto first = static_cast<int64_t>(key_of_row_.size());
  key_of_row_.resize(key_of_row_.size() + static_cast<size_t>(batch->num_rows()), -1);
  added_.push_back({std::move(batch), first});
  return first;
}

void KeyChanges::Change(int64_t key, Op op, int64_t row, int64_t statement) {
  Entry& entry = entries_[key];
  changes_.push_back({row, static_cast<int32_t>(key), entry.last, static_cast<int32_t>(statement), op});
  entry.last = static_cast<int32_t>(changes_.size()) - 1;
  if (row >= 0) key_of_row_[row] = static_cast<int32_t>(key);
}

void KeyChanges::RollbackTo(const Mark& mark) {
  while (changes_.size() > mark.changes) {
    entries_[changes_.back().key].last = changes_.back().previous;
    changes_.pop_back();
  }
  while (!stretches_.empty() && stretches_.back().end > changes_.size()) stretches_.pop_back();
  if (added_.size() > mark.batches) {
    key_of_row_.resize(static_cast<size_t>(added_[mark.batches].first));
    added_.resize(mark.batches);
  }
}

bool KeyChanges::View::Hides(std::string_view key) const {
  return std::ranges::any_of(layers, [&](const auto& layer) { return layer->keys.Find(key) >= 0; });
}

bool KeyChanges::View::IsOlder(size_t layer, std::string_view key) const {
  for (size_t i = layer + 1; i < layers.size(); ++i) {
    if (layers[i]->keys.Find(key) >= 0) return true;
  }
  return false;
}

bool KeyChanges::View::has_rows() const {
  return std::ranges::any_of(layers, [](const auto& layer) { return !layer->rows.empty(); });
}

std::shared_ptr<const KeyChanges::Layer> KeyChanges::MakeLayer(size_t begin, size_t end) const {
  auto layer = std::make_shared<Layer>();
  for (size_t i = begin; i < end; ++i) {
    const ChangeRecord& change = changes_[i];
    const auto [number, is_new] = layer->keys.Insert(index_.key(change.key));
    if (is_new) {
      layer->buckets.push_back(entries_[change.key].bucket);
      layer->row_of.push_back(change.row);
    }
    layer->row_of[number] = change.row;
  }
  for (int64_t key = 0; key < layer->keys.size(); ++key) {
    if (layer->row_of[key] >= 0) layer->rows.push_back({layer->row_of[key], key});
  }
  if (layer->rows.empty()) return layer;
  std::ranges::sort(layer->rows, {}, &Layer::Row::number);
  const auto batch_of = [&](int64_t row) { return std::ranges::upper_bound(added_, row, {}, &Rows::first) - 1; };
  layer->added.assign(batch_of(layer->rows.front().number), batch_of(layer->rows.back().number) + 1);
  return layer;
}

std::shared_ptr<const KeyChanges::View> KeyChanges::ViewOf(int64_t statement) {
  if (view_ != nullptr && view_statement_ == statement) return view_;
  size_t end = changes_.size();
  while (end > 0 && changes_[end - 1].statement >= statement) --end;
  Stretch last{.layer = nullptr, .begin = stretches_.empty() ? 0 : stretches_.back().end, .end = end};
  if (last.begin < end) {
    while (!stretches_.empty() && stretches_.back().end - stretches_.back().begin <= 2 * (end - last.begin)) {
      last.begin = stretches_.back().begin;
      stretches_.pop_back();
    }
    last.layer = MakeLayer(last.begin, end);
    stretches_.push_back(std::move(last));
  }
  auto view = std::make_shared<View>();
  for (const Stretch& stretch : stretches_) view->layers.push_back(stretch.layer);
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
