#include "sql/transaction/transaction.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <numeric>
#include <set>
#include <variant>

#include "client/arrow_split.h"
#include "client/connection_impl.h"
#include "commitlog/item.h"
#include "format/kv_batch.h"
#include "gateway/memory_budget.h"
#include "gateway/per_database.h"
#include "sql/error.h"
#include "sql/out_of_memory.h"
#include "sql/transaction/commit_decider.h"
#include "sql/transaction/commit_history.h"
#include "sql/transaction/index_entries.h"
#include "sql/transaction/leaf_bounds.h"
#include "sql/transaction/leaf_cache.h"
#include "sql/transaction/leaf_readers.h"
#include "sql/transaction/leaf_writes.h"
#include "sql/transaction/spilled_rows.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"
#include "types/mutex.h"

namespace weir::sql {
namespace {

Status ConcurrentUpdate(const Leaf& leaf) {
  return Error("40001", "could not serialize access due to concurrent update", {.table = leaf.relation->path.table});
}

Status ConcurrentDelete(const Leaf& leaf) {
  return Error("40001", "could not serialize access due to concurrent delete", {.table = leaf.relation->path.table});
}

/// `when`: PostgreSQL's word for what it was that could not go on.
Status NotSerializable(const Leaf& leaf, std::string_view when) {
  return Error("40001", "could not serialize access due to read/write dependencies among transactions",
               {.detail = fmt::format("Reason code: Canceled on identification as a pivot, during {}.", when),
                .hint = "The transaction might succeed if retried.",
                .table = leaf.relation->path.table});
}

/// About what a key that a transaction has touched takes: its bytes, what has become of it, and its lock.
constexpr int64_t kBytesOfKey = 256;
/// Rows of a leaf that take less are not spilled: each leaf has files of its own.
constexpr int64_t kLeastToSpill = 64 << 10;
/// What a transaction may have in memory is spilled in so many parts at most.
constexpr int64_t kSpills = 8;

/// Stored values of a PK leaf's keys, one a key in the order of the request.
using Values = std::vector<std::optional<std::string>>;

/// Encoded keys of a PK leaf, by bucket.
struct WantedKeys {
  std::map<int32_t, std::vector<std::string>> keys = {};
  bool prefixes = false;  // they are of the first columns only

  bool are_few() const {
    size_t count = 0;
    for (const auto& [bucket, list] : keys) count += list.size();
    return count <= RowsRead::kMost;
  }
};

struct Lookup {
  std::vector<int64_t> keys;  // numbers
  const Values* values = nullptr;  // of the answer
};
using LookupsByBucket = std::map<int32_t, Lookup>;

/// Memory of a transaction that is taken of what all share, once it is worth counting.
class CountedMemory {
 public:
  explicit CountedMemory(std::shared_ptr<MemoryBudget> budget) : taken_(std::move(budget)) {}

  int64_t bytes() const { return bytes_; }
  /// False, and nothing changes, when there is not so much left.
  [[nodiscard]] bool Grow(int64_t more) {
    const int64_t next = bytes_ + more;
    if ((next > kFreeBytes || taken_.bytes() > 0) && !taken_.Resize(next)) return false;
    bytes_ = next;
    return true;
  }
  void Release() { (void)Grow(-bytes_); }

 private:
  static constexpr int64_t kFreeBytes = 64 << 10;

  MemoryReservation taken_;
  int64_t bytes_ = 0;
};

/// What is shared by the transactions of one target.
struct TargetState {
  std::shared_ptr<Gateway> gateway;
  Connection connection;
  std::shared_ptr<LeafCache> leaves;
  std::shared_ptr<DeletedRowsTable> deleted_rows;
  std::shared_ptr<CommitHistory> history;
  std::shared_ptr<CommitDecider> decider;
  std::shared_ptr<ColumnCache> read_before;
  std::unique_ptr<BucketBounds> bounds;
  std::shared_ptr<SpillFiles> spill;
  std::shared_ptr<LockManager> locks = std::make_shared<LockManager>();
  std::atomic<uint32_t> next_bucket{0};
};

/// A leaf that a transaction has read or changed, or a leaf's unique index: a PK leaf, too, of which each row is a key.
struct LeafState {
  LeafPtr leaf;
  LeafPtr indexed;  // an index's leaf; null: it is none
  LogChanges log;
  size_t spilled = 0;  // the first of its batches, which lie in files
  KeyChanges keys;
  std::map<int32_t, int64_t> looked_up_at;  // end of a PK bucket's changelog before its first lookup
  std::shared_ptr<RowsRead> rows_read;      // by the last statement, after that; null: none
  int64_t seen_in = -1;  // the statement that has scanned rows to change after that, of all buckets
  bool read = false;
  commitlog::Position read_at;  // of the first statement that has read it
  std::optional<commitlog::Position> touched_at;  // of the first statement that has changed something here

  bool changed() const { return !log.empty() || !keys.empty(); }
};

/// What a statement reads of a log leaf.
struct LeafSnapshot {
  HighWatermarks high_watermarks;
  std::vector<DeletedRows> deleted;  // by bucket
};

/// A log leaf without changes of the transaction's own, which a scan of a statement opens.
struct UntouchedLeaf {
  LeafPtr leaf;
  CommitHistory::Snapshot snapshot = 0;
  int64_t statement = 0;
  std::optional<LeafSnapshot> seen;  // where the statement has seen it before
};

class TransactionImpl final : public Transaction, public TransactionOnLog, public LeafBoundsSource {
 public:
  TransactionImpl(std::shared_ptr<TargetState> target, std::shared_ptr<LockOwner> owner)
      : target_(std::move(target)),
        owner_(std::move(owner)),
        rows_memory_(target_->gateway->memory()),
        keys_memory_(target_->gateway->memory()) {}
  ~TransactionImpl() override { Rollback(); }

  void SetIndexValues(IndexValues* values) override {
    MutexLock lock(mutex_);
    index_values_ = values;
  }
  void SetIsolation(IsolationLevel level) override {
    MutexLock lock(mutex_);
    level_ = level;
  }
  Status BeginStatement() override;
  Status TakeSnapshot() override {
    MutexLock lock(mutex_);
    return EnsureSnapshot();
  }
  bool has_snapshot() const override {
    MutexLock lock(mutex_);
    return snapshot_.has_value();
  }
  bool must_run_again() const override {
    MutexLock lock(mutex_);
    return must_run_again_;
  }
  Result<std::vector<std::unique_ptr<LeafReader>>> Scan(const RelationPtr& leaf,
                                                        const LeafScanOptions& options) override;
  std::optional<int64_t> RowsAbout(const Relation& leaf) const override;
  std::optional<LeafBounds> BoundsOf(const RelationPtr& leaf) override;
  std::optional<int64_t> CountRows(const RelationPtr& leaf) override;
  int64_t moment() const override {
    MutexLock lock(mutex_);
    return statement_;
  }
  Status Insert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) override {
    return Put(leaf, rows, KeyChanges::Op::kInsert);
  }
  Status Upsert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) override {
    return Put(leaf, rows, KeyChanges::Op::kUpsert);
  }
  Result<int64_t> Delete(const RelationPtr& leaf, std::span<const RowPosition> positions, LockMode lock) override;
  Result<int64_t> Delete(const RelationPtr& leaf, const arrow::BinaryArray& keys, LockMode lock) override;
  Status BuildIndex(const RelationPtr& leaf, const RelationPtr& index) override;
  Status DeleteAll(const RelationPtr& leaf) override;
  Result<LockGrant> LockRow(const RelationPtr& leaf, RowPosition position, LockMode mode, LockPolicy policy) override;
  Result<LockGrant> LockRow(const RelationPtr& leaf, std::string_view key, LockMode mode, LockPolicy policy) override;
  bool has_changes() const override;
  Status CheckUnchanged(const RelationPtr& leaf) override;

  size_t Savepoint() override {
    MutexLock lock(mutex_);
    return journal_.size();
  }
  void RollbackTo(size_t savepoint) override;

  Status Commit(CommitRequest also) override;
  void Rollback() override;

  Result<DefinitionsSeen> FollowDefinitions() override;
  std::vector<RelationPtr> ChangedLeaves() const override;
  void NoteRelations(std::vector<int64_t> held_to, std::vector<int64_t> changed) override {
    MutexLock lock(mutex_);
    held_to_ = std::move(held_to);
    changed_relations_ = std::move(changed);
  }
  bool is_on_log() const { return target_->decider->is_shared(); }

 private:
  /// How to take one change back.
  struct AddedBatch {};
  struct Undo {
    LeafState* state = nullptr;
    std::variant<AddedBatch, LogChanges::Deletions, KeyChanges::Mark> change;
    int64_t bytes = 0;  // of rows_memory_
  };

