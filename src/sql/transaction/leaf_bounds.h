#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/column_cache.h"
#include "client/scan_plan.h"
#include "sql/catalog/relation.h"
#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir::sql {

class Transaction;

/// What holds for all values of a column that a statement may read, as the statistics of batches say.
struct ColumnBounds {
  /// Of a text that is longer, nobody asks how long.
  static constexpr int32_t kLongText = 32;

  bool is_known = true;  // else nothing is
  bool has_nulls = false;
  Datum least;  // null: there are no values, or these are texts
  Datum greatest;
  bool has_texts = false;
  std::string least_text;
  std::string greatest_text;
  std::optional<int32_t> longest = 0;  // of the texts, in bytes; nothing: it is not known, or kLongText and more

  void Add(const Datum& value);
  void AddLength(int64_t bytes);
  void Merge(const ColumnBounds& other);
  /// Of a batch, but for the lengths of texts.
  void Merge(const BoundPredicate::Range& range);
};

/// The same of a leaf's columns, in the relation's order.
struct LeafBounds {
  int64_t rows = 0;  // at most
  std::vector<ColumnBounds> columns;
};

/// The bounds of buckets of log tables, kept as far as somebody has asked. Thread-safe.
class BucketBounds {
 public:
  explicit BucketBounds(std::shared_ptr<ColumnCache> read_before) : read_before_(std::move(read_before)) {}

  /// Adds the bounds of a bucket's batches before `end` to those of the table's columns. False where they take more
  /// than a look; then a later call may know them. Of an embedded database.
  Result<bool> AddTo(const ScanPlan& plan, const TableBucket& bucket, int64_t end, std::vector<ColumnBounds>* columns);
  /// How many records its log has from `start`, its first offset, to `end`; nothing where AddTo was not called with
  /// that end just now, or did not know all.
  std::optional<int64_t> CountRecords(const TableBucket& bucket, int64_t start, int64_t end);

 private:
  /// A column of texts in a batch whose lengths nobody has seen yet.
  struct UnseenTexts {
    int64_t base_offset = 0;
    uint32_t crc = 0;
    int column = 0;  // of the batch
  };
  struct Bucket {
    Mutex mutex;
    int32_t schema_id WEIR_GUARDED_BY(mutex) = -1;
    int64_t next WEIR_GUARDED_BY(mutex) = 0;  // what is before is in `columns`
    std::vector<ColumnBounds> columns WEIR_GUARDED_BY(mutex);
    std::vector<std::vector<UnseenTexts>> unseen WEIR_GUARDED_BY(mutex);  // by column
    int64_t read WEIR_GUARDED_BY(mutex) = 0;  // batches, since they had no statistics
    int64_t start WEIR_GUARDED_BY(mutex) = 0;
    int64_t records WEIR_GUARDED_BY(mutex) = 0;  // from there to `next`
  };

  std::shared_ptr<Bucket> Find(const TableBucket& bucket);
  Result<bool> Follow(const ScanPlan& plan, const TableBucket& bucket, int64_t end, Bucket* state) const
      WEIR_REQUIRES(state->mutex);
  Status Add(const ScanPlan& plan, const TableBucket& bucket, const StoredBatch& stored, Bucket* state) const
      WEIR_REQUIRES(state->mutex);
  void LookAtTexts(const TableBucket& bucket, Bucket* state) const WEIR_REQUIRES(state->mutex);

  const std::shared_ptr<ColumnCache> read_before_;
  Mutex mutex_;
  RecentlyUsed<TableBucket, std::shared_ptr<Bucket>> buckets_ WEIR_GUARDED_BY(mutex_);
};

/// What is asked besides of a transaction for who plans a statement.
class LeafBoundsSource {
 public:
  virtual ~LeafBoundsSource() = default;
  /// Null where nobody knows bounds.
  static LeafBoundsSource* Of(Transaction* transaction);

  /// The bounds of all rows of a leaf that this statement may read; it sees from then on what is committed now, if it
  /// did not yet. Nothing where they are not known: of tables with a primary key, and where the transaction itself has
  /// changed the leaf or minds what it reads.
  virtual std::optional<LeafBounds> BoundsOf(const RelationPtr& leaf) = 0;
  /// How many rows of it the statement sees; nothing as above, and where one would have to look for them.
  virtual std::optional<int64_t> CountRows(const RelationPtr& leaf) = 0;
  /// Bounds hold as long as it stays the same.
  virtual int64_t moment() const = 0;
};

}  // namespace weir::sql
