#include "client/write_client.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <random>

#include "client/table_impl.h"
#include "gateway/futures.h"
#include "model/partition.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPartitionWarning{5000};
// Without a network between, upserts are processed while their writer makes the next: in pieces that stay in the
// processor's cache. (Log batches stay large, for their readers' sake.)
constexpr int64_t kEmbeddedKvBatchBytes = 256 << 10;

int AcksOf(const std::string& text) {
  if (text == "0") return 0;
  return text == "1" ? 1 : -1;
}

int32_t RandomBucket(int32_t count) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_int_distribution<int32_t>(0, count - 1)(random);
}

/// Bytes that the record takes.
int64_t PutRecord(KvBatchBuilder& batch, std::string_view key, std::optional<std::string_view> row) {
  const size_t before = batch.bytes();
  if (row) {
    batch.Upsert(key, *row);
  } else {
    batch.Delete(key);
  }
  return static_cast<int64_t>(batch.bytes() - before);
}

std::string PartitionText(const PartitionRoute& route) {
  return fmt::format("partition '{}' of table '{}'", route.name, route.table->name());
}

}  // namespace

BucketQueue::BucketQueue(PartitionRoute& of, int32_t id, std::optional<TableBucket> known)
    : table(of.table), route(of.weak_from_this()), bucket_id(id), bucket(known) {}

PartitionRoute::PartitionRoute(WriteTablePtr of, std::string partition)
    : table(std::move(of)), name(std::move(partition)), queues(table->info.num_buckets()) {
  if (table->partition_columns.empty()) state = State::kKnown;
}

WriteClient::WriteClient(const Config& config, std::shared_ptr<Gateway> gateway, std::shared_ptr<ClientThreads> threads)
    : config_(config), gateway_(std::move(gateway)), threads_(std::move(threads)), acks_(AcksOf(config.writer_acks)) {
  kv_batch_bytes_ = gateway_->is_embedded() ? std::min<int64_t>(config_.writer_batch_size, kEmbeddedKvBatchBytes)
                                            : config_.writer_batch_size;
}

WriteTablePtr DetachedTable(const Table::Impl& table) {
  auto detached = std::make_shared<Table::Impl>(table);
  detached->connection = {};
  detached->schemas = nullptr;
  return detached;
}

WriteClient::~WriteClient() {
  std::vector<WriteBatchPtr> unsent;
  for (const std::shared_ptr<BucketQueue>& queue : AllQueues()) {
    MutexLock lock(queue->mutex);
    Seal(*queue);
    unsent.insert(unsent.end(), queue->ready.begin(), queue->ready.end());
  }
  for (const WriteBatchPtr& batch : unsent) {
    Finish(batch, Status::Invalid("the connection was dropped, without being closed, before the write was sent"));
  }
}

// --- routing ---

std::shared_ptr<PartitionRoute> WriteClient::Route(const WriteTablePtr& table, const std::string& partition) {
  std::shared_ptr<PartitionRoute> route;
  {
    MutexLock lock(mutex_);
    std::shared_ptr<PartitionRoute>& known = routes_[{table->info.table_id, partition}];
    if (known == nullptr) {
      known = std::make_shared<PartitionRoute>(table, partition);
    }
    route = known;
  }
  Resolve(route);
  return route;
}

std::shared_ptr<BucketQueue> WriteClient::Queue(PartitionRoute& route, int32_t bucket_id) {
  MutexLock lock(route.mutex);
  std::shared_ptr<BucketQueue>& queue = route.queues[bucket_id];
  if (queue == nullptr) {
    std::optional<TableBucket> bucket;
    if (route.state == PartitionRoute::State::kKnown) {
      bucket = TableBucket{route.table->info.table_id, route.partition_id, bucket_id};
    }
    queue = std::make_shared<BucketQueue>(route, bucket_id, bucket);
  }
  return queue;
}

int32_t WriteClient::PickBucket(PartitionRoute& route, bool new_batch) {
  const int32_t count = route.table->info.num_buckets();
  if (count == 1) return 0;
  if (config_.writer_bucket_no_key_assigner == "round_robin") {
    return static_cast<int32_t>(static_cast<uint32_t>(next_bucket_.fetch_add(1)) % static_cast<uint32_t>(count));
  }
  MutexLock lock(route.mutex);
  if (route.sticky_bucket < 0) {
    route.sticky_bucket = RandomBucket(count);
  } else if (new_batch) {
    route.sticky_bucket = (route.sticky_bucket + 1 + RandomBucket(count - 1)) % count;
  }
  return route.sticky_bucket;
}

