#pragma once

#include <condition_variable>
#include <cstddef>
#include <utility>
#include <vector>

#include "types/mutex.h"

namespace weir::sql {

/// Lets those who come while one commit is under way be committed together by the next: what takes the disk's time is
/// done once for all of them. Thread-safe.
template <typename Item>
class CommitQueue {
 public:
  /// Returns when `item` is committed, by this thread or that of another item. `commit` is given all that wait, in the
  /// order they came, commits the first of them, and says how many; the others come again. It does not throw.
  template <typename Commit>
  void Run(Item* item, const Commit& commit) {
    Entry own{item};
    MutexLock lock(mutex_);
    waiting_.push_back(&own);
    while (!own.done) {
      if (busy_) {
        changed_.wait(lock.native());
        continue;
      }
      busy_ = true;
      const std::vector<Entry*> group = std::exchange(waiting_, {});
      lock.unlock();
      std::vector<Item*> items;
      for (const Entry* entry : group) items.push_back(entry->item);
      const size_t committed = commit(items);
      lock.lock();
      for (size_t i = 0; i < committed; ++i) group[i]->done = true;
      waiting_.insert(waiting_.begin(), group.begin() + static_cast<ptrdiff_t>(committed), group.end());
      busy_ = false;
      changed_.notify_all();
    }
  }

 private:
  struct Entry {
    Item* item = nullptr;
    bool done = false;  // under mutex_
  };

  Mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry*> waiting_ WEIR_GUARDED_BY(mutex_);  // in the order they came
  bool busy_ WEIR_GUARDED_BY(mutex_) = false;
};

}  // namespace weir::sql
