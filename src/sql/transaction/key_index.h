#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/datum.h"

namespace weir::sql {

/// Numbers distinct keys from 0 in the order in which they come, without an allocation a key.
class KeyIndex {
 public:
  /// The key's number and whether it is new; its bytes are copied then.
  std::pair<int64_t, bool> Insert(std::string_view key);
  /// −1 when it is not there.
  int64_t Find(std::string_view key) const;
  std::string_view key(int64_t number) const { return entries_[number].key; }
  uint64_t hash(int64_t number) const { return entries_[number].hash; }
  static uint64_t Hash(std::string_view key);
  int64_t size() const { return static_cast<int64_t>(entries_.size()); }

 private:
  struct Entry {
    uint64_t hash;
    std::string_view key;
  };
  struct Slot {
    uint32_t hash = 0;  // the key's last bits
    int32_t number = -1;  // −1: it is free
  };
  /// The slot's place. What another key's slot holds shows nearly always without a look at its key.
  size_t PlaceOf(uint64_t hash, std::string_view key) const;
  void Grow();

  std::unique_ptr<Arena> bytes_ = std::make_unique<Arena>();
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace weir::sql
