#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/config.h"
#include "weir/datum.h"
#include "weir/future.h"
#include "weir/predicate.h"
#include "weir/table.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
class Schema;
}  // namespace arrow

namespace weir {

class Gateway;
class AppendWriter;
class UpsertWriter;
class Lookuper;
class PrefixLookuper;
class LogScanner;
class BatchScanner;
class Table;

/// A connection to an embedded database, a `weir server` or an Apache Fluss cluster. A handle;
/// copies share one connection. Thread-safe.
class Connection {
 public:
  /// Checks the configuration (code -2), then opens or connects.
  static Future<Connection> Open(const Config& config);

  const Config& config() const;
  /// All of metadata: databases, tables, partitions, offsets.
  Gateway& gateway() const;
  /// Code 7 when there is no such table.
  Future<Table> GetTable(const TablePath& path) const;
  /// Sends every pending batch and waits for the acknowledgements; an error is that of a write since the last flush.
  Future<Unit> Flush() const;
  /// Flush, then release. Idempotent. Writers fail with code -2 afterwards.
  Future<Unit> Close() const;
  bool closed() const;

  struct Impl;
  explicit Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Connection() = default;
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

/// An open table: the metadata of the time it was opened, and makers of readers and writers.
class Table {
 public:
  const TableInfo& info() const;
  /// The Arrow schema that AppendBatch wants and scans give (TIMESTAMP_LTZ in UTC).
  const std::shared_ptr<arrow::Schema>& arrow_schema() const;
  const Connection& connection() const;

  /// Log tables only (code -2).
  Result<AppendWriter> NewAppendWriter() const;
  /// PK tables only. `target_columns` (positions): partial update; they name the whole primary
  /// key, and all other columns of the table are nullable (code -2 naming the columns).
  Result<UpsertWriter> NewUpsertWriter(std::optional<std::vector<int>> target_columns = {}) const;
  Result<Lookuper> NewLookuper() const;
  /// Lookup by partition keys (any order) and bucket keys (in order); the bucket keys
  /// are fewer than the physical primary key and begin it (code -2).
  Result<PrefixLookuper> NewPrefixLookuper(const std::vector<std::string>& columns) const;

  struct ScanOptions {
    std::optional<std::vector<int>> projection;  // positions, any order, not empty
    std::optional<Predicate> filter;             // whole batches that cannot match are skipped
    bool exact_filter = false;                   // rows that do not match are removed as well
  };
  /// Reads logs and changelogs. A bad projection or filter is code -2 here.
  Result<LogScanner> NewLogScanner(const ScanOptions& options) const;
  /// One request for up to `limit` rows of one bucket.
  Result<BatchScanner> NewLimitScanner(const TableBucket& bucket, int32_t limit,
                                       std::optional<std::vector<int>> projection = {}) const;
  /// All live rows of a PK table, or all records of a log table up to now, over all buckets and
  /// partitions (or those of `partitions`): an Arrow stream that reads as it is consumed.
  Result<std::shared_ptr<arrow::RecordBatchReader>> ReadAll(
      const ScanOptions& options, std::optional<std::vector<int64_t>> partitions = {}) const;

