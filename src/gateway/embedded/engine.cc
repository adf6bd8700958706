#include "gateway/embedded/engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <limits>
#include <map>

#include "gateway/embedded/files.h"
#include "gateway/embedded/log_directories.h"
#include "model/partition.h"
#include "storage/bucket_columns.h"
#include "storage/file.h"
#include "storage/lasting_directories.h"
#include "types/unused_memory.h"

namespace weir {
namespace {

constexpr int kFormatVersion = 1;
constexpr char kFormatFile[] = "FORMAT";
constexpr char kSpillDirectory[] = "spill";
constexpr int kSyncThreads = 16;  // they wait for the disk, which serves many at once
constexpr int64_t kRetentionBucketsPerRound = 10000;

// Open buckets and what is known of tables: a share of the memory for each.
constexpr int64_t kBytesOfOpenBucket = 4 << 10;
constexpr int64_t kBytesOfTable = 8 << 10;
constexpr int64_t kShareOfOpenBuckets = 64;
constexpr int64_t kLeastOpenBuckets = 8192;
constexpr int64_t kLeastTables = 4096;
constexpr int64_t kMostOpenBuckets = 32768;

size_t MostOf(const MemoryBudget& memory, int64_t bytes_of_one, int64_t least) {
  return static_cast<size_t>(
      std::clamp(memory.limits().memory / kShareOfOpenBuckets / bytes_of_one, least, kMostOpenBuckets));
}

bool IsEmptyDirectory(const std::filesystem::path& directory) {
  std::error_code error;
  return std::filesystem::is_empty(directory, error) && !error;
}

// Makes the directory when it is missing; whether it did.
Result<bool> PrepareDirectory(const std::filesystem::path& directory) {
  struct stat found {};
  if (::stat(directory.c_str(), &found) == 0) {
    if (!S_ISDIR(found.st_mode)) {
      return Status::Invalid(fmt::format("cannot open database '{}': it is not a directory", directory.string()));
    }
    return false;
  }
  if (errno != ENOENT) {
    return Status::Invalid(fmt::format("cannot open database '{}': {}", directory.string(), ErrnoText(errno)));
  }
  if (::mkdir(directory.c_str(), 0755) == 0) return true;
  const int failure = errno;
  if (failure == ENOENT && ::access(directory.parent_path().c_str(), F_OK) != 0) {
    return Status::Invalid(fmt::format("cannot create database '{}': its parent directory '{}' does not exist",
                                       directory.string(), directory.parent_path().string()));
  }
  return Status::Invalid(fmt::format("cannot create database '{}': {}", directory.string(), ErrnoText(failure)));
}

// A directory with other things in it is not taken over.
Status CheckIsDatabaseOrEmpty(const std::filesystem::path& directory) {
  const bool is_database = ::access((directory / kFormatFile).c_str(), F_OK) == 0 ||
                           ::access((directory / "LOCK").c_str(), F_OK) == 0;
  if (is_database || IsEmptyDirectory(directory)) return Status::OK();
  return Status::Invalid(fmt::format("'{}' is not a Weir database, and not an empty directory that could become one",
                                     directory.string()));
}

Status CheckIsDatabase(const std::filesystem::path& directory) {
  if (::access((directory / kFormatFile).c_str(), F_OK) == 0) return Status::OK();
  return Status::Invalid(fmt::format("'{}' holds no Weir database to read", directory.string()));
}

Status CheckFormat(const std::filesystem::path& directory) {
  const std::string path = (directory / kFormatFile).string();
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadFileIfExists(path));
  if (!text) return ReplaceFile(path, std::to_string(kFormatVersion) + "\n");  // not so for readers: CheckIsDatabase
  int version = 0;
  std::from_chars(text->data(), text->data() + text->size(), version);
  if (version < 1) return Status::Invalid(fmt::format("'{}' holds no format version but '{}'", path, *text));
  if (version > kFormatVersion) {
    return Status::Invalid(fmt::format("database '{}' has storage format {}, this version of Weir reads up to {}",
                                       directory.string(), version, kFormatVersion));
  }
  return Status::OK();
}

/// Errors of files that are not what was written.
bool IsDamage(ErrorCode code) {
  return code == ErrorCode::kCorruptMessage || code == ErrorCode::kKvStorageException ||
         code == ErrorCode::kTableNotExist || code == ErrorCode::kStorageException;
}

/// Queries spill beside the data; a database in memory, or one that nothing is written to, has no place for it.
MemoryLimits LimitsOf(const std::filesystem::path& directory, const EmbeddedOptions& options, bool on_disk) {
  MemoryLimits limits{.memory = options.memory_limit, .spill_directory = {}, .spill = options.spill_limit};
  if (on_disk && !options.read_only && options.spill_limit != 0) {
    limits.spill_directory = (directory / kSpillDirectory).string();
  }
  return limits;
}

/// The memory of the store of rows, in tenths: two for its cache, two for each of three memtables, one for rows that
/// are on their way there, and one more for those.
size_t RowStoreTenth(const MemoryBudget& memory) {
  constexpr int64_t kMost = 32 << 20;
  constexpr int64_t kLeast = 256 << 10;
  constexpr int64_t kPartOfMemory = 8;
  return static_cast<size_t>(std::clamp(memory.limits().memory / kPartOfMemory / 10, kLeast, kMost));
}

void WarnIfFailed(const Status& status, std::string_view what) {
  if (!status.ok()) spdlog::warn("weir: {}: {}", what, status.ToString());
}

}  // namespace

