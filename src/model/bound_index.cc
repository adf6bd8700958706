#include "model/bound_index.h"

#include <limits>

namespace weir {

void BoundIndex::Add(int64_t child, const PartitionBound& bound) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    ranges_.insert_or_assign(range->from, RangeEnd{range->to, child});
  } else if (const auto* list = std::get_if<ListBound>(&bound)) {
    for (const KeyTuple& value : list->values) list_.insert_or_assign(value, child);
  } else if (const auto* hash = std::get_if<HashBound>(&bound)) {
    hashes_.insert_or_assign({hash->modulus, hash->remainder}, child);
  } else {
    default_ = child;
  }
}

void BoundIndex::Remove(int64_t child, const PartitionBound& bound) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    const auto at = ranges_.find(range->from);
    if (at != ranges_.end() && at->second.child == child) ranges_.erase(at);
  } else if (const auto* list = std::get_if<ListBound>(&bound)) {
    for (const KeyTuple& value : list->values) {
      const auto at = list_.find(value);
      if (at != list_.end() && at->second == child) list_.erase(at);
    }
  } else if (const auto* hash = std::get_if<HashBound>(&bound)) {
    const auto at = hashes_.find({hash->modulus, hash->remainder});
    if (at != hashes_.end() && at->second == child) hashes_.erase(at);
  } else if (default_ == child) {
    default_.reset();
  }
}

std::optional<BoundIndex::Overlap> BoundIndex::FindOverlap(const PartitionBound& bound, const Without& without) const {
  if (const auto* range = std::get_if<RangeBound>(&bound)) return FindRange(*range, without);
  if (const auto* list = std::get_if<ListBound>(&bound)) return FindList(*list, without);
  if (const auto* hash = std::get_if<HashBound>(&bound)) return FindHash(*hash, without);
  return default_ && !without.contains(*default_) ? std::optional(Overlap{*default_}) : std::nullopt;
}

std::optional<BoundIndex::Overlap> BoundIndex::FindRange(const RangeBound& bound, const Without& without) const {
  auto at = ranges_.upper_bound(bound.from);
  if (at != ranges_.begin()) {
    const auto before = std::prev(at);
    const bool reaches = CompareEdges(before->second.to, bound.from) > 0;
    if (reaches && !without.contains(before->second.child)) return Overlap{before->second.child};
  }
  for (; at != ranges_.end() && CompareEdges(at->first, bound.to) < 0; ++at) {
    if (!without.contains(at->second.child)) return Overlap{at->second.child, 1};
  }
  return std::nullopt;
}

std::optional<BoundIndex::Overlap> BoundIndex::FindList(const ListBound& bound, const Without& without) const {
  for (size_t i = 0; i < bound.values.size(); ++i) {
    const auto at = list_.find(bound.values[i]);
    if (at != list_.end() && !without.contains(at->second)) return Overlap{at->second, i};
  }
  return std::nullopt;
}

std::optional<BoundIndex::Overlap> BoundIndex::FindHash(const HashBound& bound, const Without& without) const {
  std::optional<Overlap> first;
  int32_t first_remainder = std::numeric_limits<int32_t>::max();
  for (auto at = hashes_.begin(); at != hashes_.end();) {
    const int32_t modulus = at->first.first;
    const auto end = hashes_.lower_bound({modulus, std::numeric_limits<int32_t>::max()});
    if (modulus <= bound.modulus) {
      const auto same = hashes_.find({modulus, bound.remainder % modulus});
      if (same != hashes_.end() && !without.contains(same->second)) return Overlap{same->second};
    } else {
      for (; at != end; ++at) {
        const int32_t remainder = at->first.second;
        if (remainder % bound.modulus != bound.remainder || remainder >= first_remainder) continue;
        if (without.contains(at->second)) continue;
        first = Overlap{at->second};
        first_remainder = remainder;
      }
    }
    at = end;
  }
  return first;
}

std::optional<BoundIndex::HashNeighbour> BoundIndex::Before(const HashBound& bound, const Without& without) const {
  for (auto at = hashes_.upper_bound({bound.modulus, bound.remainder}); at != hashes_.begin();) {
    const auto& [key, child] = *--at;
    if (!without.contains(child)) return HashNeighbour{child, {key.first, key.second}};
  }
  return std::nullopt;
}

std::optional<BoundIndex::HashNeighbour> BoundIndex::After(const HashBound& bound, const Without& without) const {
  for (auto at = hashes_.upper_bound({bound.modulus, bound.remainder}); at != hashes_.end(); ++at) {
    if (!without.contains(at->second)) return HashNeighbour{at->second, {at->first.first, at->first.second}};
  }
  return std::nullopt;
}

}  // namespace weir
