#include "client/log_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/connection_impl.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kBackoff{100};
constexpr milliseconds kLook{1000};  // how long a poll of no timeout waits for the target's answer
constexpr milliseconds kForever = std::chrono::hours(24 * 365);

bool MayBeGone(ErrorCode code) {
  return code == ErrorCode::kUnknownTableOrBucket || code == ErrorCode::kNotLeaderOrFollower ||
         code == ErrorCode::kPartitionNotExists;
}

Status ReaderIsActive() {
  return Status::Invalid("RecordBatchLogReader is active: finish or drop it before using its scanner");
}

}  // namespace

LogFeed::LogFeed(std::shared_ptr<const ScanPlan> plan, const Options& options)
    : plan_(std::move(plan)),
      options_(options),
      gateway_(plan_->connection().impl()->gateway),
      threads_(plan_->connection().impl()->threads) {}

LogFeed::~LogFeed() { Stop(Status::Invalid("the scanner is gone")); }

// --- subscriptions ---

Status LogFeed::Subscribe(const std::map<TableBucket, Start>& starts) {
  {
    MutexLock lock(mutex_);
    if (!stopped_.ok()) return stopped_;
    if (bounded_) return ReaderIsActive();
    for (const auto& [bucket, start] : starts) {
      Subscription& subscription = subscriptions_[bucket];
      subscription = {};
      subscription.epoch = next_epoch_++;
      subscription.start = subscription.position = start.position;
      subscription.fetch_offset = start.from_earliest ? kEarliestOffset : start.position;
    }
    DropStaleItems();
    fetch_is_stale_ = true;
  }
  Wake();
  return Status::OK();
}

Status LogFeed::Unsubscribe(const TableBucket& bucket) {
  {
    MutexLock lock(mutex_);
    if (!stopped_.ok()) return stopped_;
    if (bounded_) return ReaderIsActive();
    if (subscriptions_.erase(bucket) > 0) DropStaleItems();
  }
  Wake();
  return Status::OK();
}

LogFeed::Offsets LogFeed::Positions() const {
  MutexLock lock(mutex_);
  Offsets positions;
  for (const auto& [bucket, subscription] : subscriptions_) positions[bucket] = subscription.position;
  return positions;
}

LogFeed::Subscription* LogFeed::Find(const TableBucket& bucket, uint64_t epoch) {
  const auto found = subscriptions_.find(bucket);
  return found == subscriptions_.end() || found->second.epoch != epoch ? nullptr : &found->second;
}

void LogFeed::DropStaleItems() {
  std::erase_if(queue_, [this](const Item& item) WEIR_REQUIRES(mutex_) {
    if (Find(item.bucket, item.epoch) != nullptr) return false;
    queued_bytes_ -= item.bytes();
    return true;
  });
}

/// Fetches a bucket again from its position: what is queued of it does not count.
void LogFeed::Restart(Subscription* subscription) {
  subscription->epoch = next_epoch_++;
  subscription->fetch_offset = subscription->position;
  subscription->queued = 0;
  DropStaleItems();
}

/// Unsubscribes a bucket that was read to its stop.
void LogFeed::Settle(const TableBucket& bucket) {
  const auto found = subscriptions_.find(bucket);
  if (found == subscriptions_.end() || !found->second.stop) return;
  const Subscription& subscription = found->second;
  const bool drained = subscription.queued == 0 && subscription.fetch_offset >= *subscription.stop;
  if (!drained && subscription.position < *subscription.stop) return;
  subscriptions_.erase(found);
  DropStaleItems();
}

// --- polls ---

