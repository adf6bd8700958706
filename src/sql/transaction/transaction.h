#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "sql/catalog/relation.h"
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
  std::vector<int> columns;  // positions in the leaf's schema, any order, may be empty
  bool row_ids = false;
  std::optional<Predicate> filter;  // whole batches that cannot match may be left out
};

/// One SQL transaction over any number of leaves. Reads see what was committed when the statement
/// began, of each SQL commit all or nothing, and the changes of the transaction's own earlier
/// statements; nothing is written to the target before Commit, which is atomic. A log leaf's deleted
/// rows are kept as Roaring bitmaps of offsets in the PK table `weir.deleted_rows` (one row a leaf,
/// bucket and 65,536 offsets); a PK leaf's are deleted.
/// Used by one statement at a time; within it, Scan and the readers may be used from many threads.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Later reads see what others have committed since, and what this transaction has changed so far.
  /// The first use of a transaction begins a statement by itself. One that reads as of one moment
  /// throughout (REPEATABLE READ) calls it with `keep_snapshot`, so that only own changes are added;
  /// rows that others have deleted since are 40001 then where they would be left out.
  virtual Status BeginStatement(bool keep_snapshot = false) = 0;
  /// Opens one reader per bucket that has rows, and one for own rows. A reader is for one thread at a
  /// time and must end before the transaction does.
  virtual Result<std::vector<std::unique_ptr<LeafReader>>> Scan(const RelationPtr& leaf, const LeafScanOptions& options) = 0;
  /// Rows in the leaf's schema. A key that is there already (PK leaves) is 23505 naming constraint and
  /// key, a NULL in a NOT NULL column 23502; nothing of `rows` is added then.
  virtual Status Insert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// As Insert, but a key that is there gets the new row. PK leaves only (42P10). A row that another
  /// transaction has changed since the statement began is 40001.
  virtual Status Upsert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// Gives the number of rows that were there. A row deleted by another transaction since the
  /// statement began is left out; a PK leaf's row that was changed since is 40001.
  virtual Result<int64_t> Delete(const RelationPtr& leaf, std::span<const RowPosition> positions) = 0;
  virtual Result<int64_t> Delete(const RelationPtr& leaf, const arrow::BinaryArray& keys) = 0;
  /// Every row, at once (TRUNCATE).
  virtual Status DeleteAll(const RelationPtr& leaf) = 0;
  virtual bool has_changes() const = 0;

  /// A mark to which RollbackTo returns. After it the next statement must begin.
  virtual size_t Savepoint() = 0;
  virtual void RollbackTo(size_t savepoint) = 0;

  /// All or nothing, and the transaction is over in any case (25P01 for what comes later). A row that
  /// another transaction deleted or changed meanwhile, and that this one deletes or changes, is 40001;
  /// a key that both have inserted 23505. Writes to several buckets need a target with atomic commits
  /// (Gateway::Commit); after code -1 of the target it is unknown whether the writes are there. `also` is written in
  /// the same commit; changes of leaves whose tables or partitions it drops are left out. A leaf that is gone is 42P01.
  virtual Status Commit(CommitRequest also = {}) = 0;
  virtual void Rollback() = 0;
};

/// Starts the transactions of one target. Thread-safe.
class TransactionManager {
 public:
  /// The same manager for all who give the same gateway. Two gateways to one database know nothing of
  /// each other's transactions: no conflicts are found between them.
  static Result<std::shared_ptr<TransactionManager>> Open(std::shared_ptr<Gateway> gateway);
  virtual ~TransactionManager() = default;
  virtual std::unique_ptr<Transaction> Begin() = 0;
};

}  // namespace weir::sql
