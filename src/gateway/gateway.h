#pragma once

#include <arrow/buffer.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/kv_snapshot.h"
#include "model/table_rules.h"
#include "storage/kv_scan.h"
#include "weir/future.h"
#include "weir/predicate.h"
#include "weir/table.h"

namespace weir {

/// Records of one bucket: log batches for ProduceLog, one KV batch for PutKv.
struct BucketRecords {
  TableBucket bucket;
  std::shared_ptr<arrow::Buffer> records;
  /// Rows of a commit: none of their keys has a row as long as the bucket's changelog ends here. It saves looking.
  std::optional<int64_t> new_at = {};
};

struct ProduceLogRequest {
  int64_t table_id = -1;
  int acks = -1;  // 0: answered before it is durable; 1 or −1: durable, and seen by the next read
  int timeout_ms = 30000;
  std::vector<BucketRecords> buckets;
};
struct ProducedBucket {
  TableBucket bucket;
  Status status;
  int64_t base_offset = -1;
};

struct PutKvRequest {
  int64_t table_id = -1;
  int acks = -1;  // as for ProduceLogRequest
  int timeout_ms = 30000;
  std::vector<int> target_columns;  // empty: full rows
  int agg_mode = 0;                 // 0 merge, 1 overwrite
  std::vector<BucketRecords> buckets;
};
struct PutBucket {
  TableBucket bucket;
  Status status;
  int64_t log_end_offset = -1;
};

/// What a table is like after a commit.
struct TableAlteration {
  int64_t table_id = -1;
  TablePath path;             // its name
  int32_t old_schema_id = 0;  // the latest before, so that nobody else's change is lost
  int32_t schema_id = 0;      // the latest after: the same, or as AddPendingSchemas has given it
  Properties properties;
  Properties custom_properties;
};

/// Databases and tables that come and go with a commit. What goes makes room for what comes under its name.
struct MetadataChange {
  std::vector<std::string> create_databases;
  std::vector<std::string> drop_databases;  // that hold nothing then
  std::vector<int64_t> create_tables;       // as CreatePendingTables has made them
  std::vector<int64_t> drop_tables;         // pending ones, too; those that are there
  std::vector<int64_t> drop_partitions;     // those that are there
  std::vector<TableAlteration> alter_tables;  // pending ones that it creates, too

