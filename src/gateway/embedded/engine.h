#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/embedded/bucket_registry.h"
#include "gateway/embedded/catalog.h"
#include "gateway/embedded/client_guard.h"
#include "gateway/embedded/cluster_settings.h"
#include "gateway/embedded/committer.h"
#include "gateway/embedded/directory_lock.h"
#include "gateway/embedded/embedded_gateway.h"
#include "gateway/embedded/fetch_waiters.h"
#include "gateway/embedded/kv_snapshots.h"
#include "gateway/embedded/maintenance.h"
#include "gateway/embedded/producer_records.h"
#include "gateway/embedded/scan_sessions.h"
#include "gateway/embedded/task_thread.h"
#include "gateway/gateway.h"
#include "gateway/memory_budget.h"
#include "storage/key_placement.h"
#include "types/mutex.h"

namespace weir {

/// Epoch milliseconds.
int64_t NowMs();

/// A data directory at work: catalog, buckets and the threads that serve them (docs/architecture.md).
/// What Gateway declares, without the futures where an answer is at hand. Thread-safe.
class Engine {
 public:
  enum class Storage { kDirectory, kMemory };

  /// Errors that concern the directory are code -2. `kMemory` removes it when closed.
  static Result<std::unique_ptr<Engine>> Open(const std::filesystem::path& directory, const EmbeddedOptions& options,
                                              Storage storage);
  ~Engine();

  /// Finishes what is under way, makes everything durable and gives the directory free. Nothing
  /// may be called during or after it.
  Status Close();

  const std::string& target() const { return target_; }
  const EmbeddedOptions& options() const { return options_; }
  const std::shared_ptr<MemoryBudget>& memory() const { return memory_; }
  /// Runs metadata changes, in order.
  TaskThread& metadata_thread() { return metadata_thread_; }

