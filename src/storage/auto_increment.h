#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

/// Values from `first` to before `end`.
struct ValueRange {
  int64_t first = 0;
  int64_t end = 0;

  bool empty() const { return first == end; }
  bool operator==(const ValueRange&) const = default;
};

/// A bucket's share of a table's auto-increment values, fetched a segment at a time. Not thread-safe.
class AutoIncrement {
 public:
  /// Up to `count` values, at least one.
  using Reserve = std::function<Result<ValueRange>(int64_t count)>;
  AutoIncrement(Reserve reserve, int64_t segment_size) : reserve_(std::move(reserve)), segment_size_(segment_size) {}

  /// The next value for `column`; code -1 when its type holds no more.
  Result<int64_t> Next(const Column& column);
  /// Takes out the values that were fetched and not used.
  ValueRange TakeUnused() { return std::exchange(values_, {}); }

 private:
  Reserve reserve_;
  int64_t segment_size_;
  ValueRange values_;
};

}  // namespace weir