  bool empty() const {
    return create_databases.empty() && drop_databases.empty() && create_tables.empty() && drop_tables.empty() &&
           drop_partitions.empty() && alter_tables.empty();
  }
};

/// Writes to any number of buckets that become durable and visible together or not at all. A bucket
/// may be named once. `acks` and `timeout_ms` of the parts mean nothing here.
struct CommitRequest {
  std::vector<ProduceLogRequest> log;
  std::vector<PutKvRequest> kv;
  MetadataChange metadata;
};
/// One entry a bucket, in the order of the request; every status is OK.
struct CommitResult {
  std::vector<ProducedBucket> log;
  std::vector<PutBucket> kv;
};

struct NewTable {
  TablePath path;
  TableDescriptor descriptor;
};

/// Columns that a table gets with a commit. Those that the table has keep their places and ids; a name, whether NULL
/// may be in a column, and columns at the end may differ.
struct NewSchema {
  int64_t table_id = -1;
  Schema schema;
};

/// A filter that a reader applies to the rows, for a target that can leave out whole batches by it.
struct FetchFilter {
  Predicate predicate;
  Schema schema;  // whose columns it names
  int32_t schema_id = 0;
};

struct FetchBucketRequest {
  TableBucket bucket;
  int64_t offset = 0;  // kEarliestOffset: from the log's start
  int32_t max_bytes = 1 << 20;
};
struct FetchLogRequest {
  int32_t max_bytes = 16 << 20;
  int32_t min_bytes = 1;
  int32_t max_wait_ms = 500;
  /// Ascending column positions that the caller needs; a target may send the others all the same.
  std::optional<std::vector<int>> projection;
  /// Batches without a match may be left out; a target may send them all the same. Null: none.
  std::shared_ptr<const FetchFilter> filter;
  std::vector<FetchBucketRequest> buckets;  // of one table
};
struct FetchedBucket {
  TableBucket bucket;
  Status status;
  int64_t high_watermark = 0;    // exclusive end of what may be read
  int64_t log_start_offset = 0;
  std::shared_ptr<arrow::Buffer> records;  // whole batches; the first one contains the offset
  bool projected = false;                  // the batches hold only the projection's columns
  std::optional<int64_t> filtered_end_offset;  // what lies before it was read or left out
};

struct LookupBucketRequest {
  TableBucket bucket;
  std::vector<std::string> keys;
};
struct LookupRequest {
  int64_t table_id = -1;
  std::vector<LookupBucketRequest> buckets;
  bool insert_if_not_exists = false;
};
/// `values` has one entry a key, in its order: schema id and row, or nothing.
struct LookedUpBucket {
  TableBucket bucket;
  Status status;
  std::vector<std::optional<std::string>> values;
};
struct PrefixLookupRequest {
  int64_t table_id = -1;
  std::vector<LookupBucketRequest> buckets;
};
struct PrefixLookedUpBucket {
  TableBucket bucket;
  Status status;
  std::vector<std::vector<std::string>> values;  // one list a prefix, in key order
};

struct LimitScanRequest {
  TableBucket bucket;
  int32_t limit = 0;
};
/// Log tables: the newest whole batches. PK tables: one value batch.
struct LimitScanResult {
  bool is_log_table = false;
  std::shared_ptr<arrow::Buffer> records;
};

/// A step of a full scan over a PK bucket's live rows.
struct ScanKvRequest {
  TableBucket bucket;
  std::string scanner_id;  // empty: open
  int32_t batch_size_bytes = 4 << 20;
  bool close = false;
};
struct ScanKvResult {
  std::string scanner_id;
  bool has_more = false;
  std::shared_ptr<arrow::Buffer> records;  // value batch; null when empty
  int64_t log_offset = -1;                 // on the first step: where the changelog goes on
};

struct BucketStats {
  TableBucket bucket;
  Status status;
  int64_t row_count = 0;
};

class MemoryBudget;

/// Where the logs of buckets ended when a producer began (a sink of Flink, which undoes what it has written since, when
/// it starts again).
struct ProducerOffsets {
  int64_t expires_ms = 0;  // epoch milliseconds
  std::map<TableBucket, int64_t> log_ends;
};

/// What is changed of a database's descriptor; what is not named stays.
struct DatabaseChange {
  Properties set_properties;
  std::vector<std::string> reset_properties;
  std::optional<std::string> comment;
};

/// A setting of a whole database or cluster.
struct Setting {
  std::string key;
  std::string value;
  bool changed = false;  // by a client, while it was running
};
struct SettingChange {
  std::string key;
  std::optional<std::string> value;  // absent: as if it had never been changed
};

/// The only way to data. The embedded engine, a `weir server` and an Apache Fluss cluster all stand
/// behind it; a feature that the target lacks is an error (code 2) that names the target.
/// Thread-safe. No call blocks for longer than handing its work over takes, none throws. Errors
/// that concern one bucket come in that bucket's status, those of the whole call in the future.
class Gateway : public std::enable_shared_from_this<Gateway> {
 public:
  virtual ~Gateway() = default;

  /// Names the database behind it within this process: equal for all open gateways to one embedded
  /// database. Nothing to follow; a gateway to a server is known by itself alone.
  virtual const void* database() const { return this; }
  /// A gateway to the same database that stays usable when this one is closed; a gateway to a server is
  /// its own.
  virtual Result<std::shared_ptr<Gateway>> Share() { return shared_from_this(); }

  /// What those who work on the database in this process share; null: nobody counts.
  virtual std::shared_ptr<MemoryBudget> memory() const { return nullptr; }

  /// What error texts call the target, e.g. "embedded database '/data/x'".
  virtual std::string target() const = 0;
  /// Whether an acknowledged write can be seen at once by a lookup, and waiting for a batch to
  /// fill up before sending it gains nothing.
  virtual bool is_embedded() const = 0;
  /// Whether it is a `weir server`: what SQL changes there is ordered by that server's own transactions.
  virtual bool is_weir_server() const { return false; }
  /// Whether Commit takes several buckets and a change of metadata, and tables can be pending.
  virtual bool commits_atomically() const = 0;
  /// Of a cluster: whether those of its servers that answer now offer every call that SQL needs, in a version that Weir
  /// knows; else code 2 naming server and call.
  virtual Status CheckCallsOfSql() { return Status::OK(); }

