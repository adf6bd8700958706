#include "gateway/embedded/embedded_gateway.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gateway/embedded/engine.h"
#include "gateway/embedded/engine_thread.h"
#include "gateway/embedded/files.h"
#include "gateway/embedded/memory_directory.h"
#include "types/mutex.h"

namespace weir {
namespace {

/// What is open in this process. A process must not exit with an open database (RocksDB's own exit handlers would abort
/// it), so at exit the gateways that users left open are closed, and engines that other threads are closing are waited
/// for.
class OpenAtExit {
 public:
  static OpenAtExit& OfProcess() {
    static auto* open = new OpenAtExit;  // never destroyed: threads may outlive main
    return *open;
  }

  /// Called with the database open: exit handlers run in the reverse order of their registration, ours before
  /// RocksDB's.
  void EngineOpened() {
    static const int registered = std::atexit([] { OfProcess().CloseAll(); });
    (void)registered;
    MutexLock lock(mutex_);
    ++engines_;
  }
  void EngineClosed() {
    MutexLock lock(mutex_);
    --engines_;
    closed_.notify_all();
  }
  void Add(const std::shared_ptr<Gateway>& gateway) {
    MutexLock lock(mutex_);
    std::erase_if(gateways_, [](const auto& known) { return known.expired(); });
    gateways_.push_back(gateway);
  }

 private:
  void CloseAll() {
    if (pid_ != ::getpid()) return;
    MutexLock lock(mutex_);
    const std::vector<std::weak_ptr<Gateway>> gateways = std::move(gateways_);
    lock.unlock();
    for (const auto& gateway : gateways) {
      if (const auto open = gateway.lock()) (void)open->Close();
    }
    lock.lock();
    closed_.wait_for(lock.native(), std::chrono::seconds(10), [&]() WEIR_REQUIRES(mutex_) { return engines_ == 0; });
  }

  const pid_t pid_ = ::getpid();
  Mutex mutex_;
  std::condition_variable closed_;
  int engines_ WEIR_GUARDED_BY(mutex_) = 0;
  std::vector<std::weak_ptr<Gateway>> gateways_ WEIR_GUARDED_BY(mutex_);
};

/// The engine of one directory and how many gateways use it: opened for the first, closed with the last.
class SharedEngine {
 public:
  using Opener = std::function<Result<std::unique_ptr<Engine>>()>;

  Result<Engine*> Acquire(const Opener& open, const EmbeddedOptions& options) {
    const SyncMode sync = options.sync;
    MutexLock lock(mutex_);
    if (engine_ == nullptr) {
      WEIR_ASSIGN_OR_RETURN(engine_, open());
      OpenAtExit::OfProcess().EngineOpened();
    } else if (sync == SyncMode::kGroup && engine_->options().sync == SyncMode::kNone) {
      return Status::Invalid(fmt::format("{} is open in this process with local.sync=none; open it with the same "
                                         "setting or close it first",
                                         engine_->target()));
    } else if (!options.read_only && engine_->options().read_only) {
      return Status::Invalid(engine_->target() + " is open in this process for reading only; close it first");
    }
    ++users_;
    return engine_.get();
  }

  Status Release() {
    MutexLock lock(mutex_);
    if (--users_ > 0) return Status::OK();
    Status status = engine_->Close();
    engine_.reset();
    OpenAtExit::OfProcess().EngineClosed();
    return status;
  }

 private:
  Mutex mutex_;
  std::unique_ptr<Engine> engine_ WEIR_GUARDED_BY(mutex_);
  int users_ WEIR_GUARDED_BY(mutex_) = 0;
};

/// The engines of this process by directory or name, so that its connections share them.
class EngineRegistry {
 public:
  /// An engine needs threads, of which a forked child has none, and some of them (RocksDB's) belong
  /// to the process: they cannot be started a second time.
  Status CheckNotForked() const {
    if (pid_ == ::getpid()) return Status::OK();
    return Status::Invalid(fmt::format("this process ({}) was forked from one that uses embedded databases ({}), whose "
                                       "threads it lacks: start it afresh, e.g. with multiprocessing's 'spawn'",
                                       ::getpid(), pid_));
  }