void WriteClient::Resolve(const std::shared_ptr<PartitionRoute>& route) {
  {
    MutexLock lock(route->mutex);
    if (route->state != PartitionRoute::State::kUnknown) return;
    route->state = PartitionRoute::State::kResolving;
    if (!route->waits && !route->looked_up) route->looked_up.emplace();
    if (route->waiting_since == Clock::time_point{}) route->waiting_since = Clock::now();
  }
  gateway_->GetPartition(route->table->info.path, route->name)
      .Then([self = shared_from_this(), route](const Result<PartitionInfo>& info) { self->Resolved(route, info); });
}

void WriteClient::Resolved(const std::shared_ptr<PartitionRoute>& route, const Result<PartitionInfo>& info) {
  if (!info.ok()) {
    if (info.status().code() != ErrorCode::kPartitionNotExists) return FailRoute(route, info.status());
    if (!config_.writer_dynamic_create_partition_enabled) return WaitForPartition(route, info.status());
    const Result<PartitionSpec> spec =
        PartitionSpecFromName(route->table->info.descriptor.partition_keys, route->name);
    if (!spec.ok()) return FailRoute(route, spec.status());
    gateway_->CreatePartition(route->table->info.path, *spec, true)
        .Then([self = shared_from_this(), route](const Result<Unit>& created) {
          if (!created.ok()) return self->FailRoute(route, created.status());
          {
            MutexLock lock(route->mutex);
            route->state = PartitionRoute::State::kUnknown;
          }
          self->Resolve(route);
        });
    return;
  }
  std::vector<std::shared_ptr<BucketQueue>> queues;
  {
    MutexLock lock(route->mutex);
    route->state = PartitionRoute::State::kKnown;
    route->partition_id = info->partition_id;
    queues = route->queues;
  }
  for (const std::shared_ptr<BucketQueue>& queue : queues) {
    if (queue == nullptr) continue;
    MutexLock lock(queue->mutex);
    const TableBucket bucket{route->table->info.table_id, info->partition_id, queue->bucket_id};
    if (queue->bucket && *queue->bucket != bucket) queue->renumber = true;
    queue->bucket = bucket;
    if (!queue->ready.empty()) MarkReady(queue);
  }
  DispatchLater();
  LookedUp(*route, /*waits=*/false);
}

void WriteClient::LookedUp(PartitionRoute& route, bool waits) {
  std::optional<Promise<Unit>> looked_up;
  {
    MutexLock lock(route.mutex);
    route.waits = waits;
    std::swap(looked_up, route.looked_up);
  }
  if (looked_up) looked_up->Complete(Unit{});
}

void WriteClient::WaitForPartition(const std::shared_ptr<PartitionRoute>& route, const Status& missing) {
  Clock::duration waited;
  bool warned = false;
  {
    MutexLock lock(route->mutex);
    waited = Clock::now() - route->waiting_since;
    warned = std::exchange(route->warned, route->warned || waited >= kPartitionWarning);
  }
  const bool too_long =
      config_.writer_delivery_timeout_ms > 0 && waited >= milliseconds(config_.writer_delivery_timeout_ms);
  if (gateway_->is_embedded() || too_long) {
    return FailRoute(route, {missing.code(), missing.message() + " Create it first, or have writers create partitions "
                                                                 "with writer.dynamic-create-partition.enabled."});
  }
  if (waited >= kPartitionWarning && !warned) {
    spdlog::warn("writes wait for {}: it does not exist in {}", PartitionText(*route), gateway_->target());
  }
  LookedUp(*route, /*waits=*/true);
  threads_->After(kRetryBackoff, [self = shared_from_this(), route] {
    {
      MutexLock lock(route->mutex);
      route->state = PartitionRoute::State::kUnknown;
    }
    self->Resolve(route);
  });
}

void WriteClient::FailRoute(const std::shared_ptr<PartitionRoute>& route, const Status& status) {
  std::vector<std::shared_ptr<BucketQueue>> queues;
  {
    MutexLock lock(mutex_);
    const auto known = routes_.find({route->table->info.table_id, route->name});
    if (known != routes_.end() && known->second == route) routes_.erase(known);
  }
  {
    // Writers that hold this route still get queues from it: they must fail, too.
    MutexLock lock(route->mutex);
    for (int32_t i = 0; i < static_cast<int32_t>(route->queues.size()); ++i) {
      std::shared_ptr<BucketQueue>& queue = route->queues[i];
      if (queue == nullptr) {
        queue = std::make_shared<BucketQueue>(*route, i, std::nullopt);
      }
    }
    queues = route->queues;
  }
  std::vector<WriteBatchPtr> dropped;
  for (const std::shared_ptr<BucketQueue>& queue : queues) {
    MutexLock lock(queue->mutex);
    queue->failed = status;
    Seal(*queue);
    dropped.insert(dropped.end(), queue->ready.begin(), queue->ready.end());
    queue->ready.clear();
  }
  for (const WriteBatchPtr& batch : dropped) Finish(batch, status);
  LookedUp(*route, /*waits=*/false);
}

