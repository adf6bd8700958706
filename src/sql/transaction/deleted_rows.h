#pragma once

#include <map>
#include <memory>
#include <vector>

#include "client/table_impl.h"
#include "gateway/gateway.h"
#include "sql/transaction/offset_set.h"
#include "types/mutex.h"

namespace weir::sql {

/// The deleted rows of log leaves: the PK table `weir.deleted_rows` has a row for each leaf, bucket
/// and chunk of offsets with deletions. It is made when the first row is deleted. Thread-safe.
class DeletedRowsTable {
 public:
  explicit DeletedRowsTable(Connection connection) : connection_(std::move(connection)) {}

  /// Goes up with every write to the table; −1 as long as there is none.
  Result<int64_t> Version();

  /// One set a bucket, in their order.
  Result<std::vector<OffsetSet>> Load(const std::vector<TableBucket>& buckets);

  /// Where its rows are; makes the table if need be.
  Result<TableBucket> Bucket();

  struct Change {
    OffsetSet all;                // of the bucket from now on
    std::vector<int64_t> chunks;  // that differ from what is stored
  };
  /// The write that stores the changes; makes the table if need be. 54000 for more than fits in one.
  Result<PutKvRequest> Encode(const std::map<TableBucket, Change>& changes);

 private:
  using TablePtr = std::shared_ptr<const Table::Impl>;
  Result<TablePtr> Find();  // null as long as there is none
  Result<TablePtr> FindOrCreate();

  const Connection connection_;
  Mutex mutex_;
  TablePtr table_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir::sql
