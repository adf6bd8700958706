#include "gateway/cluster/cluster_gateway.h"

#include <utility>

#include "gateway/cluster/cluster_calls.h"
#include "gateway/cluster/requests.h"
#include "gateway/cluster/sql_line.h"

namespace weir {
namespace {

using Role = ClusterSession::Role;

/// Each method hands its request to the session's thread; what happens there is in requests.h.
class ClusterGateway final : public Gateway, public ClusterServers, public LakeSnapshots {
 public:
  explicit ClusterGateway(const ClusterOptions& options) : calls_(std::make_shared<ClusterSession>(options)) {}

  Status Open() {
    return Call<Unit>(&OpenSession).Wait().status();
  }

  std::string target() const override { return calls_.session().target(); }
  bool is_embedded() const override { return false; }
  bool is_weir_server() const override { return calls_.session().is_weir_server(); }
  bool commits_atomically() const override { return false; }
  Status CheckCallsOfSql() override { return Call<Unit>(&weir::CheckCallsOfSql).Wait().status(); }

  Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor,
                              bool ignore_if_exists) override {
    return Call<Unit>(&weir::CreateDatabase, name, descriptor, ignore_if_exists);
  }
  Future<Unit> DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) override {
    return Call<Unit>(&weir::DropDatabase, name, ignore_if_not_exists, cascade);
  }
  Future<std::vector<std::string>> ListDatabases() override {
    return Call<std::vector<std::string>>(&weir::ListDatabases);
  }
  Future<bool> DatabaseExists(const std::string& name) override { return Call<bool>(&weir::DatabaseExists, name); }
  Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) override {
    return Call<DatabaseInfo>(&weir::GetDatabaseInfo, name);
  }

  Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore_if_exists) override {
    return Call<Unit>(&weir::CreateTable, path, descriptor, ignore_if_exists);
  }
  Future<Unit> CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists) override {
    return Call<Unit>(&weir::CreateTables, tables, ignore_if_exists);
  }
  Future<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>&) override {
    return Future<std::vector<TableInfo>>::Ready(NoPendingTables());
  }
  Future<Unit> DropPendingTables(const std::vector<int64_t>&) override {
    return Future<Unit>::Ready(NoPendingTables());
  }
  Future<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>&) override {
    return Future<std::vector<int32_t>>::Ready(NoPendingTables());
  }
  Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) override {
    return Call<Unit>(&weir::AlterTable, path, change, ignore_if_not_exists);
  }
  Future<Unit> DropTable(const TablePath& path, bool ignore_if_not_exists) override {
    return Call<Unit>(&weir::DropTable, path, ignore_if_not_exists);
  }
  Future<std::vector<std::string>> ListTables(const std::string& database) override {
    return Call<std::vector<std::string>>(&weir::ListTables, database);
  }
  Future<bool> TableExists(const TablePath& path) override { return Call<bool>(&weir::TableExists, path); }
  Future<TableInfo> GetTableInfo(const TablePath& path) override { return Call<TableInfo>(&weir::GetTableInfo, path); }
  Future<TableInfo> GetTableInfoById(int64_t table_id) override {
    return Call<TableInfo>(&weir::GetTableInfoById, table_id);
  }
  Future<Schema> GetSchema(const TablePath& path, int32_t schema_id) override {
    return Call<Schema>(&weir::GetSchema, path, schema_id);
  }

  Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists) override {
    return Call<Unit>(&weir::CreatePartition, path, spec, ignore_if_exists);
  }
  Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                bool ignore_if_exists) override {
    return Call<Unit>(&weir::CreatePartitions, path, specs, ignore_if_exists);
  }
  Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) override {
    return Call<Unit>(&weir::DropPartition, path, spec, ignore_if_not_exists);
  }
  Future<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path, const PartitionSpec& partial) override {
    return Call<std::vector<PartitionInfo>>(&weir::ListPartitionInfos, path, partial);
  }
  Future<PartitionInfo> GetPartition(const TablePath& path, const std::string& partition_name) override {
    return Call<PartitionInfo>(&weir::GetPartition, path, partition_name);
  }
  Future<PartitionInfo> GetPartitionById(const TablePath& path, int64_t partition_id) override {
    return Call<PartitionInfo>(&weir::GetPartitionById, path, partition_id);
  }

  Future<int64_t> InitWriter(const std::vector<TablePath>& tables) override {
    return Call<int64_t>(&weir::InitWriter, tables);
  }
  Future<std::vector<ProducedBucket>> ProduceLog(ProduceLogRequest request) override {
    return Call<std::vector<ProducedBucket>>(&weir::ProduceLog, std::move(request));
  }
  Future<std::vector<PutBucket>> PutKv(PutKvRequest request) override {
    return Call<std::vector<PutBucket>>(&weir::PutKv, std::move(request));
  }
  Future<CommitResult> Commit(CommitRequest request) override {
    return Call<CommitResult>(&weir::Commit, std::move(request));
  }
  Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request) override {
    return CallOf<std::vector<FetchedBucket>>(ClusterCalls::Kind::kPoll, &weir::FetchLog, std::move(request));
  }
  Future<std::vector<LookedUpBucket>> Lookup(LookupRequest request) override {
    return Call<std::vector<LookedUpBucket>>(&weir::Lookup, std::move(request));
  }
  Future<std::vector<PrefixLookedUpBucket>> PrefixLookup(PrefixLookupRequest request) override {
    return Call<std::vector<PrefixLookedUpBucket>>(&weir::PrefixLookup, std::move(request));
  }
  Future<LimitScanResult> LimitScan(LimitScanRequest request) override {
    return Call<LimitScanResult>(&weir::LimitScan, request);
  }
  Future<ScanKvResult> ScanKv(ScanKvRequest request) override {
    return Call<ScanKvResult>(&weir::ScanKv, scans_, std::move(request));
  }
  Future<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                         const std::vector<int32_t>& bucket_ids,
                                                         OffsetSpec spec) override {
    return Call<std::map<int32_t, Result<int64_t>>>(&weir::ListOffsets, table_id, partition_id, bucket_ids, spec);
  }
  Future<std::vector<BucketStats>> GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets) override {
    return Call<std::vector<BucketStats>>(&weir::GetTableStats, table_id, buckets);
  }
  Future<int64_t> GetBytesOnDisk(int64_t, const std::vector<TableBucket>&) override {
    return Future<int64_t>::Ready(
        Status(ErrorCode::kUnsupportedVersion, target() + " does not tell how much room its tables take"));
  }
  Future<std::vector<ServerNode>> GetServerNodes() override {
    return Call<std::vector<ServerNode>>(&weir::GetServerNodes);
  }

  Future<std::vector<TabletServer>> GetTabletServers() override {
    return Call<std::vector<TabletServer>>(&weir::GetTabletServers);
  }
  Future<std::vector<BucketPlace>> GetBucketPlaces(const TablePath& path,
                                                   std::optional<int64_t> partition_id) override {
    return Call<std::vector<BucketPlace>>(&weir::GetBucketPlaces, path, partition_id);
  }
  Future<Unit> SetOutOfService(int32_t server_id, bool out) override {
    return Call<Unit>(&weir::SetOutOfService, server_id, out);
  }
  Future<std::string> Rebalance() override { return Call<std::string>(&weir::Rebalance); }
  Future<LakeSnapshot> GetLatestLakeSnapshot(const TablePath& path) override {
    return Call<LakeSnapshot>(&weir::GetLatestLakeSnapshot, path);
  }

  Status Close() override { return calls_.Close(); }

  std::unique_ptr<SqlLine> NewSqlLine();

 private:
  class Line;

  Status NoPendingTables() const {
    return {ErrorCode::kUnsupportedVersion, target() + " has no tables that are made by a commit"};
  }

  /// Runs `function(session, arguments…, promise)` on the session's thread.
  template <typename T, typename Function, typename... Arguments>
  Future<T> CallOf(ClusterCalls::Kind kind, Function function, Arguments... arguments) {
    return calls_.Start<T>(kind, [function, ... values = std::move(arguments)](const SessionPtr& session,
                                                                              const Promise<T>& promise) mutable {
      function(session, std::move(values)..., promise);
    });
  }
  template <typename T, typename Function, typename... Arguments>
  Future<T> Call(Function function, Arguments... arguments) {
    return CallOf<T>(ClusterCalls::Kind::kCall, function, std::move(arguments)...);
  }

  ClusterCalls calls_;
  const std::shared_ptr<OpenScans> scans_ = std::make_shared<OpenScans>();
};