// --- collecting ---

Status WriteClient::WaitForMemory() {
  const uint64_t timeout_ms = config_.writer_buffer_wait_timeout_ms;
  const auto free = [&] { return closed_ || used_bytes_ < config_.writer_buffer_memory_size; };
  if (!free()) {
    SealAll();
    DispatchLater();
    MutexLock lock(mutex_);
    constexpr uint64_t kLongest = 365ull * 24 * 3600 * 1000;
    if (!memory_freed_.wait_for(lock.native(), milliseconds(std::min(timeout_ms, kLongest)), free)) {
      return Status::Invalid(fmt::format(
          "Fluss buffer exhausted: {} of {} bytes (writer.buffer.memory-size) are still unacknowledged after {} ms "
          "(writer.buffer.wait-timeout-ms)",
          used_bytes_.load(), config_.writer_buffer_memory_size, timeout_ms));
    }
  }
  return closed_ ? Status::Invalid("Fluss writer closed: connection is closed") : Status::OK();
}

Result<WriteBatchPtr> WriteClient::FailedBatch(const WriteTablePtr& table, const Status& status) {
  auto batch = std::make_shared<WriteHandle::Batch>();
  batch->table = table;
  batch->sealed = true;
  Finish(batch, status);
  return batch;
}

bool WriteClient::Takes(const WriteHandle::Batch& batch, const WriteTablePtr& table, Kind kind,
                        const std::vector<int>& target_columns) {
  const bool same_kind = kind == Kind::kRows ? batch.rows.has_value()
                         : kind == Kind::kKv ? batch.kv.has_value() && batch.target_columns == target_columns
                                             : !batch.chunks.empty();
  return same_kind && batch.table->info.schema_id == table->info.schema_id;
}

int64_t WriteClient::Count(WriteHandle::Batch& batch, int64_t bytes) {
  const int64_t all = batch.bytes.load(std::memory_order_relaxed) + bytes;
  batch.bytes.store(all, std::memory_order_relaxed);
  used_bytes_ += bytes;
  return all;
}

Result<WriteBatchPtr> WriteClient::OpenBatch(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                                             Kind kind, const std::vector<int>& target_columns, bool* sealed_other) {
  if (queue->open != nullptr) {
    if (Takes(*queue->open, table, kind, target_columns)) return queue->open;
    Seal(*queue);
    *sealed_other = true;
  }
  auto batch = std::make_shared<WriteHandle::Batch>();
  batch->client = weak_from_this();
  batch->queue = queue;
  batch->table = table;
  batch->created = Clock::now();
  batch->target_columns = target_columns;
  if (kind == Kind::kRows) {
    WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder rows, ArrowRowBuilder::Make(table->arrow_schema, table->types));
    batch->rows.emplace(std::move(rows));
  } else if (kind == Kind::kKv) {
    batch->kv.emplace();
  }
  return batch;
}

WriteClient::AfterAdd WriteClient::Added(BucketQueue& queue, const WriteBatchPtr& batch, int64_t bytes,
                                         bool sealed_other) {
  const int64_t batch_bytes = Count(*batch, bytes);
  const bool fresh = queue.open != batch;
  if (fresh) queue.open = batch;
  const bool full = batch_bytes >= (batch->kv ? kv_batch_bytes_ : config_.writer_batch_size);
  if (full) Seal(queue);
  return {(full || sealed_other) && queue.bucket.has_value(), fresh && !full};
}

void WriteClient::FollowUp(const std::shared_ptr<BucketQueue>& queue, const WriteBatchPtr& batch,
                           const AfterAdd& after) {
  if (after.send) {
    MarkReady(queue);
    DispatchLater();
  }
  if (!after.linger) return;
  threads_->After(milliseconds(std::max<int64_t>(config_.writer_batch_timeout_ms, 0)),
                  [weak = weak_from_this(), weak_batch = std::weak_ptr(batch)] {
                    const auto self = weak.lock();
                    const auto lingering = weak_batch.lock();
                    if (self == nullptr || lingering == nullptr) return;
                    self->SealIfOpen(lingering);
                    self->Dispatch();
                  });
}