int64_t NowMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

Result<std::unique_ptr<Engine>> Engine::Open(const std::filesystem::path& directory, const EmbeddedOptions& options,
                                             Storage storage) {
  if (options.read_only) WEIR_RETURN_NOT_OK(CheckIsDatabase(directory));
  WEIR_ASSIGN_OR_RETURN(const bool created, PrepareDirectory(directory));
  auto open = [&]() -> Result<std::unique_ptr<Engine>> {
    WEIR_RETURN_NOT_OK(CheckIsDatabaseOrEmpty(directory));
    WEIR_ASSIGN_OR_RETURN(DirectoryLock lock, options.read_only ? DirectoryLock::AcquireShared(directory)
                                                                : DirectoryLock::Acquire(directory));
    std::unique_ptr<Engine> engine(new Engine(directory, options, storage, std::move(lock)));
    WEIR_RETURN_NOT_OK(engine->Start());
    return engine;
  };
  Result<std::unique_ptr<Engine>> engine = open();
  if (!engine.ok() && created) (void)RemoveTree(directory);
  return engine;
}

Engine::Engine(const std::filesystem::path& directory, const EmbeddedOptions& options, Storage storage,
               DirectoryLock lock)
    : directory_(directory),
      options_(options),
      storage_(storage),
      target_(storage == Storage::kMemory ? "embedded database in memory"
                                          : fmt::format("embedded database '{}'", directory.string())),
      memory_(std::make_shared<MemoryBudget>(LimitsOf(directory, options, storage == Storage::kDirectory))),
      row_store_memory_(memory_),
      lock_(std::move(lock)) {
  // What it does not need yet nobody else gets: it cannot be told to wait for memory.
  (void)row_store_memory_.Resize(static_cast<int64_t>(10 * RowStoreTenth(*memory_)));
}

Engine::~Engine() { (void)Close(); }

Status Engine::Start() {
  WEIR_RETURN_NOT_OK(CheckFormat(directory_));
  // A killed process leaves what its queries had put there.
  if (!options_.read_only) WarnIfFailed(RemoveTree(directory_ / kSpillDirectory), "old spilled data cannot be removed");
  const bool sync = options_.sync == SyncMode::kGroup;
  if (Status opened = OpenStores(); !opened.ok()) {
    if (storage_ == Storage::kMemory || !IsDamage(opened.code())) return opened;
    return Status(opened.code(), fmt::format("{}; 'weir repair {}' tells what can be saved", opened.message(),
                                             directory_.string()));
  }
  registry_ = std::make_unique<BucketRegistry>(RegistryOptions());
  open_registry_ = registry_.get();
  WEIR_RETURN_NOT_OK(OpenSnapshots());
  guard_ = std::make_unique<ClientGuard>(catalog_.get(), registry_.get());
  committer_ = std::make_unique<Committer>(Committer::Options{
      .journal = journal_.get(),
      .sync = sync,
      .completions = &completion_thread_,
      .open_bucket = [this](const TableBucket& bucket) { return registry_->Acquire(bucket).status(); },
      .start_sync = [this](std::span<const std::shared_ptr<Bucket>> buckets) { registry_->StartSync(buckets); }});
  maintenance_ = std::make_unique<MaintenanceThread>(
      options_.maintenance_interval_ms, [this] { WarnIfFailed(RunRound(NowMs()), "maintenance failed"); },
      [this] { WarnIfFailed(SweepDrops(), "dropped data cannot be removed"); });
  if (options_.maintenance_interval_ms >= 0 && !options_.read_only) maintenance_->Start();
  return Status::OK();
}

