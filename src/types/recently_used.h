#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <unordered_set>
#include <utility>

namespace weir {

/// Values by key, in the order in which they were used: whoever has too many of them drops the last ones.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class RecentlyUsed {
 public:
  using Entry = std::pair<const Key, Value>;

  size_t size() const { return entries_.size(); }
  bool Contains(const Key& key) const { return places_.contains(key); }

  /// Null where there is none; the value counts as used.
  Value* Find(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, *found);
    return &entries_.front().second;
  }

  /// Of a key that is not there.
  Value& Add(Key key, Value value) {
    entries_.emplace_front(std::move(key), std::move(value));
    places_.insert(entries_.begin());
    return entries_.front().second;
  }

  void Erase(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    const Place place = *found;
    places_.erase(found);
    entries_.erase(place);
  }

  /// `goes` is asked about each Entry.
  template <typename Goes>
  void EraseIf(const Goes& goes) {
    for (Place place = entries_.begin(); place != entries_.end();) {
      const Place entry = place++;
      if (!goes(std::as_const(*entry))) continue;
      places_.erase(entry);
      entries_.erase(entry);
    }
  }
  const std::list<Entry>& entries() const { return entries_; }  // the one that was used last comes first

  /// What was not used for the longest time; there is one.
  const Entry& last() const { return entries_.back(); }
  void DropLast() {
    places_.erase(std::prev(entries_.end()));
    entries_.pop_back();
  }

  void Clear() {
    places_.clear();
    entries_.clear();
  }

 private:
  using Place = typename std::list<Entry>::iterator;

  // Places are found by keys, so that each key is there once.
  struct HashOfPlace {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return Hash()(key); }
    size_t operator()(const Place& place) const { return Hash()(place->first); }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const Place& a, const Place& b) const { return a->first == b->first; }
    bool operator()(const Key& key, const Place& place) const { return key == place->first; }
    bool operator()(const Place& place, const Key& key) const { return key == place->first; }
  };

  std::list<Entry> entries_;  // the one that was used last comes first
  std::unordered_set<Place, HashOfPlace, SameKey> places_;
};

}  // namespace weir