Result<WriteBatchPtr> WriteClient::AddRow(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                                          RowView row) {
  WEIR_RETURN_NOT_OK(WaitForMemory());
  MutexLock lock(queue->mutex);
  if (const Status failed = queue->failed; !failed.ok()) {
    lock.unlock();
    return FailedBatch(table, failed);
  }
  bool sealed_other = false;
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, OpenBatch(queue, table, Kind::kRows, {}, &sealed_other));
  const int64_t before = batch->rows->bytes();
  WEIR_RETURN_NOT_OK(batch->rows->Append(row));
  const int64_t bytes = std::max<int64_t>(batch->rows->bytes() - before, 1);
  const AfterAdd after = Added(*queue, batch, bytes, sealed_other);
  lock.unlock();
  FollowUp(queue, batch, after);
  return batch;
}

Result<WriteBatchPtr> WriteClient::AddChunk(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                                            std::shared_ptr<arrow::RecordBatch> chunk, int64_t bytes) {
  WEIR_RETURN_NOT_OK(WaitForMemory());
  MutexLock lock(queue->mutex);
  if (const Status failed = queue->failed; !failed.ok()) {
    lock.unlock();
    return FailedBatch(table, failed);
  }
  bool sealed_other = false;
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, OpenBatch(queue, table, Kind::kChunks, {}, &sealed_other));
  batch->chunks.push_back(std::move(chunk));
  const AfterAdd after = Added(*queue, batch, std::max<int64_t>(bytes, 1), sealed_other);
  lock.unlock();
  FollowUp(queue, batch, after);
  return batch;
}

Result<WriteBatchPtr> WriteClient::AddKv(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                                         std::string_view key, std::optional<std::string_view> row,
                                         const std::vector<int>& target_columns) {
  WEIR_RETURN_NOT_OK(WaitForMemory());
  MutexLock lock(queue->mutex);
  if (const Status failed = queue->failed; !failed.ok()) {
    lock.unlock();
    return FailedBatch(table, failed);
  }
  bool sealed_other = false;
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, OpenBatch(queue, table, Kind::kKv, target_columns, &sealed_other));
  const int64_t bytes = PutRecord(*batch->kv, key, row);
  const AfterAdd after = Added(*queue, batch, bytes, sealed_other);
  lock.unlock();
  FollowUp(queue, batch, after);
  return batch;
}

WriteBatchPtr WriteClient::TryAddKv(BucketQueue& queue, const WriteTablePtr& table, std::string_view key,
                                    std::optional<std::string_view> row, const std::vector<int>& target_columns) {
  if (closed_ || used_bytes_ >= config_.writer_buffer_memory_size) return nullptr;
  if (!queue.mutex.try_lock()) return nullptr;
  WriteBatchPtr batch = AddKvToOpen(queue, table, key, row, target_columns);
  queue.mutex.unlock();
  return batch;
}

WriteBatchPtr WriteClient::AddKvToOpen(BucketQueue& queue, const WriteTablePtr& table, std::string_view key,
                                       std::optional<std::string_view> row, const std::vector<int>& target_columns) {
  if (!queue.failed.ok() || queue.open == nullptr) return nullptr;
  WriteHandle::Batch& batch = *queue.open;
  if (!Takes(batch, table, Kind::kKv, target_columns)) return nullptr;
  const size_t largest = key.size() + (row ? row->size() : 0) + KvBatchBuilder::kMaxRecordOverhead;
  if (batch.bytes + static_cast<int64_t>(largest) >= kv_batch_bytes_) return nullptr;
  Count(batch, PutRecord(*batch.kv, key, row));
  return queue.open;
}

WriteHandle WriteClient::Join(std::vector<WriteBatchPtr> batches) {
  std::sort(batches.begin(), batches.end());
  batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
  if (batches.empty()) return {Future<Unit>::Ready(Unit{}), {}};
  if (batches.size() == 1) return {batches.front()->done.future(), batches.front()};
  struct Progress {
    Mutex mutex;
    size_t left WEIR_GUARDED_BY(mutex);
    Status first WEIR_GUARDED_BY(mutex);
  };
  auto joined = std::make_shared<WriteHandle::Batch>();
  joined->client = weak_from_this();
  joined->parts = std::move(batches);
  auto progress = std::make_shared<Progress>();
  {
    MutexLock lock(progress->mutex);
    progress->left = joined->parts.size();
  }
  const std::vector<WriteBatchPtr> parts = joined->parts;
  for (const WriteBatchPtr& part : parts) {
    part->done.future().Then([joined, progress](const Result<Unit>& result) {
      Status first;
      {
        MutexLock lock(progress->mutex);
        if (!result.ok() && progress->first.ok()) progress->first = result.status();
        if (--progress->left > 0) return;
        first = progress->first;
      }
      joined->done.Complete(first.ok() ? Result<Unit>(Unit{}) : Result<Unit>(first));
    });
  }
  return {joined->done.future(), joined};
}