  virtual Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor,
                                      bool ignore_if_exists) = 0;
  virtual Future<Unit> DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) = 0;
  virtual Future<std::vector<std::string>> ListDatabases() = 0;
  virtual Future<bool> DatabaseExists(const std::string& name) = 0;
  virtual Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) = 0;

  virtual Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore_if_exists) = 0;
  /// All of them or none, in the order given, for the price of one.
  virtual Future<Unit> CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists) = 0;
  /// Makes tables that have no name, so that nobody is told of them, until a commit gives them theirs
  /// (CommitRequest::metadata); their rows are written to by id. What no commit has named is gone when the target
  /// is opened the next time. All of them or none, in the order given; code 2 where commits are not atomic.
  virtual Future<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>& tables) = 0;
  /// Drops those of them that still have no name.
  virtual Future<Unit> DropPendingTables(const std::vector<int64_t>& table_ids) = 0;
  /// Makes schemas that tables, pending ones too, have from a commit on (TableAlteration). Gives their ids, in the
  /// order given; rows of that commit may be written with them. Nobody sees one that no commit has named. Code 2 where
  /// commits are not atomic.
  virtual Future<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>& schemas) = 0;
  virtual Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) = 0;
  virtual Future<Unit> DropTable(const TablePath& path, bool ignore_if_not_exists) = 0;
  virtual Future<std::vector<std::string>> ListTables(const std::string& database) = 0;
  virtual Future<bool> TableExists(const TablePath& path) = 0;
  virtual Future<TableInfo> GetTableInfo(const TablePath& path) = 0;
  /// Code 21 when there is none of that id.
  virtual Future<TableInfo> GetTableInfoById(int64_t table_id) = 0;
  /// The schema of that id (code 9 when there is none).
  virtual Future<Schema> GetSchema(const TablePath& path, int32_t schema_id) = 0;

  virtual Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists) = 0;
  /// All of them or none, for the price of one; `ignore_if_exists` passes over those that are there.
  virtual Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                        bool ignore_if_exists) = 0;
  virtual Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) = 0;
  /// All partitions, or those that agree with a partial spec, by name.
  virtual Future<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path,
                                                                const PartitionSpec& partial) = 0;
  /// Code 36 when there is none of that name.
  virtual Future<PartitionInfo> GetPartition(const TablePath& path, const std::string& partition_name) = 0;
  virtual Future<PartitionInfo> GetPartitionById(const TablePath& path, int64_t partition_id) = 0;

  virtual Future<int64_t> InitWriter(const std::vector<TablePath>& tables) = 0;
  virtual Future<std::vector<ProducedBucket>> ProduceLog(ProduceLogRequest request) = 0;
  virtual Future<std::vector<PutBucket>> PutKv(PutKvRequest request) = 0;
  /// All or nothing, also when the process is killed meanwhile. Codes 4 to 8 say that the metadata's change does not
  /// fit what is there. An error says that nothing was written,
  /// unless it is code -1: then the target failed at the very end, and whether the writes are there
  /// shows when it works again, all of them or none. Another reader may see the buckets of a commit
  /// change one shortly after the other. A target without atomic commits answers with code 2.
  virtual Future<CommitResult> Commit(CommitRequest request) = 0;
  virtual Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request) = 0;
  virtual Future<std::vector<LookedUpBucket>> Lookup(LookupRequest request) = 0;
  virtual Future<std::vector<PrefixLookedUpBucket>> PrefixLookup(PrefixLookupRequest request) = 0;
  virtual Future<LimitScanResult> LimitScan(LimitScanRequest request) = 0;
  virtual Future<ScanKvResult> ScanKv(ScanKvRequest request) = 0;
  /// What ScanKv gives, at once and without a session; as columns where they are kept under schema `schema_id`. Only an
  /// embedded database has it at hand; elsewhere it is code 2.
  virtual Future<KvScan> Scan(const TableBucket& /*bucket*/, int32_t /*schema_id*/) {
    return Future<KvScan>::Ready(Status(ErrorCode::kUnsupportedVersion, target() + " is scanned step by step"));
  }
  /// One result a bucket id, by table and (for partitioned tables) partition.
  virtual Future<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                                 const std::vector<int32_t>& bucket_ids,
                                                                 OffsetSpec spec) = 0;
  virtual Future<std::vector<BucketStats>> GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets) = 0;
  /// How many bytes some buckets of a table take on disk: their logs' files, and about what their rows take in those
  /// of the row store. Code 2 where the target does not tell.
  virtual Future<int64_t> GetBytesOnDisk(int64_t table_id, const std::vector<TableBucket>& buckets) = 0;
  virtual Future<std::vector<ServerNode>> GetServerNodes() = 0;

  // Snapshots of PK buckets. Only an embedded database makes any; elsewhere these are code 2.
  /// One entry a bucket of the table, or of the partition; one that is absent says that the changelog is whole and
  /// holds every row. A snapshot that is needed and not there is made first. Codes 20 for a log table, 36 and 37 where
  /// the partition is missing or one too many.
  virtual Future<std::vector<std::optional<KvSnapshot>>> GetLatestKvSnapshots(
      int64_t /*table_id*/, std::optional<int64_t> /*partition_id*/) {
    return Future<std::vector<std::optional<KvSnapshot>>>::Ready(NoKvSnapshots());
  }
  /// Those that can still be read.
  virtual Future<std::vector<KvSnapshot>> ListKvSnapshots(int64_t /*table_id*/,
                                                          std::optional<int64_t> /*partition_id*/) {
    return Future<std::vector<KvSnapshot>>::Ready(NoKvSnapshots());
  }
  /// Code 41 for one that is not there any more.
  virtual Future<KvSnapshotFiles> GetKvSnapshotFiles(const KvSnapshotId& /*id*/) {
    return Future<KvSnapshotFiles>::Ready(NoKvSnapshots());
  }
  /// Begins a lease or adds to it, one snapshot a bucket, and has it expire anew. Gives the snapshots that are not
  /// there any more.
  virtual Future<std::vector<KvSnapshotId>> AcquireKvSnapshotLease(const KvSnapshotLease& /*lease*/) {
    return Future<std::vector<KvSnapshotId>>::Ready(NoKvSnapshots());
  }
  /// What a lease holds: nothing when there is none of that id.
  virtual Future<std::vector<KvSnapshotId>> ListLeasedKvSnapshots(const std::string& /*lease_id*/) {
    return Future<std::vector<KvSnapshotId>>::Ready(NoKvSnapshots());
  }
  /// Takes buckets out of a lease, which ends with the last.
  virtual Future<Unit> ReleaseKvSnapshotLease(const std::string& /*lease_id*/,
                                              const std::vector<TableBucket>& /*buckets*/) {
    return Future<Unit>::Ready(NoKvSnapshots());
  }
  virtual Future<Unit> DropKvSnapshotLease(const std::string& /*lease_id*/) {
    return Future<Unit>::Ready(NoKvSnapshots());
  }

  // What producers have put down, by their ids, until it expires; durable when answered. Ids are as names of tables are
  // (code 63). A target that is no database of its own answers with code 2.
  /// Whether it is put down now: while there is something under the id, that stays.
  virtual Future<bool> RegisterProducerOffsets(const std::string& producer_id, const ProducerOffsets& offsets);
  virtual Future<std::optional<ProducerOffsets>> GetProducerOffsets(const std::string& producer_id);
  virtual Future<Unit> DeleteProducerOffsets(const std::string& producer_id);

  // Of a database and of its server. A target that is no database of its own answers with code 2.
  virtual Future<Unit> AlterDatabase(const std::string& name, const DatabaseChange& change, bool ignore_if_not_exists);
  virtual Future<std::vector<Setting>> ListSettings();
  /// All of them or none. Code 39 for one that there is not, and for a value that it cannot have.
  virtual Future<Unit> AlterSettings(const std::vector<SettingChange>& changes);
  /// Of all tables and partitions.
  virtual Future<int64_t> CountBuckets();

  /// Finishes what is under way and releases the target. Later calls fail with code -2.
  virtual Status Close() = 0;

 private:
  Status NoKvSnapshots() const {
    return {ErrorCode::kUnsupportedVersion, target() + " makes no snapshots of rows"};
  }
};

}  // namespace weir