  Status EnsureSnapshot() WEIR_REQUIRES(mutex_);
  void Read(LeafState* state) const WEIR_REQUIRES(mutex_);
  bool keeps_snapshot() const WEIR_REQUIRES(mutex_) { return level_ != IsolationLevel::kReadCommitted; }
  Status ChangedSinceSnapshot(const Status& error) WEIR_REQUIRES(mutex_);
  Result<LeafState*> Find(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  Result<bool> IsOnlyRead(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  LeafPtr FindUnchanged(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  Result<LeafSnapshot> SnapshotOf(const Leaf& leaf) WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> ScanNoted(const RelationPtr& leaf, const LeafScanOptions& options,
                                                             bool leaves_no_trace) WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> OpenUntouched(UntouchedLeaf untouched,
                                                                 const LeafScanOptions& options);
  /// A scan that sees what the statement does, but for own changes.
  Result<std::shared_ptr<LeafScan>> OpenScan(const LeafPtr& leaf, const LeafScanOptions& options) const
      WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> OpenReaders(LeafState* state, const LeafScanOptions& options)
      WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> OpenKeyReaders(LeafState* state, const LeafScanOptions& options)
      WEIR_REQUIRES(mutex_);
  bool MayKeepRead(const RelationPtr& relation, const LeafScanOptions& options) const WEIR_REQUIRES(mutex_);
  Status KeepRead(LeafState* state, const WantedKeys& wanted, LeafScan* scan) WEIR_REQUIRES(mutex_);
  Status NoteScan(LeafState* state) WEIR_REQUIRES(mutex_);
  Status NoteEnds(LeafState* state, const std::vector<int32_t>& buckets) WEIR_REQUIRES(mutex_);
  Result<std::optional<WantedKeys>> KeysByIndex(const LeafState& state, const LeafScanOptions& options)
      WEIR_REQUIRES(mutex_);

  Status Put(const RelationPtr& relation, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op);
  Status PutRows(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op)
      WEIR_REQUIRES(mutex_);
  Status PutKeys(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op)
      WEIR_REQUIRES(mutex_);
  Result<std::vector<int64_t>> TouchKeys(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows)
      WEIR_REQUIRES(mutex_);
  /// Take what rows, and keys that are new since there were `before`, need of the memory that all share. 53200.
  Result<int64_t> TakeMemory(int64_t bytes) WEIR_REQUIRES(mutex_);
  Status TakeMemory(const KeyChanges& keys, int64_t before) WEIR_REQUIRES(mutex_);
  Status SpillRows() WEIR_REQUIRES(mutex_);
  Result<bool> SpillRowsOf(LeafState* state) WEIR_REQUIRES(mutex_);
  void UndoTo(size_t savepoint) WEIR_REQUIRES(mutex_);

  /// An index of a leaf, and where the columns of its table come from in the leaf's relation; −1: they are computed.
  struct Index {
    LeafState* state;
    std::vector<int> columns;
  };
  Result<Index> FindIndex(const LeafState& state, const RelationPtr& index) WEIR_REQUIRES(mutex_);
  Result<std::vector<Index>> IndexesOf(const LeafState& state) WEIR_REQUIRES(mutex_);
  /// `rows` are in the leaf's schema; only the columns that entries are made of are looked at.
  Result<IndexEntries> EntriesOfRows(const LeafState& state, const Index& index, const arrow::RecordBatch& rows)
      WEIR_REQUIRES(mutex_);
  Status AddEntries(const LeafState& state, const std::shared_ptr<arrow::RecordBatch>& rows) WEIR_REQUIRES(mutex_);
  /// `rows` are in the leaf's schema; only the columns that entries are made of are looked at.
  Status RemoveEntries(const LeafState& state, const arrow::RecordBatchVector& rows) WEIR_REQUIRES(mutex_);
  Result<arrow::RecordBatchVector> RowsOfKeys(LeafState* state, std::span<const int64_t> keys) WEIR_REQUIRES(mutex_);
  Result<arrow::RecordBatchVector> RowsAt(LeafState* state, const LogChanges::Deletions& rows) WEIR_REQUIRES(mutex_);
  Result<LeafScanOptions> ReadOfEntries(const LeafState& state) WEIR_REQUIRES(mutex_);
  Status LookUpUnchanged(LeafState* state, std::span<const int64_t> keys, KeyChanges::Op op, LockMode lock)
      WEIR_REQUIRES(mutex_);
  void TakeRowsRead(LeafState* state, LookupsByBucket* lookups) const WEIR_REQUIRES(mutex_);
  void TakeRowsSeen(LeafState* state, LookupsByBucket* lookups) const WEIR_REQUIRES(mutex_);
  Status CheckNotReplaced(const LeafState& state, std::span<const int64_t> keys) WEIR_REQUIRES(mutex_);
  Status LockKeys(const LeafState& state, std::span<const int64_t> keys, LockMode mode) WEIR_REQUIRES(mutex_);
  Status LockPositions(const LeafState& state, std::span<const RowPosition> positions, LockMode mode)
      WEIR_REQUIRES(mutex_);
  Result<int64_t> LeaveOutDeleted(const LeafState& state, LogChanges::Deletions* deletions) WEIR_REQUIRES(mutex_);
  void DeleteStored(LeafState* state, LogChanges::Deletions deletions) WEIR_REQUIRES(mutex_);
  Result<int64_t> DeleteKeys(LeafState* state, const arrow::BinaryArray& keys, LockMode lock) WEIR_REQUIRES(mutex_);
  Result<int64_t> DeleteNumbered(LeafState* state, std::span<const int64_t> keys, LockMode lock) WEIR_REQUIRES(mutex_);
  Status DeleteAllStored(LeafState* state) WEIR_REQUIRES(mutex_);
  Status DeleteAllKeys(LeafState* state) WEIR_REQUIRES(mutex_);

  class Attempt;
  void LeaveOut(const MetadataChange& drops) WEIR_REQUIRES(mutex_);
  bool changed() const WEIR_REQUIRES(mutex_) {
    return std::ranges::any_of(leaves_, [](const auto& entry) { return entry.second.changed(); });
  }
  Status NameMissing(const Status& failure) const WEIR_REQUIRES(mutex_);
  Result<CommitWrites> EncodeWrites() WEIR_REQUIRES(mutex_);
  Status MergeDeleted(CommitWrites* writes) WEIR_REQUIRES(mutex_);
  Status CheckKeys(bool keep_replaced, CommitWrites* writes) WEIR_REQUIRES(mutex_);
  Status CheckSeen(const LeafState& state, int32_t bucket, int64_t end) const WEIR_REQUIRES(mutex_);
  Status CheckReads(std::string_view when) const WEIR_REQUIRES(mutex_);
  Status CheckBeforeWrite() WEIR_REQUIRES(mutex_);
  /// Since the snapshot.
  bool ChangedByOthers(const Leaf& leaf) const WEIR_REQUIRES(mutex_);
  Footprint MakeFootprint(const CommitRequest& request) const WEIR_REQUIRES(mutex_);
  std::vector<commitlog::Item> DefinitionsLookedAt(bool rows_only) const WEIR_REQUIRES(mutex_);
  void CloseSnapshot() WEIR_REQUIRES(mutex_);
  void End() WEIR_REQUIRES(mutex_);

  const std::shared_ptr<TargetState> target_;
  const std::shared_ptr<LockOwner> owner_;
  mutable Mutex mutex_;
  IsolationLevel level_ WEIR_GUARDED_BY(mutex_) = IsolationLevel::kReadCommitted;
  IndexValues* index_values_ WEIR_GUARDED_BY(mutex_) = nullptr;
  std::map<LeafId, LeafState> leaves_ WEIR_GUARDED_BY(mutex_);
  std::vector<Undo> journal_ WEIR_GUARDED_BY(mutex_);
  CountedMemory rows_memory_ WEIR_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const ColumnFiles::File>> spilled_ WEIR_GUARDED_BY(mutex_);
  int64_t spillable_ WEIR_GUARDED_BY(mutex_) = 0;  // of rows_memory_: rows of log leaves
  int64_t spill_from_ WEIR_GUARDED_BY(mutex_) = kLeastToSpill;  // before that is worth it
  CountedMemory keys_memory_ WEIR_GUARDED_BY(mutex_);
  int64_t statement_ WEIR_GUARDED_BY(mutex_) = 0;
  // The statement before whose first write CheckReads was called.
  int64_t checked_in_ WEIR_GUARDED_BY(mutex_) = -1;
  std::optional<CommitHistory::Snapshot> snapshot_ WEIR_GUARDED_BY(mutex_);
  commitlog::Position snapshot_at_ WEIR_GUARDED_BY(mutex_);  // the last one's
  // What the statement, or the commit, has looked at.
  std::optional<DefinitionsSeen> definitions_ WEIR_GUARDED_BY(mutex_);
  std::vector<int64_t> held_to_ WEIR_GUARDED_BY(mutex_);  // relations, as TransactionOnLog has them
  std::vector<int64_t> changed_relations_ WEIR_GUARDED_BY(mutex_);
  bool must_run_again_ WEIR_GUARDED_BY(mutex_) = false;
  std::map<LeafId, LeafSnapshot> leaf_snapshots_ WEIR_GUARDED_BY(mutex_);  // of this statement
  bool over_ WEIR_GUARDED_BY(mutex_) = false;
};

// --- statements ---

Status TransactionImpl::BeginStatement() {
  MutexLock lock(mutex_);
  if (over_) return Error("25P01", "the transaction is over");
  ++statement_;
  must_run_again_ = false;
  if (keeps_snapshot()) return Status::OK();
  CloseSnapshot();
  leaf_snapshots_.clear();
  return Status::OK();
}

Status TransactionImpl::EnsureSnapshot() {
  if (over_) return Error("25P01", "the transaction is over");
  if (snapshot_) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const OpenedSnapshot opened, target_->decider->OpenSnapshot());
  snapshot_ = opened.number;
  snapshot_at_ = opened.definitions.at;
  if (definitions_ && opened.definitions.changes != definitions_->changes) {
    CloseSnapshot();
    must_run_again_ = true;
    return DefinitionsChanged();
  }
  return Status::OK();
}

Result<DefinitionsSeen> TransactionImpl::FollowDefinitions() {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(definitions_, target_->decider->FollowDefinitions());
  return definitions_.value_or(DefinitionsSeen());
}

std::vector<RelationPtr> TransactionImpl::ChangedLeaves() const {
  MutexLock lock(mutex_);
  std::vector<RelationPtr> leaves;
  for (const auto& [id, state] : leaves_) {
    if (state.changed() && !state.indexed) leaves.push_back(state.leaf->relation);
  }
  return leaves;
}

void TransactionImpl::Read(LeafState* state) const {
  if (!std::exchange(state->read, true)) state->read_at = snapshot_at_;
}

void TransactionImpl::CloseSnapshot() {
  if (snapshot_) target_->history->Close(*std::exchange(snapshot_, {}));
}

/// A row that the statement has read is no longer what it was.
Status TransactionImpl::ChangedSinceSnapshot(const Status& error) {
  must_run_again_ = !keeps_snapshot();
  return error;
}

Result<LeafState*> TransactionImpl::Find(const RelationPtr& relation) {
  WEIR_RETURN_NOT_OK(EnsureSnapshot());
  if (relation != nullptr && relation->table != nullptr) {
    const auto known = leaves_.find({relation->table->table_id, relation->fluss_partition});
    if (known != leaves_.end()) {
      LeafState& state = known->second;
      if (state.leaf->relation == relation) return &state;
      if (state.leaf->table->info.schema_id == relation->table->schema_id) {
        state.leaf = std::make_shared<const Leaf>(Leaf{relation, state.leaf->table, state.leaf->places});
      } else {
        // Rows that were added before the columns changed get the others when they are read.
        WEIR_ASSIGN_OR_RETURN(state.leaf, target_->leaves->Get(relation));
      }
      return &state;
    }
  }
  WEIR_ASSIGN_OR_RETURN(const LeafPtr leaf, target_->leaves->Get(relation));
  LeafState& state = leaves_[leaf->id()];
  state.leaf = leaf;
  return &state;
}

bool TransactionImpl::has_changes() const {
  MutexLock lock(mutex_);
  return changed();
}

Status TransactionImpl::CheckUnchanged(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  Read(state);
  return ChangedByOthers(*state->leaf) ? ConcurrentUpdate(*state->leaf) : Status::OK();
}

bool TransactionImpl::ChangedByOthers(const Leaf& leaf) const {
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) {
    if (target_->history->HasChanged(leaf.bucket(id), *snapshot_)) return true;
  }
  return false;
}

// --- reading ---

std::vector<int32_t> BucketIds(const Leaf& leaf) {
  std::vector<int32_t> ids(static_cast<size_t>(leaf.num_buckets()));
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) ids[id] = id;
  return ids;
}

std::vector<TableBucket> Buckets(const Leaf& leaf) {
  std::vector<TableBucket> buckets;
  for (const int32_t id : BucketIds(leaf)) buckets.push_back(leaf.bucket(id));
  return buckets;
}

Result<std::map<int32_t, int64_t>> EndOffsets(Gateway& gateway, const Leaf& leaf, const std::vector<int32_t>& buckets,
                                              OffsetSpec spec) {
  const auto answer =
      gateway.ListOffsets(leaf.table->info.table_id, leaf.relation->fluss_partition, buckets, spec).Wait();
  if (!answer.ok()) return answer.status();
  std::map<int32_t, int64_t> offsets;
  for (const auto& [bucket, offset] : *answer) {
    if (!offset.ok()) return offset.status().WithContext(leaf.bucket(bucket).ToString());
    offsets[bucket] = *offset;
  }
  for (const int32_t bucket : buckets) {
    if (!offsets.contains(bucket)) return Error("XX000", leaf.bucket(bucket).ToString() + " has no offsets");
  }
  return offsets;
}

/// Whether the answer is there and says so.
bool IsEmpty(const HighWatermarks& high_watermarks, int32_t bucket) {
  if (!high_watermarks.done() || !high_watermarks.Wait().ok()) return false;
  const auto found = high_watermarks.Wait()->find(bucket);
  return found != high_watermarks.Wait()->end() && found->second.ok() && *found->second == 0;
}

/// Whether neither the transaction's changes nor its commit have to do with a leaf that is read.
Result<bool> TransactionImpl::IsOnlyRead(const RelationPtr& relation) {
  WEIR_RETURN_NOT_OK(EnsureSnapshot());
  if (level_ == IsolationLevel::kSerializable || relation == nullptr || relation->table == nullptr) return false;
  return !leaves_.contains({relation->table->table_id, relation->fluss_partition});
}

/// Of an empty leaf nobody asks what was deleted.
Result<LeafSnapshot> ReadSnapshot(const TargetState& target, const Leaf& leaf, CommitHistory::Snapshot number) {
  LeafSnapshot snapshot;
  const std::vector<int32_t> ids = BucketIds(leaf);
  snapshot.high_watermarks = target.gateway->ListOffsets(leaf.table->info.table_id, leaf.relation->fluss_partition,
                                                         ids, OffsetSpec::Latest());
  const bool empty = std::ranges::all_of(ids, [&](int32_t id) { return IsEmpty(snapshot.high_watermarks, id); });
  if (!empty) {
    WEIR_ASSIGN_OR_RETURN(snapshot.deleted, target.history->Deleted(Buckets(leaf), number));
  }
  return snapshot;
}

