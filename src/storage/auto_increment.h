#pragma once

#include <cstdint>
#include <functional>

#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

/// A bucket's share of a table's auto-increment values, fetched a segment at a time. Not thread-safe.
class AutoIncrement {
 public:
  using Reserve = std::function<Result<int64_t>(int64_t count)>;
  AutoIncrement(Reserve reserve, int64_t segment_size) : reserve_(std::move(reserve)), segment_size_(segment_size) {}

  /// The next value for `column`; code -1 when its type holds no more.
  Result<int64_t> Next(const Column& column);

 private:
  Reserve reserve_;
  int64_t segment_size_;
  int64_t next_ = 0;
  int64_t end_ = 0;
};

}  // namespace weir