Future<LogFeed::Batches> LogFeed::AddPoll(milliseconds timeout, const LogScanner::PollLimits& limits, bool bounded) {
  PollRequest poll;
  poll.deadline = Clock::now() + std::clamp(timeout, milliseconds(0), kForever);
  poll.limits = limits;
  poll.patient = timeout > milliseconds(0);
  poll.bounded = bounded;
  const Future<Batches> future = poll.promise.future();
  bool ready = false;
  {
    MutexLock lock(mutex_);
    if (!stopped_.ok()) return Future<Batches>::Ready(stopped_);
    if (bounded_ && !bounded) return Future<Batches>::Ready(ReaderIsActive());
    if (subscriptions_.empty()) {
      if (bounded) return Future<Batches>::Ready(Batches{});
      poll.idle = true;
    }
    poll.id = next_poll_++;
    poll.after_fetch = next_fetch_;
    polls_.push_back(std::move(poll));
    ready = !queue_.empty() && queue_.front().decoded.has_value();
  }
  if (ready) {
    Pump();  // handing out slices is not worth another thread
  } else {
    Wake();
  }
  return future;
}

Future<LogFeed::Batches> LogFeed::Poll(milliseconds timeout, const LogScanner::PollLimits& limits) {
  return AddPoll(timeout, limits, false);
}

Future<LogFeed::Batches> LogFeed::PollBounded(const LogScanner::PollLimits& limits) {
  return AddPoll(kForever, limits, true);
}

void LogFeed::Return(Batches batches) {
  {
    MutexLock lock(mutex_);
    if (!stopped_.ok()) return;
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
      if (batch->rows == nullptr || batch->rows->num_rows() == 0) continue;
      const auto found = subscriptions_.find(batch->bucket);
      if (found == subscriptions_.end()) continue;
      Subscription& subscription = found->second;
      // Of the subscription as it is now: handed out by it, so between its start and its position.
      if (batch->base_offset < subscription.start || batch->last_offset >= subscription.position) continue;
      Item item;
      item.bucket = batch->bucket;
      item.epoch = subscription.epoch;
      item.next_offset = batch->last_offset + 1;
      item.decoded = std::move(*batch);
      subscription.position = item.decoded->base_offset;
      ++subscription.queued;
      queue_.push_front(std::move(item));
    }
  }
  Wake();
}

Status LogFeed::Reserve() {
  MutexLock lock(mutex_);
  if (!stopped_.ok()) return stopped_;
  if (bounded_) return Status::Invalid("Another RecordBatchLogReader is already active on this scanner.");
  if (subscriptions_.empty()) {
    return Status::Invalid("No buckets subscribed. Call subscribe() before creating a reader.");
  }
  bounded_ = true;
  return Status::OK();
}

void LogFeed::BeginBounded(const Offsets& stops) {
  MutexLock lock(mutex_);
  for (auto entry = subscriptions_.begin(); entry != subscriptions_.end();) {
    const auto stop = stops.find(entry->first);
    const bool nothing = stop == stops.end() || entry->second.position >= stop->second;
    if (!nothing) entry->second.stop = stop->second;
    entry = nothing ? subscriptions_.erase(entry) : std::next(entry);
  }
  DropStaleItems();
}

void LogFeed::EndBounded(bool drop) {
  std::vector<Promise<Batches>> ended;
  {
    MutexLock lock(mutex_);
    bounded_ = false;
    std::erase_if(polls_, [&](const PollRequest& poll) {
      if (poll.bounded) ended.push_back(poll.promise);
      return poll.bounded;
    });
    if (drop) subscriptions_.clear();
    for (auto& [bucket, subscription] : subscriptions_) subscription.stop.reset();
    DropStaleItems();
  }
  for (const Promise<Batches>& poll : ended) poll.Complete(Batches{});
  Wake();
}

void LogFeed::Stop(const Status& reason) {
  std::deque<PollRequest> polls;
  {
    MutexLock lock(mutex_);
    if (!stopped_.ok()) return;
    stopped_ = reason;
    subscriptions_.clear();
    DropStaleItems();
    fetch_.reset();
    polls.swap(polls_);
  }
  for (const PollRequest& poll : polls) poll.promise.Complete(reason);
}

// --- the pump: whatever happens, one thread at a time looks what can be done now ---

