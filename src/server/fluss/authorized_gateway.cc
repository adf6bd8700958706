#include "server/fluss/authorized_gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "access/relation_id.h"
#include "client/system_table.h"
#include "model/sql_marks.h"

namespace weir {
namespace {

using access::FlussAcl;
using access::ObjectKey;
using access::Privileges;
using access::RoleId;
using Operation = FlussOperation;

constexpr const char* kCluster = "fluss-cluster";
constexpr const char* kAny = "*";

const char* NameOf(Operation operation) {
  switch (operation) {
    case Operation::kAll: return "ALL";
    case Operation::kRead: return "READ";
    case Operation::kWrite: return "WRITE";
    case Operation::kCreate: return "CREATE";
    case Operation::kDrop: return "DROP";
    case Operation::kAlter: return "ALTER";
    case Operation::kDescribe: return "DESCRIBE";
  }
  return "";
}

/// ALL is everything, and whoever may do anything else may DESCRIBE.
bool Includes(int32_t granted, Operation operation) {
  return granted == static_cast<int32_t>(Operation::kAll) || granted == static_cast<int32_t>(operation) ||
         operation == Operation::kDescribe;
}

/// What SQL keeps of its tables is no secret, as pg_catalog is none; a client's own SQL reads it. Passwords are one.
bool IsDefinition(const TablePath& path) { return path.database == kSystemDatabase && path.table != "access"; }

/// What stands for the operation among SQL's privileges; 0: nothing but to own the table.
Privileges NeededFor(Operation operation, const TableInfo& table) {
  switch (operation) {
    case Operation::kRead: return access::kSelect;
    case Operation::kWrite:
      return table.descriptor.schema.primary_key().empty() ? Privileges{access::kInsert}
                                                           : access::kInsert | access::kUpdate | access::kDelete;
    case Operation::kAll:
    case Operation::kCreate:
    case Operation::kDrop:
    case Operation::kAlter:
    case Operation::kDescribe: return 0;
  }
  return 0;
}

}  // namespace

bool FlussAuthorizer::IsAdmin(const access::State& state) const {
  return role_ != access::kEverybody && access::IsAdmin(state, role_);
}

Status FlussAuthorizer::Denied(const access::State& state, Operation operation, const std::string& resource) const {
  const std::string user = role_ == access::kEverybody ? "ANONYMOUS" : state.NameOf(role_);
  return {ErrorCode::kAuthorization, fmt::format("user {} may not {} {}", user, NameOf(operation), resource)};
}

/// A list for the cluster holds for its databases, one for a database for its tables.
bool FlussAuthorizer::AclAllows(const access::State& state, Operation operation, const std::string& database,
                                const std::string& table) const {
  const std::string user = state.NameOf(role_);
  const auto covers = [&](const FlussAcl& acl) {
    const auto named = [&](const std::string& name) { return acl.resource_name == kAny || acl.resource_name == name; };
    if (acl.resource_type == kClusterOfAcl) return named(kCluster);
    if (acl.resource_type == kDatabaseOfAcl) return !database.empty() && named(database);
    return !table.empty() && named(database + "." + table);
  };
  return std::ranges::any_of(state.fluss_acls, [&](const FlussAcl& acl) {
    const bool mine = acl.principal_type == "User" && (acl.principal_name == user || acl.principal_name == kAny);
    const bool here = acl.host == kAny || acl.host == host_;
    return mine && here && acl.permission == kAllowOfAcl && Includes(acl.operation, operation) && covers(acl);
  });
}

Status FlussAuthorizer::CheckCluster(Operation operation) const {
  const access::StatePtr state = access_->current();
  const access::Role* role = state->Find(role_);
  const bool creates = operation == Operation::kCreate && role != nullptr && role->create_db;
  if (creates || IsAdmin(*state) || AclAllows(*state, operation, "", "")) return Status::OK();
  return Denied(*state, operation, "the cluster");
}

Status FlussAuthorizer::CheckDatabase(Operation operation, const std::string& database) const {
  const access::StatePtr state = access_->current();
  const RoleId owner = state->OwnerOf(ObjectKey::Database(database)).value_or(access::kWeir);
  const access::Target whole{ObjectKey::Database(database), owner, database};
  const access::Target schema{ObjectKey::Schema(database), owner, database};
  const Privileges held = access::PrivilegesOn(*state, role_, whole) | access::PrivilegesOn(*state, role_, schema);
  const bool granted = (operation == Operation::kCreate && (held & access::kCreate)) ||
                       (operation == Operation::kDescribe && (held & access::kConnect));
  const bool owns = access::HasPrivilegesOf(*state, role_, owner);
  if (granted || owns || AclAllows(*state, operation, database, "")) return Status::OK();
  return Denied(*state, operation, fmt::format("database '{}'", database));
}

Status FlussAuthorizer::CheckTable(Operation operation, const TableInfo& table) const {
  if (IsIndexTable(table.path)) {
    return {ErrorCode::kTableNotExist, fmt::format("table '{}' does not exist", table.path.ToString())};
  }
  const access::StatePtr state = access_->current();
  const ObjectKey key = ObjectKey::Table(access::RelationIdOf(table));
  const access::Target target{key, state->OwnerOf(key).value_or(access::kWeir), table.path.table};
  if (access::HasPrivilegesOf(*state, role_, target.owner)) return Status::OK();
  const bool reads = operation == Operation::kRead || operation == Operation::kDescribe;
  if (reads && IsDefinition(table.path)) return Status::OK();
  const Privileges needed = NeededFor(operation, table);
  const bool granted = needed != 0 && (access::PrivilegesOn(*state, role_, target) & needed) == needed;
  const bool sees = operation == Operation::kDescribe && access::HasAnyPrivilege(*state, role_, target);
  if (granted || sees || AclAllows(*state, operation, table.path.database, table.path.table)) return Status::OK();
  return Denied(*state, operation, fmt::format("table '{}'", table.path.ToString()));
}

void FlussAuthorizer::OwnDatabase(const std::string& database) const {
  (void)access_->Change([&](access::State* state) {
    access::OwnNewObject({ObjectKey::Database(database)}, database, role_, state);
    return Status::OK();
  });
}

void FlussAuthorizer::OwnTable(const TableInfo& table) const {
  (void)access_->Change([&](access::State* state) {
    access::OwnNewObject({ObjectKey::Table(access::RelationIdOf(table))}, table.path.database, role_, state);
    return Status::OK();
  });
}

void FlussAuthorizer::ForgetDatabase(const std::string& database) const {
  (void)access_->Change([&](access::State* state) {
    state->objects.erase(ObjectKey::Database(database));
    state->objects.erase(ObjectKey::Schema(database));
    return Status::OK();
  });
}

namespace {

template <typename T>
Future<T> Refused(const Status& status) {
  return Future<T>::Ready(status);
}

class AuthorizedGatewayImpl final : public Gateway {
 public:
  AuthorizedGatewayImpl(std::shared_ptr<Gateway> gateway, std::shared_ptr<const FlussAuthorizer> user)
      : gateway_(std::move(gateway)), user_(std::move(user)) {}

