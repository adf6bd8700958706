#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "sql/transaction/commit_history.h"
#include "types/mutex.h"
#include "weir/future.h"

namespace weir::sql {

using HighWatermarks = Future<std::map<int32_t, Result<int64_t>>>;

/// The ends of leaves' logs that a statement has asked for. An end means something once the commits of others have been
/// followed that were made before its answer: once for all that were asked for by then. Thread-safe.
class AskedEnds {
 public:
  /// The number of the question.
  size_t Add(HighWatermarks ends) {
    MutexLock lock(mutex_);
    asked_.push_back(std::move(ends));
    return asked_.size() - 1;
  }

  /// Whether the answers were good is for who asks to see.
  Status Follow(size_t number, const CommitHistory& history) {
    MutexLock lock(mutex_);
    if (number < followed_) return Status::OK();
    const size_t known = asked_.size();
    for (size_t i = followed_; i < known; ++i) (void)asked_[i].Wait();
    WEIR_RETURN_NOT_OK(history.CatchUp());
    followed_ = known;
    return Status::OK();
  }

 private:
  Mutex mutex_;
  std::vector<HighWatermarks> asked_ WEIR_GUARDED_BY(mutex_);
  size_t followed_ WEIR_GUARDED_BY(mutex_) = 0;  // the first of them
};

}  // namespace weir::sql
