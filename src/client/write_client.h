#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/client_threads.h"
#include "format/kv_batch.h"
#include "gateway/gateway.h"
#include "types/arrow_rows.h"
#include "types/mutex.h"
#include "weir/client.h"

namespace weir {

struct BucketQueue;
struct PartitionRoute;
class WriteClient;
using WriteTablePtr = std::shared_ptr<const Table::Impl>;
using WriteBatchPtr = std::shared_ptr<WriteHandle::Batch>;

/// A table as writers keep it: apart from its connection, which would otherwise keep itself alive.
WriteTablePtr DetachedTable(const Table::Impl& table);

/// Rows of one bucket on their way: open, sealed, sent, done. Guarded by its queue's mutex until it
/// is sealed; afterwards only its dispatcher touches the content.
struct WriteHandle::Batch {
  std::weak_ptr<WriteClient> client;
  std::weak_ptr<BucketQueue> queue;
  WriteTablePtr table;  // the schema of its rows
  Promise<Unit> done;
  std::chrono::steady_clock::time_point created;

  std::optional<ArrowRowBuilder> rows;
  std::vector<std::shared_ptr<arrow::RecordBatch>> chunks;
  std::optional<KvBatchBuilder> kv;
  std::vector<int> target_columns;
  std::atomic<int64_t> bytes = 0;  // grows under the queue's mutex
  bool sealed = false;

  int64_t writer_id = -1;
  int32_t sequence = -1;
  int32_t attempts = 0;
  std::shared_ptr<arrow::Buffer> encoded;

  std::vector<WriteBatchPtr> parts;  // a handle over several batches: only this is set
};

/// The batches of one bucket, in order.
struct BucketQueue {
  /// `known` is absent while the partition is looked up.
  BucketQueue(PartitionRoute& of, int32_t id, std::optional<TableBucket> known);

  const WriteTablePtr table;
  const std::weak_ptr<PartitionRoute> route;
  const int32_t bucket_id;

  Mutex mutex;
  Status failed WEIR_GUARDED_BY(mutex);  // the partition is missing: writes fail at once
  std::optional<TableBucket> bucket WEIR_GUARDED_BY(mutex);
  WriteBatchPtr open WEIR_GUARDED_BY(mutex);
  std::deque<WriteBatchPtr> ready WEIR_GUARDED_BY(mutex);
  std::deque<WriteBatchPtr> in_flight WEIR_GUARDED_BY(mutex);
  bool renumber WEIR_GUARDED_BY(mutex) = false;
  bool backing_off WEIR_GUARDED_BY(mutex) = false;
  int64_t writer_id WEIR_GUARDED_BY(mutex) = -1;
  int32_t next_sequence WEIR_GUARDED_BY(mutex) = 0;
  int32_t last_acknowledged WEIR_GUARDED_BY(mutex) = -1;

  enum class Turn { kIdle, kQueued, kDispatching, kAgain };
  Turn turn = Turn::kIdle;  // guarded by the client's mutex
};

/// One partition of a table (or the whole table), as far as writers know it.
struct PartitionRoute : std::enable_shared_from_this<PartitionRoute> {
  PartitionRoute(WriteTablePtr of, std::string partition);

  const WriteTablePtr table;
  const std::string name;  // empty: not partitioned

  Mutex mutex;
  enum class State { kUnknown, kResolving, kKnown } state WEIR_GUARDED_BY(mutex) = State::kUnknown;
  std::optional<int64_t> partition_id WEIR_GUARDED_BY(mutex);
  std::chrono::steady_clock::time_point waiting_since WEIR_GUARDED_BY(mutex);
  bool waits WEIR_GUARDED_BY(mutex) = false;  // for the partition to be created
  bool warned WEIR_GUARDED_BY(mutex) = false;
  std::optional<Promise<Unit>> looked_up WEIR_GUARDED_BY(mutex);  // while it is open whether the partition is there
  std::vector<std::shared_ptr<BucketQueue>> queues WEIR_GUARDED_BY(mutex);
  int32_t sticky_bucket WEIR_GUARDED_BY(mutex) = -1;
};

/// Collects the writes of a connection in batches and sends them.
/// Locks are taken in this order: a queue's or a route's, then the client's; futures are completed
/// under none.
class WriteClient : public std::enable_shared_from_this<WriteClient> {
 public:
  WriteClient(const Config& config, std::shared_ptr<Gateway> gateway, std::shared_ptr<ClientThreads> threads);
  /// Fails what was never sent.
  ~WriteClient();

  /// The route of a row's partition; starts to look the partition up. Tables are detached ones.
  std::shared_ptr<PartitionRoute> Route(const WriteTablePtr& table, const std::string& partition);
  std::shared_ptr<BucketQueue> Queue(PartitionRoute& route, int32_t bucket_id);
  /// The bucket for the next keyless row.
  int32_t PickBucket(PartitionRoute& route, bool new_batch);

  /// `table` is the queue's table, as of the schema that the row is in.
  Result<WriteBatchPtr> AddRow(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table, RowView row);
  Result<WriteBatchPtr> AddChunk(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                                 std::shared_ptr<arrow::RecordBatch> chunk, int64_t bytes);
  /// `row` absent: a deletion.
  Result<WriteBatchPtr> AddKv(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table,
                              std::string_view key, std::optional<std::string_view> row,
                              const std::vector<int>& target_columns);
  /// AddKv where it waits for nothing and sets nothing in motion: into an open batch with room to spare,
  /// whose lock is free. Null elsewhere.
  WriteBatchPtr TryAddKv(BucketQueue& queue, const WriteTablePtr& table, std::string_view key,
                         std::optional<std::string_view> row, const std::vector<int>& target_columns);
  /// One handle over all of `batches`.
  WriteHandle Join(std::vector<WriteBatchPtr> batches);

