#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kv_batch.h"
#include "model/table_options.h"
#include "storage/auto_increment.h"
#include "storage/kv_scan.h"
#include "storage/kv_store.h"
#include "storage/log.h"
#include "weir/table.h"

namespace weir {

/// What a bucket has to know of its table: immutable, shared by the table's buckets and replaced
/// when the table is altered.
struct TableContext {
  TablePath path;
  int64_t table_id = -1;
  int32_t schema_id = 1;  // latest
  /// The newest that rows may have, if it is greater: one that a commit brings, or would have.
  int32_t newest_schema_id = 0;
  TableDescriptor descriptor;
  TableOptions options;
  /// Any schema of the table by id; code 9 for one it never had.
  std::function<Result<Schema>(int32_t)> schema_by_id;
  /// Reserves up to `count` auto-increment values of the table, at least one; durable on return.
  AutoIncrement::Reserve reserve_auto_increment;
  /// Gives values back that nobody has used, for others to reserve.
  std::function<Status(ValueRange)> return_auto_increment;
  /// Partition column → value text of a partition. Partitioned tables only; LookupOrInsert needs it.
  std::function<Result<PartitionSpec>(int64_t partition_id)> partition_spec;
};

/// Code 9 for a schema that the table does not have.
Status CheckSchemaId(const TableContext& table, int32_t schema_id);

/// A write to one bucket in steps: LogAppend's, and the rows that go with them.
class BucketWrite {
 public:
  virtual ~BucketWrite() = default;
  virtual const LogAppendResult& result() const = 0;
  /// Null for a duplicate, which leaves nothing to do.
  virtual LogAppend* log() = 0;
  /// Publishes the log's part and changes the rows. When the rows cannot be changed, they are later, by
  /// the next write or when the bucket is opened again.
  virtual Status Publish() = 0;
};

/// A bucket: a log, and for PK tables the rows that its changelog makes. Thread-safe.
class Bucket {
 public:
  /// Opens log and KV and replays the changelog from where the KV stands.
  static Result<std::unique_ptr<Bucket>> Open(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                              const std::string& directory, const LogOptions& log_options,
                                              std::shared_ptr<LogSyncer> syncer, KvStore* kv);
  /// The same with a log that is open already.
  static Result<std::unique_ptr<Bucket>> Open(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                              std::unique_ptr<Log> log, KvStore* kv);
  virtual ~Bucket() = default;

  virtual Log& log() = 0;
  virtual void SetTable(std::shared_ptr<const TableContext> table) = 0;

  /// Log tables: appends batches as they are, after checking schema id and record format
  /// (codes 3, 9, 14, 31). A PK table is code 15.
  virtual Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>& batches) = 0;

  /// PK tables: processes one KV batch: merge engine, delete behaviour, partial
  /// update (`target_columns`, empty: full rows), auto increment, changelog image; appends the
  /// changelog batch, then changes the rows. All or nothing. A log table is code 20.
  virtual Result<LogAppendResult> Put(const KvBatchView& batch, const std::vector<int>& target_columns,
                                      int agg_mode) = 0;

  /// Append and Put in steps; must end before the bucket does. `bytes` is what the records of `batch` point into.
  virtual Result<std::unique_ptr<BucketWrite>> PrepareAppend(const std::shared_ptr<arrow::Buffer>& batches) = 0;
  virtual Result<std::unique_ptr<BucketWrite>> PreparePut(const KvBatchView& batch,
                                                          const std::shared_ptr<arrow::Buffer>& bytes,
                                                          const std::vector<int>& target_columns, int agg_mode) = 0;

  /// PK tables: values (schema id and row) in key order of the request. Code 20 on a log table.
  virtual Result<std::vector<std::optional<std::string>>> Lookup(const std::vector<std::string>& keys) = 0;
  /// As Lookup, but inserts missing keys first (other columns NULL or auto-increment).
  virtual Result<std::vector<std::optional<std::string>>> LookupOrInsert(const std::vector<std::string>& keys) = 0;
  virtual Result<std::vector<std::string>> PrefixLookup(std::string_view prefix) = 0;
  /// The first `limit` rows in key order as a value batch.
  virtual Result<std::string> LimitScan(int32_t limit) = 0;
  /// A consistent view of all rows and the changelog offset that matches it.
  struct Snapshot {
    std::unique_ptr<KvRows> rows;
    int64_t log_offset = 0;
  };
  virtual Result<Snapshot> OpenSnapshot() = 0;
  /// The same, as columns where the bucket keeps these under schema `schema_id`. Code 20 on a log table.
  virtual Result<KvScan> Scan(int32_t schema_id) = 0;
  /// Live rows of a PK table (counted on first use), records of a log table.
  virtual Result<int64_t> RowCount() = 0;

  /// Drops segments older than `timestamp` that lie below `keep_from_offset`, and that recovery no longer needs.
  virtual Status ApplyRetention(int64_t timestamp, int64_t keep_from_offset) = 0;
  /// Joins small batches of a log table (Log::Compact); of a PK table, none.
  virtual Status Compact(const std::function<bool()>& stop) = 0;
  virtual Status Close() = 0;
};

}  // namespace weir
