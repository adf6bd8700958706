#include "sql/transaction/key_index.h"

#include <functional>

namespace weir::sql {

size_t KeyIndex::SlotOf(size_t hash, std::string_view key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  while (slots_[slot] >= 0) {
    const Entry& entry = entries_[slots_[slot]];
    if (entry.hash == hash && entry.key == key) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void KeyIndex::Grow() {
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, -1);
  for (size_t i = 0; i < entries_.size(); ++i) {
    slots_[SlotOf(entries_[i].hash, entries_[i].key)] = static_cast<int64_t>(i);
  }
}

std::pair<int64_t, bool> KeyIndex::Insert(std::string_view key) {
  if (entries_.size() * 2 >= slots_.size()) Grow();
  const size_t hash = std::hash<std::string_view>()(key);
  int64_t& number = slots_[SlotOf(hash, key)];
  if (number >= 0) return {number, false};
  number = size();
  entries_.push_back({hash, bytes_->CopyBytes(key)});
  return {number, true};
}

int64_t KeyIndex::Find(std::string_view key) const {
  if (entries_.empty()) return -1;
  return slots_[SlotOf(std::hash<std::string_view>()(key), key)];
}

}  // namespace weir::sql