void LogFeed::Wake() {
  {
    MutexLock lock(mutex_);
    if (polls_.empty() && !read_ahead_ && !(fetch_ && fetch_->answer)) return;
    if (pumping_) {
      pump_again_ = true;
      return;
    }
  }
  threads_->Post([self = shared_from_this()] { self->Pump(); });
}

void LogFeed::Pump() {
  MutexLock lock(mutex_);
  if (pumping_) {
    pump_again_ = true;
    return;
  }
  pumping_ = true;
  do {
    pump_again_ = false;
    TakeAnswer();
    ServePolls();
    StartFetch();
  } while (pump_again_);
  pumping_ = false;
}

void LogFeed::ArmTimer(Clock::time_point when) {
  if (timer_ && *timer_ <= when) return;
  timer_ = when;
  const auto delay = std::chrono::ceil<milliseconds>(std::max(when - Clock::now(), Clock::duration::zero()));
  threads_->After(delay, [weak = weak_from_this(), when] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    {
      MutexLock lock(self->mutex_);
      if (self->timer_ == when) self->timer_.reset();
    }
    self->Pump();
  });
}

// --- answers ---

void LogFeed::Answered(uint64_t id, Result<std::vector<FetchedBucket>> answer) {
  {
    MutexLock lock(mutex_);
    if (!fetch_ || fetch_->id != id) return;  // another fetch has taken its place
    fetch_->answer.emplace(std::move(answer));
  }
  Wake();
}

void LogFeed::TakeAnswer() {
  if (!fetch_ || !fetch_->answer) return;
  const Fetch fetch = std::move(*fetch_);
  fetch_.reset();
  answered_fetch_ = fetch.id;
  if (const Status status = fetch.answer->status(); !status.ok()) {
    const bool projected =
        status.code() == ErrorCode::kInvalidColumnProjection && push_columns_ && plan_->pushed_columns;
    if (projected) {
      push_columns_ = false;
    } else if (IsRetriable(status.code()) && !gateway_->is_embedded()) {
      BackOff();
    } else {
      fetch_error_ = status;
    }
    return;
  }
  bool progress = false;
  for (const FetchedBucket& bucket : **fetch.answer) {
    const auto epoch = fetch.epochs.find(bucket.bucket);
    if (epoch != fetch.epochs.end()) TakeBucket(bucket, epoch->second, &progress);
  }
  // A bounded read does not wait for data, which must be there; nor shall it spin when it is not.
  if (!progress && bounded_ && !fetch.waits) BackOff();
}

void LogFeed::TakeBucket(const FetchedBucket& answer, uint64_t epoch, bool* progress) {
  Subscription* const subscription = Find(answer.bucket, epoch);
  if (subscription == nullptr) return;
  if (!answer.status.ok()) return TakeBucketError(answer, subscription);
  if (subscription->fetch_offset == kEarliestOffset) {
    subscription->fetch_offset = std::max(subscription->position, answer.log_start_offset);
    subscription->position = subscription->fetch_offset;
    *progress = true;
  }
  Result<std::vector<StoredBatch>> batches = SplitBatches(answer.records, answer.projected);
  if (!batches.ok()) {
    Item item;
    item.bucket = answer.bucket;
    item.next_offset = subscription->fetch_offset;
    item.error = batches.status().WithContext(answer.bucket.ToString());
    return Enqueue(std::move(item), subscription);
  }
  for (StoredBatch& batch : *batches) {
    Item item;
    item.bucket = answer.bucket;
    item.next_offset = batch.header.next_offset();
    if (item.next_offset <= subscription->fetch_offset) continue;
    item.stored = std::move(batch);
    *progress = true;
    Enqueue(std::move(item), subscription);
  }
  if (answer.filtered_end_offset && *answer.filtered_end_offset > subscription->fetch_offset) {
    Item passed_over;
    passed_over.bucket = answer.bucket;
    passed_over.next_offset = *answer.filtered_end_offset;
    *progress = true;
    Enqueue(std::move(passed_over), subscription);
  }
  Settle(answer.bucket);
}

