#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "sql/catalog/relation.h"
#include "sql/transaction/index_values.h"
#include "sql/transaction/lock_manager.h"
#include "weir/predicate.h"

namespace weir::sql {

/// Where a row of a log leaf stands: bucket << 40 | offset; a row that the transaction itself has
/// inserted has a negative one. Rows of PK leaves are known by opaque keys (bucket and encoded key).
/// Both hold for the transaction that has given them out, RollbackTo excepted.
using RowPosition = int64_t;

/// Rows of one leaf, with what names each where that was asked for.
struct LeafBatch {
  std::shared_ptr<arrow::RecordBatch> rows;          // the projection's columns, in its order
  std::shared_ptr<arrow::Int64Array> positions;      // log leaves
  std::shared_ptr<arrow::BinaryArray> keys;          // PK leaves; opaque
};

class LeafReader {
 public:
  virtual ~LeafReader() = default;
  /// The next rows (never an empty batch); nothing at the end.
  virtual Result<std::optional<LeafBatch>> Next() = 0;
};

struct LeafScanOptions {
  std::vector<int> columns;  // positions in the relation, any order, may be empty
  bool row_ids = false;
  std::optional<Predicate> filter;  // whole batches that cannot match may be left out
  /// Called from the readers' threads: such a filter as well, which says more and more while the scan runs, or nothing
  /// yet. Null: there is none.
  std::function<std::optional<Predicate>()> filter_now = nullptr;
  /// For whole batches of numbers, dates and timestamps two rows may do, of the least and the greatest values.
  bool extremes_only = false;
  /// PK leaves: only these rows are wanted. A column of the batch for each of `key_columns`, positions in the
  /// relation; where they are neither the first columns of the primary key nor those of an index, everything is read.
  /// Null: all rows.
  std::shared_ptr<arrow::RecordBatch> keys;
  std::vector<int> key_columns;
  /// Instead of `key_columns`: the leaf's index of whose key's first parts there is a column each. Where there is no
  /// such index, everything is read. A partial one is for who wants rows only that meet its condition.
  RelationPtr index = nullptr;
};

enum class IsolationLevel {
  kReadCommitted,   // each statement sees what was committed when it began
  kRepeatableRead,  // all statements see what was committed when the first one began
  kSerializable,    // and what was read is still so at commit
};

/// One SQL transaction over any number of leaves. Reads see what its isolation level says, of each SQL
/// commit all or nothing, and the changes of the transaction's own earlier statements; nothing is
/// written to the target before Commit, which is atomic. A log leaf's deleted rows are kept as Roaring
/// bitmaps of offsets in the PK table `weir.deleted_rows` (one row a leaf, bucket and 65,536 offsets);
/// a PK leaf's are deleted.
/// A change locks its row, or the key it inserts, until the transaction ends, and waits for who holds it.
/// A row that turns out to have been changed since the snapshot is 40001; in READ COMMITTED
/// must_run_again() says then that the statement is to be taken back and run on a new snapshot, which
/// finds the row as it is and its lock held.
/// Used by one statement at a time; within it, Scan and the readers may be used from many threads.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// What computes indexes' expressions and conditions, until the transaction ends. Without it rows of a table that has
  /// some cannot be changed (XX000).
  virtual void SetIndexValues(IndexValues* values) = 0;

  /// For the statements to come. A level that sees one moment does so from the next snapshot on.
  virtual void SetIsolation(IsolationLevel level) = 0;
  /// Later reads see what this transaction has changed so far and, in READ COMMITTED, what others have
  /// committed since. The first use of a transaction begins a statement by itself.
  virtual Status BeginStatement() = 0;
  /// Fixes what the statement sees; else its first read does. To be called once its tables are locked.
  virtual Status TakeSnapshot() = 0;
  virtual bool has_snapshot() const = 0;
  /// Whether the statement has failed for a row that was changed since its snapshot and can be run again.
  virtual bool must_run_again() const = 0;

  /// Opens one reader per bucket that has rows, and one for own rows. A reader is for one thread at a
  /// time and must end before the transaction does.
  virtual Result<std::vector<std::unique_ptr<LeafReader>>> Scan(const RelationPtr& leaf,
                                                                const LeafScanOptions& options) = 0;
  /// About how many rows a leaf has, for who plans reading it: of no snapshot, and more where rows were deleted or
  /// updated. Nothing where that takes more than a look.
  virtual std::optional<int64_t> RowsAbout(const Relation& leaf) const = 0;
  /// Rows with the relation's columns. A key that is there already (of a PK leaf, or in a unique index) is 23505 naming
  /// constraint, key and row, a NULL in a NOT NULL column 23502; nothing of `rows` is added then.
  virtual Status Insert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// As Insert, but a primary key that is there gets the new row. PK leaves only (42P10).
  virtual Status Upsert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// Gives the number of rows that were there. Rows are locked as `lock` says (kForUpdate, kForNoKeyUpdate).
  virtual Result<int64_t> Delete(const RelationPtr& leaf, std::span<const RowPosition> positions,
                                 LockMode lock = kForUpdate) = 0;
  virtual Result<int64_t> Delete(const RelationPtr& leaf, const arrow::BinaryArray& keys,
                                 LockMode lock = kForUpdate) = 0;
  /// Takes the keys of a leaf's rows into a new index. 23505 naming the index for two that are alike.
  virtual Status BuildIndex(const RelationPtr& leaf, const RelationPtr& index) = 0;
  /// Every row, at once (TRUNCATE); the caller has locked the table.
  virtual Status DeleteAll(const RelationPtr& leaf) = 0;
  /// SELECT … FOR …: locks a row that the statement has read, by position (log leaves) or key.
  virtual Result<LockGrant> LockRow(const RelationPtr& leaf, RowPosition position, LockMode mode,
                                    LockPolicy policy) = 0;
  virtual Result<LockGrant> LockRow(const RelationPtr& leaf, std::string_view key, LockMode mode,
                                    LockPolicy policy) = 0;
  virtual bool has_changes() const = 0;
  /// 40001 when others have changed the leaf since the snapshot: what is read of it is not all that takes its place.
  virtual Status CheckUnchanged(const RelationPtr& leaf) = 0;

  /// A mark to which RollbackTo returns. After it the next statement must begin. Locks stay.
  virtual size_t Savepoint() = 0;
  virtual void RollbackTo(size_t savepoint) = 0;

  /// All or nothing, and the transaction is over in any case (25P01 for what comes later), its locks
  /// given back. A row that was changed meanwhile without a lock, by a Fluss client, and that this
  /// transaction changes is 40001; a key that both have inserted 23505. What a SERIALIZABLE transaction
  /// with changes has read and others have changed since is 40001. Who decides is
  /// the target's CommitDecider; after code -1 it is unknown whether the writes are there. `also` is written in the
  /// same commit; changes of leaves whose tables or partitions it drops are left out. A leaf that is gone is 42P01.
  virtual Status Commit(CommitRequest also = {}) = 0;
  virtual void Rollback() = 0;
};

/// Starts the transactions of one target. Thread-safe.
class TransactionManager {
 public:
  /// The same manager for all gateways of this process to one database (PerDatabase).
  static Result<std::shared_ptr<TransactionManager>> Open(std::shared_ptr<Gateway> gateway);
  virtual ~TransactionManager() = default;
  /// Locks belong to `owner`, which must have no other transaction open; null: an owner of its own.
  virtual std::unique_ptr<Transaction> Begin(std::shared_ptr<LockOwner> owner = nullptr) = 0;
  virtual LockManager& locks() = 0;
};

}  // namespace weir::sql