void WriteClient::Seal(BucketQueue& queue) {
  if (queue.open == nullptr) return;
  queue.open->sealed = true;
  queue.ready.push_back(std::move(queue.open));
  queue.open = nullptr;
}

void WriteClient::SealIfOpen(const WriteBatchPtr& batch) {
  const std::shared_ptr<BucketQueue> queue = batch->queue.lock();
  if (queue == nullptr) return;
  MutexLock lock(queue->mutex);
  if (queue->open == batch) Seal(*queue);
  if (queue->bucket && !queue->ready.empty()) MarkReady(queue);
}

std::vector<std::shared_ptr<PartitionRoute>> WriteClient::AllRoutes() {
  std::vector<std::shared_ptr<PartitionRoute>> routes;
  MutexLock lock(mutex_);
  for (const auto& [key, route] : routes_) routes.push_back(route);
  return routes;
}

std::vector<std::shared_ptr<BucketQueue>> WriteClient::AllQueues() {
  std::vector<std::shared_ptr<BucketQueue>> queues;
  for (const std::shared_ptr<PartitionRoute>& route : AllRoutes()) {
    MutexLock lock(route->mutex);
    for (const std::shared_ptr<BucketQueue>& queue : route->queues) {
      if (queue != nullptr) queues.push_back(queue);
    }
  }
  return queues;
}

void WriteClient::SealAll() {
  for (const std::shared_ptr<BucketQueue>& queue : AllQueues()) {
    MutexLock lock(queue->mutex);
    Seal(*queue);
    if (queue->bucket && !queue->ready.empty()) MarkReady(queue);
  }
}

void WriteClient::Send(const WriteBatchPtr& batch) {
  if (batch->parts.empty()) {
    SealIfOpen(batch);
  } else {
    for (const WriteBatchPtr& part : batch->parts) SealIfOpen(part);
    DispatchLater();  // a second pair of hands
  }
  Dispatch();
}

Future<Unit> WriteClient::Flush(std::optional<int64_t> table_id) {
  SealAll();
  std::vector<Future<Unit>> lookups;
  for (const std::shared_ptr<PartitionRoute>& route : AllRoutes()) {
    MutexLock lock(route->mutex);
    if (route->looked_up) lookups.push_back(route->looked_up->future());
  }
  Promise<Unit> promise;
  AllDone(lookups).Then([promise, table_id, self = shared_from_this()](const Result<Unit>&) {
    self->WaitForAnswers(table_id, promise);
  });
  return promise.future();
}

void WriteClient::WaitForAnswers(std::optional<int64_t> table_id, const Promise<Unit>& promise) {
  std::vector<WriteBatchPtr> own;
  std::vector<Future<Unit>> others;
  for (const std::shared_ptr<PartitionRoute>& route : AllRoutes()) {
    const bool is_own = !table_id || route->table->info.table_id == *table_id;
    std::vector<std::shared_ptr<BucketQueue>> queues;
    {
      MutexLock lock(route->mutex);
      if (is_own || !route->waits) queues = route->queues;
    }
    for (const std::shared_ptr<BucketQueue>& queue : queues) {
      if (queue == nullptr) continue;
      MutexLock lock(queue->mutex);
      for (const auto* batches : {&queue->in_flight, &queue->ready}) {
        for (const WriteBatchPtr& batch : *batches) {
          if (is_own) own.push_back(batch);
          else others.push_back(batch->done.future());
        }
      }
    }
  }
  if (own.size() + others.size() > 1) DispatchLater();
  Dispatch();
  const Future<Unit> all = Join(std::move(own)).future();
  AllDone(others).Then([promise, table_id, all, self = shared_from_this()](const Result<Unit>&) {
    all.Then([promise, table_id, self](const Result<Unit>& result) {
      const Status earlier = self->TakeUnreported(table_id);
      if (!result.ok()) return promise.Complete(result);
      promise.Complete(earlier.ok() ? Result<Unit>(Unit{}) : Result<Unit>(earlier));
    });
  });
}

Status WriteClient::TakeUnreported(std::optional<int64_t> table_id) {
  MutexLock lock(mutex_);
  const auto found = table_id ? unreported_.find(*table_id) : unreported_.begin();
  if (found == unreported_.end()) return Status::OK();
  Status status = std::move(found->second);
  if (table_id) unreported_.erase(found);
  else unreported_.clear();
  return status;
}

