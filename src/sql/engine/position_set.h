#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sql/transaction/transaction.h"

namespace weir::sql {

/// Positions of rows of one leaf: bits, as rows that a statement changes mostly lie close together.
class PositionSet {
 public:
  /// What a position may take that lies far from all others.
  static constexpr int64_t kMostBytes = 192;

  /// False when it is there already.
  bool Insert(RowPosition position) {
    const int64_t number = position >> kGroupBits;
    if (last_ == nullptr || number != last_number_) {
      last_ = &groups_[number];
      last_number_ = number;
    }
    const auto place = static_cast<size_t>(position & ((1 << kGroupBits) - 1));
    uint64_t& word = (*last_)[place / 64];
    const uint64_t bit = uint64_t{1} << (place % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    ++size_;
    return true;
  }

  bool Contains(RowPosition position) const {
    const auto group = groups_.find(position >> kGroupBits);
    if (group == groups_.end()) return false;
    const auto place = static_cast<size_t>(position & ((1 << kGroupBits) - 1));
    return (group->second[place / 64] >> (place % 64) & 1) != 0;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  /// Groups of neighbours that there are.
  size_t groups() const { return groups_.size(); }

  std::vector<RowPosition> Ascending() const {
    std::vector<int64_t> numbers;
    numbers.reserve(groups_.size());
    for (const auto& [number, group] : groups_) numbers.push_back(number);
    std::ranges::sort(numbers);
    std::vector<RowPosition> positions;
    positions.reserve(size_);
    for (const int64_t number : numbers) {
      const Group& group = groups_.at(number);
      for (size_t i = 0; i < group.size(); ++i) {
        for (uint64_t word = group[i]; word != 0; word &= word - 1) {
          positions.push_back(number * (1 << kGroupBits) + static_cast<int64_t>(64 * i) + std::countr_zero(word));
        }
      }
    }
    return positions;
  }

 private:
  static constexpr int kGroupBits = 10;
  using Group = std::array<uint64_t, (size_t{1} << kGroupBits) / 64>;

  std::unordered_map<int64_t, Group> groups_;
  Group* last_ = nullptr;
  int64_t last_number_ = 0;
  size_t size_ = 0;
};

}  // namespace weir::sql