  Status CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor, bool ignore_if_exists);
  Status DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade);
  Result<std::vector<std::string>> ListDatabases() { return catalog_->ListDatabases(); }
  Result<bool> DatabaseExists(const std::string& name);
  Result<DatabaseInfo> GetDatabaseInfo(const std::string& name);

  Status AlterDatabase(const std::string& name, const DatabaseChange& change, bool ignore_if_not_exists);

  ClusterSettings& settings() { return *settings_; }
  Result<int64_t> CountBuckets();

  Status CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists);
  Result<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>& tables);
  Status DropPendingTables(const std::vector<int64_t>& table_ids);
  Result<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>& schemas);
  Status AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists);
  Status DropTable(const TablePath& path, bool ignore_if_not_exists);
  /// Without the tables of SQL's indexes.
  Result<std::vector<std::string>> ListTables(const std::string& database);
  Result<bool> TableExists(const TablePath& path);
  Result<TableInfo> GetTableInfo(const TablePath& path);
  Result<TableInfo> GetTableInfoById(int64_t table_id);
  Result<Schema> GetSchema(const TablePath& path, int32_t schema_id);

  Status CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs, bool ignore_if_exists);
  Status DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists);
  Result<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path, const PartitionSpec& partial);
  Result<PartitionInfo> GetPartition(const TablePath& path, const std::string& partition_name);
  Result<PartitionInfo> GetPartitionById(const TablePath& path, int64_t partition_id);

  Result<int64_t> InitWriter();
  /// What clients write, as opposed to commits: held to what SQL says of its tables.
  ClientGuard& guard() { return *guard_; }
  Future<std::vector<ProducedBucket>> ProduceLogOfClient(const ProduceLogRequest& request) {
    return ProduceLog(request, /*of_client=*/true);
  }
  Future<std::vector<PutBucket>> PutKvOfClient(const PutKvRequest& request) {
    return PutKv(request, /*of_client=*/true);
  }
  Future<CommitResult> Commit(CommitRequest request);
  Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request);
  Future<std::vector<LookedUpBucket>> Lookup(const LookupRequest& request);
  Result<std::vector<PrefixLookedUpBucket>> PrefixLookup(const PrefixLookupRequest& request);
  Result<LimitScanResult> LimitScan(const LimitScanRequest& request);
  Result<ScanKvResult> ScanKv(const ScanKvRequest& request);
  Result<KvScan> Scan(const TableBucket& id, int32_t schema_id);
  Result<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                         const std::vector<int32_t>& bucket_ids, OffsetSpec spec);
  Result<std::vector<BucketStats>> GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets);
  /// Opens no bucket.
  Result<int64_t> GetBytesOnDisk(int64_t table_id, const std::vector<TableBucket>& buckets);

  Future<std::vector<std::optional<KvSnapshot>>> GetLatestKvSnapshots(int64_t table_id,
                                                                      std::optional<int64_t> partition_id);
  Result<std::vector<KvSnapshot>> ListKvSnapshots(int64_t table_id, std::optional<int64_t> partition_id);
  /// Files of snapshots, and leases.
  KvSnapshots& kv_snapshots() { return *snapshots_; }

  Result<bool> RegisterProducerOffsets(const std::string& producer_id, const ProducerOffsets& offsets) {
    return producers_->Register(producer_id, offsets, NowMs());
  }
  Result<std::optional<ProducerOffsets>> GetProducerOffsets(const std::string& producer_id) {
    return producers_->Find(producer_id, NowMs());
  }
  Status DeleteProducerOffsets(const std::string& producer_id) { return producers_->Delete(producer_id); }

  Result<BucketReport> InspectBucket(const TableBucket& bucket, const BucketChecks& checks);
  /// Where its log ended is known from then on.
  Status OpenBucket(const TableBucket& bucket) { return registry_->Acquire(bucket).status(); }

  /// Has tables and partitions get no ids up to these, nor `more` that would come next.
  Status SkipIds(int64_t table_id, int64_t partition_id, int64_t more) {
    return catalog_->SkipIds(table_id, partition_id, more);
  }

  /// Retention of every bucket, auto partitioning, idle scans and the removal of dropped data.
  Status RunMaintenance(int64_t now_ms);

 private:
  Engine(const std::filesystem::path& directory, const EmbeddedOptions& options, Storage storage, DirectoryLock lock);
  Status Start();
  Status OpenStores();
  KvStore::Options KvOptions();
  Status OpenJournal();
  Status CheckJournalIsApplied(const CommitJournal::Options& options);
  BucketRegistry::Options RegistryOptions();
  Status OpenSnapshots();

  Status CheckDatabaseOf(const TablePath& path);
  Result<std::vector<CatalogNewTable>> CompleteTables(const std::vector<NewTable>& tables);
  Result<CatalogNewTable> CompleteTable(const NewTable& table);
  Result<CatalogTablePtr> RequireTable(const TablePath& path);
  Result<CatalogTablePtr> RequirePartitionedTable(const TablePath& path);
  Result<std::shared_ptr<const TableContext>> FindBucketTable(const TableBucket& bucket);
  Result<BucketRegistry::Lease> Acquire(int64_t table_id, const TableBucket& bucket);
  /// The buckets of a PK table that is not partitioned, or of a partition. Codes 7, 20, 36 and 37.
  Result<std::vector<TableBucket>> PrimaryKeyBuckets(int64_t table_id, std::optional<int64_t> partition_id);

  /// A write to a bucket that is in its log.
  struct Written {
    LogAppendResult place;
    Future<Unit> done;  // when it may be acknowledged
  };
  template <typename Answer, typename Request, typename Write>
  Future<std::vector<Answer>> WriteBuckets(const Request& request, const Write& write);
  /// `place`: of what this thread has appended to the bucket, which it syncs first where that is its own business.
  static Result<Written> Acknowledge(Bucket* bucket, const Result<LogAppendResult>& place, int acks);
  struct CommitPart;
  static Result<std::unique_ptr<BucketWrite>> Prepare(const CommitPart& part, Bucket* bucket);
  /// `defines`: ClientGuard::ChangesDefinitions.
  Future<CommitResult> CommitOne(CommitRequest request, bool defines);
  /// `of_client`: the guard looks at the request, and at the records of each bucket.
  Future<std::vector<ProducedBucket>> ProduceLog(const ProduceLogRequest& request, bool of_client);
  Future<std::vector<PutBucket>> PutKv(const PutKvRequest& request, bool of_client);
  using Placement = std::optional<KeyPlacement>;
  /// Where the keys of a table belong; nothing where that is plain: it has one bucket, or no primary key.
  Status FindPlacement(int64_t table_id, Placement* placement);
  Result<int64_t> CountMisplaced(const TableBucket& bucket);
  /// Puts a batch as KeyPlacement::Split has split it, each part where it belongs, all of them or none. That it was put
  /// before shows in the bucket that it was sent to.
  Result<Written> PutParts(const PutKvRequest& request, const BucketRecords& records,
                           const std::map<int32_t, KvBatchView>& parts);
  Result<std::vector<Committer::Write>> PrepareCommit(const std::vector<CatalogTablePtr>& altered,
                                                      std::vector<CommitPart>* parts, CommitResult* result);
  /// Whatever has become of a commit that alters tables, their open buckets go by what the catalog says now.
  void RenewTables(const std::vector<int64_t>& table_ids);

  Status CheckProjection(const FetchLogRequest& request);
  struct FetchAttempt {
    std::vector<FetchedBucket> buckets;
    bool complete = false;  // enough bytes, or an error that the caller should hear of at once
  };
  FetchAttempt Read(const FetchLogRequest& request);
  void ReadBucket(const FetchBucketRequest& request, int64_t bytes_left, bool first, FetchedBucket* out);

  void FinishMetadataDrop(const PendingDrop& drop);
  Status RemoveDroppedData(const PendingDrop& drop);
  Status SweepDrops();
  Status MaintainAutoPartitions(int64_t now_ms);
  Status MaintainAutoPartitions(const CatalogTable& table, int64_t now_ms);
  /// Applies retention to the tables from `first_table` on until `max_buckets` were looked at;
  /// gives the table to go on with, 0 after the last.
  Result<int64_t> ApplyRetention(int64_t first_table, int64_t max_buckets, int64_t now_ms);
  Result<int64_t> ApplyRetention(const CatalogTable& table, int64_t now_ms);
  Status ApplyRetention(const TableBucket& bucket, bool has_primary_key, int64_t timestamp, int64_t now_ms);
  Status RunRound(int64_t now_ms);

  const std::filesystem::path directory_;
  const EmbeddedOptions options_;
  const Storage storage_;
  const std::string target_;
  const std::shared_ptr<MemoryBudget> memory_;
  MemoryReservation row_store_memory_;
  std::optional<DirectoryLock> lock_;
  std::unique_ptr<DurableEnds> ends_;  // none in memory
  std::unique_ptr<BucketRegistry> registry_;
  std::atomic<BucketRegistry*> open_registry_{nullptr};  // for RocksDB's threads, which are there earlier
  std::unique_ptr<KvStore> kv_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ClusterSettings> settings_;
  std::unique_ptr<ProducerRecords> producers_;
  std::unique_ptr<CommitJournal> journal_;  // none in memory
  std::unique_ptr<ClientGuard> guard_;
  std::unique_ptr<KvSnapshots> snapshots_;
  FetchWaiters waiters_;
  ScanSessions sessions_;

  Mutex writer_ids_mutex_;
  int64_t next_writer_id_ WEIR_GUARDED_BY(writer_ids_mutex_) = 0;
  int64_t writer_ids_end_ WEIR_GUARDED_BY(writer_ids_mutex_) = 0;

  Mutex renew_mutex_;

  Mutex sweep_mutex_;
  int64_t retention_cursor_ = 0;  // of the maintenance thread
  TaskThread completion_thread_;  // of writes that waited for the disk
  TaskThread metadata_thread_;
  std::unique_ptr<MaintenanceThread> maintenance_;
  std::unique_ptr<Committer> committer_;
  bool closed_ = false;
};

}  // namespace weir