  std::shared_ptr<SharedEngine> Get(const std::string& key) {
    MutexLock lock(mutex_);
    std::erase_if(engines_, [](const auto& entry) { return entry.second.expired(); });
    if (std::shared_ptr<SharedEngine> found = engines_[key].lock()) return found;
    auto created = std::make_shared<SharedEngine>();
    engines_[key] = created;
    return created;
  }

  static EngineRegistry& OfProcess() {
    static auto* registry = new EngineRegistry;  // never destroyed: gateways may outlive main
    return *registry;
  }

 private:
  Mutex mutex_;
  const pid_t pid_ = ::getpid();
  std::unordered_map<std::string, std::weak_ptr<SharedEngine>> engines_ WEIR_GUARDED_BY(mutex_);
};

Result<Unit> ToResult(Status status) {
  if (!status.ok()) return status;
  return Unit{};
}

Result<std::shared_ptr<Gateway>> OpenShared(std::shared_ptr<SharedEngine> shared, const SharedEngine::Opener& open,
                                            const EmbeddedOptions& options);

/// One user's handle on an engine.
class EmbeddedGateway final : public Gateway {
 public:
  EmbeddedGateway(std::shared_ptr<SharedEngine> shared, Engine* engine, bool read_only)
      : shared_(std::move(shared)), database_(shared_.get()), engine_(engine), target_(engine->target()),
        memory_(engine->memory()), read_only_(read_only), pid_(::getpid()) {}

  ~EmbeddedGateway() override {
    if (pid_ != ::getpid()) {
      // In a forked child there is nothing to close, and waiting for the parent's threads never ends.
      new std::shared_ptr<SharedEngine>(std::move(shared_));
      return;
    }
    (void)Close();
  }

  const void* database() const override { return database_; }
  Result<std::shared_ptr<Gateway>> Share() override {
    std::shared_lock lock(gate_);
    WEIR_RETURN_NOT_OK(CheckUsable());
    // It is open: nothing has to be opened.
    EmbeddedOptions options = engine_->options();
    options.read_only = read_only_;
    return OpenShared(shared_, nullptr, options);
  }

