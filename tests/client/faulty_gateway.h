#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "client_testing.h"
#include "format/log_batch.h"

namespace weir {

/// A target that is not embedded, over an embedded database: its calls fail, or wait, as a test says.
class FaultyGateway final : public Gateway {
 public:
  explicit FaultyGateway(std::shared_ptr<Gateway> inner) : inner_(std::move(inner)) {}

  /// What happens to the next produce requests, in their order; then they pass.
  enum class Fault {
    kPass,
    kFailBucket,     // not done; `code` in the buckets' answers
    kFailRequest,    // not done; `code` for the request
    kLoseAnswer,     // done, but answered with `code`
    kHold,           // done and answered on Release()
  };
  struct Plan {
    Fault fault = Fault::kPass;
    ErrorCode code = ErrorCode::kNone;
  };
  void Produce(std::vector<Plan> plans) {
    std::lock_guard lock(mutex_);
    produce_plans_.assign(plans.begin(), plans.end());
  }
  void Fetch(std::vector<Plan> plans) {
    std::lock_guard lock(mutex_);
    fetch_plans_.assign(plans.begin(), plans.end());
  }
  void InitWriters(std::vector<ErrorCode> codes) {
    std::lock_guard lock(mutex_);
    init_codes_.assign(codes.begin(), codes.end());
  }
  void Release() {
    std::vector<std::function<void()>> held;
    {
      std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (const auto& answer : held) answer();
  }
  size_t held() const {
    std::lock_guard lock(mutex_);
    return held_.size();
  }
  int produced() const {
    std::lock_guard lock(mutex_);
    return produced_;
  }
  int writers() const {
    std::lock_guard lock(mutex_);
    return writers_;
  }

  std::string target() const override { return "faulty target"; }
  bool is_embedded() const override { return false; }
  bool commits_atomically() const override { return inner_->commits_atomically(); }

  Future<int64_t> InitWriter(const std::vector<TablePath>& tables) override {
    {
      std::lock_guard lock(mutex_);
      ++writers_;
      if (!init_codes_.empty()) {
        const ErrorCode code = init_codes_.front();
        init_codes_.pop_front();
        if (code != ErrorCode::kNone) return Future<int64_t>::Ready(Status(code, "told to fail"));
      }
    }
    return inner_->InitWriter(tables);
  }

  Future<std::vector<ProducedBucket>> ProduceLog(ProduceLogRequest request) override {
    using Answers = std::vector<ProducedBucket>;
    const Plan plan = Next(&produce_plans_, &produced_);
    const Status failure(plan.code, "told to fail");
    Answers failed;
    for (const BucketRecords& bucket : request.buckets) failed.push_back({bucket.bucket, failure, -1});
    switch (plan.fault) {
      case Fault::kPass: break;
      case Fault::kFailBucket: return Future<Answers>::Ready(failed);
      case Fault::kFailRequest: return Future<Answers>::Ready(failure);
      case Fault::kLoseAnswer:
        (void)inner_->ProduceLog(std::move(request)).Wait();
        return Future<Answers>::Ready(failed);
      case Fault::kHold: return Hold<Answers>([this, request] { return inner_->ProduceLog(request); });
    }
    return inner_->ProduceLog(std::move(request));
  }

  Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request) override {
    using Answers = std::vector<FetchedBucket>;
    const Plan plan = Next(&fetch_plans_, &fetched_);
    const Status failure(plan.code, "told to fail");
    Answers failed;
    for (const FetchBucketRequest& bucket : request.buckets) {
      FetchedBucket& answer = failed.emplace_back();
      answer.bucket = bucket.bucket;
      answer.status = failure;
    }
    switch (plan.fault) {
      case Fault::kFailBucket: return Future<Answers>::Ready(failed);
      case Fault::kFailRequest: return Future<Answers>::Ready(failure);
      case Fault::kHold: return Hold<Answers>([this, request] { return inner_->FetchLog(request); });
      case Fault::kPass:
      case Fault::kLoseAnswer: break;
    }
    if (!project) return inner_->FetchLog(std::move(request));
    return Projected(std::move(request));
  }
  /// Whether fetched batches hold only the columns asked for, as a server's do.
  std::atomic<bool> project{false};

