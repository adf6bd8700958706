#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::sql {

/// What a lock is on.
struct LockTag {
  enum class Kind : uint8_t { kRelation, kRow, kAdvisory, kName };
  Kind kind = Kind::kRelation;
  uint8_t keys = 0;     // kAdvisory: 1 (a bigint) or 2 (two integers) keys
  uint32_t space = 0;   // kRow: of the leaf; kAdvisory: the database's OID
  uint64_t object = 0;  // the relation's id; the row's name, or that of something new, hashed; the advisory key or keys

  static LockTag Relation(int64_t id) { return {.object = static_cast<uint64_t>(id)}; }
  static LockTag Row(uint32_t leaf, uint64_t row) { return {.kind = Kind::kRow, .space = leaf, .object = row}; }
  /// What somebody gives something new: two that share a hash wait for each other.
  static LockTag Name(std::string_view name) {
    return {.kind = Kind::kName, .object = std::hash<std::string_view>()(name)};
  }
  static LockTag Advisory(uint32_t database, int64_t key) {
    return {.kind = Kind::kAdvisory, .keys = 1, .space = database, .object = static_cast<uint64_t>(key)};
  }
  static LockTag Advisory(uint32_t database, int32_t first, int32_t second) {
    const auto high = static_cast<uint64_t>(static_cast<uint32_t>(first)) << 32;
    return {.kind = Kind::kAdvisory, .keys = 2, .space = database, .object = high | static_cast<uint32_t>(second)};
  }
  auto operator<=>(const LockTag&) const = default;
};

/// Objects by their tags, without an allocation each. An `Object` is default-constructed unused, and says by unused()
/// when it is so again; until then it must be erased. Pointers hold until the next change.
template <typename Object>
class LockedObjects {
 public:
  /// Makes room for more at once.
  void Reserve(size_t more) {
    size_t slots = kLeastSlots;
    while (2 * slots < 3 * (size_ + more)) slots *= 2;
    if (slots > slots_.size()) Resize(slots);
  }

  /// A hint that a tag will be asked for.
  void Prefetch(const LockTag& tag) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[HomeOf(tag)]);
  }

  Object* Find(const LockTag& tag) {
    if (slots_.empty()) return nullptr;
    Slot& slot = slots_[PlaceOf(tag)];
    return slot.object.unused() ? nullptr : &slot.object;
  }

  /// The object, which may be a new, unused one. Then it must be used before anything else happens here.
  Object& FindOrAdd(const LockTag& tag) {
    Reserve(1);
    Slot& slot = slots_[PlaceOf(tag)];
    if (slot.object.unused()) {
      slot.tag = tag;
      ++size_;
    }
    return slot.object;
  }

  void Erase(const LockTag& tag) {
    const size_t mask = slots_.size() - 1;
    size_t hole = PlaceOf(tag);
    // What was put behind its place because of this one moves up.
    for (size_t next = (hole + 1) & mask; !IsFree(next); next = (next + 1) & mask) {
      const size_t distance = (next - HomeOf(slots_[next].tag)) & mask;
      if (distance < ((next - hole) & mask)) continue;
      slots_[hole] = std::move(slots_[next]);
      hole = next;
    }
    slots_[hole] = Slot();
    --size_;
    if (slots_.size() > kLeastSlots && 16 * size_ < slots_.size()) Resize(slots_.size() / 4);
  }

  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Slot& slot : slots_) {
      if (!slot.object.unused()) visit(slot.tag, slot.object);
    }
  }

 private:
  static constexpr size_t kLeastSlots = 64;
  struct Slot {
    LockTag tag;
    Object object;
  };

  /// Relations and positions are small numbers: their bits are spread (the multiplier is 2⁶⁴ over the golden ratio).
  static uint64_t HashOf(const LockTag& tag) {
    constexpr uint64_t kSpread = 0x9E3779B97F4A7C15U;
    const uint64_t space = static_cast<uint64_t>(tag.space) << 16 | static_cast<uint64_t>(tag.kind) << 8 | tag.keys;
    const uint64_t hash = tag.object * kSpread;
    return (hash ^ (hash >> 29) ^ space) * kSpread;
  }
  size_t HomeOf(const LockTag& tag) const { return static_cast<size_t>(HashOf(tag) >> shift_); }
  bool IsFree(size_t place) const { return slots_[place].object.unused(); }
  size_t PlaceOf(const LockTag& tag) const {
    const size_t mask = slots_.size() - 1;
    size_t place = HomeOf(tag);
    while (!IsFree(place) && slots_[place].tag != tag) place = (place + 1) & mask;
    return place;
  }

  void Resize(size_t slots) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    shift_ = 64;
    for (size_t size = slots; size > 1; size /= 2) --shift_;
    for (Slot& slot : old) {
      if (!slot.object.unused()) slots_[PlaceOf(slot.tag)] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most two thirds full; or none
  int shift_ = 64;
  size_t size_ = 0;
};

}  // namespace weir::sql