  std::shared_ptr<MemoryBudget> memory() const override { return memory_; }
  std::string target() const override { return target_; }
  bool is_embedded() const override { return true; }
  bool commits_atomically() const override { return true; }

  Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor,
                              bool ignore_if_exists) override {
    return Change([=](Engine& engine) { return engine.CreateDatabase(name, descriptor, ignore_if_exists); });
  }
  Future<Unit> DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) override {
    return Change([=](Engine& engine) {
      WEIR_RETURN_NOT_OK(engine.guard().CheckDropDatabase(name));
      return engine.DropDatabase(name, ignore_if_not_exists, cascade);
    });
  }
  Future<std::vector<std::string>> ListDatabases() override {
    return Now<std::vector<std::string>>([](Engine& engine) { return engine.ListDatabases(); });
  }
  Future<bool> DatabaseExists(const std::string& name) override {
    return Now<bool>([&](Engine& engine) { return engine.DatabaseExists(name); });
  }
  Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) override {
    return Now<DatabaseInfo>([&](Engine& engine) { return engine.GetDatabaseInfo(name); });
  }

  Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore_if_exists) override {
    return CreateTables({{path, descriptor}}, ignore_if_exists);
  }
  Future<Unit> CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists) override {
    return Change([=](Engine& engine) {
      WEIR_RETURN_NOT_OK(engine.guard().CheckCreate(tables));
      return engine.CreateTables(tables, ignore_if_exists);
    });
  }
  Future<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>& tables) override {
    return Change<std::vector<TableInfo>>([=](Engine& engine) { return engine.CreatePendingTables(tables); });
  }
  Future<Unit> DropPendingTables(const std::vector<int64_t>& table_ids) override {
    return Change([=](Engine& engine) { return engine.DropPendingTables(table_ids); });
  }
  Future<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>& schemas) override {
    return Change<std::vector<int32_t>>([=](Engine& engine) { return engine.AddPendingSchemas(schemas); });
  }
  Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) override {
    return Change([=](Engine& engine) {
      WEIR_RETURN_NOT_OK(engine.guard().CheckAlter(path, change));
      return engine.AlterTable(path, change, ignore_if_not_exists);
    });
  }
  Future<Unit> DropTable(const TablePath& path, bool ignore_if_not_exists) override {
    if (const TableDropper drop = dropper_.load(); drop != nullptr) {
      const auto defined = Now<bool>([&](Engine& engine) { return engine.guard().IsDefined(path); });
      if (defined.Wait().ok() && *defined.Wait()) return DropThrough(drop, path);
    }
    return Change([=](Engine& engine) {
      WEIR_RETURN_NOT_OK(engine.guard().CheckDrop(path));
      return engine.DropTable(path, ignore_if_not_exists);
    });
  }
  Future<std::vector<std::string>> ListTables(const std::string& database) override {
    return Now<std::vector<std::string>>([&](Engine& engine) { return engine.ListTables(database); });
  }
  Future<bool> TableExists(const TablePath& path) override {
    return Now<bool>([&](Engine& engine) { return engine.TableExists(path); });
  }
  Future<TableInfo> GetTableInfo(const TablePath& path) override {
    return Now<TableInfo>([&](Engine& engine) { return engine.GetTableInfo(path); });
  }
  Future<TableInfo> GetTableInfoById(int64_t table_id) override {
    return Now<TableInfo>([&](Engine& engine) { return engine.GetTableInfoById(table_id); });
  }
  Future<Schema> GetSchema(const TablePath& path, int32_t schema_id) override {
    return Now<Schema>([&](Engine& engine) { return engine.GetSchema(path, schema_id); });
  }

  Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists) override {
    return Change([=](Engine& engine) { return engine.CreatePartitions(path, {spec}, ignore_if_exists); });
  }
  Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                bool ignore_if_exists) override {
    return Change([=](Engine& engine) { return engine.CreatePartitions(path, specs, ignore_if_exists); });
  }
  Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) override {
    return Change([=](Engine& engine) { return engine.DropPartition(path, spec, ignore_if_not_exists); });
  }
  Future<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path, const PartitionSpec& partial) override {
    return Now<std::vector<PartitionInfo>>([&](Engine& engine) { return engine.ListPartitionInfos(path, partial); });
  }
  Future<PartitionInfo> GetPartition(const TablePath& path, const std::string& partition_name) override {
    return Now<PartitionInfo>([&](Engine& engine) { return engine.GetPartition(path, partition_name); });
  }
  Future<PartitionInfo> GetPartitionById(const TablePath& path, int64_t partition_id) override {
    return Now<PartitionInfo>([&](Engine& engine) { return engine.GetPartitionById(path, partition_id); });
  }

  Future<int64_t> InitWriter(const std::vector<TablePath>&) override {
    return Now<int64_t>([this](Engine& engine) -> Result<int64_t> {
      WEIR_RETURN_NOT_OK(CheckWritable());
      return engine.InitWriter();
    });
  }
  Future<std::vector<ProducedBucket>> ProduceLog(ProduceLogRequest request) override {
    return StartWrite<std::vector<ProducedBucket>>([&](Engine& engine) { return engine.ProduceLogOfClient(request); });
  }
  Future<std::vector<PutBucket>> PutKv(PutKvRequest request) override {
    return StartWrite<std::vector<PutBucket>>([&](Engine& engine) { return engine.PutKvOfClient(request); });
  }
  Future<CommitResult> Commit(CommitRequest request) override {
    return StartWrite<CommitResult>([&](Engine& engine) { return engine.Commit(std::move(request)); });
  }
  Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request) override {
    return Start<std::vector<FetchedBucket>>([&](Engine& engine) { return engine.FetchLog(std::move(request)); });
  }
  Future<std::vector<LookedUpBucket>> Lookup(LookupRequest request) override {
    return Start<std::vector<LookedUpBucket>>([&](Engine& engine) {
      const Status may =
          request.insert_if_not_exists ? engine.guard().CheckInsertsOfLookup(request.table_id) : Status::OK();
      return may.ok() ? engine.Lookup(request) : Future<std::vector<LookedUpBucket>>::Ready(may);
    });
  }
  Future<std::vector<PrefixLookedUpBucket>> PrefixLookup(PrefixLookupRequest request) override {
    return Now<std::vector<PrefixLookedUpBucket>>([&](Engine& engine) { return engine.PrefixLookup(request); });
  }
  Future<LimitScanResult> LimitScan(LimitScanRequest request) override {
    return Now<LimitScanResult>([&](Engine& engine) { return engine.LimitScan(request); });
  }
  Future<ScanKvResult> ScanKv(ScanKvRequest request) override {
    return Now<ScanKvResult>([&](Engine& engine) { return engine.ScanKv(request); });
  }
  Future<KvScan> Scan(const TableBucket& bucket, int32_t schema_id) override {
    return Now<KvScan>([&](Engine& engine) { return engine.Scan(bucket, schema_id); });
  }
  Future<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                         const std::vector<int32_t>& bucket_ids,
                                                         OffsetSpec spec) override {
    return Now<std::map<int32_t, Result<int64_t>>>(
        [&](Engine& engine) { return engine.ListOffsets(table_id, partition_id, bucket_ids, spec); });
  }
  Future<std::vector<BucketStats>> GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets) override {
    return Now<std::vector<BucketStats>>([&](Engine& engine) { return engine.GetTableStats(table_id, buckets); });
  }
  Future<int64_t> GetBytesOnDisk(int64_t table_id, const std::vector<TableBucket>& buckets) override {
    return Now<int64_t>([&](Engine& engine) { return engine.GetBytesOnDisk(table_id, buckets); });
  }
  Future<std::vector<ServerNode>> GetServerNodes() override {
    return Now<std::vector<ServerNode>>([](Engine&) -> Result<std::vector<ServerNode>> {
      return std::vector<ServerNode>{{0, "embedded", 0, ServerNode::Type::kCoordinator},
                                     {0, "embedded", 0, ServerNode::Type::kTablet}};
    });
  }

  Future<std::vector<std::optional<KvSnapshot>>> GetLatestKvSnapshots(int64_t table_id,
                                                                      std::optional<int64_t> partition_id) override {
    return Start<std::vector<std::optional<KvSnapshot>>>(
        [&](Engine& engine) { return engine.GetLatestKvSnapshots(table_id, partition_id); });
  }
  Future<std::vector<KvSnapshot>> ListKvSnapshots(int64_t table_id, std::optional<int64_t> partition_id) override {
    return Now<std::vector<KvSnapshot>>(
        [&](Engine& engine) { return engine.ListKvSnapshots(table_id, partition_id); });
  }
  Future<KvSnapshotFiles> GetKvSnapshotFiles(const KvSnapshotId& id) override {
    return Now<KvSnapshotFiles>([&](Engine& engine) { return engine.kv_snapshots().Files(id); });
  }
  Future<std::vector<KvSnapshotId>> AcquireKvSnapshotLease(const KvSnapshotLease& lease) override {
    return Now<std::vector<KvSnapshotId>>(
        [&](Engine& engine) { return engine.kv_snapshots().Acquire(lease, NowMs()); });
  }
  Future<std::vector<KvSnapshotId>> ListLeasedKvSnapshots(const std::string& lease_id) override {
    return Now<std::vector<KvSnapshotId>>([&](Engine& engine) { return engine.kv_snapshots().Leased(lease_id); });
  }
  Future<Unit> ReleaseKvSnapshotLease(const std::string& lease_id, const std::vector<TableBucket>& buckets) override {
    return Now<Unit>([&](Engine& engine) { return ToResult(engine.kv_snapshots().Release(lease_id, buckets)); });
  }
  Future<Unit> DropKvSnapshotLease(const std::string& lease_id) override {
    return Now<Unit>([&](Engine& engine) { return ToResult(engine.kv_snapshots().DropLease(lease_id)); });
  }

  Future<bool> RegisterProducerOffsets(const std::string& producer_id, const ProducerOffsets& offsets) override {
    return Change<bool>([=](Engine& engine) { return engine.RegisterProducerOffsets(producer_id, offsets); });
  }
  Future<std::optional<ProducerOffsets>> GetProducerOffsets(const std::string& producer_id) override {
    return Now<std::optional<ProducerOffsets>>([&](Engine& engine) { return engine.GetProducerOffsets(producer_id); });
  }
  Future<Unit> DeleteProducerOffsets(const std::string& producer_id) override {
    return Change([=](Engine& engine) { return engine.DeleteProducerOffsets(producer_id); });
  }

  Future<Unit> AlterDatabase(const std::string& name, const DatabaseChange& change,
                             bool ignore_if_not_exists) override {
    return Change([=](Engine& engine) {
      WEIR_RETURN_NOT_OK(ClientGuard::CheckAlterDatabase(name, change));
      return engine.AlterDatabase(name, change, ignore_if_not_exists);
    });
  }
  Future<std::vector<Setting>> ListSettings() override {
    return Now<std::vector<Setting>>([](Engine& engine) { return engine.settings().List(); });
  }
  Future<Unit> AlterSettings(const std::vector<SettingChange>& changes) override {
    return Change([=](Engine& engine) { return engine.settings().Change(changes); });
  }
  Future<int64_t> CountBuckets() override {
    return Now<int64_t>([](Engine& engine) { return engine.CountBuckets(); });
  }

  void SetDropper(TableDropper drop) { dropper_ = drop; }

  Status RunMaintenance(int64_t now_ms) {
    std::shared_lock lock(gate_);
    WEIR_RETURN_NOT_OK(CheckUsable());
    WEIR_RETURN_NOT_OK(CheckWritable());
    return engine_->RunMaintenance(now_ms);
  }

  Result<BucketReport> InspectBucket(const TableBucket& bucket, const BucketChecks& checks) {
    std::shared_lock lock(gate_);
    WEIR_RETURN_NOT_OK(CheckUsable());
    return engine_->InspectBucket(bucket, checks);
  }

  Status Close() override {
    if (pid_ != ::getpid()) return CheckUsable();
    std::shared_ptr<SharedEngine> shared;
    {
      std::unique_lock lock(gate_);
      if (engine_ == nullptr) return Status::OK();
      engine_ = nullptr;
      shared = std::move(shared_);
    }
    if (!EngineThreadScope::active()) return shared->Release();
    // The engine's own thread runs this callback: someone else has to wait for it to end.
    std::thread([shared = std::move(shared)] { (void)shared->Release(); }).detach();
    return Status::OK();
  }

 private:
  Status CheckUsable() const {
    if (pid_ != ::getpid()) {
      return Status::Invalid(fmt::format("{} was opened by process {}, and this is process {}: a forked process "
                                         "cannot use it",
                                         target_, pid_, ::getpid()));
    }
    if (engine_ == nullptr) return Status::Invalid(target_ + " is closed");
    return Status::OK();
  }

  Status CheckWritable() const {
    if (!read_only_) return Status::OK();
    return Status::Invalid(target_ + " is open for reading only");
  }

  /// SQL may wait for locks, and for what runs on the engine's threads.
  Future<Unit> DropThrough(TableDropper drop, const TablePath& path) {
    const Promise<Unit> promise;
    std::thread([promise, drop, path, self = shared_from_this()] {
      promise.Complete(ToResult(drop(self, path)));
    }).detach();
    return promise.future();
  }

  /// Runs on the caller's thread; the answer is there on return.
  template <typename T, typename Call>
  Future<T> Now(Call call) {
    std::shared_lock lock(gate_);
    if (Status usable = CheckUsable(); !usable.ok()) return Future<T>::Ready(usable);
    return Future<T>::Ready(call(*engine_));
  }

  /// Begins on the caller's thread; the answer may come later.
  template <typename T, typename Call>
  Future<T> Start(Call call) {
    std::shared_lock lock(gate_);
    if (Status usable = CheckUsable(); !usable.ok()) return Future<T>::Ready(usable);
    return call(*engine_);
  }
  /// The same, for what changes data.
  template <typename T, typename Call>
  Future<T> StartWrite(Call call) {
    return Start<T>([&](Engine& engine) {
      const Status may = CheckWritable();
      return may.ok() ? call(engine) : Future<T>::Ready(may);
    });
  }

  /// Runs on the engine's metadata thread, which outlives what is posted to it.
  template <typename T>
  Future<T> Change(std::function<Result<T>(Engine&)> call) {
    std::shared_lock lock(gate_);
    if (Status usable = CheckUsable(); !usable.ok()) return Future<T>::Ready(usable);
    if (Status may = CheckWritable(); !may.ok()) return Future<T>::Ready(may);
    Promise<T> promise;
    engine_->metadata_thread().Post(
        [promise, call = std::move(call), engine = engine_] { promise.Complete(call(*engine)); });
    return promise.future();
  }
  Future<Unit> Change(std::function<Status(Engine&)> call) {
    return Change<Unit>([call = std::move(call)](Engine& engine) { return ToResult(call(engine)); });
  }

  std::shared_mutex gate_;  // shared: a call is running; exclusive: closing
  std::shared_ptr<SharedEngine> shared_;
  const void* const database_;
  Engine* engine_;
  const std::string target_;
  const std::shared_ptr<MemoryBudget> memory_;
  const bool read_only_;
  const pid_t pid_;
  std::atomic<TableDropper> dropper_{nullptr};
};

