#include "storage/row_buffer.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <utility>

#include "storage/key_walk.h"

namespace weir {
namespace {

constexpr size_t kFirstSlots = 16;
constexpr size_t kFirstChunk = 1 << 10;
constexpr size_t kLargestChunk = 1 << 20;

void Copy(std::string_view bytes, char* out) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
}

}  // namespace

uint64_t RowBuffer::Hash(std::string_view key) { return std::hash<std::string_view>()(key); }

const RowBuffer::Slot& RowBuffer::Probe(std::string_view key, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.entry == nullptr) return slot;
    if (slot.hash == hash && std::string_view(slot.entry->key(), slot.entry->key_size) == key) return slot;
  }
}

std::optional<RowBuffer::Row> RowBuffer::Find(std::string_view key, uint64_t hash) const {
  if (slots_.empty()) return std::nullopt;
  Entry* const entry = Probe(key, hash).entry;
  if (entry == nullptr) return std::nullopt;
  return entry->row();
}

void RowBuffer::Put(std::string_view key, uint64_t hash, std::string_view head, std::string_view tail) {
  Entry* const entry = Prepare(key, hash, head.size() + tail.size());
  entry->erased = false;
  entry->value_size = static_cast<uint32_t>(head.size() + tail.size());
  Copy(head, entry->value());
  Copy(tail, entry->value() + head.size());
}

void RowBuffer::Erase(std::string_view key, uint64_t hash) { Prepare(key, hash, 0)->erased = true; }

RowBuffer::Entry* RowBuffer::Prepare(std::string_view key, uint64_t hash, size_t value_size) {
  if (4 * (rows_ + 1) > 3 * slots_.size()) Grow();
  Slot& slot = const_cast<Slot&>(Probe(key, hash));
  if (slot.entry == nullptr) {
    slot = {hash, NewEntry(key, value_size)};
    ++rows_;
  } else if (slot.entry->value_capacity < value_size) {
    slot.entry = NewEntry(key, value_size);  // the old one's place is lost until the buffer goes
  }
  return slot.entry;
}

RowBuffer::Entry* RowBuffer::NewEntry(std::string_view key, size_t value_size) {
  const size_t wanted = sizeof(Entry) + key.size() + value_size;
  const size_t size = (wanted + alignof(Entry) - 1) / alignof(Entry) * alignof(Entry);
  if (size > free_bytes_) {
    const size_t chunk = std::max(size, std::clamp(chunk_bytes_, kFirstChunk, kLargestChunk));
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk));
    chunk_bytes_ += chunk;
    free_ = chunks_.back().get();
    free_bytes_ = chunk;
  }
  auto* entry = new (free_) Entry{static_cast<uint32_t>(key.size()), 0, static_cast<uint32_t>(value_size), false};
  Copy(key, entry->key());
  free_ += size;
  free_bytes_ -= size;
  return entry;
}

void RowBuffer::Grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.entry == nullptr) continue;
    size_t i = slot.hash & mask;
    while (slots_[i].entry != nullptr) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

std::vector<RowBuffer::Row> RowBuffer::SortedByKey() const {
  std::vector<Entry*> entries;
  std::vector<std::string_view> keys;
  entries.reserve(rows_);
  keys.reserve(rows_);
  for (const Slot& slot : slots_) {
    if (slot.entry == nullptr) continue;
    entries.push_back(slot.entry);
    keys.emplace_back(slot.entry->key(), slot.entry->key_size);
  }
  std::vector<uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  SortByKey(keys, &order);
  std::vector<Row> rows;
  rows.reserve(order.size());
  for (const uint32_t i : order) rows.push_back(entries[i]->row());
  return rows;
}

}  // namespace weir
