#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "types/mutex.h"
#include "weir/table.h"

namespace weir {

/// Long polls that wait for data: one thread runs their attempts when a bucket they read has grown
/// and when their time is up.
class FetchWaiters {
 public:
  enum class Reason {
    kNewData,  // complete if there is enough now
    kGone,     // a bucket was dropped: complete with what there is
    kTimeout,  // likewise
  };
  /// Tries to complete; whether it has. Must complete for every reason but kNewData.
  using Attempt = std::function<bool(Reason)>;

  FetchWaiters();
  ~FetchWaiters();

  /// The attempt runs once soon, as data may have come since the caller looked.
  void Add(const std::vector<TableBucket>& buckets, std::chrono::milliseconds max_wait, Attempt attempt);
  /// Any thread, brief, and cheap when nobody waits.
  void Notify(const TableBucket& bucket);
  void NotifyGone(const TableBucket& bucket);
  /// Completes all that wait. Later ones complete at once.
  void Close();

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiter {
    uint64_t id = 0;
    std::vector<TableBucket> buckets;
    std::multimap<Clock::time_point, uint64_t>::iterator deadline;
    Attempt attempt;
  };

  void Run();
  void MarkExpired() WEIR_REQUIRES(mutex_);
  void MarkReady(const TableBucket& bucket, Reason reason);
  void Remove(const Waiter& waiter) WEIR_REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable wake_;
  std::atomic<size_t> waiting_{0};
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;
  uint64_t next_id_ WEIR_GUARDED_BY(mutex_) = 0;
  std::unordered_map<uint64_t, std::shared_ptr<Waiter>> waiters_ WEIR_GUARDED_BY(mutex_);
  std::unordered_map<TableBucket, std::unordered_set<uint64_t>> by_bucket_ WEIR_GUARDED_BY(mutex_);
  std::multimap<Clock::time_point, uint64_t> deadlines_ WEIR_GUARDED_BY(mutex_);
  std::map<uint64_t, Reason> ready_ WEIR_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace weir