Result<std::shared_ptr<Gateway>> OpenShared(std::shared_ptr<SharedEngine> shared, const SharedEngine::Opener& open,
                                            const EmbeddedOptions& options) {
  WEIR_ASSIGN_OR_RETURN(Engine* const engine, shared->Acquire(open, options));
  std::shared_ptr<Gateway> gateway = std::make_shared<EmbeddedGateway>(std::move(shared), engine, options.read_only);
  OpenAtExit::OfProcess().Add(gateway);
  return gateway;
}

}  // namespace

Result<std::shared_ptr<Gateway>> OpenEmbedded(const std::string& directory, const EmbeddedOptions& options) {
  if (directory.empty()) return Status::Invalid("the directory of an embedded database must not be empty");
  WEIR_RETURN_NOT_OK(EngineRegistry::OfProcess().CheckNotForked());
  std::error_code error;
  std::filesystem::path path = std::filesystem::weakly_canonical(std::filesystem::absolute(directory), error);
  if (error) return Status::Invalid(fmt::format("cannot open database '{}': {}", directory, error.message()));
  if (!path.has_filename()) path = path.parent_path();  // "dir/"
  return OpenShared(
      EngineRegistry::OfProcess().Get("directory:" + path.string()),
      [&] { return Engine::Open(path, options, Engine::Storage::kDirectory); }, options);
}