Status Engine::OpenStores() {
  const bool sync = options_.sync == SyncMode::kGroup;
  if (!options_.read_only) {
    WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "log", sync));
    if (storage_ == Storage::kDirectory) WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "catalog", sync));
  }
  WEIR_ASSIGN_OR_RETURN(kv_, KvStore::Open((directory_ / "kv").string(), KvOptions()));
  WEIR_ASSIGN_OR_RETURN(catalog_, Catalog::Open(kv_.get(), NowMs(), MostOf(*memory_, kBytesOfTable, kLeastTables)));
  WEIR_ASSIGN_OR_RETURN(settings_, ClusterSettings::Open(kv_.get(), options_.limits));
  producers_ = std::make_unique<ProducerRecords>(kv_.get());
  if (storage_ == Storage::kMemory) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const int64_t newest, NewestTableOfLogs(directory_ / "log"));
  if (newest >= catalog_->next_table_id()) {
    return {ErrorCode::kCorruptMessage,
            fmt::format("the catalog of database '{}' has lost tables: there are logs of table {}, and it has made "
                        "none with an id above {}",
                        directory_.string(), newest, catalog_->next_table_id() - 1)};
  }
  WEIR_ASSIGN_OR_RETURN(ends_, DurableEnds::Open((directory_ / kEndsFile).string(), (directory_ / kEndsCopy).string(),
                                                 options_.read_only));
  WEIR_RETURN_NOT_OK(OpenJournal());
  if (options_.read_only) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> pending, catalog_->ListPending());
  return catalog_->DropPending(pending).status();
}

KvStore::Options Engine::KvOptions() {
  KvStore::Options options;
  const size_t tenth = RowStoreTenth(*memory_);
  options.cache_bytes = options.memtable_bytes = 2 * tenth;
  options.row_buffer_bytes = tenth;
  options.sync_catalog = options_.sync == SyncMode::kGroup;
  options.before_flush = [this] {
    BucketRegistry* const registry = open_registry_.load();
    if (registry != nullptr) WarnIfFailed(registry->SyncChangelogs(), "changelogs cannot be synced");
  };
  if (storage_ == Storage::kMemory) return options;
  options.catalog_copy = (directory_ / "catalog").string();
  // One that is missing where there are tables is a loss, not a beginning.
  const bool is_new = IsEmptyDirectory(directory_ / "log") && IsEmptyDirectory(directory_ / "catalog");
  options.opening = options_.read_only ? KvStore::Opening::kReadOnly
                    : is_new           ? KvStore::Opening::kCreate
                                       : KvStore::Opening::kExisting;
  if (!memory_->limits().spill_directory.empty()) {
    options.column_files = std::make_shared<ColumnFiles>(ColumnFiles::Options{
        .directory = memory_->limits().spill_directory,
        .most_bytes = options_.spill_limit,
        .least_rows = options_.least_rows_as_columns});
  }
  return options;
}

Status Engine::OpenJournal() {
  CommitJournal::Options options;
  options.sync = options_.sync == SyncMode::kGroup;
  options.file_bytes = options_.journal_bytes;
  options.log_end = [this](const TableBucket& bucket) { return FindLogEnd(directory_ / "log", bucket); };
  if (options_.read_only) return CheckJournalIsApplied(options);
  WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "commit", options.sync));
  WEIR_ASSIGN_OR_RETURN(journal_, CommitJournal::Open((directory_ / "commit").string(), options));
  for (const std::string& change : journal_->TakeMetadata()) WEIR_RETURN_NOT_OK(catalog_->Redo(change));
  return Status::OK();
}

