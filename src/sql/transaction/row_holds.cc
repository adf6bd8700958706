#include "sql/transaction/row_holds.h"

#include <algorithm>

namespace weir::sql {

using commitlog::Item;
using commitlog::RowItemKind;
using commitlog::ItemOfRow;

void NoteChange(Item row, bool taken, std::vector<Item>* reads, std::vector<Item>* writes) {
  reads->push_back(row);
  reads->push_back(ItemOfRow(taken ? RowItemKind::kKept : RowItemKind::kShared, row));
  if (taken) writes->push_back(ItemOfRow(RowItemKind::kTaken, row));
}

void RowHolds::Hold(Item row, LockMode mode, const commitlog::Position& at) {
  std::vector<Item>& reads = reads_[at];
  if (mode == kForKeyShare) {
    reads.push_back(ItemOfRow(RowItemKind::kTaken, row));
    writes_.push_back(ItemOfRow(RowItemKind::kKept, row));
  } else if (mode == kForShare) {
    reads.push_back(row);
    writes_.push_back(ItemOfRow(RowItemKind::kKept, row));
    writes_.push_back(ItemOfRow(RowItemKind::kShared, row));
  } else {
    NoteChange(row, mode == kForUpdate, &reads, &writes_);
    writes_.push_back(row);
  }
}

void RowHolds::AddTo(ReadItems* reads, std::vector<Item>* writes) const {
  for (const auto& [at, items] : reads_) std::ranges::copy(items, std::back_inserter((*reads)[at]));
  writes->insert(writes->end(), writes_.begin(), writes_.end());
}

void KeyLookups::Note(std::span<const int64_t> keys, const commitlog::Position& at) {
  if (keys.empty()) return;
  if (positions_.empty() || positions_.back() != at) positions_.push_back(at);
  const auto last = static_cast<size_t>(std::ranges::max(keys));
  if (position_of_.size() <= last) position_of_.resize(last + 1, 0);
  for (const int64_t key : keys) position_of_[static_cast<size_t>(key)] = static_cast<int32_t>(positions_.size() - 1);
}

void KeyLookups::Take(std::span<const int64_t> keys) {
  if (keys.empty()) return;
  const auto last = static_cast<size_t>(std::ranges::max(keys));
  if (taken_.size() <= last) taken_.resize(last + 1);
  for (const int64_t key : keys) taken_[static_cast<size_t>(key)] = true;
}

commitlog::Position KeyLookups::At(int64_t key) const { return positions_.at(position_of_.at(key)); }

}  // namespace weir::sql
