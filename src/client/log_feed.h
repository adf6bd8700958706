#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "client/client_threads.h"
#include "client/scan_plan.h"
#include "gateway/gateway.h"
#include "types/mutex.h"

namespace weir {

/// Fetches the logs of a set of buckets and hands them out in polls. What a poll does not take stays
/// for the next one. One fetch is under way at a time, decoding happens on the connection's threads.
/// Thread-safe; polls are answered in the order of their calls.
class LogFeed : public std::enable_shared_from_this<LogFeed> {
 public:
  using Batches = std::vector<ScannedBatch>;
  using Offsets = std::map<TableBucket, int64_t>;

  struct Options {
    int32_t fetch_bytes = 16 << 20;         // of one fetch
    int32_t bucket_bytes = 1 << 20;         // of one bucket in it
    size_t buckets_per_fetch = SIZE_MAX;
    bool skip_dropped = false;              // a dropped partition ends without an error
  };
  LogFeed(std::shared_ptr<const ScanPlan> plan, const Options& options);
  ~LogFeed();

  struct Start {
    int64_t position = 0;       // the next offset to hand out
    bool from_earliest = false;  // or the first that is still there when it is fetched
  };
  /// Adds buckets or moves their positions. Code -2 while a bounded read is active.
  Status Subscribe(const std::map<TableBucket, Start>& starts);
  Status Unsubscribe(const TableBucket& bucket);
  Offsets Positions() const;

  Future<Batches> Poll(std::chrono::milliseconds timeout, const LogScanner::PollLimits& limits);
  void Return(Batches batches);

  /// A bounded read: from now on only PollBounded reads, and only up to `stops` (buckets without one
  /// are left out). Each bucket is unsubscribed at its stop. Reserve() keeps others out meanwhile.
  Status Reserve();
  void BeginBounded(const Offsets& stops);
  /// Nothing when everything is read.
  Future<Batches> PollBounded(const LogScanner::PollLimits& limits);
  /// Unsubscribes what was not read to its stop when `drop`.
  void EndBounded(bool drop);

  /// Fails this and all later polls with `reason`.
  void Stop(const Status& reason);

 private:
  using Clock = std::chrono::steady_clock;

  struct Subscription {
    uint64_t epoch = 0;
    int64_t start = 0;
    int64_t position = 0;      // next to hand out
    int64_t fetch_offset = 0;  // next to fetch
    std::optional<int64_t> stop;
    size_t queued = 0;
    bool checking = false;  // whether its partition is still there
  };
  /// Something to hand out, in order: a batch, an error, or offsets to pass over.
  struct Item {
    TableBucket bucket;
    uint64_t epoch = 0;
    int64_t next_offset = 0;
    std::optional<StoredBatch> stored;
    std::optional<ScannedBatch> decoded;
    int64_t taken = 0;  // rows of `decoded` that were handed out
    Status error;
    bool gone = false;  // the error ends the subscription
    int64_t bytes() const { return stored ? stored->bytes->size() : 0; }
  };
  struct PollRequest {
    uint64_t id = 0;
    Clock::time_point deadline;
    LogScanner::PollLimits limits;
    Promise<Batches> promise;
    uint64_t after_fetch = 0;  // only a fetch that began later tells what is there
    bool patient = false;      // it has a timeout
    bool bounded = false;
    bool idle = false;         // it began without subscriptions: it waits for some
  };
  struct Fetch {
    uint64_t id = 0;
    bool waits = false;
    std::map<TableBucket, uint64_t> epochs;
    std::optional<Result<std::vector<FetchedBucket>>> answer;
  };

  Future<Batches> AddPoll(std::chrono::milliseconds timeout, const LogScanner::PollLimits& limits, bool bounded);
  void Wake();
  void Pump();
  void ArmTimer(Clock::time_point when) WEIR_REQUIRES(mutex_);