// What is only in the journal cannot be read.
Status Engine::CheckJournalIsApplied(const CommitJournal::Options& options) {
  WEIR_ASSIGN_OR_RETURN(const CommitJournal::Report journal,
                        CommitJournal::Inspect((directory_ / "commit").string(), options));
  if (!journal.damage.empty()) return {ErrorCode::kCorruptMessage, journal.damage.front().what};
  std::map<TableBucket, int64_t> ends;
  for (const std::vector<JournaledAppend>& record : journal.records) {
    for (const JournaledAppend& append : record) {
      bool applied = false;
      if (CommitJournal::IsMetadata(append)) {
        WEIR_ASSIGN_OR_RETURN(applied, catalog_->IsApplied(std::string_view(*append.batches)));
      } else {
        const auto [end, added] = ends.try_emplace(append.bucket);
        if (added) {
          WEIR_ASSIGN_OR_RETURN(end->second, FindLogEnd(directory_ / "log", append.bucket));
        }
        applied = end->second >= append.end_offset || !FindBucketTable(append.bucket).ok();
      }
      if (applied) continue;
      return Status::Invalid(fmt::format("database '{}' was not closed in good order, and is open for reading only: "
                                         "its journal holds commits that opening it for writing makes whole",
                                         directory_.string()));
    }
  }
  return Status::OK();
}

BucketRegistry::Options Engine::RegistryOptions() {
  BucketRegistry::Options options;
  options.max_open = MostOf(*memory_, kBytesOfOpenBucket, kLeastOpenBuckets);
  options.max_quiet_bytes = memory_->limits().memory / kShareOfOpenBuckets;
  if (storage_ == Storage::kDirectory) options.quiet_file = directory_ / kQuietFile;
  options.log.read_only = options_.read_only;
  options.ends = ends_.get();
  options.directory = directory_ / "log";
  options.log.segment_bytes = options_.segment_bytes;
  options.log.sync = options_.sync == SyncMode::kGroup;
  options.log.reserve_space = storage_ == Storage::kDirectory;
  options.log.now_ms = NowMs;
  options.log.directories = std::make_shared<LastingDirectories>(options.directory.string());
  options.syncer = MakeLogSyncer(kSyncThreads);
  options.kv = kv_.get();
  options.journal = journal_.get();
  options.find_table = [this](const TableBucket& bucket) { return FindBucketTable(bucket); };
  options.on_append = [this](const TableBucket& bucket) { waiters_.Notify(bucket); };
  return options;
}

Status Engine::OpenSnapshots() {
  KvSnapshots::Options options;
  options.directory = std::filesystem::absolute(directory_);
  if (!options_.remote_data_dir.empty()) {
    options.remote = std::filesystem::absolute(options_.remote_data_dir).lexically_normal();
  }
  options.read_only = options_.read_only;
  options.sync = options_.sync == SyncMode::kGroup;
  options.kv = kv_.get();
  options.registry = registry_.get();
  WEIR_ASSIGN_OR_RETURN(snapshots_, KvSnapshots::Open(std::move(options)));
  return Status::OK();
}

Status Engine::Close() {
  if (closed_) return Status::OK();
  closed_ = true;
  metadata_thread_.Close();
  if (snapshots_ != nullptr) snapshots_->Close();
  if (maintenance_ != nullptr) maintenance_->Close();
  waiters_.Close();
  sessions_.CloseAll();
  Status status;
  const auto keep_first_error = [&](const Status& step) {
    if (status.ok()) status = step;
  };
  if (committer_ != nullptr) committer_->Close();
  if (registry_ != nullptr) keep_first_error(registry_->Close());
  if (committer_ != nullptr && status.ok()) keep_first_error(committer_->Finish());
  completion_thread_.Close();  // after the last sync
  if (kv_ != nullptr) {
    if (storage_ == Storage::kDirectory && !options_.read_only) keep_first_error(kv_->Flush());
    keep_first_error(kv_->Close());
  }
  committer_.reset();
  guard_.reset();
  snapshots_.reset();
  registry_.reset();
  ends_.reset();
  journal_.reset();
  catalog_.reset();
  kv_.reset();
  if (storage_ == Storage::kMemory) keep_first_error(RemoveTree(directory_));
  lock_.reset();
  return status;
}