  struct Impl;
  explicit Table(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  Table() = default;
  const std::shared_ptr<const Impl>& impl() const { return impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

/// The acknowledgement of one write.
class WriteHandle {
 public:
  /// Complete when the write's batch is acknowledged (or failed).
  const Future<Unit>& future() const { return future_; }
  /// Sends the batch now rather than when it is full or its time is up; then returns future().
  const Future<Unit>& Send() const;

  struct Batch;
  WriteHandle() = default;
  WriteHandle(Future<Unit> future, std::weak_ptr<Batch> batch) : future_(std::move(future)), batch_(std::move(batch)) {}

 private:
  Future<Unit> future_;
  std::weak_ptr<Batch> batch_;
};

/// Appends to a log table. Thread-safe; order is kept per bucket. A call blocks only while the
/// connection's write buffer is full (code -2 after writer.buffer.wait-timeout-ms).
/// A missing partition: the embedded engine fails the write with code 36 naming it; elsewhere the
/// write waits for the partition, within writer.delivery-timeout-ms. With
/// writer.dynamic-create-partition.enabled it is created.
class AppendWriter {
 public:
  /// `row`: all columns, of the kinds that datum.h lists. Copied.
  Result<WriteHandle> Append(RowView row);
  /// Types must equal Table::arrow_schema by position ("… but the table declares …", code -2).
  /// Rows are routed to their partitions and buckets one by one.
  Result<WriteHandle> AppendBatch(const std::shared_ptr<arrow::RecordBatch>& batch);
  /// As Connection::Flush, but told of errors of this table's writes alone, and not held up by writes to other tables
  /// that wait for a partition to be created.
  Future<Unit> Flush();
  const Table& table() const;

  struct Impl;
  explicit AppendWriter(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  AppendWriter() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

/// Upserts into and deletes from a PK table; otherwise as AppendWriter.
class UpsertWriter {
 public:
  /// `row`: all columns; those outside of the target columns are ignored.
  Result<WriteHandle> Upsert(RowView row);
  /// Upsert where that waits for nothing, not even for a lock; no handle where it would.
  Result<std::optional<WriteHandle>> TryUpsert(RowView row);
  /// `row`: all columns, of which only the primary key counts.
  Result<WriteHandle> Delete(RowView row);
  Result<WriteHandle> UpsertBatch(const std::shared_ptr<arrow::RecordBatch>& batch);
  /// `batch`: the primary key columns, in primary key order.
  Result<WriteHandle> DeleteBatch(const std::shared_ptr<arrow::RecordBatch>& keys);
  /// As AppendWriter::Flush.
  Future<Unit> Flush();
  const Table& table() const;
  const std::optional<std::vector<int>>& target_columns() const;

  struct Impl;
  explicit UpsertWriter(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  UpsertWriter() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

/// A row that owns its memory.
struct OwnedRow {
  std::shared_ptr<const void> owner;
  RowView values;
};

/// Point lookups. Lookups that overlap share requests; a lone one is sent at once. Thread-safe.
class Lookuper {
 public:
  /// `key`: the primary key's values in primary key order. Nothing for a missing key or partition.
  Future<std::optional<OwnedRow>> Lookup(RowView key);
  /// Many keys in one go, results in their order.
  Future<std::vector<std::optional<OwnedRow>>> LookupMany(std::span<const RowView> keys);
  const Table& table() const;

  struct Impl;
  explicit Lookuper(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  Lookuper() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

class PrefixLookuper {
 public:
  /// `prefix`: the values of the lookup columns, in the order given to NewPrefixLookuper.
  Future<std::vector<OwnedRow>> Lookup(RowView prefix);
  const Table& table() const;
  /// Positions of the lookup columns in the table's schema.
  const std::vector<int>& columns() const;

  struct Impl;
  explicit PrefixLookuper(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  PrefixLookuper() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

/// Rows of one bucket that a poll hands out: a slice of one stored batch.
struct ScannedBatch {
  TableBucket bucket;
  int64_t base_offset = 0;  // of the first row here
  int64_t last_offset = 0;
  int64_t timestamp = 0;    // commit time of the stored batch, epoch milliseconds
  std::shared_ptr<arrow::RecordBatch> rows;  // projected; in the schema the scanner was opened with
  std::vector<ChangeType> change_types;      // one a row; empty: append-only
  /// Offset of row i. (Differs from base_offset + i only after exact filtering.)
  int64_t offset_of(int64_t i) const { return offsets.empty() ? base_offset + i : offsets[i]; }
  std::vector<int64_t> offsets;
};

/// Reads the logs of subscribed buckets. Polls are serialised; other calls may come from any thread.
class LogScanner {
 public:
  const Table& table() const;
  /// Schema of the batches: projected, TIMESTAMP_LTZ in UTC.
  const std::shared_ptr<arrow::Schema>& arrow_schema() const;

  /// Start offsets: an offset, kEarliestOffset, or kLatestOffset (resolved before this completes).
  /// Subscribing again moves the position. Wrong kind of table, unknown bucket or partition, other
  /// negative offsets: code -2.
  Future<Unit> Subscribe(const std::map<int32_t, int64_t>& offsets);
  Future<Unit> SubscribePartitions(const std::map<std::pair<int64_t, int32_t>, int64_t>& offsets);
  Status Unsubscribe(int32_t bucket_id);
  Status UnsubscribePartition(int64_t partition_id, int32_t bucket_id);

  struct PollLimits {
    int64_t max_records = 500;
    int64_t max_batches = 100;
    int64_t max_bytes = 64 << 20;
    bool cut_batches = true;  // false: whole batches only, max_records does not count
  };
  /// What is there, or what comes within `timeout`; empty at the timeout. Positions advance past
  /// what is returned. No subscription: code -2.
  Future<std::vector<ScannedBatch>> Poll(std::chrono::milliseconds timeout, const PollLimits& limits);
  /// Puts batches of the last polls back, newest call first; the next poll returns them again.
  void Return(std::vector<ScannedBatch> batches);

  /// Reads the subscribed buckets from their positions to their latest offsets as of now. Each
  /// bucket is unsubscribed at its end; dropping the reader unsubscribes the rest. While it lives,
  /// subscribing fails with "RecordBatchLogReader is active" (code -2). PK tables: code -2.
  Result<std::shared_ptr<arrow::RecordBatchReader>> ReadToLatest();

  /// Next offset of each subscribed bucket, and how many records lie behind it.
  std::map<TableBucket, int64_t> Positions() const;
  Future<std::map<TableBucket, int64_t>> Lag() const;
  Status Close();

  struct Impl;
  explicit LogScanner(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  LogScanner() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

/// A limit scan: one answer, then nothing.
class BatchScanner {
 public:
  const TableBucket& bucket() const;
  const std::shared_ptr<arrow::Schema>& arrow_schema() const;
  /// Rows on the first call (nothing when the bucket is empty), nothing afterwards.
  Future<std::optional<ScannedBatch>> Next();

  struct Impl;
  explicit BatchScanner(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  BatchScanner() = default;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace weir