void LogFeed::Enqueue(Item item, Subscription* subscription) {
  item.epoch = subscription->epoch;
  subscription->fetch_offset = item.next_offset;
  ++subscription->queued;
  queued_bytes_ += item.bytes();
  queue_.push_back(std::move(item));
}

void LogFeed::TakeBucketError(const FetchedBucket& answer, Subscription* subscription) {
  const ErrorCode code = answer.status.code();
  if (code == ErrorCode::kInvalidColumnProjection && push_columns_ && plan_->pushed_columns) {
    push_columns_ = false;  // a batch that is older than one of the columns
    return;
  }
  if (MayBeGone(code) && answer.bucket.partition_id) {
    return CheckPartitionGone(answer.bucket, subscription->epoch, answer.status);
  }
  if (IsRetriable(code) && !gateway_->is_embedded()) return BackOff();
  Item item;
  item.bucket = answer.bucket;
  item.next_offset = subscription->fetch_offset;
  item.error = answer.status;
  if (code == ErrorCode::kLogOffsetOutOfRange) {
    item.error = answer.status.WithContext(
        fmt::format("The fetching offset {} is out of range", subscription->fetch_offset));
  }
  Enqueue(std::move(item), subscription);
}

void LogFeed::CheckPartitionGone(const TableBucket& bucket, uint64_t epoch, const Status& reason) {
  Find(bucket, epoch)->checking = true;
  // Not here: the mutex is held, and the answer may be there at once.
  threads_->Post([self = shared_from_this(), bucket, epoch, reason] {
    self->gateway_->GetPartitionById(self->plan_->table->info.path, *bucket.partition_id)
        .Then([self, bucket, epoch, reason](const Result<PartitionInfo>& info) {
          {
            MutexLock lock(self->mutex_);
            Subscription* const subscription = self->Find(bucket, epoch);
            if (subscription == nullptr) return;
            subscription->checking = false;
            const ErrorCode code = info.status().code();
            Item item;
            item.bucket = bucket;
            item.next_offset = subscription->fetch_offset;
            item.gone = code == ErrorCode::kPartitionNotExists || code == ErrorCode::kTableNotExist;
            if (item.gone) {
              item.error = info.status().WithContext(fmt::format("{} is unsubscribed", bucket.ToString()));
              self->Enqueue(std::move(item), subscription);
            } else if (self->gateway_->is_embedded()) {
              item.error = reason;
              self->Enqueue(std::move(item), subscription);
            } else {
              self->BackOff();
            }
          }
          self->Pump();
        });
  });
}

void LogFeed::BackOff() {
  backoff_until_ = Clock::now() + kBackoff;
  ArmTimer(backoff_until_);
}

// --- handing out ---

bool LogFeed::Expired(const PollRequest& poll) const {
  const Clock::time_point now = Clock::now();
  if (now < poll.deadline) return false;
  if (poll.patient || now >= poll.deadline + kLook) return true;
  // Even a poll without patience has one look at what is there.
  return answered_fetch_ >= poll.after_fetch || now < backoff_until_ || (!fetch_ && !MayStartFetch());
}

bool LogFeed::IsFront(uint64_t poll_id) const { return !polls_.empty() && polls_.front().id == poll_id; }

void LogFeed::ServePolls() {
  while (!polls_.empty()) {
    const uint64_t id = polls_.front().id;
    const LogScanner::PollLimits limits = polls_.front().limits;
    Result<Batches> gathered = Gather(id, limits);
    if (!IsFront(id)) continue;  // it ended meanwhile, and with it the subscriptions it read
    const bool found = !gathered.ok() || !gathered->empty();
    const bool nothing_left = (subscriptions_.empty() && !polls_.front().idle) || (bounded_ && !polls_.front().bounded);
    if (!found && !nothing_left && !Expired(polls_.front())) {
      const PollRequest& waiting = polls_.front();
      ArmTimer(waiting.patient ? waiting.deadline : waiting.deadline + kLook);
      return;
    }
    if (found) read_ahead_ = true;
    const PollRequest poll = std::move(polls_.front());
    polls_.pop_front();
    mutex_.unlock();
    poll.promise.Complete(std::move(gathered));
    mutex_.lock();
  }
}