// --- dropped data, retention, auto partitions ---

void Engine::FinishMetadataDrop(const PendingDrop& drop) {
  for (const TableBucket& bucket : registry_->Drop(drop.table_id, drop.partition_id)) waiters_.NotifyGone(bucket);
  sessions_.Drop(drop.table_id, drop.partition_id);
  maintenance_->RequestSweep();
}

Status Engine::RemoveDroppedData(const PendingDrop& drop) {
  // Again, for buckets that were being opened while the metadata went.
  registry_->Drop(drop.table_id, drop.partition_id);
  WEIR_RETURN_NOT_OK(
      RemoveTree(directory_ / "log" / BucketRegistry::TableDirectory(drop.table_id, drop.partition_id)));
  WEIR_RETURN_NOT_OK(snapshots_->Forget(drop.table_id, drop.partition_id));
  if (ends_ != nullptr) ends_->Forget(drop.table_id, drop.partition_id);
  WEIR_RETURN_NOT_OK(drop.partition_id ? kv_->DropPartition(drop.table_id, *drop.partition_id)
                                       : kv_->DropTable(drop.table_id));
  return catalog_->FinishDrop(drop);
}

Status Engine::SweepDrops() {
  MutexLock lock(sweep_mutex_);
  WEIR_ASSIGN_OR_RETURN(const std::vector<PendingDrop> drops, catalog_->ListPendingDrops());
  for (const PendingDrop& drop : drops) {
    if (maintenance_->closing()) return Status::OK();
    WEIR_RETURN_NOT_OK(RemoveDroppedData(drop));
  }
  return Status::OK();
}

Status Engine::MaintainAutoPartitions(int64_t now_ms) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, catalog_->ListAutoPartitionedTables());
  Status status;
  for (const int64_t id : ids) {
    WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(id));
    if (table == nullptr) continue;
    if (Status one = MaintainAutoPartitions(*table, now_ms); !one.ok() && status.ok()) {
      status = one.WithContext("auto partitions of table '" + table->info.path.ToString() + "'");
    }
  }
  return status;
}

Status Engine::MaintainAutoPartitions(const CatalogTable& table, int64_t now_ms) {
  const AutoPartitionOptions& options = table.options().auto_partition;
  const std::vector<std::string>& keys = table.info.descriptor.partition_keys;
  if (!options.enabled || keys.empty()) return Status::OK();
  if (keys.size() == 1) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> values, AutoPartitionsToCreate(options, now_ms));
    WEIR_RETURN_NOT_OK(catalog_->CreatePartitions(table, values, true, settings_->limits().max_partitions));
  }
  const std::string& time_key = options.key.empty() ? keys.front() : options.key;
  WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogPartition> partitions, catalog_->ListPartitions(table.info.table_id));
  for (const CatalogPartition& partition : partitions) {
    WEIR_ASSIGN_OR_RETURN(const PartitionSpec spec, PartitionSpecFromName(keys, partition.name));
    const auto value = spec.find(time_key);
    if (value == spec.end()) continue;
    // A value that is no time of this format was there before auto partitioning and stays.
    const Result<bool> expired = IsExpiredAutoPartition(options, value->second, now_ms);
    if (!expired.ok() || !*expired) continue;
    const Result<PendingDrop> drop = catalog_->DropPartition(table, partition.name);
    if (drop.ok()) {
      FinishMetadataDrop(*drop);
    } else if (drop.status().code() != ErrorCode::kPartitionNotExists) {
      return drop.status();
    }
  }
  return Status::OK();
}

namespace {

// Opening a bucket only to find nothing to drop would be a waste: retention never takes the last segment.
bool HasOlderSegments(const std::filesystem::path& directory) {
  int segments = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".log" && ++segments > 1) return true;
  }
  return false;
}

}  // namespace