  void Send(const WriteBatchPtr& batch);
  /// Sends everything, and is complete when what was written to the table (absent: to all) is answered, with an error
  /// of such a write since the last flush. Other tables' writes are waited for as well, but for those whose partition
  /// is missing, and their errors left for them.
  Future<Unit> Flush(std::optional<int64_t> table_id);
  Future<Unit> Close();
  int64_t max_batch_bytes() const { return config_.writer_batch_size; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class Kind { kRows, kChunks, kKv };

  Status WaitForMemory();
  Result<WriteBatchPtr> FailedBatch(const WriteTablePtr& table, const Status& status);
  /// Whether a queue's open batch goes on with rows of this table, kind and columns.
  static bool Takes(const WriteHandle::Batch& batch, const WriteTablePtr& table, Kind kind,
                    const std::vector<int>& target_columns);
  /// Counts bytes that were added to a batch, under its queue's mutex; all that it has now.
  int64_t Count(WriteHandle::Batch& batch, int64_t bytes);
  Result<WriteBatchPtr> OpenBatch(const std::shared_ptr<BucketQueue>& queue, const WriteTablePtr& table, Kind kind,
                                  const std::vector<int>& target_columns, bool* sealed_other)
      WEIR_REQUIRES(queue->mutex);
  /// What remains to be done for rows that were added, once their queue's mutex is free.
  struct AfterAdd {
    bool send = false;    // what is sealed
    bool linger = false;  // the batch was begun: it is sealed when it has waited long enough
  };
  AfterAdd Added(BucketQueue& queue, const WriteBatchPtr& batch, int64_t bytes, bool sealed_other)
      WEIR_REQUIRES(queue.mutex);
  void FollowUp(const std::shared_ptr<BucketQueue>& queue, const WriteBatchPtr& batch, const AfterAdd& after);
  WriteBatchPtr AddKvToOpen(BucketQueue& queue, const WriteTablePtr& table, std::string_view key,
                            std::optional<std::string_view> row, const std::vector<int>& target_columns)
      WEIR_REQUIRES(queue.mutex);
  static void Seal(BucketQueue& queue) WEIR_REQUIRES(queue.mutex);
  void SealAll();
  void SealIfOpen(const WriteBatchPtr& batch);
  std::vector<std::shared_ptr<PartitionRoute>> AllRoutes();
  std::vector<std::shared_ptr<BucketQueue>> AllQueues();
  /// What Flush does once it is known which partitions are missing.
  void WaitForAnswers(std::optional<int64_t> table_id, const Promise<Unit>& promise);
  /// The error of a write that failed since it was asked for last, and forgets it.
  Status TakeUnreported(std::optional<int64_t> table_id);

  void Resolve(const std::shared_ptr<PartitionRoute>& route);
  void Resolved(const std::shared_ptr<PartitionRoute>& route, const Result<PartitionInfo>& info);
  void WaitForPartition(const std::shared_ptr<PartitionRoute>& route, const Status& missing);
  void FailRoute(const std::shared_ptr<PartitionRoute>& route, const Status& status);
  /// It is known by now whether the partition is there.
  static void LookedUp(PartitionRoute& route, bool waits);

  struct Outgoing {
    std::shared_ptr<BucketQueue> queue;
    WriteBatchPtr batch;
    TableBucket bucket;
  };
  void MarkReady(const std::shared_ptr<BucketQueue>& queue);
  void Dispatch();
  void DispatchLater();
  bool EnsureWriterId(const TablePath& path);
  std::shared_ptr<BucketQueue> PopReady(int64_t table_id);
  std::optional<Outgoing> Take(const std::shared_ptr<BucketQueue>& queue);
  void FinishTurn(const std::shared_ptr<BucketQueue>& queue);
  Status Encode(WriteHandle::Batch& batch);
  bool InTime(const WriteHandle::Batch& batch) const;
  void SendGroup(std::vector<Outgoing> group);
  void Answered(const Outgoing& sent, const Status& status);
  void Retry(const std::shared_ptr<BucketQueue>& queue);
  void ResetWriterId(int64_t seen);
  void Finish(const WriteBatchPtr& batch, const Status& status);

  const Config config_;
  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<ClientThreads> threads_;
  int acks_ = -1;
  int64_t kv_batch_bytes_ = 0;

  std::atomic<int64_t> used_bytes_{0};  // shrinks under the mutex only, as `closed_` is set
  std::atomic<bool> closed_{false};
  Mutex mutex_;
  std::condition_variable memory_freed_;
  std::map<int64_t, Status> unreported_
      WEIR_GUARDED_BY(mutex_);  // by table: of a batch that failed since the last flush
  std::map<std::pair<int64_t, std::string>, std::shared_ptr<PartitionRoute>> routes_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<BucketQueue>> ready_queues_ WEIR_GUARDED_BY(mutex_);
  int64_t writer_id_ WEIR_GUARDED_BY(mutex_) = -1;
  bool writer_id_requested_ WEIR_GUARDED_BY(mutex_) = false;
  std::atomic<int> next_bucket_{0};
};

}  // namespace weir