/// The same for all scans of a statement.
Result<LeafSnapshot> TransactionImpl::SnapshotOf(const Leaf& leaf) {
  const auto known = leaf_snapshots_.find(leaf.id());
  if (known != leaf_snapshots_.end()) return known->second;
  WEIR_ASSIGN_OR_RETURN(LeafSnapshot snapshot, ReadSnapshot(*target_, leaf, *snapshot_));
  return leaf_snapshots_.emplace(leaf.id(), std::move(snapshot)).first->second;
}

/// Of what a snapshot sees of a leaf; `own`: its own changes there.
std::vector<std::unique_ptr<LeafReader>> LogReaders(const LeafScanPtr& scan, const LeafSnapshot& snapshot,
                                                    const std::shared_ptr<const LogChanges::View>& own) {
  const Leaf& leaf = *scan->leaf;
  std::vector<std::unique_ptr<LeafReader>> readers;
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) {
    if (IsEmpty(snapshot.high_watermarks, id)) continue;
    DeletedRows deleted = snapshot.deleted[id];
    if (own != nullptr && own->deleted.contains(id)) {
      auto both = std::make_shared<OffsetSet>(*deleted);
      both->Add(own->deleted.at(id));
      deleted = std::move(both);
    }
    readers.push_back(ReadLogBucket(scan, leaf.bucket(id), snapshot.high_watermarks, std::move(deleted)));
  }
  if (own != nullptr && !own->added.empty()) readers.push_back(ReadAddedRows(scan, own));
  return readers;
}

/// Of a log leaf without own changes: what takes long is not done under the mutex, at which the threads of a scan of
/// many leaves would stand one behind the other.
Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenUntouched(UntouchedLeaf untouched,
                                                                                const LeafScanOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const auto scan, MakeLeafScan(untouched.leaf, options));
  scan->history = target_->history;
  scan->read_before = target_->read_before;
  scan->snapshot = untouched.snapshot;
  if (!untouched.seen) {
    WEIR_ASSIGN_OR_RETURN(untouched.seen, ReadSnapshot(*target_, *untouched.leaf, untouched.snapshot));
    MutexLock lock(mutex_);
    // The first one's holds for all of the statement.
    const bool same = snapshot_ == untouched.snapshot && statement_ == untouched.statement;
    if (same) untouched.seen = leaf_snapshots_.emplace(untouched.leaf->id(), *std::move(untouched.seen)).first->second;
  }
  return LogReaders(scan, *untouched.seen, nullptr);
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::Scan(const RelationPtr& relation,
                                                                       const LeafScanOptions& options) {
  UntouchedLeaf untouched;
  {
    MutexLock lock(mutex_);
    WEIR_ASSIGN_OR_RETURN(const bool leaves_no_trace, IsOnlyRead(relation));
    if (!leaves_no_trace || MayKeepRead(relation, options)) return ScanNoted(relation, options, leaves_no_trace);
    LeafState state;
    WEIR_ASSIGN_OR_RETURN(state.leaf, target_->leaves->Get(relation));
    if (state.leaf->keyed()) return OpenReaders(&state, options);
    untouched = {.leaf = state.leaf, .snapshot = *snapshot_, .statement = statement_, .seen = {}};
    const auto known = leaf_snapshots_.find(state.leaf->id());
    if (known != leaf_snapshots_.end()) untouched.seen = known->second;
  }
  return OpenUntouched(std::move(untouched), options);
}

/// Of a leaf of which the transaction remembers what it has to do with it; a statement may read very many others.
Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::ScanNoted(const RelationPtr& relation,
                                                                            const LeafScanOptions& options,
                                                                            bool leaves_no_trace) {
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (!leaves_no_trace) Read(state);
  if (level_ == IsolationLevel::kSerializable && changed() && ChangedByOthers(*state->leaf)) {
    return NotSerializable(*state->leaf, "conflict out checking");  // nor would the commit be taken
  }
  return OpenReaders(state, options);
}

/// A log leaf of which the statement sees what all see; null: it is another one.
LeafPtr TransactionImpl::FindUnchanged(const RelationPtr& relation) {
  if (!target_->gateway->is_embedded() || level_ == IsolationLevel::kSerializable) return nullptr;
  if (!relation->table || !EnsureSnapshot().ok()) return nullptr;
  const auto state = leaves_.find({relation->table->table_id, relation->fluss_partition});
  if (state != leaves_.end() && state->second.changed()) return nullptr;
  const auto leaf = target_->leaves->Get(relation);
  return leaf.ok() && !(*leaf)->keyed() ? *leaf : nullptr;
}

std::optional<LeafBounds> TransactionImpl::BoundsOf(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  const LeafPtr leaf = FindUnchanged(relation);
  if (leaf == nullptr) return std::nullopt;
  const auto snapshot = SnapshotOf(*leaf);
  const auto scan = OpenScan(leaf, {});
  if (!snapshot.ok() || !snapshot->high_watermarks.Wait().ok() || !scan.ok()) return std::nullopt;
  LeafBounds bounds;
  std::vector<ColumnBounds> columns(leaf->table->types.size());
  for (const auto& [bucket, end] : *snapshot->high_watermarks.Wait()) {
    if (!end.ok()) return std::nullopt;
    const auto known = target_->bounds->AddTo(*(*scan)->plan, leaf->bucket(bucket), *end, &columns);
    if (!known.ok() || !*known) return std::nullopt;
    bounds.rows += *end;
  }
  for (int i = 0; i < leaf->num_columns(); ++i) bounds.columns.push_back(columns[leaf->PlaceOf(i)]);
  return bounds;
}

std::optional<int64_t> TransactionImpl::CountRows(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  const LeafPtr leaf = FindUnchanged(relation);
  if (leaf == nullptr) return std::nullopt;
  const auto snapshot = SnapshotOf(*leaf);
  const auto starts = EndOffsets(*target_->gateway, *leaf, BucketIds(*leaf), OffsetSpec::Earliest());
  if (!snapshot.ok() || !snapshot->high_watermarks.Wait().ok() || !starts.ok()) return std::nullopt;
  int64_t rows = 0;
  for (const auto& [id, high_watermark] : *snapshot->high_watermarks.Wait()) {
    if (!high_watermark.ok()) return std::nullopt;
    if (*high_watermark == 0) continue;
    const TableBucket bucket = leaf->bucket(id);
    const auto end = target_->history->EndOfLog(bucket, *snapshot_, *high_watermark);
    if (!end.ok() || end->offset != *high_watermark || !end->unseen.empty()) return std::nullopt;
    const int64_t start = starts->at(id);
    const auto records = target_->bounds->CountRecords(bucket, start, *high_watermark);
    const OffsetSet& deleted = *snapshot->deleted[static_cast<size_t>(id)];
    // Of the rows that were deleted, some may be gone with the log's first segments.
    if (!records || (start > 0 && !deleted.empty())) return std::nullopt;
    rows += *records - deleted.size();
  }
  return rows;
}

std::optional<int64_t> TransactionImpl::RowsAbout(const Relation& leaf) const {
  if (!target_->gateway->is_embedded()) return std::nullopt;
  std::vector<int32_t> buckets(static_cast<size_t>(leaf.table->num_buckets()));
  std::iota(buckets.begin(), buckets.end(), 0);
  const auto ends =
      target_->gateway->ListOffsets(leaf.table->table_id, leaf.fluss_partition, buckets, OffsetSpec::Latest());
  if (!ends.Wait().ok()) return std::nullopt;
  int64_t rows = 0;
  for (const auto& [bucket, end] : *ends.Wait()) rows += end.ok() ? *end : 0;
  return rows;
}

/// The columns of a scan's keys, as places in the leaf's table.
std::vector<int> KeyPlaces(const Leaf& leaf, const LeafScanOptions& options) {
  std::vector<int> places;
  for (const int column : options.key_columns) places.push_back(leaf.PlaceOf(column));
  return places;
}

/// Reads a scan's keys into an encoder's row.
class KeyRows {
 public:
  static Result<KeyRows> Make(const Leaf& leaf, const LeafScanOptions& options) {
    KeyRows rows;
    std::vector<DataType> types;
    rows.places_ = KeyPlaces(leaf, options);
    for (const int place : rows.places_) types.push_back(leaf.table->types[static_cast<size_t>(place)]);
    WEIR_ASSIGN_OR_RETURN(rows.reader_, ArrowRowReader::Make(options.keys, types));
    return rows;
  }

  /// What it reads stays valid as long as this does.
  void Read(int64_t row, KeyEncoder* encoder) {
    for (size_t i = 0; i < places_.size(); ++i) {
      encoder->row()[static_cast<size_t>(places_[i])] = reader_->ReadCell(row, static_cast<int>(i), arena_.get());
    }
  }

 private:
  std::vector<int> places_;
  std::optional<ArrowRowReader> reader_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
};

/// The encoded keys that a scan wants, by bucket and each once; nothing where they are not whole.
Result<std::optional<WantedKeys>> WholeKeys(const Leaf& leaf, const LeafScanOptions& options) {
  KeyEncoder encoder(leaf);
  const std::vector<int> given = KeyPlaces(leaf, options);
  const bool whole = std::ranges::all_of(
      encoder.Columns(), [&](int column) { return std::ranges::find(given, column) != given.end(); });
  if (!whole) return std::optional<WantedKeys>();
  WEIR_ASSIGN_OR_RETURN(KeyRows rows, KeyRows::Make(leaf, options));
  WantedKeys wanted;
  std::set<std::string> seen;
  for (int64_t row = 0; row < options.keys->num_rows(); ++row) {
    rows.Read(row, &encoder);
    WEIR_ASSIGN_OR_RETURN(const std::string_view key, encoder.Key());
    const auto [kept, is_new] = seen.emplace(key);
    WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
    if (is_new) wanted.keys[bucket].push_back(*kept);
  }
  return std::optional(std::move(wanted));
}

/// The same for the first columns of keys: in the bucket that these say, or in any.
Result<std::optional<WantedKeys>> KeyPrefixes(const Leaf& leaf, const LeafScanOptions& options) {
  const std::vector<int> given = KeyPlaces(leaf, options);
  const std::vector<int>& key = leaf.table->layout.primary_key;
  const bool first = given.size() <= key.size() &&
                     std::is_permutation(given.begin(), given.end(), key.begin(), key.begin() + std::ssize(given));
  if (given.empty() || !first) return std::optional<WantedKeys>();
  const bool placed = std::ranges::all_of(
      leaf.table->layout.bucket_key, [&](int column) { return std::ranges::find(given, column) != given.end(); });
  KeyEncoder encoder(leaf);
  WEIR_ASSIGN_OR_RETURN(KeyRows rows, KeyRows::Make(leaf, options));
  std::map<int32_t, std::set<std::string>> prefixes;
  for (int64_t row = 0; row < options.keys->num_rows(); ++row) {
    rows.Read(row, &encoder);
    WEIR_ASSIGN_OR_RETURN(const std::string_view prefix, encoder.Prefix(given.size()));
    std::vector<int32_t> buckets = BucketIds(leaf);
    if (placed) {
      WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
      buckets = {bucket};
    }
    for (const int32_t bucket : buckets) prefixes[bucket].emplace(prefix);
  }
  WantedKeys wanted{.prefixes = true};
  for (const auto& [bucket, list] : prefixes) wanted.keys[bucket].assign(list.begin(), list.end());
  return std::optional(std::move(wanted));
}

/// What a scan wants by the leaf's primary key; nothing: all rows.
Result<std::optional<WantedKeys>> KeysOfScan(const Leaf& leaf, const LeafScanOptions& options) {
  if (options.keys == nullptr) return std::optional<WantedKeys>();
  WEIR_ASSIGN_OR_RETURN(auto whole, WholeKeys(leaf, options));
  if (whole) return whole;
  return KeyPrefixes(leaf, options);
}