Result<int64_t> Engine::ApplyRetention(const CatalogTable& table, int64_t now_ms) {
  const int64_t ttl_ms = table.options().log_ttl_ms;
  if (ttl_ms <= 0) return 0;
  std::vector<std::optional<int64_t>> partitions;
  if (table.info.descriptor.is_partitioned()) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogPartition> all, catalog_->ListPartitions(table.info.table_id));
    for (const CatalogPartition& partition : all) partitions.push_back(partition.partition_id);
  } else {
    partitions.push_back({});
  }
  int64_t looked_at = 0;
  for (const std::optional<int64_t>& partition : partitions) {
    for (int32_t bucket_id = 0; bucket_id < table.info.num_buckets(); ++bucket_id, ++looked_at) {
      const TableBucket bucket{table.info.table_id, partition, bucket_id};
      if (!HasOlderSegments(directory_ / "log" / BucketRegistry::BucketDirectory(bucket))) continue;
      const Status applied =
          ApplyRetention(bucket, table.info.descriptor.has_primary_key(), now_ms - ttl_ms, now_ms);
      if (applied.code() == ErrorCode::kUnknownTableOrBucket) continue;  // dropped meanwhile
      WEIR_RETURN_NOT_OK(applied);
    }
    if (maintenance_->closing()) break;
  }
  return looked_at;
}

Status Engine::ApplyRetention(const TableBucket& bucket, bool has_primary_key, int64_t timestamp, int64_t now_ms) {
  if (has_primary_key) return snapshots_->CutChangelog(bucket, timestamp, now_ms);
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, registry_->Acquire(bucket));
  return lease->ApplyRetention(timestamp, std::numeric_limits<int64_t>::max());
}

Result<int64_t> Engine::ApplyRetention(int64_t first_table, int64_t max_buckets, int64_t now_ms) {
  constexpr size_t kTablesAtOnce = 100;
  Status status;
  while (max_buckets > 0 && !maintenance_->closing()) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, catalog_->ListTableIds(first_table, kTablesAtOnce));
    for (const int64_t id : ids) {
      first_table = id + 1;
      WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(id));
      if (table == nullptr) continue;
      const Result<int64_t> looked_at = ApplyRetention(*table, now_ms);
      if (looked_at.ok()) {
        max_buckets -= *looked_at;
      } else if (status.ok()) {
        status = looked_at.status().WithContext("retention of table '" + table->info.path.ToString() + "'");
      }
      if (max_buckets <= 0) break;
    }
    if (ids.size() < kTablesAtOnce && max_buckets > 0) {
      first_table = 0;
      break;
    }
  }
  WEIR_RETURN_NOT_OK(status);
  return first_table;
}

Status Engine::RunRound(int64_t now_ms) {
  sessions_.Expire(now_ms);
  Status status = MaintainAutoPartitions(now_ms);
  if (const Status swept = snapshots_->Sweep(now_ms); status.ok()) status = swept;
  Result<int64_t> next_table = ApplyRetention(retention_cursor_, kRetentionBucketsPerRound, now_ms);
  retention_cursor_ = next_table.ok() ? *next_table : 0;
  const Status producers = producers_->RemoveExpired(now_ms);
  if (status.ok()) status = next_table.status();
  const Status compacted = registry_->Compact([this] { return maintenance_->closing(); });
  if (status.ok()) status = compacted;
  registry_->CloseLeastUsed();
  ReleaseUnusedMemory();
  return status.ok() ? producers : status;
}

Status Engine::RunMaintenance(int64_t now_ms) {
  sessions_.Expire(now_ms);
  WEIR_RETURN_NOT_OK(MaintainAutoPartitions(now_ms));
  WEIR_RETURN_NOT_OK(SweepDrops());
  WEIR_RETURN_NOT_OK(snapshots_->Sweep(now_ms));
  WEIR_RETURN_NOT_OK(ApplyRetention(0, std::numeric_limits<int64_t>::max(), now_ms).status());
  WEIR_RETURN_NOT_OK(registry_->Compact([this] { return maintenance_->closing(); }));
  return producers_->RemoveExpired(now_ms);
}

}  // namespace weir
