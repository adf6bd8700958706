#pragma once

// The parts of a transaction, each in a file of its own: what it sees (transaction_snapshot.cc), reads
// (transaction_reads.cc), adds (transaction_puts.cc), keeps in unique indexes (transaction_indexes.cc), locks and
// deletes (transaction_deletions.cc), and how it is committed (transaction_commit.cc).
#include <arrow/type_fwd.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "client/connection_impl.h"
#include "gateway/memory_budget.h"
#include "sql/transaction/commit_decider.h"
#include "sql/transaction/commit_history.h"
#include "sql/transaction/index_entries.h"
#include "sql/transaction/leaf_bounds.h"
#include "sql/transaction/leaf_cache.h"
#include "sql/transaction/leaf_readers.h"
#include "sql/transaction/leaf_writes.h"
#include "sql/transaction/row_holds.h"
#include "sql/transaction/spilled_rows.h"
#include "sql/transaction/transaction.h"
#include "types/mutex.h"

namespace weir::sql {

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
  KeyLookups lookups;  // on a log of commits

  bool changed() const { return !log.empty() || !keys.empty(); }
};

/// What a statement reads of a log leaf.
struct LeafSnapshot {
  HighWatermarks high_watermarks;
  size_t asked = 0;  // among the statement's AskedEnds
  std::vector<DeletedRows> deleted;  // by bucket
};

using LookedUp = Future<std::vector<LookedUpBucket>>;

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
  void NoteDefinitions(NotedDefinitions definitions) override {
    MutexLock lock(mutex_);
    noted_ = std::move(definitions);
  }
  Status HoldLeaf(const RelationPtr& leaf) override;
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
  Status CheckSeesHolder(LockGrant grant, const Leaf& leaf) WEIR_REQUIRES(mutex_);
  void NoteFirstChange() WEIR_REQUIRES(mutex_);
  Result<LeafState*> Find(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  Result<bool> IsOnlyRead(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  LeafPtr FindUnchanged(const RelationPtr& relation) WEIR_REQUIRES(mutex_);
  Result<LeafSnapshot> SnapshotOf(const Leaf& leaf) WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> ScanNoted(const RelationPtr& leaf, const LeafScanOptions& options,
                                                             bool leaves_no_trace) WEIR_REQUIRES(mutex_);
  Result<std::vector<std::unique_ptr<LeafReader>>> OpenUntouched(const LeafPtr& leaf, const LeafScanOptions& options);
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
  Status LockAndLookUp(LeafState* state, std::span<const int64_t> keys, KeyChanges::Op op, LockMode lock)
      WEIR_REQUIRES(mutex_);
  void TakeRowsRead(LeafState* state, LookupsByBucket* lookups) const WEIR_REQUIRES(mutex_);
  void TakeRowsSeen(LeafState* state, LookupsByBucket* lookups) const WEIR_REQUIRES(mutex_);
  Status CheckNotReplaced(const LeafState& state, std::span<const int64_t> keys) WEIR_REQUIRES(mutex_);
  Status ReleaseGone(const LeafState& state, std::span<const int64_t> keys, size_t mark) WEIR_REQUIRES(mutex_);
  Status LockKeys(const LeafState& state, std::span<const int64_t> keys, KeyChanges::Op op, LockMode mode)
      WEIR_REQUIRES(mutex_);
  Result<LockGrant> LockPositions(const LeafState& state, std::span<const RowPosition> positions, LockMode mode)
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
  NotedDefinitions noted_ WEIR_GUARDED_BY(mutex_);
  RowHolds holds_ WEIR_GUARDED_BY(mutex_);  // on a log of commits
  ReadItems held_leaves_ WEIR_GUARDED_BY(mutex_);
  // The first snapshot on which rows were changed.
  std::optional<commitlog::Position> changed_at_ WEIR_GUARDED_BY(mutex_);
  bool must_run_again_ WEIR_GUARDED_BY(mutex_) = false;
  std::map<LeafId, LeafSnapshot> leaf_snapshots_ WEIR_GUARDED_BY(mutex_);  // of this statement
  std::shared_ptr<AskedEnds> ends_ WEIR_GUARDED_BY(mutex_);                // theirs, where others commit as well
  bool over_ WEIR_GUARDED_BY(mutex_) = false;
};

// --- what several parts use ---

Status ConcurrentUpdate(const Leaf& leaf);
Status ConcurrentDelete(const Leaf& leaf);
/// `when`: PostgreSQL's word for what it was that could not go on.
Status NotSerializable(const Leaf& leaf, std::string_view when);
std::vector<int32_t> BucketIds(const Leaf& leaf);
Result<std::map<int32_t, int64_t>> EndOffsets(Gateway& gateway, const Leaf& leaf, const std::vector<int32_t>& buckets,
                                              OffsetSpec spec);
/// The encoded keys that a scan wants, by bucket and each once; nothing where they are not whole.
Result<std::optional<WantedKeys>> WholeKeys(const Leaf& leaf, const LeafScanOptions& options);
/// What a scan wants by the leaf's primary key; nothing: all rows.
Result<std::optional<WantedKeys>> KeysOfScan(const Leaf& leaf, const LeafScanOptions& options);
std::unique_ptr<LeafReader> ReadWanted(const LeafScanPtr& scan, const WantedKeys& wanted, int32_t bucket);
/// Whether a row stands under a key that was looked up.
bool Exists(const LeafState& state, int64_t key);
/// Fills in the values of all keys, in one request: they are the answer's.
Result<LookedUp> LookUp(Gateway& gateway, const Leaf& leaf, const KeyChanges& keys, LookupsByBucket* lookups);
KeyChanges::Stored StoredOf(const std::optional<std::string>& value);
/// Why a key that the transaction wants to change is not what it was.
Status ConflictOver(Gateway& gateway, const LeafState& state, int64_t key);

}  // namespace weir::sql