Future<Unit> WriteClient::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  memory_freed_.notify_all();
  return Flush(std::nullopt);
}

// --- sending ---

void WriteClient::MarkReady(const std::shared_ptr<BucketQueue>& queue) {
  MutexLock lock(mutex_);
  if (queue->turn == BucketQueue::Turn::kIdle) {
    queue->turn = BucketQueue::Turn::kQueued;
    ready_queues_.push_back(queue);
  } else if (queue->turn == BucketQueue::Turn::kDispatching) {
    queue->turn = BucketQueue::Turn::kAgain;
  }
}

void WriteClient::FinishTurn(const std::shared_ptr<BucketQueue>& queue) {
  MutexLock lock(mutex_);
  const bool again = queue->turn == BucketQueue::Turn::kAgain;
  queue->turn = again ? BucketQueue::Turn::kQueued : BucketQueue::Turn::kIdle;
  if (again) ready_queues_.push_back(queue);
}

std::shared_ptr<BucketQueue> WriteClient::PopReady(int64_t table_id) {
  MutexLock lock(mutex_);
  if (ready_queues_.empty()) return nullptr;
  if (table_id >= 0 && ready_queues_.front()->table->info.table_id != table_id) return nullptr;
  std::shared_ptr<BucketQueue> queue = std::move(ready_queues_.front());
  ready_queues_.pop_front();
  queue->turn = BucketQueue::Turn::kDispatching;
  return queue;
}

bool WriteClient::EnsureWriterId(const TablePath& path) {
  if (!config_.writer_enable_idempotence) return true;
  {
    MutexLock lock(mutex_);
    if (writer_id_ >= 0) return true;
    if (writer_id_requested_) return false;
    writer_id_requested_ = true;
  }
  gateway_->InitWriter({path}).Then([self = shared_from_this()](const Result<int64_t>& id) {
    {
      MutexLock lock(self->mutex_);
      self->writer_id_requested_ = false;
      if (id.ok()) self->writer_id_ = *id;
    }
    if (id.ok()) return self->DispatchLater();
    if (IsRetriable(id.status().code())) {
      return self->threads_->After(kRetryBackoff, [self] { self->Dispatch(); });
    }
    std::vector<WriteBatchPtr> dropped;
    for (const std::shared_ptr<BucketQueue>& queue : self->AllQueues()) {
      MutexLock lock(queue->mutex);
      dropped.insert(dropped.end(), queue->ready.begin(), queue->ready.end());
      queue->ready.clear();
    }
    for (const WriteBatchPtr& batch : dropped) self->Finish(batch, id.status());
  });
  MutexLock lock(mutex_);
  return writer_id_ >= 0;
}

/// The next batch of a queue whose turn it is, numbered.
std::optional<WriteClient::Outgoing> WriteClient::Take(const std::shared_ptr<BucketQueue>& queue) {
  int64_t writer_id = -1;
  {
    MutexLock lock(mutex_);
    writer_id = writer_id_;
  }
  MutexLock lock(queue->mutex);
  const size_t max_in_flight = std::max(config_.writer_max_inflight_requests_per_bucket, 1);
  if (queue->ready.empty() || !queue->bucket || queue->backing_off) return std::nullopt;
  if (queue->in_flight.size() >= max_in_flight) return std::nullopt;
  if (config_.writer_enable_idempotence && (queue->writer_id != writer_id || queue->renumber)) {
    if (!queue->in_flight.empty()) return std::nullopt;  // taken up again when they are answered
    queue->writer_id = writer_id;
    queue->renumber = false;
    queue->next_sequence = 0;
    queue->last_acknowledged = -1;
    for (const WriteBatchPtr& batch : queue->ready) batch->sequence = -1;
  }
  WriteBatchPtr batch = queue->ready.front();
  queue->ready.pop_front();
  queue->in_flight.push_back(batch);
  if (config_.writer_enable_idempotence && batch->sequence < 0) {
    batch->writer_id = queue->writer_id;
    batch->sequence = queue->next_sequence;
    queue->next_sequence = batch->sequence == std::numeric_limits<int32_t>::max() ? 0 : batch->sequence + 1;
    if (batch->kv == std::nullopt || batch->encoded == nullptr) batch->encoded = nullptr;
  }
  return Outgoing{queue, std::move(batch), *queue->bucket};
}

void WriteClient::DispatchLater() {
  threads_->Post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Dispatch();
  });
}