std::unique_ptr<LeafReader> ReadWanted(const LeafScanPtr& scan, const WantedKeys& wanted, int32_t bucket) {
  const TableBucket place = scan->leaf->bucket(bucket);
  const std::vector<std::string>& keys = wanted.keys.at(bucket);
  return wanted.prefixes ? ReadKeyPrefixes(scan, place, keys) : ReadKeys(scan, place, keys);
}

std::vector<std::string> AllOf(const WantedKeys& wanted) {
  std::vector<std::string> all;
  for (const auto& [bucket, keys] : wanted.keys) all.insert(all.end(), keys.begin(), keys.end());
  return all;
}

Result<std::shared_ptr<LeafScan>> TransactionImpl::OpenScan(const LeafPtr& leaf,
                                                            const LeafScanOptions& options) const {
  WEIR_ASSIGN_OR_RETURN(auto scan, MakeLeafScan(leaf, options));
  scan->history = target_->history;
  scan->read_before = target_->read_before;
  scan->snapshot = *snapshot_;
  return scan;
}

/// Whether the rows that a scan reads may be those that the statement is about to change by their keys.
bool TransactionImpl::MayKeepRead(const RelationPtr& relation, const LeafScanOptions& options) const {
  return options.row_ids && !is_on_log() && !relation->PrimaryKey().empty();
}

/// Has the scan note what it reads. Nobody else can change a row without its lock but a Fluss client, whom the end of
/// the changelog gives away at the commit: it is noted before the row is read.
Status TransactionImpl::KeepRead(LeafState* state, const WantedKeys& wanted, LeafScan* scan) {
  std::vector<int32_t> buckets;
  for (const auto& [bucket, keys] : wanted.keys) buckets.push_back(bucket);
  WEIR_RETURN_NOT_OK(NoteEnds(state, buckets));
  if (state->rows_read == nullptr || state->rows_read->statement() != statement_) {
    state->rows_read = std::make_shared<RowsRead>(statement_);
  }
  scan->rows_read = state->rows_read;
  return Status::OK();
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenKeyReaders(LeafState* state,
                                                                                 const LeafScanOptions& options) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  if (!state->keys.empty()) scan->own_keys = state->keys.ViewOf(statement_);
  WEIR_ASSIGN_OR_RETURN(auto wanted, KeysOfScan(leaf, options));
  std::optional<std::vector<std::string>> own_keys;  // an index's entries do not say which own rows are wanted
  const bool whole = wanted && !wanted->prefixes;
  if (whole && scan->own_keys != nullptr) own_keys = AllOf(*wanted);
  if (MayKeepRead(leaf.relation, options)) {
    const bool few = whole && wanted->are_few();
    WEIR_RETURN_NOT_OK(few ? KeepRead(state, *wanted, scan.get()) : NoteScan(state));
  }
  if (!wanted && options.keys != nullptr) {
    WEIR_ASSIGN_OR_RETURN(wanted, KeysByIndex(*state, options));
  }
  std::vector<std::unique_ptr<LeafReader>> readers;
  if (wanted) {
    for (const auto& [bucket, keys] : wanted->keys) readers.push_back(ReadWanted(scan, *wanted, bucket));
  } else {
    for (const TableBucket& bucket : Buckets(leaf)) readers.push_back(ReadKeyBucket(scan, bucket));
  }
  if (scan->own_keys == nullptr || !scan->own_keys->has_rows()) return readers;
  readers.push_back(ReadAddedKeys(scan, own_keys));
  return readers;
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenReaders(LeafState* state,
                                                                              const LeafScanOptions& options) {
  if (state->leaf->keyed()) return OpenKeyReaders(state, options);
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  WEIR_ASSIGN_OR_RETURN(const LeafSnapshot snapshot, SnapshotOf(*state->leaf));
  return LogReaders(scan, snapshot, state->log.empty() ? nullptr : state->log.ViewOf(statement_));
}

// --- adding rows ---

Status TransactionImpl::Put(const RelationPtr& relation, const std::shared_ptr<arrow::RecordBatch>& rows,
                            KeyChanges::Op op) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (rows->num_rows() == 0) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  WEIR_ASSIGN_OR_RETURN(const auto checked, CheckRows(*state->leaf, rows));
  const size_t before = journal_.size();
  const Status put = PutRows(state, checked, op);
  if (!put.ok()) UndoTo(before);
  return put;
}

/// Rows in the leaf's schema, with their keys in its indexes.
Status TransactionImpl::PutRows(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op) {
  if (state->leaf->keyed()) {
    WEIR_RETURN_NOT_OK(PutKeys(state, rows, op));
    return AddEntries(*state, rows);
  }
  if (op == KeyChanges::Op::kUpsert) {
    return Error("42P10", fmt::format("\"{}\" has no primary key by which rows could be replaced",
                                      state->leaf->relation->path.table));
  }
  WEIR_RETURN_NOT_OK(AddEntries(*state, rows));
  WEIR_ASSIGN_OR_RETURN(const int64_t bytes, TakeMemory(BatchBytes(*rows)));
  spillable_ += bytes;
  state->log.Freeze(statement_);
  state->log.Add(rows);
  journal_.push_back({state, AddedBatch{}, bytes});
  return Status::OK();
}

Result<int64_t> TransactionImpl::TakeMemory(int64_t bytes) {
  if (rows_memory_.bytes() + bytes > target_->spill->most_in_memory()) WEIR_RETURN_NOT_OK(SpillRows());
  if (rows_memory_.Grow(bytes)) return bytes;
  WEIR_RETURN_NOT_OK(SpillRows());
  if (rows_memory_.Grow(bytes)) return bytes;
  return OutOfMemory("There is not enough for more rows of the transaction.");
}

/// Has the rows of log leaves lie in files, as far as there is room for them, and gives back the memory that they took.
Status TransactionImpl::SpillRows() {
  if (spillable_ < spill_from_) return Status::OK();
  std::map<LeafState*, int64_t> in_memory;
  for (const Undo& undo : journal_) {
    if (undo.bytes > 0 && !undo.state->leaf->keyed()) in_memory[undo.state] += undo.bytes;
  }
  std::erase_if(in_memory, [](const auto& entry) { return entry.second < kLeastToSpill; });
  for (auto entry = in_memory.begin(); entry != in_memory.end();) {
    WEIR_ASSIGN_OR_RETURN(const bool spilled, SpillRowsOf(entry->first));
    entry = spilled ? std::next(entry) : in_memory.erase(entry);
  }
  int64_t given_back = 0;
  for (Undo& undo : journal_) {
    if (in_memory.contains(undo.state)) given_back += std::exchange(undo.bytes, 0);
  }
  (void)rows_memory_.Grow(-given_back);
  spillable_ -= given_back;
  spill_from_ = spillable_ + std::max(target_->spill->most_in_memory() / kSpills, kLeastToSpill);
  return Status::OK();
}

/// False where there is no room for them.
Result<bool> TransactionImpl::SpillRowsOf(LeafState* state) {
  const std::vector<LogChanges::Rows>& added = state->log.added();
  while (state->spilled < added.size()) {
    arrow::RecordBatchVector batches;  // with the same columns
    for (size_t i = state->spilled; i < added.size(); ++i) {
      if (!batches.empty() && added[i].batch->schema() != batches.front()->schema()) break;
      batches.push_back(added[i].batch);
    }
    WEIR_ASSIGN_OR_RETURN(auto file, target_->spill->Put(batches));
    if (file == nullptr) return false;
    for (const auto& batch : file->batches()) {
      state->log.Replace(state->spilled++, arrow::RecordBatch::Make(batches.front()->schema(), batch->num_rows(),
                                                                    batch->columns()));
    }
    spilled_.push_back(std::move(file));
  }
  return true;
}

Status TransactionImpl::TakeMemory(const KeyChanges& keys, int64_t before) {
  if (keys_memory_.Grow((keys.num_keys() - before) * kBytesOfKey)) return Status::OK();
  return OutOfMemory("There is not enough for more keys of the transaction.");
}

/// The numbers of rows' keys.
Result<std::vector<int64_t>> TransactionImpl::TouchKeys(LeafState* state,
                                                        const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, leaf.table->types));
  KeyEncoder encoder(leaf);
  const std::vector<int> columns = encoder.Columns();
  std::vector<int64_t> keys;
  keys.reserve(static_cast<size_t>(rows->num_rows()));
  const int64_t before = state->keys.num_keys();
  Arena arena;
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    for (const int column : columns) encoder.row()[column] = reader.ReadCell(i, column, &arena);
    WEIR_ASSIGN_OR_RETURN(const std::string_view key, encoder.Key());
    WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
    keys.push_back(state->keys.Touch(key, bucket));
  }
  WEIR_RETURN_NOT_OK(TakeMemory(state->keys, before));
  return keys;
}

/// Whether a row stands under a key that was looked up.
bool Exists(const LeafState& state, int64_t key) {
  return state.keys.changed(key) ? state.keys.has_row(key) : state.keys.stored(key).exists;
}

Status TransactionImpl::PutKeys(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> keys, TouchKeys(state, rows));
  const LockMode lock = op == KeyChanges::Op::kInsert ? kForUpdate : kForNoKeyUpdate;
  WEIR_RETURN_NOT_OK(LookUpUnchanged(state, keys, op, lock));
  if (op == KeyChanges::Op::kUpsert && !leaf.relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto replaced, RowsOfKeys(state, keys));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, replaced));
  }
  // A commit encodes them beside.
  WEIR_ASSIGN_OR_RETURN(const int64_t bytes, TakeMemory(2 * BatchBytes(*rows)));
  const KeyChanges::Mark before = state->keys.mark();
  const int64_t first = state->keys.AddRows(rows);
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    const int64_t key = keys[i];
    if (Exists(*state, key) && op == KeyChanges::Op::kInsert) {
      state->keys.RollbackTo(before);
      (void)rows_memory_.Grow(-bytes);
      return state->indexed ? DuplicateEntry(*state->indexed, leaf, rows, i) : DuplicateKey(leaf, rows, i);
    }
    state->keys.Change(key, op, first + i, statement_);
  }
  journal_.push_back({state, before, bytes});
  return Status::OK();
}

using LookedUp = Future<std::vector<LookedUpBucket>>;

/// Fills in the values of all keys, in one request: they are the answer's.
Result<LookedUp> LookUp(Gateway& gateway, const Leaf& leaf, const KeyChanges& keys, LookupsByBucket* lookups) {
  LookupRequest request;
  request.table_id = leaf.table->info.table_id;
  for (const auto& [bucket, lookup] : *lookups) {
    LookupBucketRequest& wanted = request.buckets.emplace_back();
    wanted.bucket = leaf.bucket(bucket);
    wanted.keys.reserve(lookup.keys.size());
    for (const int64_t key : lookup.keys) wanted.keys.emplace_back(keys.key(key));
  }
  if (request.buckets.empty()) return LookedUp();
  LookedUp looked_up = gateway.Lookup(std::move(request));
  const auto& answers = looked_up.Wait();
  if (!answers.ok()) return answers.status();
  for (const LookedUpBucket& answer : *answers) {
    WEIR_RETURN_NOT_OK(answer.status.WithContext(answer.bucket.ToString()));
    (*lookups)[answer.bucket.bucket_id].values = &answer.values;
  }
  for (const auto& [bucket, lookup] : *lookups) {
    const size_t came = lookup.values == nullptr ? 0 : lookup.values->size();
    if (came == lookup.keys.size()) continue;
    return Error("XX000", fmt::format("{}: {} keys were looked up, {} answers came", leaf.bucket(bucket).ToString(),
                                      lookup.keys.size(), came));
  }
  return looked_up;
}

KeyChanges::Stored StoredOf(const std::optional<std::string>& value) {
  return value ? KeyChanges::Stored{true, HashOfStored(*value)} : KeyChanges::Stored{};
}