  Future<std::vector<PutBucket>> PutKv(PutKvRequest request) override { return inner_->PutKv(std::move(request)); }
  Future<CommitResult> Commit(CommitRequest request) override { return inner_->Commit(std::move(request)); }
  Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor, bool ignore) override {
    return inner_->CreateDatabase(name, descriptor, ignore);
  }
  Future<Unit> DropDatabase(const std::string& name, bool ignore, bool cascade) override {
    return inner_->DropDatabase(name, ignore, cascade);
  }
  Future<std::vector<std::string>> ListDatabases() override { return inner_->ListDatabases(); }
  Future<bool> DatabaseExists(const std::string& name) override { return inner_->DatabaseExists(name); }
  Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) override { return inner_->GetDatabaseInfo(name); }
  Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore) override {
    return inner_->CreateTable(path, descriptor, ignore);
  }
  Future<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>& tables) override {
    return inner_->CreatePendingTables(tables);
  }
  Future<Unit> DropPendingTables(const std::vector<int64_t>& table_ids) override {
    return inner_->DropPendingTables(table_ids);
  }
  Future<Unit> CreateTables(const std::vector<NewTable>& tables, bool ignore) override {
    return inner_->CreateTables(tables, ignore);
  }
  Future<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>& schemas) override {
    return inner_->AddPendingSchemas(schemas);
  }
  Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore) override {
    return inner_->AlterTable(path, change, ignore);
  }
  Future<Unit> DropTable(const TablePath& path, bool ignore) override { return inner_->DropTable(path, ignore); }
  Future<std::vector<std::string>> ListTables(const std::string& database) override {
    return inner_->ListTables(database);
  }
  Future<bool> TableExists(const TablePath& path) override { return inner_->TableExists(path); }
  Future<TableInfo> GetTableInfo(const TablePath& path) override { return inner_->GetTableInfo(path); }
  Future<TableInfo> GetTableInfoById(int64_t id) override { return inner_->GetTableInfoById(id); }
  Future<Schema> GetSchema(const TablePath& path, int32_t id) override { return inner_->GetSchema(path, id); }
  Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore) override {
    return inner_->CreatePartition(path, spec, ignore);
  }
  Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs, bool ignore) override {
    return inner_->CreatePartitions(path, specs, ignore);
  }
  Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore) override {
    return inner_->DropPartition(path, spec, ignore);
  }
  Future<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path, const PartitionSpec& partial) override {
    return inner_->ListPartitionInfos(path, partial);
  }
  Future<PartitionInfo> GetPartition(const TablePath& path, const std::string& name) override {
    return inner_->GetPartition(path, name);
  }
  Future<PartitionInfo> GetPartitionById(const TablePath& path, int64_t id) override {
    return inner_->GetPartitionById(path, id);
  }
  Future<std::vector<LookedUpBucket>> Lookup(LookupRequest request) override {
    return inner_->Lookup(std::move(request));
  }
  Future<std::vector<PrefixLookedUpBucket>> PrefixLookup(PrefixLookupRequest request) override {
    return inner_->PrefixLookup(std::move(request));
  }
  Future<LimitScanResult> LimitScan(LimitScanRequest request) override { return inner_->LimitScan(std::move(request)); }
  Future<ScanKvResult> ScanKv(ScanKvRequest request) override { return inner_->ScanKv(std::move(request)); }
  Future<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table, std::optional<int64_t> partition,
                                                         const std::vector<int32_t>& buckets,
                                                         OffsetSpec spec) override {
    return inner_->ListOffsets(table, partition, buckets, spec);
  }
  Future<std::vector<BucketStats>> GetTableStats(int64_t table, const std::vector<TableBucket>& buckets) override {
    return inner_->GetTableStats(table, buckets);
  }
  Future<int64_t> GetBytesOnDisk(int64_t table, const std::vector<TableBucket>& buckets) override {
    return inner_->GetBytesOnDisk(table, buckets);
  }
  Future<std::vector<ServerNode>> GetServerNodes() override { return inner_->GetServerNodes(); }
  Status Close() override { return inner_->Close(); }

 private:
  Plan Next(std::deque<Plan>* plans, int* count) {
    std::lock_guard lock(mutex_);
    ++*count;
    if (plans->empty()) return {};
    const Plan plan = plans->front();
    plans->pop_front();
    return plan;
  }

  template <typename T>
  Future<T> Hold(std::function<Future<T>()> call) {
    Promise<T> promise;
    std::lock_guard lock(mutex_);
    held_.push_back([promise, call] { call().Then([promise](const Result<T>& result) { promise.Complete(result); }); });
    return promise.future();
  }

  Future<std::vector<FetchedBucket>> Projected(FetchLogRequest request) {
    Promise<std::vector<FetchedBucket>> promise;
    inner_->FetchLog(request).Then([=, this](const Result<std::vector<FetchedBucket>>& result) {
      if (!result.ok() || !request.projection) return promise.Complete(result);
      std::vector<FetchedBucket> buckets = *result;
      for (FetchedBucket& bucket : buckets) ProjectBucket(*request.projection, &bucket);
      promise.Complete(std::move(buckets));
    });
    return promise.future();
  }

  void ProjectBucket(const std::vector<int>& positions, FetchedBucket* bucket) {
    if (bucket->records == nullptr) return;
    const TableInfo info = Get(inner_->GetTableInfoById(bucket->bucket.table_id));
    const std::string_view bytes(*bucket->records);
    std::string projected;
    for (size_t at = 0; at < bytes.size();) {
      const LogBatchHeader header = Get(ParseLogBatchHeader(bytes.substr(at)));
      const Schema schema = Get(inner_->GetSchema(info.path, header.schema_id));
      const Result<std::string> batch = ProjectLogBatch(bytes.substr(at), schema, positions);
      if (!batch.ok()) {
        bucket->status = batch.status();
        bucket->records = nullptr;
        return;
      }
      projected += *batch;
      at += header.total_size();
    }
    bucket->records = arrow::Buffer::FromString(projected);
    bucket->projected = true;
  }

  const std::shared_ptr<Gateway> inner_;
  mutable std::mutex mutex_;
  std::deque<Plan> produce_plans_;
  std::deque<Plan> fetch_plans_;
  std::deque<ErrorCode> init_codes_;
  std::vector<std::function<void()>> held_;
  int produced_ = 0;
  int fetched_ = 0;
  int writers_ = 0;
};

/// A connection whose target fails as told.
struct FaultyConnection {
  std::shared_ptr<FaultyGateway> gateway;
  Connection connection;
};
inline FaultyConnection OpenFaulty(const Properties& properties = {}) {
  EmbeddedOptions options;
  options.maintenance_interval_ms = 0;
  auto gateway = std::make_shared<FaultyGateway>(Get(OpenInMemory("", options)));
  return {gateway, CloseConnections::Open().emplace_back(MakeConnection(TestConfig(properties), gateway))};
}

}  // namespace weir
