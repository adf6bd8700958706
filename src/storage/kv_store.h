#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/kv_change.h"
#include "storage/kv_scan.h"
#include "weir/datum.h"
#include "weir/status.h"
#include "weir/table.h"

namespace weir {

class ColumnFiles;

/// The RocksDB of a data directory: the rows of all PK buckets (no write-ahead log of its own: the
/// buckets' changelogs are it) and the catalog's records (durable when written).
class KvStore {
 public:
  enum class Opening {
    kCreate,    // made when it is missing
    kExisting,  // one that is missing is code 11
    kReadOnly,  // nothing is written, and rows cannot be applied
  };
  struct Options {
    Opening opening = Opening::kCreate;
    bool sync_catalog = true;
    /// Directory of the catalog's copy (storage/catalog_log.h), which has what RocksDB has lost; empty: there is none.
    std::string catalog_copy;
    size_t cache_bytes = 64 << 20;
    size_t memtable_bytes = 64 << 20;  // of each of up to three
    /// Changed rows beyond this much memory go on to RocksDB (a writer waits for that at twice as much).
    size_t row_buffer_bytes = 32 << 20;
    /// Runs before a memtable goes to disk; must make every changelog durable first, so that the
    /// KV on disk is never ahead of its log.
    std::function<void()> before_flush;
    /// Where buckets keep their rows as columns besides; null: nowhere.
    std::shared_ptr<ColumnFiles> column_files;
  };
  /// Catalog records that RocksDB has lost are taken from the copy, and a warning names them. Code 3 when the copy
  /// lacks some of them, too.
  static Result<std::unique_ptr<KvStore>> Open(const std::string& directory, const Options& options);
  virtual ~KvStore() = default;

  virtual ColumnFiles* column_files() const = 0;

  using Change = KvChange;

  // Rows. A bucket's key space is (table id, partition id, bucket id) and the encoded primary key.
  virtual Result<std::optional<std::string>> Get(const TableBucket& bucket, std::string_view key) = 0;
  virtual Result<std::vector<std::optional<std::string>>> MultiGet(const TableBucket& bucket,
                                                                   const std::vector<std::string>& keys) = 0;
  /// Applies the changes and remembers `applied_offset` (exclusive changelog offset) with them.
  virtual Status Apply(const TableBucket& bucket, const std::vector<Change>& changes, int64_t applied_offset) = 0;

  // The same on views, for batches: nothing is allocated for a row.
  struct RowChange {
    std::string_view key;
    bool erase = false;
    std::string_view head;  // the value is head and tail
    std::string_view tail;
  };
  /// The values, one a key, are copied into `arena`.
  virtual Status GetRows(const TableBucket& bucket, std::span<const std::string_view> keys, Arena* arena,
                         std::span<std::optional<std::string_view>> values) = 0;
  virtual Status ApplyRows(const TableBucket& bucket, std::span<const RowChange> changes, int64_t applied_offset) = 0;

  /// About how many bytes the bucket's rows take in files: those that are still in memory only are in its changelog.
  virtual Result<int64_t> BytesInFiles(const TableBucket& bucket) = 0;
  /// Changelog offset that the rows of this bucket stand at; 0 for a new one.
  virtual Result<int64_t> AppliedOffset(const TableBucket& bucket) = 0;
  /// Changelog offset up to which this bucket's rows are in files on disk.
  virtual Result<int64_t> FlushedOffset(const TableBucket& bucket) = 0;

  /// The rows whose key starts with `prefix`.
  virtual std::unique_ptr<KvRows> Scan(const TableBucket& bucket, std::string_view prefix) = 0;

  /// Removes every row of a table, or of one partition: a range delete.
  virtual Status DropTable(int64_t table_id) = 0;
  virtual Status DropPartition(int64_t table_id, int64_t partition_id) = 0;

  // Catalog records: a small ordered map of their own, synced on write.
  virtual Result<std::optional<std::string>> GetCatalog(std::string_view key) = 0;
  virtual Status WriteCatalog(const std::vector<Change>& changes) = 0;  // atomic
  /// All records whose key starts with `prefix`, in key order, until `visit` says false.
  virtual Status ScanCatalog(std::string_view prefix,
                             const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;

  virtual Status Flush() = 0;  // memtables to disk
  virtual Status Close() = 0;
};

}  // namespace weir