LogFeed::Item LogFeed::PopFront() {
  Item item = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= item.bytes();
  if (Subscription* const subscription = Find(item.bucket, item.epoch)) --subscription->queued;
  return item;
}

Status LogFeed::TakeError(const Item& item) {
  Subscription* const subscription = Find(item.bucket, item.epoch);
  if (!item.gone) {
    Restart(subscription);
    return item.error;
  }
  subscriptions_.erase(item.bucket);
  DropStaleItems();
  return options_.skip_dropped ? Status::OK() : item.error;
}

/// Decodes the batch in front. False when that has to wait for its schema, or failed with `error`.
bool LogFeed::DecodeFront(Status* error) {
  Item item = PopFront();
  Subscription* subscription = Find(item.bucket, item.epoch);
  const int32_t schema_id = item.stored->header.schema_id;
  if (plan_->table->schemas->Find(schema_id) == nullptr) {
    const std::shared_ptr<const Table::Impl> table = plan_->table;
    ++subscription->queued;
    queued_bytes_ += item.bytes();
    queue_.push_front(std::move(item));
    if (loading_) return false;
    loading_ = true;
    mutex_.unlock();
    table->schemas->Load(schema_id).Then([self = shared_from_this()](const auto& loaded) {
      {
        MutexLock guard(self->mutex_);
        self->loading_ = false;
        if (!loaded.ok()) self->fetch_error_ = loaded.status();
      }
      self->Wake();
    });
    mutex_.lock();
    return false;
  }
  OffsetRange range;
  range.begin = subscription->position;
  if (subscription->stop) range.end = *subscription->stop;
  ++subscription->queued;  // still on its way, as far as others are concerned
  mutex_.unlock();
  Result<std::optional<ScannedBatch>> decoded = ReadStoredBatch(*plan_, item.bucket, *item.stored, range);
  mutex_.lock();
  subscription = Find(item.bucket, item.epoch);
  if (subscription == nullptr) return true;
  --subscription->queued;
  if (!decoded.ok()) {
    *error = decoded.status().WithContext(fmt::format("{}, batch at offset {}", item.bucket.ToString(),
                                                      item.stored->header.base_offset));
    Restart(subscription);
    return false;
  }
  if (!*decoded) {
    subscription->position = std::max(subscription->position, item.next_offset);
    Settle(item.bucket);
    return true;
  }
  item.decoded = std::move(**decoded);
  ++subscription->queued;
  queued_bytes_ += item.bytes();
  queue_.push_front(std::move(item));
  return true;
}

Result<LogFeed::Batches> LogFeed::Gather(uint64_t poll_id, const LogScanner::PollLimits& limits) {
  Batches batches;
  const auto max_batches = static_cast<size_t>(std::max<int64_t>(limits.max_batches, 1));
  int64_t records_left = limits.cut_batches ? std::max<int64_t>(limits.max_records, 1)
                                            : std::numeric_limits<int64_t>::max();
  int64_t bytes = 0;
  while (!queue_.empty() && batches.size() < max_batches && records_left > 0) {
    Item& item = queue_.front();
    Subscription* const subscription = Find(item.bucket, item.epoch);
    if (subscription == nullptr) {
      PopFront();
      continue;
    }
    if (!item.error.ok()) {
      if (!batches.empty()) break;
      WEIR_RETURN_NOT_OK(TakeError(PopFront()));
      continue;
    }
    if (!batches.empty() && bytes + item.bytes() > limits.max_bytes) break;
    if (!item.decoded && item.stored) {
      Status error;
      const bool decoded = DecodeFront(&error);
      if (!IsFront(poll_id)) return Batches{};
      if (decoded) continue;
      if (!error.ok() && batches.empty()) return error;
      break;
    }
    const TableBucket bucket = item.bucket;
    if (!item.decoded) {
      subscription->position = std::max(subscription->position, item.next_offset);
      PopFront();
      Settle(bucket);
      continue;
    }
    const int64_t rows = item.decoded->rows->num_rows();
    const int64_t count = std::min(rows - item.taken, records_left);
    batches.push_back(SliceScanned(*item.decoded, item.taken, count));
    item.taken += count;
    records_left -= count;
    bytes += item.bytes() * count / rows;
    subscription->position = item.taken == rows ? item.next_offset : batches.back().last_offset + 1;
    if (item.taken == rows) PopFront();
    Settle(bucket);
  }
  if (batches.empty() && !fetch_error_.ok()) return std::exchange(fetch_error_, Status::OK());
  return batches;
}