void WriteClient::Dispatch() {
  while (std::shared_ptr<BucketQueue> queue = PopReady(-1)) {
    const int64_t table_id = queue->table->info.table_id;
    if (!EnsureWriterId(queue->table->info.path)) {
      MarkReady(queue);
      FinishTurn(queue);
      return;
    }
    std::vector<Outgoing> group;
    int64_t bytes = 0;
    for (; queue != nullptr; queue = PopReady(table_id)) {
      std::optional<Outgoing> next = Take(queue);
      if (!next) {
        FinishTurn(queue);
        continue;
      }
      const bool other_targets = !group.empty() && group.front().batch->target_columns != next->batch->target_columns;
      if (other_targets || (!group.empty() && bytes + next->batch->bytes > config_.writer_request_max_size)) {
        SendGroup(std::move(group));
        group.clear();
        bytes = 0;
      }
      bytes += next->batch->bytes;
      group.push_back(std::move(*next));
    }
    SendGroup(std::move(group));
  }
}

Status WriteClient::Encode(WriteHandle::Batch& batch) {
  const Table::Impl& table = *batch.table;
  const auto schema_id = static_cast<int16_t>(table.info.schema_id);
  if (batch.kv) {
    if (batch.encoded != nullptr) {
      // Sent before under other numbers.
      WEIR_ASSIGN_OR_RETURN(const KvBatchView view, ParseKvBatch(std::string_view(*batch.encoded)));
      KvBatchBuilder again;
      for (const KvRecordView& record : view.records) {
        if (record.row) {
          again.Upsert(record.key, *record.row);
        } else {
          again.Delete(record.key);
        }
      }
      batch.encoded = arrow::Buffer::FromString(again.Finish(schema_id, batch.writer_id, batch.sequence));
      return Status::OK();
    }
    batch.encoded = arrow::Buffer::FromString(batch.kv->Finish(schema_id, batch.writer_id, batch.sequence));
    return Status::OK();
  }
  if (batch.rows) {
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> rows, batch.rows->Finish());
    batch.chunks = {std::move(rows)};
    batch.rows.reset();
  }
  if (batch.chunks.size() > 1) {
    auto whole = arrow::ConcatenateRecordBatches(batch.chunks);
    if (!whole.ok()) return Status::Invalid(whole.status().ToString());
    batch.chunks = {std::move(whole).ValueUnsafe()};
  }
  LogBatchOptions options;
  options.schema_id = schema_id;
  options.writer_id = batch.writer_id;
  options.sequence = batch.sequence;
  options.format = table.log_format();
  options.compression = table.options.compression == Compression::kNone       ? PayloadCompression::kNone
                        : table.options.compression == Compression::kLz4Frame ? PayloadCompression::kLz4Frame
                                                                              : PayloadCompression::kZstd;
  options.zstd_level = table.options.zstd_level;
  // Other targets may know V0 batches only (docs/fluss-formats.md, "Log batches").
  if (gateway_->is_embedded()) options.statistics_columns = table.statistics_columns;
  WEIR_ASSIGN_OR_RETURN(batch.encoded, EncodeLogBatch(*batch.chunks.front(), {}, table.info.schema(), options));
  return Status::OK();
}

void WriteClient::SendGroup(std::vector<Outgoing> group) {
  if (group.empty()) return;
  const Table::Impl& table = *group.front().queue->table;
  std::vector<BucketRecords> buckets;
  std::vector<Outgoing> sent;
  for (Outgoing& outgoing : group) {
    const Status encoded = Encode(*outgoing.batch);
    if (!encoded.ok()) {
      Answered(outgoing, encoded);
      continue;
    }
    buckets.push_back({outgoing.bucket, outgoing.batch->encoded});
    sent.push_back(outgoing);
  }
  const auto answered = [self = shared_from_this(), sent](const auto& result) {
    for (const Outgoing& outgoing : sent) {
      Status status = result.status();
      if (result.ok()) {
        status = {ErrorCode::kUnknownServerError, outgoing.bucket.ToString() + " is missing in the answer"};
        for (const auto& answer : *result) {
          if (answer.bucket == outgoing.bucket) status = answer.status;
        }
      }
      self->Answered(outgoing, status);
    }
  };
  if (buckets.empty()) {
    // nothing could be encoded
  } else if (table.info.descriptor.has_primary_key()) {
    PutKvRequest request;
    request.table_id = table.info.table_id;
    request.acks = acks_;
    request.target_columns = sent.front().batch->target_columns;
    request.buckets = std::move(buckets);
    gateway_->PutKv(std::move(request)).Then(answered);
  } else {
    ProduceLogRequest request;
    request.table_id = table.info.table_id;
    request.acks = acks_;
    request.buckets = std::move(buckets);
    gateway_->ProduceLog(std::move(request)).Then(answered);
  }
  for (const Outgoing& outgoing : group) {
    {
      MutexLock lock(outgoing.queue->mutex);
      if (!outgoing.queue->ready.empty()) MarkReady(outgoing.queue);
    }
    FinishTurn(outgoing.queue);
  }
}