Result<std::shared_ptr<Gateway>> OpenInMemory(const std::string& name, const EmbeddedOptions& options) {
  WEIR_RETURN_NOT_OK(EngineRegistry::OfProcess().CheckNotForked());
  EmbeddedOptions in_memory = options;
  in_memory.sync = SyncMode::kNone;
  const auto open_once = [&]() -> Result<std::unique_ptr<Engine>> {
    WEIR_ASSIGN_OR_RETURN(const std::filesystem::path path, MakeMemoryDirectory());
    Result<std::unique_ptr<Engine>> engine = Engine::Open(path, in_memory, Engine::Storage::kMemory);
    if (!engine.ok()) (void)RemoveTree(path);
    return engine;
  };
  // Another process may sweep the directory away in the instant before it is locked.
  const auto open = [&] {
    Result<std::unique_ptr<Engine>> engine = open_once();
    return engine.ok() ? std::move(engine) : open_once();
  };
  auto shared = name.empty() ? std::make_shared<SharedEngine>() : EngineRegistry::OfProcess().Get("memory:" + name);
  return OpenShared(std::move(shared), open, in_memory);
}

void SetTableDropper(Gateway& embedded, TableDropper drop) {
  if (auto* gateway = dynamic_cast<EmbeddedGateway*>(&embedded)) gateway->SetDropper(drop);
}

Status RunMaintenance(Gateway& embedded, int64_t now_ms) {
  auto* gateway = dynamic_cast<EmbeddedGateway*>(&embedded);
  if (gateway == nullptr) return Status::Invalid(embedded.target() + " is no embedded database");
  return gateway->RunMaintenance(now_ms);
}

Result<BucketReport> InspectBucket(Gateway& embedded, const TableBucket& bucket, const BucketChecks& checks) {
  auto* gateway = dynamic_cast<EmbeddedGateway*>(&embedded);
  if (gateway == nullptr) return Status::Invalid(embedded.target() + " is no embedded database");
  return gateway->InspectBucket(bucket, checks);
}

}  // namespace weir
