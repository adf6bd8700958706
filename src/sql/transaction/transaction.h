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
/// inserted has a negative one. Rows of PK leaves are known by their encoded key.
using RowPosition = int64_t;

/// Rows of one leaf, with what names each where that was asked for.
struct LeafBatch {
  std::shared_ptr<arrow::RecordBatch> rows;          // the projection's columns, in its order
  std::shared_ptr<arrow::Int64Array> positions;      // log leaves
  std::shared_ptr<arrow::BinaryArray> keys;          // PK leaves
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
/// began and the transaction's own changes; nothing is written to the target before Commit, which
/// is atomic. A log leaf's deleted rows are kept as Roaring bitmaps of offsets in a PK table of the
/// database `weir` (one row a leaf, bucket and 65,536 offsets); a PK leaf's are deleted.
/// Used by one statement at a time; within it, Scan and the readers may be used from many threads.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Later reads see what others have committed since.
  virtual Status BeginStatement() = 0;
  /// Opens one reader per bucket.
  virtual Result<std::vector<std::unique_ptr<LeafReader>>> Scan(const RelationPtr& leaf, const LeafScanOptions& options) = 0;
  /// Rows in the leaf's schema. A key that is there already (PK leaves) is 23505 naming constraint and key.
  virtual Status Insert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// As Insert, but a key that is there gets the new row.
  virtual Status Upsert(const RelationPtr& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// Gives the number of rows that were there. A row deleted by another transaction since the
  /// statement began is left out.
  virtual Result<int64_t> Delete(const RelationPtr& leaf, std::span<const RowPosition> positions) = 0;
  virtual Result<int64_t> Delete(const RelationPtr& leaf, const arrow::BinaryArray& keys) = 0;
  /// Every row, at once (TRUNCATE).
  virtual Status DeleteAll(const RelationPtr& leaf) = 0;
  virtual bool has_changes() const = 0;

  /// A mark to which RollbackTo returns.
  virtual size_t Savepoint() = 0;
  virtual void RollbackTo(size_t savepoint) = 0;

  /// All or nothing. A row that another transaction deleted or changed meanwhile, and that this one
  /// deletes or changes, is 40001.
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;
};

/// Starts the transactions of one target. Thread-safe.
class TransactionManager {
 public:
  static Result<std::shared_ptr<TransactionManager>> Open(std::shared_ptr<Gateway> gateway);
  virtual ~TransactionManager() = default;
  virtual std::unique_ptr<Transaction> Begin() = 0;
};

}  // namespace weir::sql