/// Used on the session's thread, whose the connection is.
class ClusterGateway::Line final : public SqlLine {
 public:
  explicit Line(std::shared_ptr<ClusterGateway> gateway) : gateway_(std::move(gateway)) {}
  ~Line() override {
    (void)gateway_->Call<Unit>([connection = connection_](const SessionPtr& session, const Promise<Unit>& done) {
      if (*connection != nullptr) session->HangUp(std::exchange(*connection, nullptr));
      done.Complete(Unit{});
    });
  }

  Future<Answer> Call(const std::string& message) override {
    // Close does not wait for a statement.
    return gateway_->CallOf<Answer>(
        ClusterCalls::Kind::kPoll,
        [connection = connection_](const SessionPtr& session, const std::string& body, const Promise<Answer>& answer) {
          if (*connection == nullptr) *connection = session->NewLine();
          wire::GatheredMessage request;
          request.Append(body);
          (*connection)->Send(wire::ApiKey::kSql, std::move(request), kAnyTime, [answer](Reply reply) {
            answer.Complete(Answer{std::move(reply.status), std::move(reply.message), reply.sent});
          });
        },
        message);
  }

 private:
  static constexpr std::chrono::hours kAnyTime{24 * 365 * 100};

  const std::shared_ptr<ClusterGateway> gateway_;
  const std::shared_ptr<std::shared_ptr<ServerConnection>> connection_ =
      std::make_shared<std::shared_ptr<ServerConnection>>();
};

std::unique_ptr<SqlLine> ClusterGateway::NewSqlLine() {
  return std::make_unique<Line>(std::static_pointer_cast<ClusterGateway>(shared_from_this()));
}

}  // namespace

ClusterServers* ClusterServers::Of(Gateway* gateway) {
  auto* const servers = dynamic_cast<ClusterServers*>(gateway);
  return servers == nullptr || gateway->is_weir_server() ? nullptr : servers;
}

LakeSnapshots* LakeSnapshots::Of(Gateway* gateway) { return dynamic_cast<LakeSnapshots*>(gateway); }

Result<std::unique_ptr<SqlLine>> OpenSqlLine(const std::shared_ptr<Gateway>& gateway) {
  const auto cluster = std::dynamic_pointer_cast<ClusterGateway>(gateway);
  if (cluster != nullptr) return cluster->NewSqlLine();
  return Status(ErrorCode::kUnsupportedVersion, gateway->target() + " is no server");
}

Result<std::shared_ptr<Gateway>> OpenCluster(const ClusterOptions& options) {
  auto gateway = std::make_shared<ClusterGateway>(options);
  WEIR_RETURN_NOT_OK(gateway->Open());
  return std::shared_ptr<Gateway>(std::move(gateway));
}

}  // namespace weir
