#include "model/key_domain.h"

#include <algorithm>
#include <compare>
#include <utility>

namespace weir {
namespace {

/// A place between values: below or above everything (no value), else just before or after a value.
struct Cut {
  const std::optional<KeyValue>* value;
  bool after;  // without a value: above everything
};

Cut LowCut(const KeyInterval& interval) { return {&interval.low, interval.low && !interval.low_inclusive}; }
Cut HighCut(const KeyInterval& interval) { return {&interval.high, !interval.high || interval.high_inclusive}; }

std::weak_ordering operator<=>(const Cut& a, const Cut& b) {
  if (!*a.value || !*b.value) {
    const int side_a = *a.value ? 0 : (a.after ? 1 : -1);
    const int side_b = *b.value ? 0 : (b.after ? 1 : -1);
    return side_a <=> side_b;
  }
  if (const auto order = Compare(**a.value, **b.value); order != 0) return order;
  return a.after <=> b.after;
}

bool IsEmpty(const KeyInterval& interval) { return HighCut(interval) <=> LowCut(interval) <= 0; }

bool IsPoint(const KeyInterval& interval) {
  return interval.low && interval.high && interval.low_inclusive && interval.high_inclusive &&
         Compare(*interval.low, *interval.high) == 0;
}

/// Takes up the whole numbers of an interval; false: they are more than `most`, or no whole numbers.
bool TakeWholeNumbers(const KeyInterval& interval, size_t most, std::vector<KeyValue>* values) {
  if (!interval.low || !interval.high) return false;
  const auto* low = std::get_if<int64_t>(&*interval.low);
  const auto* high = std::get_if<int64_t>(&*interval.high);
  if (low == nullptr || high == nullptr) return false;
  const uint64_t distance = static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low);
  if (distance > most) return false;
  const int64_t from = interval.low_inclusive ? 0 : 1;
  const int64_t to = static_cast<int64_t>(distance) - (interval.high_inclusive ? 0 : 1);
  for (int64_t i = from; i <= to; ++i) values->emplace_back(*low + i);
  return true;
}

void TakeLow(KeyInterval& target, const KeyInterval& from) {
  target.low = from.low;
  target.low_inclusive = from.low_inclusive;
}
void TakeHigh(KeyInterval& target, const KeyInterval& from) {
  target.high = from.high;
  target.high_inclusive = from.high_inclusive;
}

/// Ascending and disjoint: sorts, and joins what overlaps or touches.
std::vector<KeyInterval> Merged(std::vector<KeyInterval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const KeyInterval& a, const KeyInterval& b) { return LowCut(a) <=> LowCut(b) < 0; });
  std::vector<KeyInterval> merged;
  for (KeyInterval& interval : intervals) {
    if (merged.empty() || HighCut(merged.back()) <=> LowCut(interval) < 0) {
      merged.push_back(std::move(interval));
    } else if (HighCut(merged.back()) <=> HighCut(interval) < 0) {
      TakeHigh(merged.back(), interval);
    }
  }
  return merged;
}

}  // namespace

KeyDomain KeyDomain::Point(KeyValue value) {
  if (IsNull(value)) return NullOnly();
  return KeyDomain({KeyInterval{value, value}}, false);
}

KeyDomain KeyDomain::Points(std::vector<KeyValue> values) {
  std::vector<KeyInterval> intervals;
  bool nulls = false;
  for (KeyValue& value : values) {
    if (IsNull(value)) {
      nulls = true;
    } else {
      intervals.push_back({value, value});
    }
  }
  return KeyDomain(Merged(std::move(intervals)), nulls);
}

KeyDomain KeyDomain::Of(KeyInterval interval) {
  const bool compares_with_null = (interval.low && IsNull(*interval.low)) || (interval.high && IsNull(*interval.high));
  if (compares_with_null || IsEmpty(interval)) return None();
  return KeyDomain({std::move(interval)}, false);
}

KeyDomain KeyDomain::Of(std::vector<KeyInterval> intervals) {
  std::erase_if(intervals, [](const KeyInterval& interval) { return IsEmpty(interval); });
  return KeyDomain(Merged(std::move(intervals)), false);
}

KeyDomain KeyDomain::Except(const KeyValue& value) {
  if (IsNull(value)) return None();
  KeyInterval below;
  below.high = value;
  below.high_inclusive = false;
  KeyInterval above;
  above.low = value;
  above.low_inclusive = false;
  return KeyDomain({std::move(below), std::move(above)}, false);
}

bool KeyDomain::is_all() const {
  return nulls_ && intervals_.size() == 1 && !intervals_[0].low && !intervals_[0].high;
}

bool KeyDomain::Contains(const KeyValue& value) const {
  if (IsNull(value)) return nulls_;
  const std::optional<KeyValue> wanted = value;
  const Cut before{&wanted, false};
  const auto at = std::partition_point(intervals_.begin(), intervals_.end(),
                                       [&](const KeyInterval& i) { return HighCut(i) <=> before <= 0; });
  return at != intervals_.end() && LowCut(*at) <=> before <= 0;
}

std::optional<std::vector<KeyValue>> KeyDomain::AsPoints(size_t most) const {
  std::vector<KeyValue> points;
  for (const KeyInterval& interval : intervals_) {
    if (IsPoint(interval)) {
      points.push_back(*interval.low);
    } else if (most <= points.size() || !TakeWholeNumbers(interval, most - points.size(), &points)) {
      return std::nullopt;
    }
  }
  if (nulls_) points.emplace_back();
  return points;
}

KeyDomain KeyDomain::Intersect(const KeyDomain& other) const {
  std::vector<KeyInterval> common;
  for (size_t a = 0, b = 0; a < intervals_.size() && b < other.intervals_.size();) {
    const KeyInterval& left = intervals_[a];
    const KeyInterval& right = other.intervals_[b];
    const bool left_ends_first = HighCut(left) <=> HighCut(right) < 0;
    KeyInterval both;
    TakeLow(both, LowCut(left) <=> LowCut(right) < 0 ? right : left);
    TakeHigh(both, left_ends_first ? left : right);
    if (!IsEmpty(both)) common.push_back(std::move(both));
    ++(left_ends_first ? a : b);
  }
  return KeyDomain(std::move(common), nulls_ && other.nulls_);
}

KeyDomain KeyDomain::Union(const KeyDomain& other) const {
  std::vector<KeyInterval> all = intervals_;
  all.insert(all.end(), other.intervals_.begin(), other.intervals_.end());
  return KeyDomain(Merged(std::move(all)), nulls_ || other.nulls_);
}

KeyDomain KeyDomain::Complement() const {
  std::vector<KeyInterval> gaps;
  KeyInterval gap;  // what lies between the last interval and the next
  bool ended = false;
  for (const KeyInterval& interval : intervals_) {
    if (interval.low) {
      gap.high = interval.low;
      gap.high_inclusive = !interval.low_inclusive;
      gaps.push_back(gap);
    }
    ended = !interval.high;
    gap = {interval.high, {}, !interval.high_inclusive};
  }
  if (!ended) gaps.push_back(std::move(gap));
  return KeyDomain(std::move(gaps), !nulls_);
}

}  // namespace weir
