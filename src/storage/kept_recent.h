#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir {

/// Keeps the values that were used most recently, one an owner. What is let go lives as long as somebody uses it.
/// Thread-safe.
template <typename Value>
class KeptRecent {
 public:
  explicit KeptRecent(size_t capacity) : capacity_(capacity) {}

  size_t capacity() const { return capacity_; }
  size_t size() const {
    MutexLock lock(mutex_);
    return values_.size();
  }

  /// Null where the owner's is not kept; it counts as used.
  std::shared_ptr<Value> Find(const void* owner) {
    MutexLock lock(mutex_);
    const auto* const value = values_.Find(owner);
    return value == nullptr ? nullptr : *value;
  }

  /// In place of the one that the owner had.
  void Put(const void* owner, std::shared_ptr<Value> value) {
    std::vector<std::shared_ptr<Value>> dropped;  // outside of the lock
    MutexLock lock(mutex_);
    if (const auto* const before = values_.Find(owner)) {
      dropped.push_back(*before);
      values_.Erase(owner);
    }
    values_.Add(owner, std::move(value));
    while (values_.size() > capacity_) {
      dropped.push_back(values_.last().second);
      values_.DropLast();
    }
  }

  void Release(const void* owner) {
    std::shared_ptr<Value> dropped;
    MutexLock lock(mutex_);
    const auto* const value = values_.Find(owner);
    if (value == nullptr) return;
    dropped = *value;
    values_.Erase(owner);
  }

 private:
  const size_t capacity_;
  mutable Mutex mutex_;
  RecentlyUsed<const void*, std::shared_ptr<Value>> values_ WEIR_GUARDED_BY(mutex_);  // by owner
};

}  // namespace weir