/// Locks keys that the transaction has not changed and finds out what the target holds for them. The
/// statement must have seen each as it is, unless a mere insert asks.
Status TransactionImpl::LookUpUnchanged(LeafState* state, std::span<const int64_t> keys, KeyChanges::Op op,
                                        LockMode lock) {
  std::vector<int64_t> unchanged;
  for (const int64_t key : keys) {
    if (!state->keys.changed(key)) unchanged.push_back(key);
  }
  if (!unchanged.empty() && !state->touched_at) state->touched_at = snapshot_at_;
  if (!std::ranges::is_sorted(unchanged)) std::ranges::sort(unchanged);  // new keys come in the order of their numbers
  unchanged.erase(std::unique(unchanged.begin(), unchanged.end()), unchanged.end());
  WEIR_RETURN_NOT_OK(LockKeys(*state, unchanged, lock));
  LookupsByBucket lookups;
  for (const int64_t key : unchanged) lookups[state->keys.bucket(key)].keys.push_back(key);
  std::vector<int32_t> buckets;
  for (const auto& [bucket, lookup] : lookups) buckets.push_back(bucket);
  WEIR_RETURN_NOT_OK(NoteEnds(state, buckets));
  if (op != KeyChanges::Op::kInsert) {
    TakeRowsRead(state, &lookups);
    TakeRowsSeen(state, &lookups);
  }
  WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(*target_->gateway, *state->leaf, state->keys, &lookups));
  for (const auto& [bucket, lookup] : lookups) {
    for (size_t i = 0; i < lookup.keys.size(); ++i) {
      state->keys.SetStored(lookup.keys[i], StoredOf((*lookup.values)[i]));
    }
  }
  if (op == KeyChanges::Op::kInsert) return Status::OK();
  return CheckNotReplaced(*state, unchanged);
}

/// Notes where the changelogs of buckets end whose rows are about to be looked up.
Status TransactionImpl::NoteEnds(LeafState* state, const std::vector<int32_t>& buckets) {
  std::vector<int32_t> wanted;
  for (const int32_t bucket : buckets) {
    if (!state->looked_up_at.contains(bucket)) wanted.push_back(bucket);
  }
  if (wanted.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto ends,
                        EndOffsets(*target_->gateway, *state->leaf, wanted, OffsetSpec::Latest()));
  state->looked_up_at.insert(ends.begin(), ends.end());
  return Status::OK();
}

/// As KeepRead, for a scan of many rows, of which nothing is noted one by one: what it gives is there, and is as it
/// gives it until the changelogs say something else (CheckSeen). Not where they have done so since another statement
/// has looked.
Status TransactionImpl::NoteScan(LeafState* state) {
  WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*target_->gateway, *state->leaf, BucketIds(*state->leaf),
                                                    OffsetSpec::Latest()));
  state->seen_in = statement_;
  for (const auto& [bucket, end] : ends) {
    const int64_t noted = state->looked_up_at.emplace(bucket, end).first->second;
    if (noted != end) state->seen_in = -1;
  }
  return Status::OK();
}

/// What the statement has read a moment ago is not looked up again.
void TransactionImpl::TakeRowsRead(LeafState* state, LookupsByBucket* lookups) const {
  if (state->rows_read == nullptr || state->rows_read->statement() != statement_) return;
  for (auto& [bucket, lookup] : *lookups) {
    std::erase_if(lookup.keys, [&, bucket = bucket](int64_t key) {
      const auto hash = state->rows_read->Find(bucket, state->keys.key(key));
      if (hash) state->keys.SetStored(key, {true, *hash});
      return hash.has_value();
    });
  }
  std::erase_if(*lookups, [](const auto& lookup) { return lookup.second.keys.empty(); });
}

/// Nor is what it has scanned: each row that it changes is one of those.
void TransactionImpl::TakeRowsSeen(LeafState* state, LookupsByBucket* lookups) const {
  if (state->seen_in != statement_) return;
  for (const auto& [bucket, lookup] : *lookups) {
    for (const int64_t key : lookup.keys) state->keys.SetStored(key, {.exists = true, .seen = true});
  }
  lookups->clear();
}

/// Why a key that the transaction wants to change is not what it was.
Status ConflictOver(Gateway& gateway, const LeafState& state, int64_t key) {
  LookupsByBucket now{{state.keys.bucket(key), {.keys = {key}}}};
  WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(gateway, *state.leaf, state.keys, &now));
  const bool gone = !now.at(state.keys.bucket(key)).values->front();
  return gone ? ConcurrentDelete(*state.leaf) : ConcurrentUpdate(*state.leaf);
}

/// Whether keys, which are locked, are as the statement has seen them.
Status TransactionImpl::CheckNotReplaced(const LeafState& state, std::span<const int64_t> keys) {
  std::map<int32_t, CommitHistory::AllReplaced> all;
  for (const int64_t key : keys) {
    const int32_t bucket = state.keys.bucket(key);
    auto replaced = all.find(bucket);
    if (replaced == all.end()) {
      WEIR_ASSIGN_OR_RETURN(auto found, target_->history->Replaced(state.leaf->bucket(bucket), *snapshot_));
      replaced = all.emplace(bucket, std::move(found)).first;
    }
    const std::string_view name = state.keys.key(key);
    const bool newer =
        std::ranges::any_of(replaced->second, [&](const auto& commit) { return commit->keys.Find(name) >= 0; });
    if (newer) return ChangedSinceSnapshot(ConflictOver(*target_->gateway, state, key));
  }
  return Status::OK();
}

// --- unique indexes ---

Result<TransactionImpl::Index> TransactionImpl::FindIndex(const LeafState& state, const RelationPtr& index) {
  WEIR_ASSIGN_OR_RETURN(LeafState* const found, Find(index));
  found->indexed = state.leaf;
  return Index{found, SourcesOf(*state.leaf->relation, *index->index)};
}

Result<std::vector<TransactionImpl::Index>> TransactionImpl::IndexesOf(const LeafState& state) {
  std::vector<Index> indexes;
  for (const RelationPtr& index : state.leaf->relation->indexes) {
    if (!index->has_storage()) continue;
    WEIR_ASSIGN_OR_RETURN(indexes.emplace_back(), FindIndex(state, index));
  }
  return indexes;
}

/// The columns of an index's table, of rows in the leaf's schema.
arrow::ArrayVector EntryArrays(const Leaf& leaf, const std::vector<int>& columns, const arrow::RecordBatch& rows) {
  arrow::ArrayVector arrays;
  for (const int column : columns) arrays.push_back(column < 0 ? nullptr : rows.column(leaf.PlaceOf(column)));
  return arrays;
}

/// The columns that an index computes something of, at their positions in the leaf's relation.
arrow::ArrayVector UsedArrays(const Leaf& leaf, const SqlIndex& index, const arrow::RecordBatch& rows) {
  arrow::ArrayVector arrays(leaf.relation->columns.size());
  for (const int number : index.uses) {
    const int column = leaf.relation->ColumnNumbered(number);
    if (column >= 0) arrays[static_cast<size_t>(column)] = rows.column(leaf.PlaceOf(column));
  }
  return arrays;
}

Result<IndexEntries> TransactionImpl::EntriesOfRows(const LeafState& state, const Index& index,
                                                    const arrow::RecordBatch& rows) {
  const Leaf& leaf = *state.leaf;
  const Relation& relation = *index.state->leaf->relation;
  ComputedValues computed;
  if (!relation.index->is_plain()) {
    if (index_values_ == nullptr) {
      return Error("XX000", fmt::format("nobody computes the keys of index \"{}\"", relation.path.table));
    }
    WEIR_ASSIGN_OR_RETURN(computed, index_values_->Of(*leaf.relation, relation,
                                                      UsedArrays(leaf, *relation.index, rows), rows.num_rows()));
  }
  return EntriesOf(*index.state->leaf, EntryArrays(leaf, index.columns, rows), computed, rows.num_rows());
}

/// An error about an entry is one about the row whose it is.
Status AboutRow(const Status& status, const std::vector<int32_t>& rows) {
  ErrorFields fields = FieldsOf(status);
  if (fields.row < 0 || static_cast<size_t>(fields.row) >= rows.size()) return status;
  fields.row = rows[static_cast<size_t>(fields.row)];
  return Error(std::move(fields));
}

/// The primary keys of the rows whose entries these are.
Result<std::optional<WantedKeys>> KeysOfEntries(const Leaf& leaf, const LeafScanPtr& scan, const WantedKeys& wanted) {
  WantedKeys keys;
  for (const auto& [bucket, entries] : wanted.keys) {
    const auto reader = ReadWanted(scan, wanted, bucket);
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto found, reader->Next());
      if (!found) break;
      LeafScanOptions rows;
      rows.keys = found->rows;
      rows.key_columns = leaf.relation->PrimaryKey();
      WEIR_ASSIGN_OR_RETURN(const auto primary, WholeKeys(leaf, rows));
      if (!primary) return std::optional<WantedKeys>();
      for (const auto& [place, list] : primary->keys) std::ranges::copy(list, std::back_inserter(keys.keys[place]));
    }
  }
  return std::optional(std::move(keys));
}

/// Which parts of an index's key a scan has values for, along its keys' columns; none: it is another index.
std::vector<int> PartsWanted(const std::vector<int>& sources, const Relation& index, const LeafScanOptions& options) {
  std::vector<int> parts;
  if (options.index != nullptr) {
    const int known = options.index->id == index.id ? options.keys->num_columns() : 0;
    for (int part = 0; part < known; ++part) parts.push_back(part);
    return parts;
  }
  const auto size = std::ssize(options.key_columns);
  const bool first = size <= std::ssize(index.index->columns) && index.index->is_plain() &&
                     std::is_permutation(options.key_columns.begin(), options.key_columns.end(), sources.begin(),
                                         sources.begin() + size);
  if (!first) return parts;
  for (const int column : options.key_columns) {
    parts.push_back(static_cast<int>(std::ranges::find(sources, column) - sources.begin()));
  }
  return parts;
}

/// The entries of an index that a scan wants by the first parts of its key; nothing: it is another index.
std::optional<LeafScanOptions> EntriesWanted(const Relation& leaf, const RelationPtr& index,
                                             const LeafScanOptions& options) {
  const std::vector<int> sources = SourcesOf(leaf, *index->index);
  LeafScanOptions entries;
  entries.key_columns = PartsWanted(sources, *index, options);
  if (entries.key_columns.empty() || !HoldsAllWith(*index->index, leaf, entries.key_columns.size()))
    return std::nullopt;
  entries.keys = options.keys;
  const auto first_of_primary = std::ssize(sources) - std::ssize(leaf.PrimaryKey());
  for (auto i = first_of_primary; i < std::ssize(sources); ++i) entries.columns.push_back(static_cast<int>(i));
  return entries;
}

/// The primary keys of the rows that a scan wants by the first columns of an index, as the statement sees it but for
/// own changes; nothing where there is no such index.
Result<std::optional<WantedKeys>> TransactionImpl::KeysByIndex(const LeafState& state, const LeafScanOptions& options) {
  // A cluster's clients write rows that have no entries.
  if (is_on_log()) return std::optional<WantedKeys>();
  for (const RelationPtr& relation : state.leaf->relation->indexes) {
    if (!relation->has_storage() || relation->table->schema().num_columns() == 0)
      continue;  // a server's Fluss door shows none
    const auto entries = EntriesWanted(*state.leaf->relation, relation, options);
    if (!entries) continue;
    WEIR_ASSIGN_OR_RETURN(const Index index, FindIndex(state, relation));
    WEIR_ASSIGN_OR_RETURN(const auto wanted, KeysOfScan(*index.state->leaf, *entries));
    if (!wanted) continue;
    WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(index.state->leaf, *entries));
    return KeysOfEntries(*state.leaf, scan, *wanted);
  }
  return std::optional<WantedKeys>();
}

Status TransactionImpl::AddEntries(const LeafState& state, const std::shared_ptr<arrow::RecordBatch>& rows) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  for (const Index& index : indexes) {
    WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(state, index, *rows));
    if (entries.rows.empty()) continue;
    const Status added = PutKeys(index.state, entries.keys, KeyChanges::Op::kInsert);
    if (!added.ok()) return AboutRow(added, entries.rows);
  }
  return Status::OK();
}