  const void* database() const override { return gateway_->database(); }
  std::string target() const override { return gateway_->target(); }
  bool is_embedded() const override { return gateway_->is_embedded(); }
  bool is_weir_server() const override { return gateway_->is_weir_server(); }
  bool commits_atomically() const override { return gateway_->commits_atomically(); }

  // --- databases

  Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor,
                              bool ignore_if_exists) override {
    if (const Status may = user_->CheckCluster(Operation::kCreate); !may.ok()) return Refused<Unit>(may);
    const auto before = gateway_->DatabaseExists(name).Wait();
    auto made = gateway_->CreateDatabase(name, descriptor, ignore_if_exists);
    if (before.ok() && !*before && made.Wait().ok()) user_->OwnDatabase(name);
    return made;
  }
  Future<Unit> DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) override {
    if (const Status may = user_->CheckDatabase(Operation::kDrop, name); !may.ok()) return Refused<Unit>(may);
    auto dropped = gateway_->DropDatabase(name, ignore_if_not_exists, cascade);
    if (dropped.Wait().ok()) user_->ForgetDatabase(name);
    return dropped;
  }
  Future<std::vector<std::string>> ListDatabases() override {
    const auto all = gateway_->ListDatabases().Wait();
    if (!all.ok()) return Refused<std::vector<std::string>>(all.status());
    std::vector<std::string> seen;
    std::ranges::copy_if(*all, std::back_inserter(seen),
                         [&](const auto& name) { return user_->CheckDatabase(Operation::kDescribe, name).ok(); });
    return Future<std::vector<std::string>>::Ready(std::move(seen));
  }
  Future<bool> DatabaseExists(const std::string& name) override {
    if (!user_->CheckDatabase(Operation::kDescribe, name).ok()) return Future<bool>::Ready(false);
    return gateway_->DatabaseExists(name);
  }
  Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) override {
    const Status may = user_->CheckDatabase(Operation::kDescribe, name);
    return may.ok() ? gateway_->GetDatabaseInfo(name) : Refused<DatabaseInfo>(may);
  }

  // --- tables

  Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore_if_exists) override {
    const Status may = user_->CheckDatabase(Operation::kCreate, path.database);
    if (!may.ok()) return Refused<Unit>(may);
    const auto before = gateway_->TableExists(path).Wait();
    auto made = gateway_->CreateTable(path, descriptor, ignore_if_exists);
    if (before.ok() && !*before && made.Wait().ok()) Own(path);
    return made;
  }
  Future<Unit> CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists) override {
    for (const NewTable& table : tables) {
      const Status may = user_->CheckDatabase(Operation::kCreate, table.path.database);
      if (!may.ok()) return Refused<Unit>(may);
    }
    return gateway_->CreateTables(tables, ignore_if_exists);
  }
  Future<std::vector<TableInfo>> CreatePendingTables(const std::vector<NewTable>&) override {
    return Refused<std::vector<TableInfo>>(OnlyItself());
  }
  Future<std::vector<int32_t>> AddPendingSchemas(const std::vector<NewSchema>&) override {
    return Refused<std::vector<int32_t>>(OnlyItself());
  }
  Future<Unit> DropPendingTables(const std::vector<int64_t>&) override { return Refused<Unit>(OnlyItself()); }
  Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) override {
    if (const Status may = CheckPath(Operation::kAlter, path); !may.ok()) return Refused<Unit>(may);
    return gateway_->AlterTable(path, change, ignore_if_not_exists);
  }
  Future<Unit> DropTable(const TablePath& path, bool ignore_if_not_exists) override {
    if (const Status may = CheckPath(Operation::kDrop, path); !may.ok()) return Refused<Unit>(may);
    return gateway_->DropTable(path, ignore_if_not_exists);
  }
  Future<std::vector<std::string>> ListTables(const std::string& database) override {
    const auto all = gateway_->ListTables(database).Wait();
    if (!all.ok()) return Refused<std::vector<std::string>>(all.status());
    std::vector<std::string> seen;
    std::ranges::copy_if(*all, std::back_inserter(seen), [&](const std::string& name) {
      return CheckPath(Operation::kDescribe, {database, name}).ok();
    });
    return Future<std::vector<std::string>>::Ready(std::move(seen));
  }
  Future<bool> TableExists(const TablePath& path) override {
    if (!CheckPath(Operation::kDescribe, path).ok()) return Future<bool>::Ready(false);
    return gateway_->TableExists(path);
  }
  Future<TableInfo> GetTableInfo(const TablePath& path) override {
    if (const Status may = CheckPath(Operation::kDescribe, path); !may.ok()) return Refused<TableInfo>(may);
    return gateway_->GetTableInfo(path);
  }
  Future<TableInfo> GetTableInfoById(int64_t table_id) override {
    if (const Status may = CheckId(Operation::kDescribe, table_id); !may.ok()) return Refused<TableInfo>(may);
    return gateway_->GetTableInfoById(table_id);
  }
  Future<Schema> GetSchema(const TablePath& path, int32_t schema_id) override {
    if (const Status may = CheckPath(Operation::kDescribe, path); !may.ok()) return Refused<Schema>(may);
    return gateway_->GetSchema(path, schema_id);
  }

  // --- partitions

  Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists) override {
    if (const Status may = CheckPath(Operation::kWrite, path); !may.ok()) return Refused<Unit>(may);
    return gateway_->CreatePartition(path, spec, ignore_if_exists);
  }
  Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                bool ignore_if_exists) override {
    if (const Status may = CheckPath(Operation::kWrite, path); !may.ok()) return Refused<Unit>(may);
    return gateway_->CreatePartitions(path, specs, ignore_if_exists);
  }
  Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) override {
    if (const Status may = CheckPath(Operation::kWrite, path); !may.ok()) return Refused<Unit>(may);
    return gateway_->DropPartition(path, spec, ignore_if_not_exists);
  }
  Future<std::vector<PartitionInfo>> ListPartitionInfos(const TablePath& path, const PartitionSpec& partial) override {
    const Status may = CheckPath(Operation::kDescribe, path);
    return may.ok() ? gateway_->ListPartitionInfos(path, partial) : Refused<std::vector<PartitionInfo>>(may);
  }
  Future<PartitionInfo> GetPartition(const TablePath& path, const std::string& partition_name) override {
    if (const Status may = CheckPath(Operation::kDescribe, path); !may.ok()) return Refused<PartitionInfo>(may);
    return gateway_->GetPartition(path, partition_name);
  }
  Future<PartitionInfo> GetPartitionById(const TablePath& path, int64_t partition_id) override {
    if (const Status may = CheckPath(Operation::kDescribe, path); !may.ok()) return Refused<PartitionInfo>(may);
    return gateway_->GetPartitionById(path, partition_id);
  }

  // --- rows

  Future<int64_t> InitWriter(const std::vector<TablePath>& tables) override {
    for (const TablePath& path : tables) {
      if (const Status may = CheckPath(Operation::kWrite, path); !may.ok()) return Refused<int64_t>(may);
    }
    return gateway_->InitWriter(tables);
  }
  Future<std::vector<ProducedBucket>> ProduceLog(ProduceLogRequest request) override {
    const Status may = CheckBuckets(Operation::kWrite, request.table_id, request.buckets);
    return may.ok() ? gateway_->ProduceLog(std::move(request)) : Refused<std::vector<ProducedBucket>>(may);
  }
  Future<std::vector<PutBucket>> PutKv(PutKvRequest request) override {
    const Status may = CheckBuckets(Operation::kWrite, request.table_id, request.buckets);
    return may.ok() ? gateway_->PutKv(std::move(request)) : Refused<std::vector<PutBucket>>(may);
  }
  Future<CommitResult> Commit(CommitRequest) override { return Refused<CommitResult>(OnlyItself()); }
  Future<std::vector<FetchedBucket>> FetchLog(FetchLogRequest request) override {
    for (const FetchBucketRequest& bucket : request.buckets) {
      const Status may = CheckId(Operation::kRead, bucket.bucket.table_id);
      if (!may.ok()) return Refused<std::vector<FetchedBucket>>(may);
    }
    return gateway_->FetchLog(std::move(request));
  }
  Future<std::vector<LookedUpBucket>> Lookup(LookupRequest request) override {
    Status may = CheckBuckets(Operation::kRead, request.table_id, request.buckets);
    if (may.ok() && request.insert_if_not_exists) may = CheckId(Operation::kWrite, request.table_id);
    return may.ok() ? gateway_->Lookup(std::move(request)) : Refused<std::vector<LookedUpBucket>>(may);
  }
  Future<std::vector<PrefixLookedUpBucket>> PrefixLookup(PrefixLookupRequest request) override {
    const Status may = CheckBuckets(Operation::kRead, request.table_id, request.buckets);
    return may.ok() ? gateway_->PrefixLookup(std::move(request)) : Refused<std::vector<PrefixLookedUpBucket>>(may);
  }
  Future<LimitScanResult> LimitScan(LimitScanRequest request) override {
    const Status may = CheckId(Operation::kRead, request.bucket.table_id);
    return may.ok() ? gateway_->LimitScan(std::move(request)) : Refused<LimitScanResult>(may);
  }
  /// Who goes on with a scan names it, and nobody can guess a name; who opens one names the table.
  Future<ScanKvResult> ScanKv(ScanKvRequest request) override {
    const Status may = request.scanner_id.empty() ? CheckId(Operation::kRead, request.bucket.table_id) : Status::OK();
    return may.ok() ? gateway_->ScanKv(std::move(request)) : Refused<ScanKvResult>(may);
  }
  Future<std::map<int32_t, Result<int64_t>>> ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                         const std::vector<int32_t>& bucket_ids,
                                                         OffsetSpec spec) override {
    const Status may = CheckId(Operation::kDescribe, table_id);
    if (!may.ok()) return Refused<std::map<int32_t, Result<int64_t>>>(may);
    return gateway_->ListOffsets(table_id, partition_id, bucket_ids, spec);
  }
  Future<std::vector<BucketStats>> GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets) override {
    const Status may = CheckId(Operation::kRead, table_id);
    return may.ok() ? gateway_->GetTableStats(table_id, buckets) : Refused<std::vector<BucketStats>>(may);
  }
  Future<int64_t> GetBytesOnDisk(int64_t table_id, const std::vector<TableBucket>& buckets) override {
    const Status may = CheckId(Operation::kRead, table_id);
    return may.ok() ? gateway_->GetBytesOnDisk(table_id, buckets) : Refused<int64_t>(may);
  }
  Future<std::vector<ServerNode>> GetServerNodes() override { return gateway_->GetServerNodes(); }

  // --- snapshots

  Future<std::vector<std::optional<KvSnapshot>>> GetLatestKvSnapshots(int64_t table_id,
                                                                      std::optional<int64_t> partition_id) override {
    const Status may = CheckId(Operation::kDescribe, table_id);
    if (!may.ok()) return Refused<std::vector<std::optional<KvSnapshot>>>(may);
    return gateway_->GetLatestKvSnapshots(table_id, partition_id);
  }
  Future<std::vector<KvSnapshot>> ListKvSnapshots(int64_t table_id, std::optional<int64_t> partition_id) override {
    const Status may = CheckId(Operation::kDescribe, table_id);
    return may.ok() ? gateway_->ListKvSnapshots(table_id, partition_id) : Refused<std::vector<KvSnapshot>>(may);
  }
  Future<KvSnapshotFiles> GetKvSnapshotFiles(const KvSnapshotId& id) override {
    const Status may = CheckId(Operation::kDescribe, id.bucket.table_id);
    return may.ok() ? gateway_->GetKvSnapshotFiles(id) : Refused<KvSnapshotFiles>(may);
  }
  Future<std::vector<KvSnapshotId>> AcquireKvSnapshotLease(const KvSnapshotLease& lease) override {
    const Status may = CheckLeased(lease.snapshots);
    return may.ok() ? gateway_->AcquireKvSnapshotLease(lease) : Refused<std::vector<KvSnapshotId>>(may);
  }
  Future<std::vector<KvSnapshotId>> ListLeasedKvSnapshots(const std::string& lease_id) override {
    const auto held = gateway_->ListLeasedKvSnapshots(lease_id);
    const Status may = CheckLeased(held);
    return may.ok() ? held : Refused<std::vector<KvSnapshotId>>(may);
  }
  Future<Unit> ReleaseKvSnapshotLease(const std::string& lease_id, const std::vector<TableBucket>& buckets) override {
    for (const TableBucket& bucket : buckets) {
      if (const Status may = CheckId(Operation::kRead, bucket.table_id); !may.ok()) return Refused<Unit>(may);
    }
    return gateway_->ReleaseKvSnapshotLease(lease_id, buckets);
  }
  Future<Unit> DropKvSnapshotLease(const std::string& lease_id) override {
    const Status may = CheckLeased(gateway_->ListLeasedKvSnapshots(lease_id));
    return may.ok() ? gateway_->DropKvSnapshotLease(lease_id) : Refused<Unit>(may);
  }

  // --- what producers put down of tables that they write to

  Future<bool> RegisterProducerOffsets(const std::string& producer_id, const ProducerOffsets& offsets) override {
    const Status may = CheckProducer(offsets);
    return may.ok() ? gateway_->RegisterProducerOffsets(producer_id, offsets) : Refused<bool>(may);
  }
  Future<std::optional<ProducerOffsets>> GetProducerOffsets(const std::string& producer_id) override {
    auto offsets = gateway_->GetProducerOffsets(producer_id);
    const Status may = CheckProducer(offsets.Wait());
    return may.ok() ? offsets : Refused<std::optional<ProducerOffsets>>(may);
  }
  Future<Unit> DeleteProducerOffsets(const std::string& producer_id) override {
    const Status may = CheckProducer(gateway_->GetProducerOffsets(producer_id).Wait());
    return may.ok() ? gateway_->DeleteProducerOffsets(producer_id) : Refused<Unit>(may);
  }

  // --- the database and its server

  Future<Unit> AlterDatabase(const std::string& name, const DatabaseChange& change,
                             bool ignore_if_not_exists) override {
    const Status may = user_->CheckDatabase(Operation::kAlter, name);
    return may.ok() ? gateway_->AlterDatabase(name, change, ignore_if_not_exists) : Refused<Unit>(may);
  }
  Future<std::vector<Setting>> ListSettings() override {
    const Status may = user_->CheckCluster(Operation::kDescribe);
    return may.ok() ? gateway_->ListSettings() : Refused<std::vector<Setting>>(may);
  }
  Future<Unit> AlterSettings(const std::vector<SettingChange>& changes) override {
    const Status may = user_->CheckCluster(Operation::kAlter);
    return may.ok() ? gateway_->AlterSettings(changes) : Refused<Unit>(may);
  }
  Future<int64_t> CountBuckets() override {
    const Status may = user_->CheckCluster(Operation::kDescribe);
    return may.ok() ? gateway_->CountBuckets() : Refused<int64_t>(may);
  }

  Status Close() override { return gateway_->Close(); }

 private:
  static Status OnlyItself() {
    return {ErrorCode::kAuthorization, "commits over several buckets are the server's own"};
  }

  /// What is not there is said by the call itself.
  Status CheckFound(Operation operation, const Result<TableInfo>& info) const {
    return info.ok() ? user_->CheckTable(operation, *info) : Status::OK();
  }
  Status CheckPath(Operation operation, const TablePath& path) const {
    return CheckFound(operation, gateway_->GetTableInfo(path).Wait());
  }
  Status CheckId(Operation operation, int64_t table_id) const {
    return CheckFound(operation, gateway_->GetTableInfoById(table_id).Wait());
  }
  /// A bucket may name another table than the request.
  template <typename Buckets>
  Status CheckBuckets(Operation operation, int64_t table_id, const Buckets& buckets) const {
    WEIR_RETURN_NOT_OK(CheckId(operation, table_id));
    for (const auto& bucket : buckets) {
      if (bucket.bucket.table_id != table_id) WEIR_RETURN_NOT_OK(CheckId(operation, bucket.bucket.table_id));
    }
    return Status::OK();
  }

  Status CheckLeased(const std::vector<KvSnapshotId>& snapshots) const {
    for (const KvSnapshotId& id : snapshots) WEIR_RETURN_NOT_OK(CheckId(Operation::kRead, id.bucket.table_id));
    return Status::OK();
  }
  Status CheckLeased(const Future<std::vector<KvSnapshotId>>& held) const {
    const Result<std::vector<KvSnapshotId>>& snapshots = held.Wait();
    return snapshots.ok() ? CheckLeased(*snapshots) : snapshots.status();
  }

  Status CheckProducer(const ProducerOffsets& offsets) const {
    std::optional<int64_t> checked;
    for (const auto& [bucket, end] : offsets.log_ends) {
      if (checked != bucket.table_id) WEIR_RETURN_NOT_OK(CheckId(Operation::kWrite, bucket.table_id));
      checked = bucket.table_id;
    }
    return Status::OK();
  }
  Status CheckProducer(const Result<std::optional<ProducerOffsets>>& offsets) const {
    return offsets.ok() && *offsets ? CheckProducer(**offsets) : Status::OK();  // what failed says so itself
  }

  void Own(const TablePath& path) const {
    const auto info = gateway_->GetTableInfo(path).Wait();
    if (info.ok()) user_->OwnTable(*info);
  }

  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<const FlussAuthorizer> user_;
};

}  // namespace

std::shared_ptr<Gateway> MakeAuthorizedGateway(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<const FlussAuthorizer> user) {
  return std::make_shared<AuthorizedGatewayImpl>(std::move(gateway), std::move(user));
}

}  // namespace weir