// --- fetching ---

bool LogFeed::MayStartFetch() const {
  if (!stopped_.ok() || loading_) return false;
  return std::any_of(subscriptions_.begin(), subscriptions_.end(), [](const auto& entry) {
    return entry.second.queued == 0 && !entry.second.checking;
  });
}

FetchLogRequest LogFeed::MakeRequest(Fetch* fetch) {
  FetchLogRequest request;
  request.max_bytes = options_.fetch_bytes;
  if (push_columns_) request.projection = plan_->pushed_columns;
  request.filter = plan_->fetch_filter;
  const auto add = [&](const auto& entry) {
    const auto& [bucket, subscription] = entry;
    if (subscription.queued > 0 || subscription.checking) return;
    if (request.buckets.size() >= options_.buckets_per_fetch) return;
    request.buckets.push_back({bucket, subscription.fetch_offset, options_.bucket_bytes});
    fetch->epochs[bucket] = subscription.epoch;
  };
  // The answer's bytes go to those that come first: take turns.
  const auto first = subscriptions_.lower_bound(first_bucket_);
  std::for_each(first, subscriptions_.end(), add);
  std::for_each(subscriptions_.begin(), first, add);
  if (!bounded_ && !request.buckets.empty()) {
    const auto after = subscriptions_.upper_bound(request.buckets.front().bucket);
    first_bucket_ = after == subscriptions_.end() ? TableBucket{} : after->first;
  }
  return request;
}

void LogFeed::StartFetch() {
  const Clock::time_point now = Clock::now();
  const bool wanted = !polls_.empty();
  const bool impatient = wanted && now >= polls_.front().deadline;
  if (fetch_) {
    // One that waits knows nothing of new buckets, and does not help who cannot wait.
    const bool superseded = wanted && !fetch_->answer && fetch_->waits && (fetch_is_stale_ || impatient);
    if (!superseded) return;
    fetch_.reset();
  }
  if (!wanted && (!read_ahead_ || queued_bytes_ >= options_.fetch_bytes)) return;
  if (now < backoff_until_) return ArmTimer(backoff_until_);
  if (!MayStartFetch()) return;
  read_ahead_ = false;
  fetch_is_stale_ = false;
  Fetch fetch;
  fetch.id = next_fetch_++;
  FetchLogRequest request = MakeRequest(&fetch);
  const Config& config = plan_->connection().config();
  request.min_bytes = config.scanner_log_fetch_min_bytes;
  request.max_wait_ms = 0;
  if (wanted && !impatient && !bounded_) {
    const auto left = std::chrono::ceil<milliseconds>(polls_.front().deadline - now).count();
    request.max_wait_ms = static_cast<int32_t>(std::min<int64_t>(left, config.scanner_log_fetch_wait_max_time_ms));
  }
  fetch.waits = request.max_wait_ms > 0;
  const uint64_t id = fetch.id;
  fetch_ = std::move(fetch);
  mutex_.unlock();
  gateway_->FetchLog(std::move(request)).Then([self = shared_from_this(), id](const auto& answer) {
    self->Answered(id, answer);
  });
  mutex_.lock();
}

}  // namespace weir