Status TransactionImpl::RemoveEntries(const LeafState& state, const arrow::RecordBatchVector& rows) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  for (const Index& index : indexes) {
    for (const auto& batch : rows) {
      WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(state, index, *batch));
      if (entries.rows.empty()) continue;
      WEIR_ASSIGN_OR_RETURN(const auto keys, TouchKeys(index.state, entries.keys));
      // Rows that are there have theirs, but for those that a cluster's clients write.
      if (!is_on_log()) index.state->seen_in = statement_;
      WEIR_RETURN_NOT_OK(DeleteNumbered(index.state, keys, kForUpdate).status());
    }
  }
  return Status::OK();
}

/// What RemoveEntries needs of a leaf's rows: the columns that the indexes' entries are made of, ascending. None where
/// no index has entries.
Result<LeafScanOptions> TransactionImpl::ReadOfEntries(const LeafState& state) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  std::set<int> columns;
  for (const Index& index : indexes) {
    columns.merge(ColumnsOfEntries(*state.leaf->relation, *index.state->leaf->relation->index));
  }
  LeafScanOptions options;
  options.row_ids = !state.leaf->keyed();
  options.columns.assign(columns.begin(), columns.end());
  return options;
}

/// Rows with these of the relation's columns as the leaf's table has them, NULL in all others.
Result<std::shared_ptr<arrow::RecordBatch>> InSchema(const Leaf& leaf, const std::vector<int>& read,
                                                     const std::shared_ptr<arrow::RecordBatch>& rows) {
  const std::shared_ptr<arrow::Schema>& schema = leaf.table->arrow_schema;
  arrow::ArrayVector columns(static_cast<size_t>(schema->num_fields()));
  for (size_t i = 0; i < read.size(); ++i) columns[leaf.PlaceOf(read[i])] = rows->column(static_cast<int>(i));
  for (size_t place = 0; place < columns.size(); ++place) {
    if (columns[place]) continue;
    const auto& type = schema->field(static_cast<int>(place))->type();
    WEIR_ASSIGN_OR_RETURN(columns[place], FromArrow(arrow::MakeArrayOfNull(type, rows->num_rows())));
  }
  return arrow::RecordBatch::Make(schema, rows->num_rows(), std::move(columns));
}

/// The rows that stand under these keys now, of which each is locked and as the statement has seen it, for
/// RemoveEntries.
Result<arrow::RecordBatchVector> TransactionImpl::RowsOfKeys(LeafState* state, std::span<const int64_t> keys) {
  const Leaf& leaf = *state->leaf;
  std::map<int32_t, std::vector<std::string>> stored;
  std::map<size_t, std::vector<int32_t>> own;  // by the batch that was added
  for (const int64_t key : std::set<int64_t>(keys.begin(), keys.end())) {
    if (!state->keys.changed(key)) {
      if (state->keys.stored(key).exists) stored[state->keys.bucket(key)].emplace_back(state->keys.key(key));
      continue;
    }
    const int64_t row = state->keys.row(key);
    if (row < 0) continue;
    const auto& added = state->keys.added();
    const auto batch = std::ranges::upper_bound(added, row, {}, &KeyChanges::Rows::first) - added.begin() - 1;
    own[static_cast<size_t>(batch)].push_back(static_cast<int32_t>(row - added[static_cast<size_t>(batch)].first));
  }
  arrow::RecordBatchVector rows;
  for (const auto& [batch, indices] : own) {
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, state->keys.added()[batch].batch));
    WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), TakeRows(whole, indices));
  }
  if (stored.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const LeafScanOptions options, ReadOfEntries(*state));
  if (options.columns.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  for (auto& [bucket, names] : stored) {
    const auto reader = ReadKeys(scan, leaf.bucket(bucket), std::move(names));
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), InSchema(leaf, options.columns, batch->rows));
    }
  }
  return rows;
}

/// The rows of a log leaf at these places, for RemoveEntries. A chunk of offsets is read from the first to the last
/// that is wanted of it.
Result<arrow::RecordBatchVector> TransactionImpl::RowsAt(LeafState* state, const LogChanges::Deletions& wanted) {
  const Leaf& leaf = *state->leaf;
  arrow::RecordBatchVector rows;
  for (const LogChanges::Rows& added : state->log.added()) {
    std::vector<int32_t> indices;
    wanted.added.AppendMembers(added.first, added.first + added.batch->num_rows(), &indices);
    if (indices.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, added.batch));
    WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), TakeRows(whole, indices));
  }
  if (wanted.stored.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const LeafScanOptions options, ReadOfEntries(*state));
  if (options.columns.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  for (const auto& [bucket, offsets] : wanted.stored) {
    for (const int64_t chunk : offsets.Chunks()) {
      const int64_t base = chunk << OffsetSet::kChunkBits;
      std::vector<int32_t> members;
      offsets.AppendMembers(base, base + (int64_t{1} << OffsetSet::kChunkBits), &members);
      const auto reader = ReadLogRange(scan, leaf.bucket(bucket), base + members.front(), base + members.back() + 1,
                                       std::make_shared<OffsetSet>());
      while (true) {
        WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
        if (!batch) break;
        std::vector<int32_t> indices;
        for (int64_t i = 0; i < batch->rows->num_rows(); ++i) {
          if (offsets.Contains(OffsetOf(batch->positions->Value(i)))) indices.push_back(static_cast<int32_t>(i));
        }
        if (indices.empty()) continue;
        WEIR_ASSIGN_OR_RETURN(const auto taken, TakeRows(batch->rows, indices));
        WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), InSchema(leaf, options.columns, taken));
      }
    }
  }
  return rows;
}

Status TransactionImpl::BuildIndex(const RelationPtr& relation, const RelationPtr& index) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const Index built, FindIndex(*state, index));
  Read(state);
  LeafScanOptions options;
  const std::set<int> read = ColumnsOfEntries(*relation, *index->index);
  options.columns.assign(read.begin(), read.end());
  WEIR_ASSIGN_OR_RETURN(const auto readers, OpenReaders(state, options));
  for (const auto& reader : readers) {
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_ASSIGN_OR_RETURN(const auto rows, InSchema(*state->leaf, options.columns, batch->rows));
      WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(*state, built, *rows));
      if (entries.rows.empty()) continue;
      WEIR_RETURN_NOT_OK(PutKeys(built.state, entries.keys, KeyChanges::Op::kInsert));
    }
  }
  return Status::OK();
}

// --- locking rows ---

/// Rows are locked by 64 bits of what names them: should two ever share these, one waits for the other's lock.
uint32_t LockSpaceOf(const Leaf& leaf) {
  const auto [table, partition] = leaf.id();
  const uint64_t id = static_cast<uint64_t>(table) << 32 ^ static_cast<uint64_t>(partition.value_or(-1));
  return static_cast<uint32_t>((id * 0x9E3779B97F4A7C15) >> 32);
}
LockTag LockTagOf(uint32_t space, RowPosition position) { return LockTag::Row(space, static_cast<uint64_t>(position)); }
/// `hash`: KeyIndex::Hash of the key.
LockTag LockTagOf(uint32_t space, int32_t bucket, uint64_t hash) {
  return LockTag::Row(space, hash + static_cast<uint64_t>(bucket));
}

Status TransactionImpl::LockKeys(const LeafState& state, std::span<const int64_t> keys, LockMode mode) {
  const uint32_t space = LockSpaceOf(*state.leaf);
  std::vector<LockTag> tags;
  tags.reserve(keys.size());
  for (const int64_t key : keys) tags.push_back(LockTagOf(space, state.keys.bucket(key), state.keys.hash(key)));
  // All statements take several locks in one order, so that they wait for each other and not in a circle.
  std::ranges::sort(tags);
  return owner_->Lock(tags, mode).status();
}

/// Rows that the transaction itself has added need no lock.
Status TransactionImpl::LockPositions(const LeafState& state, std::span<const RowPosition> positions, LockMode mode) {
  const uint32_t space = LockSpaceOf(*state.leaf);
  std::vector<LockTag> tags;
  for (const RowPosition position : positions) {
    if (position >= 0) tags.push_back(LockTagOf(space, position));
  }
  std::ranges::sort(tags);
  return owner_->Lock(tags, mode).status();
}

Result<LockGrant> TransactionImpl::LockRow(const RelationPtr& relation, RowPosition position, LockMode mode,
                                           LockPolicy policy) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (position < 0) return LockGrant::kAtOnce;
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant,
                        owner_->Lock(LockTagOf(LockSpaceOf(*state->leaf), position), mode, policy));
  if (grant == LockGrant::kNotAvailable) return grant;
  const TableBucket bucket = state->leaf->bucket(static_cast<int32_t>(position >> kOffsetBits));
  WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted({bucket}, CommitHistory::kLatest));
  if (latest.front()->Contains(OffsetOf(position))) return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  return grant;
}

Result<LockGrant> TransactionImpl::LockRow(const RelationPtr& relation, std::string_view key, LockMode mode,
                                           LockPolicy policy) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const RowKey row, ParseRowKey(*state->leaf, key));
  const LockTag tag = LockTagOf(LockSpaceOf(*state->leaf), row.bucket, KeyIndex::Hash(row.key));
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant, owner_->Lock(tag, mode, policy));
  if (grant == LockGrant::kNotAvailable) return grant;
  WEIR_ASSIGN_OR_RETURN(const auto replaced,
                        target_->history->Replaced(state->leaf->bucket(row.bucket), *snapshot_));
  if (std::ranges::any_of(replaced, [&](const auto& commit) { return commit->keys.Find(row.key) >= 0; })) {
    return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  }
  return grant;
}

// --- deleting rows ---

Result<int64_t> TransactionImpl::Delete(const RelationPtr& relation, std::span<const RowPosition> positions,
                                        LockMode lock_mode) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (state->leaf->keyed()) {
    return Error("XX000",
                 fmt::format("rows of \"{}\" are known by their keys, not by positions", relation->path.table));
  }
  std::vector<int64_t> added;
  std::map<int32_t, std::vector<int64_t>> stored;
  for (const RowPosition position : positions) {
    if (position < 0) {
      added.push_back(position - kFirstAddedPosition);
      if (added.back() >= 0 && added.back() < state->log.num_added()) continue;
    } else {
      const int64_t bucket = position >> kOffsetBits;
      if (bucket < state->leaf->num_buckets()) {
        stored[static_cast<int32_t>(bucket)].push_back(OffsetOf(position));
        continue;
      }
    }
    return Error("XX000", fmt::format("{} is no position in \"{}\"", position, relation->path.table));
  }
  LogChanges::Deletions deletions;
  deletions.added.Add(added);
  for (const auto& [bucket, offsets] : stored) deletions.stored[bucket].Add(offsets);
  WEIR_RETURN_NOT_OK(LockPositions(*state, positions, lock_mode));
  for (const auto& [bucket, offsets] : deletions.stored) {
    WEIR_ASSIGN_OR_RETURN(const auto latest,
                          target_->history->Deleted({state->leaf->bucket(bucket)}, CommitHistory::kLatest));
    if (latest.front()->Intersects(offsets)) return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  }
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  WEIR_ASSIGN_OR_RETURN(const int64_t count, LeaveOutDeleted(*state, &deletions));
  if (count == 0) return count;
  if (!relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, RowsAt(state, deletions));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, rows));
  }
  DeleteStored(state, std::move(deletions));
  return count;
}

/// How many are left of those that are to go once what is deleted already is left out.
Result<int64_t> TransactionImpl::LeaveOutDeleted(const LeafState& state, LogChanges::Deletions* deletions) {
  deletions->added.Remove(state.log.deleted_added());
  int64_t count = deletions->added.size();
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, offsets] : deletions->stored) buckets.push_back(state.leaf->bucket(bucket));
  WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted(buckets, CommitHistory::kLatest));
  for (size_t i = 0; i < buckets.size(); ++i) {
    OffsetSet& offsets = deletions->stored[buckets[i].bucket_id];
    offsets.Remove(*latest[i]);
    const auto own = state.log.deleted().find(buckets[i].bucket_id);
    if (own != state.log.deleted().end()) offsets.Remove(own->second);
    count += offsets.size();
  }
  std::erase_if(deletions->stored, [](const auto& entry) { return entry.second.empty(); });
  return count;
}