  void TakeAnswer() WEIR_REQUIRES(mutex_);
  void TakeBucket(const FetchedBucket& answer, uint64_t epoch, bool* progress) WEIR_REQUIRES(mutex_);
  void TakeBucketError(const FetchedBucket& answer, Subscription* subscription) WEIR_REQUIRES(mutex_);
  void CheckPartitionGone(const TableBucket& bucket, uint64_t epoch, const Status& reason) WEIR_REQUIRES(mutex_);
  void Enqueue(Item item, Subscription* subscription) WEIR_REQUIRES(mutex_);

  // Those that let go of the mutex on their way take it again.
  void ServePolls() WEIR_REQUIRES(mutex_);
  bool Expired(const PollRequest& poll) const WEIR_REQUIRES(mutex_);
  bool IsFront(uint64_t poll_id) const WEIR_REQUIRES(mutex_);
  Result<Batches> Gather(uint64_t poll_id, const LogScanner::PollLimits& limits) WEIR_REQUIRES(mutex_);
  bool DecodeFront(Status* error) WEIR_REQUIRES(mutex_);
  Status TakeError(const Item& item) WEIR_REQUIRES(mutex_);
  void Restart(Subscription* subscription) WEIR_REQUIRES(mutex_);
  void Settle(const TableBucket& bucket) WEIR_REQUIRES(mutex_);
  Subscription* Find(const TableBucket& bucket, uint64_t epoch) WEIR_REQUIRES(mutex_);
  Item PopFront() WEIR_REQUIRES(mutex_);
  void DropStaleItems() WEIR_REQUIRES(mutex_);

  void StartFetch() WEIR_REQUIRES(mutex_);
  bool MayStartFetch() const WEIR_REQUIRES(mutex_);
  FetchLogRequest MakeRequest(Fetch* fetch) WEIR_REQUIRES(mutex_);
  void Answered(uint64_t id, Result<std::vector<FetchedBucket>> answer);
  void BackOff() WEIR_REQUIRES(mutex_);

  const std::shared_ptr<const ScanPlan> plan_;
  const Options options_;
  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<ClientThreads> threads_;

  mutable Mutex mutex_;
  Status stopped_ WEIR_GUARDED_BY(mutex_);
  std::map<TableBucket, Subscription> subscriptions_ WEIR_GUARDED_BY(mutex_);
  uint64_t next_epoch_ WEIR_GUARDED_BY(mutex_) = 1;
  bool bounded_ WEIR_GUARDED_BY(mutex_) = false;
  std::deque<Item> queue_ WEIR_GUARDED_BY(mutex_);
  int64_t queued_bytes_ WEIR_GUARDED_BY(mutex_) = 0;
  std::deque<PollRequest> polls_ WEIR_GUARDED_BY(mutex_);
  uint64_t next_poll_ WEIR_GUARDED_BY(mutex_) = 1;

  bool pumping_ WEIR_GUARDED_BY(mutex_) = false;
  bool pump_again_ WEIR_GUARDED_BY(mutex_) = false;
  bool loading_ WEIR_GUARDED_BY(mutex_) = false;       // a schema
  bool read_ahead_ WEIR_GUARDED_BY(mutex_) = false;    // data was handed out, so more is likely
  bool push_columns_ WEIR_GUARDED_BY(mutex_) = true;
  Status fetch_error_ WEIR_GUARDED_BY(mutex_);         // of a whole fetch
  std::optional<Fetch> fetch_ WEIR_GUARDED_BY(mutex_);  // under way
  uint64_t next_fetch_ WEIR_GUARDED_BY(mutex_) = 1;
  uint64_t answered_fetch_ WEIR_GUARDED_BY(mutex_) = 0;
  bool fetch_is_stale_ WEIR_GUARDED_BY(mutex_) = false;  // buckets were added since
  TableBucket first_bucket_ WEIR_GUARDED_BY(mutex_);     // of the next fetch
  Clock::time_point backoff_until_ WEIR_GUARDED_BY(mutex_);
  std::optional<Clock::time_point> timer_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
