#include "model/partition_level.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace weir {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();

uint64_t Slot(int32_t modulus, int32_t remainder) {
  return static_cast<uint64_t>(modulus) << 32 | static_cast<uint32_t>(remainder);
}

PartitionStrategy StrategyOf(const PartitionBound& bound) {
  if (std::holds_alternative<RangeBound>(bound)) return PartitionStrategy::kRange;
  return std::holds_alternative<ListBound>(bound) ? PartitionStrategy::kList : PartitionStrategy::kHash;
}

Status Overlap(size_t a, size_t b) {
  return Status::Invalid("partitions " + std::to_string(std::min(a, b)) + " and " + std::to_string(std::max(a, b)) +
                         " overlap");
}

}  // namespace

Result<PartitionLevel> PartitionLevel::Make(Key key, std::vector<PartitionBound> bounds) {
  PartitionLevel level;
  level.key_ = std::move(key);
  level.bounds_ = std::move(bounds);
  WEIR_RETURN_NOT_OK(level.Arrange());
  return level;
}

Status PartitionLevel::Arrange() {
  for (size_t child = 0; child < bounds_.size(); ++child) {
    if (IsDefault(bounds_[child])) {
      if (default_) return Status::Invalid("a second DEFAULT partition");
      default_ = child;
    } else if (StrategyOf(bounds_[child]) != key_.strategy) {
      return Status::Invalid("partition " + std::to_string(child) + " has another kind of bound than " +
                             std::string(ToString(key_.strategy)));
    }
  }
  switch (key_.strategy) {
    case PartitionStrategy::kRange:
      WEIR_RETURN_NOT_OK(ArrangeRanges());
      break;
    case PartitionStrategy::kList:
      WEIR_RETURN_NOT_OK(ArrangeLists());
      break;
    case PartitionStrategy::kHash:
      WEIR_RETURN_NOT_OK(ArrangeHashes());
  }
  if (default_) order_.push_back(*default_);
  rank_.resize(bounds_.size());
  for (size_t place = 0; place < order_.size(); ++place) rank_[order_[place]] = place;
  return Status::OK();
}

Status PartitionLevel::ArrangeRanges() {
  for (size_t child = 0; child < bounds_.size(); ++child) {
    if (child != default_) ranges_.push_back(child);
  }
  const auto lower = [&](size_t child) -> const auto& { return std::get<RangeBound>(bounds_[child]).from; };
  std::sort(ranges_.begin(), ranges_.end(),
            [&](size_t a, size_t b) { return CompareEdges(lower(a), lower(b)) < 0; });
  for (size_t i = 0; i < ranges_.size(); ++i) {
    if (CompareEdges(range(i).from, range(i).to) >= 0) {
      return Status::Invalid("partition " + std::to_string(ranges_[i]) + " has an empty range");
    }
    if (i > 0 && CompareEdges(range(i - 1).to, range(i).from) > 0) return Overlap(ranges_[i - 1], ranges_[i]);
  }
  order_ = ranges_;
  return Status::OK();
}

Status PartitionLevel::ArrangeLists() {
  for (size_t child = 0; child < bounds_.size(); ++child) {
    if (child == default_) continue;
    for (const KeyTuple& value : std::get<ListBound>(bounds_[child]).values) {
      list_prefixes_ = list_prefixes_ || value.size() < key_.types.size();
      const auto [known, added] = list_.try_emplace(value, child);
      if (added) list_order_.emplace_back(value, child);
      if (known->second != child) return Overlap(known->second, child);
    }
  }
  std::sort(list_order_.begin(), list_order_.end(),
            [](const auto& a, const auto& b) { return Compare(std::span(a.first), std::span(b.first)) < 0; });
  std::vector<bool> seen(bounds_.size());
  for (const auto& [value, child] : list_order_) {
    if (!seen[child]) order_.push_back(child);
    seen[child] = true;
  }
  // A partition without values holds nothing, yet it is there.
  for (size_t child = 0; child < bounds_.size(); ++child) {
    if (child != default_ && !seen[child]) order_.push_back(child);
  }
  return Status::OK();
}

Status PartitionLevel::ArrangeHashes() {
  for (size_t child = 0; child < bounds_.size(); ++child) {
    if (child == default_) return Status::Invalid("a hash-partitioned table may not have a default partition");
    const auto& [modulus, remainder] = std::get<HashBound>(bounds_[child]);
    if (modulus <= 0 || remainder < 0 || remainder >= modulus) {
      return Status::Invalid("partition " + std::to_string(child) + " has no valid modulus and remainder");
    }
    moduli_.push_back(modulus);
    order_.push_back(child);
  }
  std::sort(moduli_.begin(), moduli_.end());
  moduli_.erase(std::unique(moduli_.begin(), moduli_.end()), moduli_.end());
  std::sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    const auto& left = std::get<HashBound>(bounds_[a]);
    const auto& right = std::get<HashBound>(bounds_[b]);
    return std::pair(left.modulus, left.remainder) < std::pair(right.modulus, right.remainder);
  });
  for (size_t i = 1; i < moduli_.size(); ++i) {
    if (moduli_[i] % moduli_[i - 1] != 0) {
      return Status::Invalid("modulus " + std::to_string(moduli_[i]) + " is not divisible by " +
                             std::to_string(moduli_[i - 1]));
    }
  }
  // From small moduli to large ones, each is held against those before it.
  for (const size_t child : order_) {
    const auto& bound = std::get<HashBound>(bounds_[child]);
    for (const int32_t modulus : moduli_) {
      if (modulus > bound.modulus) break;
      const auto taken = slots_.find(Slot(modulus, bound.remainder % modulus));
      if (taken != slots_.end()) return Overlap(taken->second, child);
    }
    slots_.emplace(Slot(bound.modulus, bound.remainder), child);
  }
  return Status::OK();
}

std::optional<size_t> PartitionLevel::RouteRange(std::span<const KeyValue> key) const {
  if (std::any_of(key.begin(), key.end(), IsNull)) return std::nullopt;
  const auto at = std::partition_point(ranges_.begin(), ranges_.end(), [&](size_t child) {
    return CompareToEdge(key, std::get<RangeBound>(bounds_[child]).from) > 0;
  });
  if (at == ranges_.begin()) return std::nullopt;
  const size_t child = *(at - 1);
  if (CompareToEdge(key, std::get<RangeBound>(bounds_[child]).to) > 0) return std::nullopt;
  return child;
}

/// The longest tuple that the key begins with.
std::optional<size_t> PartitionLevel::RouteList(std::span<const KeyValue> key) const {
  for (size_t length = key.size(); length > 0; --length) {
    const auto at = list_.find(key.first(length));
    if (at != list_.end()) return at->second;
    if (!list_prefixes_) break;
  }
  return std::nullopt;
}

std::optional<size_t> PartitionLevel::RouteHash(std::span<const KeyValue> key) const {
  const uint64_t hash = PartitionHash(key_.types, key);
  for (const int32_t modulus : moduli_) {
    const auto at = slots_.find(Slot(modulus, static_cast<int32_t>(hash % static_cast<uint64_t>(modulus))));
    if (at != slots_.end()) return at->second;
  }
  return std::nullopt;
}

std::optional<size_t> PartitionLevel::Route(std::span<const KeyValue> key) const {
  switch (key_.strategy) {
    case PartitionStrategy::kRange: {
      const auto child = RouteRange(key);
      return child ? child : default_;
    }
    case PartitionStrategy::kList: {
      const auto child = RouteList(key);
      return child ? child : default_;
    }
    case PartitionStrategy::kHash: break;
  }
  return RouteHash(key);
}

std::optional<size_t> PartitionLevel::FindRangeOverlap(const RangeBound& bound) const {
  const auto at = std::partition_point(ranges_.begin(), ranges_.end(), [&](size_t child) {
    return CompareEdges(std::get<RangeBound>(bounds_[child]).to, bound.from) <= 0;
  });
  if (at == ranges_.end() || CompareEdges(std::get<RangeBound>(bounds_[*at]).from, bound.to) >= 0) return std::nullopt;
  return *at;
}

std::optional<size_t> PartitionLevel::FindHashOverlap(const HashBound& bound) const {
  size_t first = kNone;
  int32_t first_remainder = std::numeric_limits<int32_t>::max();
  for (const int32_t modulus : moduli_) {
    if (modulus > bound.modulus) break;
    const auto at = slots_.find(Slot(modulus, bound.remainder % modulus));
    if (at != slots_.end()) return at->second;
  }
  for (size_t i = order_.size(); i-- > 0;) {
    const auto& other = std::get<HashBound>(bounds_[order_[i]]);
    if (other.modulus <= bound.modulus) break;
    if (other.remainder % bound.modulus != bound.remainder || other.remainder >= first_remainder) continue;
    first = order_[i];
    first_remainder = other.remainder;
  }
  return first == kNone ? std::nullopt : std::optional(first);
}

std::optional<size_t> PartitionLevel::FindOverlap(const PartitionBound& bound) const {
  if (IsDefault(bound)) return default_;
  if (StrategyOf(bound) != key_.strategy) return std::nullopt;
  if (const auto* range = std::get_if<RangeBound>(&bound)) return FindRangeOverlap(*range);
  if (const auto* hash = std::get_if<HashBound>(&bound)) return FindHashOverlap(*hash);
  for (const KeyTuple& value : std::get<ListBound>(bound).values) {
    if (const auto at = list_.find(value); at != list_.end()) return at->second;
  }
  return std::nullopt;
}

}  // namespace weir