void TransactionImpl::DeleteStored(LeafState* state, LogChanges::Deletions deletions) {
  if (!state->touched_at) state->touched_at = snapshot_at_;
  state->log.Freeze(statement_);
  state->log.Delete(deletions);
  Undo& undo = journal_.emplace_back();
  undo.state = state;
  undo.change = std::move(deletions);
}

Result<int64_t> TransactionImpl::Delete(const RelationPtr& relation, const arrow::BinaryArray& keys,
                                        LockMode lock_mode) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (!state->leaf->keyed()) {
    return Error("XX000",
                 fmt::format("rows of \"{}\" are known by positions: it has no primary key", relation->path.table));
  }
  return DeleteKeys(state, keys, lock_mode);
}

Result<int64_t> TransactionImpl::DeleteKeys(LeafState* state, const arrow::BinaryArray& keys, LockMode lock) {
  std::vector<int64_t> numbers;
  numbers.reserve(static_cast<size_t>(keys.length()));
  const int64_t before = state->keys.num_keys();
  for (int64_t i = 0; i < keys.length(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const RowKey row, ParseRowKey(*state->leaf, keys.GetView(i)));
    numbers.push_back(state->keys.Touch(row.key, row.bucket));
  }
  WEIR_RETURN_NOT_OK(TakeMemory(state->keys, before));
  return DeleteNumbered(state, numbers, lock);
}

Result<int64_t> TransactionImpl::DeleteNumbered(LeafState* state, std::span<const int64_t> keys, LockMode lock) {
  WEIR_RETURN_NOT_OK(LookUpUnchanged(state, keys, KeyChanges::Op::kDelete, lock));
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  if (!state->leaf->relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, RowsOfKeys(state, keys));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, rows));
  }
  const KeyChanges::Mark before = state->keys.mark();
  int64_t count = 0;
  for (const int64_t key : keys) {
    if (!Exists(*state, key)) continue;
    state->keys.Change(key, KeyChanges::Op::kDelete, -1, statement_);
    ++count;
  }
  if (count > 0) journal_.push_back({state, before});
  return count;
}

Status TransactionImpl::DeleteAll(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(*state));
  for (const Index& index : indexes) WEIR_RETURN_NOT_OK(DeleteAllKeys(index.state));
  return state->leaf->keyed() ? DeleteAllKeys(state) : DeleteAllStored(state);
}

Status TransactionImpl::DeleteAllStored(LeafState* state) {
  const std::vector<int32_t> buckets = BucketIds(*state->leaf);
  Gateway& gateway = *target_->gateway;
  WEIR_ASSIGN_OR_RETURN(const auto starts, EndOffsets(gateway, *state->leaf, buckets, OffsetSpec::Earliest()));
  WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(gateway, *state->leaf, buckets, OffsetSpec::Latest()));
  LogChanges::Deletions all;
  all.added.AddRange(0, state->log.num_added());
  for (const auto& [bucket, end] : ends) {
    const auto start = starts.find(bucket);
    if (start != starts.end() && start->second < end) all.stored[bucket].AddRange(start->second, end);
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t count, LeaveOutDeleted(*state, &all));
  if (count > 0) DeleteStored(state, std::move(all));
  return Status::OK();
}

Status TransactionImpl::DeleteAllKeys(LeafState* state) {
  LeafScanOptions options;
  options.row_ids = true;
  ++statement_;  // what this statement has changed goes, too
  WEIR_ASSIGN_OR_RETURN(const auto readers, OpenReaders(state, options));
  for (const auto& reader : readers) {
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_RETURN_NOT_OK(DeleteKeys(state, *batch->keys, kForUpdate).status());
    }
  }
  return Status::OK();
}

// --- savepoints and the end ---

void TransactionImpl::RollbackTo(size_t savepoint) {
  MutexLock lock(mutex_);
  UndoTo(savepoint);
  ++statement_;  // what is left is there to see
}

void TransactionImpl::UndoTo(size_t savepoint) {
  while (journal_.size() > savepoint) {
    const Undo undo = std::move(journal_.back());
    journal_.pop_back();
    if (std::holds_alternative<AddedBatch>(undo.change)) {
      undo.state->log.RemoveLast();
      undo.state->spilled = std::min(undo.state->spilled, undo.state->log.added().size());
      spillable_ -= undo.bytes;
    } else if (const auto* deletions = std::get_if<LogChanges::Deletions>(&undo.change)) {
      undo.state->log.Restore(*deletions);
    } else {
      undo.state->keys.RollbackTo(std::get<KeyChanges::Mark>(undo.change));
    }
    (void)rows_memory_.Grow(-undo.bytes);
  }
}

void TransactionImpl::End() {
  CloseSnapshot();
  leaf_snapshots_.clear();
  journal_.clear();
  leaves_.clear();
  spilled_.clear();
  rows_memory_.Release();
  keys_memory_.Release();
  spillable_ = 0;
  if (!over_) owner_->EndTransaction();
  over_ = true;
}

void TransactionImpl::Rollback() {
  MutexLock lock(mutex_);
  End();
}

// --- commit ---

class TransactionImpl::Attempt final : public CommitAttempt {
 public:
  Attempt(TransactionImpl* transaction, CommitWrites writes, bool rows_only, std::vector<commitlog::Reads> read_leaves)
      : transaction_(*transaction), writes_(std::move(writes)), rows_only_(rows_only),
        read_leaves_(std::move(read_leaves)) {}

  CommitWrites& writes() override { return writes_; }
  bool is_alone() const override WEIR_REQUIRES(transaction_.mutex_) {
    return !rows_only_ || transaction_.level_ == IsolationLevel::kSerializable;
  }
  Status CheckReads() override WEIR_REQUIRES(transaction_.mutex_) {
    const bool checked = transaction_.level_ == IsolationLevel::kSerializable;
    return checked ? transaction_.CheckReads("commit attempt") : Status::OK();
  }
  void CloseSnapshot() override WEIR_REQUIRES(transaction_.mutex_) { transaction_.CloseSnapshot(); }
  std::map<TableBucket, OffsetSet> Deleted() const override WEIR_REQUIRES(transaction_.mutex_) {
    std::map<TableBucket, OffsetSet> deleted;
    for (const auto& [id, state] : transaction_.leaves_) {
      for (const auto& [bucket, offsets] : state.log.deleted()) deleted.emplace(state.leaf->bucket(bucket), offsets);
    }
    return deleted;
  }
  Status MergeDeleted() override WEIR_REQUIRES(transaction_.mutex_) { return transaction_.MergeDeleted(&writes_); }
  Status CheckKeys(bool keep_replaced) override WEIR_REQUIRES(transaction_.mutex_) {
    return transaction_.CheckKeys(keep_replaced, &writes_);
  }
  Footprint MakeFootprint() const override WEIR_REQUIRES(transaction_.mutex_) {
    Footprint footprint = transaction_.MakeFootprint(writes_.request);
    const std::optional<DefinitionsSeen> definitions = transaction_.definitions_;
    if (definitions) footprint.reads.push_back({definitions->at, transaction_.DefinitionsLookedAt(rows_only_)});
    if (rows_only_) return footprint;
    footprint.writes.push_back(commitlog::DefinitionsItem());
    for (const int64_t id : transaction_.changed_relations_) footprint.writes.push_back(commitlog::RelationItem(id));
    footprint.reads.insert(footprint.reads.end(), read_leaves_.begin(), read_leaves_.end());
    return footprint;
  }
  bool IsDefinition(commitlog::Item item) const override WEIR_REQUIRES(transaction_.mutex_) {
    return std::ranges::count(transaction_.DefinitionsLookedAt(rows_only_), item) > 0;
  }

 private:
  TransactionImpl& transaction_;
  CommitWrites writes_;
  const bool rows_only_;  // the transaction's own
  const std::vector<commitlog::Reads> read_leaves_;  // that definitions may have been changed by
};

/// Rows of what goes with the commit.
void TransactionImpl::LeaveOut(const MetadataChange& drops) {
  const std::set<int64_t> tables(drops.drop_tables.begin(), drops.drop_tables.end());
  const std::set<int64_t> partitions(drops.drop_partitions.begin(), drops.drop_partitions.end());
  std::erase_if(leaves_, [&](const auto& entry) {
    const auto& [table_id, partition_id] = entry.first;
    return tables.contains(table_id) || (partition_id && partitions.contains(*partition_id));
  });
}

/// The target knows ids, the user the leaf whose table another door has dropped.
Status TransactionImpl::NameMissing(const Status& failure) const {
  if (failure.code() != ErrorCode::kUnknownTableOrBucket) return failure;
  for (const auto& [id, state] : leaves_) {
    const std::string& name = state.leaf->relation->path.table;
    const auto info = target_->gateway->GetTableInfo(state.leaf->table->info.path).Wait();
    const bool there = info.ok() && info->table_id == id.first;
    if (!there) return Error("42P01", fmt::format("relation \"{}\" does not exist", name), {.table = name});
  }
  return failure;
}

/// What does not depend on others, so nobody has to wait for it.
Result<CommitWrites> TransactionImpl::EncodeWrites() {
  CommitWrites writes;
  for (const auto& [id, state] : leaves_) {
    if (!state.changed()) continue;
    std::vector<BucketRecords> buckets;
    if (state.leaf->keyed()) {
      WEIR_ASSIGN_OR_RETURN(buckets, EncodeChanged(*state.leaf, state.keys, state.looked_up_at));
    } else {
      uint32_t next_bucket = target_->next_bucket.fetch_add(1);
      // Statistics make batches that other targets may not know.
      WEIR_ASSIGN_OR_RETURN(
          buckets, EncodeAdded(*state.leaf, state.log, target_->gateway->is_embedded(), &next_bucket));
      for (const BucketRecords& bucket : buckets) WEIR_RETURN_NOT_OK(TakeMemory(bucket.records->size()).status());
    }
    for (const BucketRecords& bucket : buckets) writes.changes[bucket.bucket];
    if (state.leaf->keyed()) {
      AddBuckets(id.first, std::move(buckets), &writes.request.kv);
    } else {
      AddBuckets(id.first, std::move(buckets), &writes.request.log);
    }
  }
  return writes;
}

/// Adds own deletions to those that are there now; a row that is among both is a conflict.
Status TransactionImpl::MergeDeleted(CommitWrites* writes) {
  std::map<TableBucket, DeletedRowsTable::Change> deleted;
  for (const auto& [id, state] : leaves_) {
    for (const auto& [bucket_id, own] : state.log.deleted()) {
      const TableBucket bucket = state.leaf->bucket(bucket_id);
      WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted({bucket}, CommitHistory::kLatest));
      if (latest.front()->Intersects(own)) return ConcurrentUpdate(*state.leaf);
      DeletedRowsTable::Change change{*latest.front(), own.Chunks()};
      change.all.Add(own);
      BucketChange& history = writes->changes[bucket];
      history.deleted_before = latest.front();
      history.deleted = std::make_shared<const OffsetSet>(change.all);
      deleted.emplace(bucket, std::move(change));
    }
  }
  if (deleted.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(PutKvRequest request, target_->deleted_rows->Encode(deleted));
  writes->request.kv.push_back(std::move(request));
  return Status::OK();
}

