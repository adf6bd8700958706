#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/gateway.h"
#include "storage/log_check.h"

namespace weir {

/// When an acknowledged write is on disk.
enum class SyncMode {
  kGroup,  // before the acknowledgement, one fdatasync for all that wait (default)
  kNone,   // when the operating system writes it back: survives a killed process, not a lost machine
};

struct EmbeddedOptions {
  /// Nothing is written, into the directory or through the gateway, so that it may lie on a medium that cannot be. The
  /// database must be there, and its last owner must have closed it; others may read it at the same time.
  bool read_only = false;
  SyncMode sync = SyncMode::kGroup;
  int64_t segment_bytes = 256LL << 20;
  /// A file of the commit journal that has reached this size is deleted once its commits are in the logs on disk.
  int64_t journal_bytes = 16LL << 20;
  /// Retention and auto partitioning; 0: only on request; negative: nothing at all, dropped data stays.
  /// Compression of the ARROW log tables that name none in `table.log.arrow.compression.type`.
  /// Empty: as Fluss has it (ZSTD), which saves a network; uncompressed batches are handed out from
  /// the mapped file as they are.
  std::string log_compression = "NONE";
  int64_t maintenance_interval_ms = 60 * 1000;
  /// Where snapshots of primary key tables are put for clients to read; empty: below the directory. One of its own for
  /// each database, made if missing.
  std::string remote_data_dir;
  TableLimits limits{.max_partitions = 100000};
  int64_t memory_limit = 0;            // MemoryLimits::memory
  std::optional<int64_t> spill_limit;  // MemoryLimits::spill; 0: queries put nothing on the disk
  int64_t least_rows_as_columns = 16384;  // ColumnFiles::Options::least_rows
};

/// Opens the database in `directory`, made if missing, or the one this process has open there
/// already. The files belong to one process: a second one gets code -2 naming the owner's pid.
Result<std::shared_ptr<Gateway>> OpenEmbedded(const std::string& directory, const EmbeddedOptions& options);

/// A database that is gone when its last user closes it. All users of one non-empty name in this
/// process share it; an empty name is private.
Result<std::shared_ptr<Gateway>> OpenInMemory(const std::string& name, const EmbeddedOptions& options);

/// Drops a table that SQL has defined, in SQL's way.
using TableDropper = Status (*)(const std::shared_ptr<Gateway>& gateway, const TablePath& path);
/// Has DropTable of this gateway call `drop`, on a thread of its own, for such a table; without one it refuses.
void SetTableDropper(Gateway& embedded, TableDropper drop);

/// Runs one round of retention and auto partitioning as of `now_ms`; for tests and tools.
Status RunMaintenance(Gateway& embedded, int64_t now_ms);

/// What one bucket holds.
struct BucketReport {
  TableBucket bucket;
  LogReport log;  // with the damage found
  /// Log tables: records from start to end. PK tables: live rows, for which the bucket is opened;
  /// absent when that fails, and then `status` says why.
  std::optional<int64_t> rows;
  Status status;
  /// Rows of a PK table whose keys belong into other buckets, where lookups do not find them: earlier versions left
  /// keys where a client had sent them. Counted where BucketChecks ask for it, and where there are `rows`.
  int64_t misplaced_rows = 0;
};

/// What is read of a bucket to be checked.
struct BucketChecks {
  bool batches = false;
  bool keys = false;
};

/// Looks at one bucket through its files (storage/log_check.h); nothing is made for a bucket that was
/// never written to. Code 21 when there is no such bucket.
Result<BucketReport> InspectBucket(Gateway& embedded, const TableBucket& bucket, const BucketChecks& checks);

}  // namespace weir
