#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace weir {

/// The newest state of rows by key: a hash table whose entries lie in chunks of memory of their
/// own. Any number may read while nobody writes. Keys and values stay below 2 GiB.
class RowBuffer {
 public:
  /// What is known of one key; views into the buffer, good until the key is written again.
  struct Row {
    std::string_view key;
    std::optional<std::string_view> value;  // absent: erased
  };

  static uint64_t Hash(std::string_view key);

  /// Nothing: the buffer does not know the key. `hash` is Hash(key).
  std::optional<Row> Find(std::string_view key, uint64_t hash) const;
  /// The value is `head` and `tail`.
  void Put(std::string_view key, uint64_t hash, std::string_view head, std::string_view tail);
  void Erase(std::string_view key, uint64_t hash);

  /// Hints for many lookups at a time: first for all of them the slots, then their entries.
  void PrefetchSlot(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  void PrefetchEntry(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(slots_[hash & (slots_.size() - 1)].entry);
  }

  bool empty() const { return rows_ == 0; }
  size_t size() const { return rows_; }
  /// Memory that the buffer takes.
  size_t bytes() const { return chunk_bytes_ + slots_.size() * sizeof(Slot); }
  std::vector<Row> SortedByKey() const;

 private:
  struct Entry {
    uint32_t key_size;
    uint32_t value_size;
    uint32_t value_capacity;
    bool erased;

    char* key() { return reinterpret_cast<char*>(this + 1); }
    char* value() { return key() + key_size; }
    Row row() {
      Row row{{key(), key_size}, {}};
      if (!erased) row.value = std::string_view(value(), value_size);
      return row;
    }
  };
  struct Slot {
    uint64_t hash = 0;
    Entry* entry = nullptr;  // null: free
  };

  const Slot& Probe(std::string_view key, uint64_t hash) const;
  /// The key's entry, with room for a value of this size.
  Entry* Prepare(std::string_view key, uint64_t hash, size_t value_size);
  Entry* NewEntry(std::string_view key, size_t value_size);
  void Grow();

  std::vector<Slot> slots_;  // a power of two of them, or none
  size_t rows_ = 0;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t chunk_bytes_ = 0;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace weir