/// Whether nobody has written, up to `end` of a bucket's changelog, what the transaction changes as its scans have seen
/// it. Other transactions cannot, as its keys are locked and were not changed since its snapshot: Fluss clients may.
Status TransactionImpl::CheckSeen(const LeafState& state, int32_t bucket, int64_t end) const {
  const Leaf& leaf = *state.leaf;
  const int64_t begin = state.looked_up_at.at(bucket);
  WEIR_ASSIGN_OR_RETURN(const auto kept_from, EndOffsets(*target_->gateway, leaf, {bucket}, OffsetSpec::Earliest()));
  if (kept_from.at(bucket) > begin) return ConcurrentUpdate(leaf);
  KeyEncoder encoder(leaf);
  const std::vector<int> of_key = encoder.Columns();
  LeafScanOptions options;
  for (int column = 0; column < leaf.num_columns(); ++column) {
    if (std::ranges::count(of_key, leaf.PlaceOf(column)) > 0) options.columns.push_back(column);
  }
  WEIR_ASSIGN_OR_RETURN(const auto scan, MakeLeafScan(state.leaf, options));
  scan->history = target_->history;
  std::vector<DataType> types;
  for (const int place : scan->columns) types.push_back(leaf.table->types[static_cast<size_t>(place)]);
  const auto reader = ReadLogRange(scan, leaf.bucket(bucket), begin, end, std::make_shared<OffsetSet>());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
    if (!batch) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader rows, ArrowRowReader::Make(batch->rows, types));
    Arena arena;
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      for (size_t i = 0; i < types.size(); ++i) {
        encoder.row()[scan->columns[i]] = rows.ReadCell(row, static_cast<int>(i), &arena);
      }
      WEIR_ASSIGN_OR_RETURN(const std::string_view name, encoder.Key());
      const int64_t key = state.keys.Find(name);
      const bool seen = key >= 0 && state.keys.changed(key) && state.keys.stored(key).seen;
      if (seen && state.keys.bucket(key) == bucket) return ConflictOver(*target_->gateway, state, key);
    }
  }
}

/// A changed key does not hold what the transaction has found there.
Status KeyChanged(const LeafState& state, int64_t key, bool exists_now) {
  const KeyChanges& keys = state.keys;
  const int64_t row = keys.row(key);
  const bool duplicate = !keys.stored(key).exists && row >= 0 && keys.first_op(key) == KeyChanges::Op::kInsert;
  if (!duplicate) return exists_now ? ConcurrentUpdate(*state.leaf) : ConcurrentDelete(*state.leaf);
  const auto added = std::ranges::upper_bound(keys.added(), row, {}, &KeyChanges::Rows::first) - 1;
  return state.indexed ? DuplicateEntry(*state.indexed, *state.leaf, added->batch, row - added->first)
                       : DuplicateKey(*state.leaf, added->batch, row - added->first);
}

/// Whether each changed key still holds what the transaction has found there. `keep_replaced`: notes what
/// that is for the snapshots that do not see this commit.
Status TransactionImpl::CheckKeys(bool keep_replaced, CommitWrites* writes) {
  for (const auto& [id, state] : leaves_) {
    if (state.keys.empty()) continue;
    const KeyChanges& keys = state.keys;
    std::vector<int32_t> buckets;
    for (const auto& [bucket, end] : state.looked_up_at) buckets.push_back(bucket);
    WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*target_->gateway, *state.leaf, buckets, OffsetSpec::Latest()));
    LookupsByBucket lookups;
    std::set<int32_t> seen;  // where it has to be looked whether others have written
    std::map<int32_t, std::shared_ptr<ReplacedRows>> all_replaced;
    for (int64_t key = 0; key < keys.num_keys(); ++key) {
      if (!keys.changed(key)) continue;
      const int32_t bucket = keys.bucket(key);
      const bool same = ends.at(bucket) == state.looked_up_at.at(bucket);
      const KeyChanges::Stored stored = keys.stored(key);
      if (!same && stored.seen) seen.insert(bucket);
      if ((same || stored.seen) && !keep_replaced) continue;
      auto& replaced = all_replaced[bucket];
      if (replaced == nullptr) replaced = std::make_shared<ReplacedRows>();
      if (!same || stored.exists) {
        lookups[bucket].keys.push_back(key);
      } else {
        replaced->keys.Insert(keys.key(key));
        replaced->values.emplace_back();
      }
    }
    for (const int32_t bucket : seen) WEIR_RETURN_NOT_OK(CheckSeen(state, bucket, ends.at(bucket)));
    WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(*target_->gateway, *state.leaf, keys, &lookups));
    for (const auto& [bucket, lookup] : lookups) {
      ReplacedRows& replaced = *all_replaced.at(bucket);
      for (size_t i = 0; i < lookup.keys.size(); ++i) {
        const int64_t key = lookup.keys[i];
        const KeyChanges::Stored now = StoredOf((*lookup.values)[i]);
        const KeyChanges::Stored before = keys.stored(key);
        const bool changed = now.exists != before.exists || now.hash != before.hash;
        if (changed && !before.seen) return KeyChanged(state, key, now.exists);
        if (!keep_replaced) continue;
        replaced.keys.Insert(keys.key(key));
        replaced.values.push_back((*lookup.values)[i]);
      }
    }
    if (!keep_replaced) continue;
    for (auto& [bucket, replaced] : all_replaced) {
      writes->changes[state.leaf->bucket(bucket)].replaced = std::move(replaced);
    }
  }
  return Status::OK();
}

/// Whether what a SERIALIZABLE transaction has read is still so. All such transactions that write are then
/// as if they had run one after the other in the order of their commits, and one that only reads as if at
/// its snapshot. By whole leaves: a row that comes to a leaf is found whatever was looked for there.
Status TransactionImpl::CheckReads(std::string_view when) const {
  for (const auto& [id, state] : leaves_) {
    if (state.read && ChangedByOthers(*state.leaf)) return NotSerializable(*state.leaf, when);
  }
  return Status::OK();
}

/// What CheckReads refuses at commit need not come so far.
Status TransactionImpl::CheckBeforeWrite() {
  if (level_ != IsolationLevel::kSerializable || std::exchange(checked_in_, statement_) == statement_) {
    return Status::OK();
  }
  return CheckReads("write");
}

/// The keys that KV batches write; they are well formed, as this process has made them.
void AddWrittenKeys(const std::vector<PutKvRequest>& requests, std::vector<commitlog::Item>* items) {
  for (const PutKvRequest& request : requests) {
    for (const BucketRecords& part : request.buckets) {
      const auto batch = ParseKvBatch(std::string_view(*part.records));
      if (!batch.ok()) continue;
      for (const KvRecordView& record : batch->records) {
        items->push_back(commitlog::KeyItem(request.table_id, part.bucket.partition_id, record.key));
      }
    }
  }
}

/// Rows are held to some relations only; what changes definitions is held to all, as names are.
std::vector<commitlog::Item> TransactionImpl::DefinitionsLookedAt(bool rows_only) const {
  if (!rows_only) return {commitlog::DefinitionsItem()};
  std::vector<commitlog::Item> items;
  for (const int64_t id : held_to_) items.push_back(commitlog::RelationItem(id));
  return items;
}

Footprint TransactionImpl::MakeFootprint(const CommitRequest& request) const {
  Footprint footprint;
  AddWrittenKeys(request.kv, &footprint.writes);
  for (const auto& [id, state] : leaves_) {
    const commitlog::Item leaf = commitlog::LeafItem(id.first, id.second);
    if (state.changed()) footprint.writes.push_back(leaf);
    if (state.read && level_ == IsolationLevel::kSerializable) footprint.reads.push_back({state.read_at, {leaf}});
    commitlog::Reads touched{.at = state.touched_at.value_or(snapshot_at_), .items = {}};
    for (int64_t key = 0; key < state.keys.num_keys(); ++key) {
      if (!state.keys.changed(key)) continue;
      touched.items.push_back(commitlog::KeyItem(id.first, id.second, state.keys.key(key)));
    }
    for (const auto& [bucket, offsets] : state.log.deleted()) {
      for (const int64_t chunk : offsets.Chunks()) {
        const int64_t base = chunk << OffsetSet::kChunkBits;
        std::vector<int32_t> members;
        offsets.AppendMembers(base, base + (int64_t{1} << OffsetSet::kChunkBits), &members);
        for (const int32_t member : members) {
          touched.items.push_back(commitlog::RowItem(state.leaf->bucket(bucket), base + member));
          footprint.writes.push_back(touched.items.back());
        }
      }
    }
    if (!touched.items.empty()) footprint.reads.push_back(std::move(touched));
  }
  return footprint;
}

Status TransactionImpl::Commit(CommitRequest also) {
  MutexLock lock(mutex_);
  if (over_) return Error("25P01", "the transaction is over");
  struct AtEnd {
    TransactionImpl* transaction;
    ~AtEnd() { transaction->End(); }
  } const at_end{this};
  const bool rows_only = also.log.empty() && also.kv.empty() && also.metadata.empty();
  std::vector<commitlog::Reads> read_leaves;  // before those that it drops are left out
  if (!rows_only && is_on_log()) {
    for (const auto& [id, state] : leaves_) {
      if (state.read) read_leaves.push_back({state.read_at, {commitlog::LeafItem(id.first, id.second)}});
    }
  }
  LeaveOut(also.metadata);
  if (!changed() && rows_only) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(CommitWrites writes, EncodeWrites());
  std::ranges::move(also.log, std::back_inserter(writes.request.log));
  std::ranges::move(also.kv, std::back_inserter(writes.request.kv));
  writes.request.metadata = std::move(also.metadata);
  Attempt attempt(this, std::move(writes), rows_only, std::move(read_leaves));
  return NameMissing(target_->decider->Commit(&attempt));
}

class TransactionManagerImpl final : public TransactionManager {
 public:
  explicit TransactionManagerImpl(std::shared_ptr<TargetState> target) : target_(std::move(target)) {}
  std::unique_ptr<Transaction> Begin(std::shared_ptr<LockOwner> owner) override {
    if (owner == nullptr) owner = target_->locks->NewOwner(0);
    return std::make_unique<TransactionImpl>(target_, std::move(owner));
  }
  LockManager& locks() override { return *target_->locks; }

 private:
  const std::shared_ptr<TargetState> target_;
};

/// Whether SQL servers that know nothing of each other commit to the target.
bool IsShared(const Gateway& gateway) { return !gateway.commits_atomically(); }

std::shared_ptr<TransactionManager> MakeManager(std::shared_ptr<Gateway> gateway) {
  Config config;
  config.scanner_log_check_crc = !gateway->is_embedded();  // the engine checks its own files
  auto target = std::make_shared<TargetState>();
  target->connection = MakeConnection(config, gateway);
  target->gateway = std::move(gateway);
  target->deleted_rows = std::make_shared<DeletedRowsTable>(target->connection);
  target->history = std::make_shared<CommitHistory>(target->deleted_rows);
  target->read_before = std::make_shared<ColumnCache>(target->gateway->memory());
  target->bounds = std::make_unique<BucketBounds>(target->read_before);
  target->spill = std::make_shared<SpillFiles>(target->gateway->memory());
  target->leaves = std::make_shared<LeafCache>(target->connection, target->read_before);
  target->decider = IsShared(*target->gateway)
                        ? DecideByLog(target->connection, target->deleted_rows, target->history)
                        : DecideByJournal(target->gateway, target->history);
  return std::make_shared<TransactionManagerImpl>(std::move(target));
}

}  // namespace

LeafBoundsSource* LeafBoundsSource::Of(Transaction* transaction) {
  return static_cast<TransactionImpl*>(transaction);  // there are no others
}

TransactionOnLog* TransactionOnLog::Of(Transaction* transaction) {
  auto* const own = static_cast<TransactionImpl*>(transaction);  // there are no others
  return own != nullptr && own->is_on_log() ? own : nullptr;
}

Result<std::shared_ptr<TransactionManager>> TransactionManager::Open(std::shared_ptr<Gateway> gateway) {
  if (gateway == nullptr) return Error("XX000", "there is no target to open transactions on");
  static auto* managers = new PerDatabase<TransactionManager>;  // never destroyed: sessions may outlive main
  return managers->Get(gateway, [](std::shared_ptr<Gateway> own) -> Result<std::shared_ptr<TransactionManager>> {
    if (IsShared(*own)) WEIR_RETURN_NOT_OK(own->CheckCallsOfSql());
    return MakeManager(std::move(own));
  });
}

}  // namespace weir::sql