void WriteClient::Answered(const Outgoing& sent, const Status& status) {
  const std::shared_ptr<BucketQueue>& queue = sent.queue;
  const WriteBatchPtr& batch = sent.batch;
  const ErrorCode code = status.code();
  const std::shared_ptr<PartitionRoute> route = queue->route.lock();
  bool retry = false;
  bool look_up_again = false;
  bool reset_writer = false;
  {
    MutexLock lock(queue->mutex);
    std::erase(queue->in_flight, batch);
    const bool may_retry = batch->attempts < config_.writer_retries && queue->failed.ok() && InTime(*batch);
    const bool is_next = batch->sequence == queue->last_acknowledged + 1;
    if (status.ok() || code == ErrorCode::kDuplicateSequence) {
      queue->last_acknowledged = std::max(queue->last_acknowledged, batch->sequence);
    } else if (code == ErrorCode::kPartitionNotExists ||
               (code == ErrorCode::kUnknownTableOrBucket && gateway_->is_embedded())) {
      // The target knows its tables: only a partition can have come back under another id.
      look_up_again = retry = may_retry && route != nullptr && !route->name.empty() && batch->attempts < 3;
    } else if (code == ErrorCode::kUnknownWriterId) {
      reset_writer = true;
      retry = may_retry;
    } else if (code == ErrorCode::kOutOfOrderSequence) {
      retry = may_retry && !is_next;
      reset_writer = !retry;
    } else if (IsRetriable(code) && !gateway_->is_embedded()) {
      retry = may_retry;  // an embedded target has nobody else to turn to: a full disk is told at once
    }
    if (!status.ok() && !retry && batch->sequence >= 0 && code != ErrorCode::kDuplicateSequence) {
      queue->renumber = false;
      reset_writer = true;  // its sequence will never come, so those behind it need another writer
    }
    if (retry) {
      ++batch->attempts;
      const auto later = [&](const WriteBatchPtr& other) {
        return other->sequence < 0 || other->sequence > batch->sequence;
      };
      queue->ready.insert(std::find_if(queue->ready.begin(), queue->ready.end(), later), batch);
      queue->backing_off = true;
    }
    if (!queue->ready.empty()) MarkReady(queue);
  }
  if (reset_writer) ResetWriterId(batch->writer_id);
  if (look_up_again) {
    {
      MutexLock lock(route->mutex);
      if (route->state == PartitionRoute::State::kKnown) route->state = PartitionRoute::State::kUnknown;
    }
    Resolve(route);
  }
  if (retry) {
    threads_->After(kRetryBackoff, [self = shared_from_this(), queue] { self->Retry(queue); });
    return;
  }
  Finish(batch, code == ErrorCode::kDuplicateSequence ? Status::OK() : status);
  bool more = false;
  {
    MutexLock lock(mutex_);
    more = !ready_queues_.empty();
  }
  if (more) DispatchLater();
}

bool WriteClient::InTime(const WriteHandle::Batch& batch) const {
  const uint64_t timeout_ms = config_.writer_delivery_timeout_ms;
  return timeout_ms == 0 || Clock::now() - batch.created < milliseconds(timeout_ms);
}

void WriteClient::Retry(const std::shared_ptr<BucketQueue>& queue) {
  {
    MutexLock lock(queue->mutex);
    queue->backing_off = false;
    if (!queue->ready.empty()) MarkReady(queue);
  }
  Dispatch();
}

void WriteClient::ResetWriterId(int64_t seen) {
  MutexLock lock(mutex_);
  if (writer_id_ == seen) writer_id_ = -1;
}

void WriteClient::Finish(const WriteBatchPtr& batch, const Status& status) {
  {
    MutexLock lock(mutex_);
    used_bytes_ -= batch->bytes;
    if (!status.ok()) unreported_.try_emplace(batch->table->info.table_id, status);
  }
  memory_freed_.notify_all();
  // Handles may live on: what was sent need not.
  batch->encoded = nullptr;
  batch->chunks.clear();
  batch->rows.reset();
  batch->kv.reset();
  batch->done.Complete(status.ok() ? Result<Unit>(Unit{}) : Result<Unit>(status));
}

const Future<Unit>& WriteHandle::Send() const {
  const std::shared_ptr<Batch> batch = batch_.lock();
  if (batch == nullptr) return future_;
  if (const std::shared_ptr<WriteClient> client = batch->client.lock()) client->Send(batch);
  return future_;
}

}  // namespace weir
