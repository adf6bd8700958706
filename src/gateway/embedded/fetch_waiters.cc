#include "gateway/embedded/fetch_waiters.h"

#include <algorithm>

#include "gateway/embedded/engine_thread.h"

namespace weir {

FetchWaiters::FetchWaiters() : thread_([this] { Run(); }) {}

FetchWaiters::~FetchWaiters() { Close(); }

void FetchWaiters::Add(const std::vector<TableBucket>& buckets, std::chrono::milliseconds max_wait, Attempt attempt) {
  MutexLock lock(mutex_);
  if (closed_) {
    lock.unlock();
    attempt(Reason::kTimeout);
    return;
  }
  auto waiter = std::make_shared<Waiter>();
  waiter->id = next_id_++;
  waiter->buckets = buckets;
  waiter->deadline = deadlines_.emplace(Clock::now() + max_wait, waiter->id);
  waiter->attempt = std::move(attempt);
  for (const TableBucket& bucket : buckets) by_bucket_[bucket].insert(waiter->id);
  ready_.emplace(waiter->id, Reason::kNewData);
  waiters_.emplace(waiter->id, std::move(waiter));
  waiting_.store(waiters_.size());
  wake_.notify_one();
}

void FetchWaiters::Notify(const TableBucket& bucket) { MarkReady(bucket, Reason::kNewData); }
void FetchWaiters::NotifyGone(const TableBucket& bucket) { MarkReady(bucket, Reason::kGone); }

void FetchWaiters::MarkReady(const TableBucket& bucket, Reason reason) {
  // Pairs with Add: whoever starts to wait just now is either seen here or sees the new data. A
  // plain load could be done before the data is published.
  if (waiting_.fetch_add(0) == 0) return;
  MutexLock lock(mutex_);
  const auto found = by_bucket_.find(bucket);
  if (found == by_bucket_.end()) return;
  for (const uint64_t id : found->second) {
    Reason& why = ready_.emplace(id, reason).first->second;
    why = std::max(why, reason);
  }
  wake_.notify_one();
}

void FetchWaiters::Remove(const Waiter& waiter) {
  for (const TableBucket& bucket : waiter.buckets) {
    const auto found = by_bucket_.find(bucket);
    if (found == by_bucket_.end()) continue;
    found->second.erase(waiter.id);
    if (found->second.empty()) by_bucket_.erase(found);
  }
  if (waiter.deadline != deadlines_.end()) deadlines_.erase(waiter.deadline);
  ready_.erase(waiter.id);
  waiters_.erase(waiter.id);
  waiting_.store(waiters_.size());
}

void FetchWaiters::MarkExpired() {
  const Clock::time_point now = closed_ ? Clock::time_point::max() : Clock::now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const uint64_t id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    waiters_.at(id)->deadline = deadlines_.end();
    ready_[id] = Reason::kTimeout;
  }
}

void FetchWaiters::Run() {
  const EngineThreadScope scope;
  MutexLock lock(mutex_);
  while (true) {
    if (closed_ && waiters_.empty()) return;
    MarkExpired();
    if (ready_.empty()) {
      if (deadlines_.empty()) {
        wake_.wait(lock.native());
      } else {
        wake_.wait_until(lock.native(), deadlines_.begin()->first);
      }
      continue;
    }
    const auto [id, reason] = *ready_.begin();
    ready_.erase(ready_.begin());
    const std::shared_ptr<Waiter> waiter = waiters_.at(id);
    lock.unlock();
    const bool completed = waiter->attempt(reason);
    lock.lock();
    if (completed) Remove(*waiter);
  }
}

void FetchWaiters::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir
