#include "sql/transaction/key_index.h"

#include <functional>

namespace weir::sql {

uint64_t KeyIndex::Hash(std::string_view key) { return std::hash<std::string_view>()(key); }

size_t KeyIndex::PlaceOf(uint64_t hash, std::string_view key) const {
  const size_t mask = slots_.size() - 1;
  // By the first bits: the last ones, which a slot keeps, are others then.
  size_t place = (hash >> 32) & mask;
  while (slots_[place].number >= 0) {
    const Slot& slot = slots_[place];
    if (slot.hash == static_cast<uint32_t>(hash) && entries_[slot.number].key == key) break;
    place = (place + 1) & mask;
  }
  return place;
}

void KeyIndex::Grow() {
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, Slot());
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t place = (entries_[i].hash >> 32) & mask;
    while (slots_[place].number >= 0) place = (place + 1) & mask;
    slots_[place] = {static_cast<uint32_t>(entries_[i].hash), static_cast<int32_t>(i)};
  }
}

std::pair<int64_t, bool> KeyIndex::Insert(std::string_view key) {
  if (entries_.size() * 2 >= slots_.size()) Grow();
  const uint64_t hash = Hash(key);
  Slot& slot = slots_[PlaceOf(hash, key)];
  if (slot.number >= 0) return {slot.number, false};
  slot = {static_cast<uint32_t>(hash), static_cast<int32_t>(entries_.size())};
  entries_.push_back({hash, bytes_->CopyBytes(key)});
  return {slot.number, true};
}

int64_t KeyIndex::Find(std::string_view key) const {
  if (entries_.empty()) return -1;
  return slots_[PlaceOf(Hash(key), key)].number;
}

}  // namespace weir::sql
