#include "server/fluss/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "format/wire/api.h"
#include "server/fluss/authorized_gateway.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

using wire::ApiKey;

constexpr std::string_view kWeirClient = "weir";  // the name that Weir's own clients give themselves

struct Api {
  ApiKey key;
  int16_t max_version;  // every one from 0 on is served
  void (*handle)(const State&, const CallPtr&);
};

/// Parses the request for a handler that takes it as a message.
template <typename Request, typename Response,
          void (*Handler)(const State&, const Request&, const Answer<Response>&)>
void Parsed(const State& state, const CallPtr& call) {
  Request request;
  const Status parsed = wire::ParseMessage(*call->message(), &request);
  if (!parsed.ok()) return call->Fail(parsed);
  Handler(state, request, Answer<Response>(call));
}

void ApiVersions(const State& state, const wire::ApiVersionsRequest& request,
                 const Answer<wire::ApiVersionsResponse>& answer);

#define WEIR_API(NAME, MAX_VERSION, MESSAGE, HANDLER) \
  Api { ApiKey::NAME, MAX_VERSION, &Parsed<wire::MESSAGE##Request, wire::MESSAGE##Response, &HANDLER> }

constexpr Api kApis[] = {
    WEIR_API(kApiVersions, 0, ApiVersions, ApiVersions),
    WEIR_API(kCreateDatabase, 0, CreateDatabase, CreateDatabase),
    WEIR_API(kDropDatabase, 0, DropDatabase, DropDatabase),
    WEIR_API(kListDatabases, 0, ListDatabases, ListDatabases),
    WEIR_API(kDatabaseExists, 0, DatabaseExists, DatabaseExists),
    WEIR_API(kCreateTable, 0, CreateTable, CreateTable),
    WEIR_API(kDropTable, 0, DropTable, DropTable),
    WEIR_API(kGetTableInfo, 0, GetTableInfo, GetTableInfo),
    WEIR_API(kListTables, 0, ListTables, ListTables),
    WEIR_API(kListPartitionInfos, 0, ListPartitionInfos, ListPartitionInfos),
    WEIR_API(kTableExists, 0, TableExists, TableExists),
    WEIR_API(kGetTableSchema, 0, GetTableSchema, GetTableSchema),
    WEIR_API(kGetMetadata, 0, Metadata, GetMetadata),
    Api{ApiKey::kProduceLog, 0, &ProduceLog},
    Api{ApiKey::kFetchLog, 0, &FetchLog},
    Api{ApiKey::kPutKv, 2, &PutKv},
    WEIR_API(kLookup, 1, Lookup, Lookup),
    WEIR_API(kListOffsets, 0, ListOffsets, ListOffsets),
    WEIR_API(kGetLatestKvSnapshots, 0, GetLatestKvSnapshots, GetLatestKvSnapshots),
    WEIR_API(kGetKvSnapshotMetadata, 0, GetKvSnapshotMetadata, GetKvSnapshotMetadata),
    WEIR_API(kGetFileSystemSecurityToken, 0, GetFileSystemSecurityToken, GetFileSystemSecurityToken),
    WEIR_API(kInitWriter, 0, InitWriter, InitWriter),
    WEIR_API(kGetLakeSnapshot, 0, GetLakeSnapshot, GetLakeSnapshot),
    WEIR_API(kLimitScan, 0, LimitScan, LimitScan),
    WEIR_API(kPrefixLookup, 1, PrefixLookup, PrefixLookup),
    WEIR_API(kGetDatabaseInfo, 0, GetDatabaseInfo, GetDatabaseInfo),
    WEIR_API(kCreatePartition, 0, CreatePartition, CreatePartition),
    WEIR_API(kDropPartition, 0, DropPartition, DropPartition),
    WEIR_API(kAuthenticate, 0, Authenticate, Authenticate),
    WEIR_API(kCreateAcls, 0, CreateAcls, CreateAcls),
    WEIR_API(kListAcls, 0, ListAcls, ListAcls),
    WEIR_API(kDropAcls, 0, DropAcls, DropAcls),
    WEIR_API(kAlterTable, 0, AlterTable, AlterTable),
    WEIR_API(kDescribeClusterConfigs, 0, DescribeClusterConfigs, DescribeClusterConfigs),
    WEIR_API(kAlterClusterConfigs, 0, AlterClusterConfigs, AlterClusterConfigs),
    WEIR_API(kRegisterProducerOffsets, 0, RegisterProducerOffsets, RegisterProducerOffsets),
    WEIR_API(kGetProducerOffsets, 0, GetProducerOffsets, GetProducerOffsets),
    WEIR_API(kDeleteProducerOffsets, 0, DeleteProducerOffsets, DeleteProducerOffsets),
    WEIR_API(kAcquireKvSnapshotLease, 0, AcquireKvSnapshotLease, AcquireKvSnapshotLease),
    WEIR_API(kReleaseKvSnapshotLease, 0, ReleaseKvSnapshotLease, ReleaseKvSnapshotLease),
    WEIR_API(kDropKvSnapshotLease, 0, DropKvSnapshotLease, DropKvSnapshotLease),
    WEIR_API(kGetTableStats, 0, GetTableStats, GetTableStats),
    WEIR_API(kAlterDatabase, 0, AlterDatabase, AlterDatabase),
    WEIR_API(kScanKv, 0, ScanKv, ScanKv),
    WEIR_API(kGetClusterHealth, 0, GetClusterHealth, GetClusterHealth),
    WEIR_API(kListKvSnapshots, 0, ListKvSnapshots, ListKvSnapshots),
    Api{ApiKey::kSql, 0, &Sql},
};
#undef WEIR_API

/// The server's type is left out: it is coordinator and tablet server at once, and clients then
/// do not insist on one.
void ApiVersions(const State& state, const wire::ApiVersionsRequest& request,
                 const Answer<wire::ApiVersionsResponse>& answer) {
  wire::ApiVersionsResponse response;
  response.set_weir_server(true);
  const bool with_sql = state->sql != nullptr && state->sql->offered() && request.client_software_name() == kWeirClient;
  for (const Api& api : kApis) {
    if (api.key == ApiKey::kSql && !with_sql) continue;  // other clients need not know keys that Fluss has not
    wire::ApiVersion* version = response.add_api_versions();
    version->set_api_key(static_cast<int32_t>(api.key));
    version->set_min_version(0);
    version->set_max_version(api.max_version);
  }
  answer(std::move(response));
}

const Api* FindApi(int16_t key) {
  static_assert(std::ranges::is_sorted(kApis, {}, &Api::key));
  const Api* found = std::ranges::lower_bound(kApis, static_cast<ApiKey>(key), {}, &Api::key);
  return found != std::end(kApis) && static_cast<int16_t>(found->key) == key ? found : nullptr;
}

}  // namespace

FlussService::FlussService(std::shared_ptr<Gateway> gateway, std::shared_ptr<LoginPolicy> login,
                           std::shared_ptr<FlussSqlSessions> sql)
    : state_(new ServiceState{gateway, std::make_shared<ServedSchemas>(gateway), std::make_shared<ScanSteps>(),
                              std::move(login), std::move(sql)}) {}

Result<std::shared_ptr<ServiceState>> FlussService::StateFor(Peer& peer) const {
  if (state_->login == nullptr) return state_;
  if (peer.login == nullptr || !peer.login->role) {
    WEIR_RETURN_NOT_OK(CheckAnonymous(*state_->login, peer));
    return state_;
  }
  if (peer.state == nullptr) {
    auto authorizer = std::make_shared<FlussAuthorizer>(state_->login->access, *peer.login->role, peer.address);
    peer.state = std::make_shared<ServiceState>(*state_);
    peer.state->gateway = MakeAuthorizedGateway(state_->gateway, std::move(authorizer));
  }
  return peer.state;
}

Status FlussService::Handle(const std::shared_ptr<arrow::Buffer>& frame, std::shared_ptr<CallContext> context,
                            std::function<void(wire::Frame)> reply) {
  WEIR_ASSIGN_OR_RETURN(wire::Request request, wire::ParseRequest(frame));
  const auto call = std::make_shared<const Call>(std::move(request), std::move(context), std::move(reply));
  const wire::RequestHeader& header = call->header();
  const Api* api = FindApi(header.api_key);
  // Who has an SQL session keeps it, as at the SQL door, whatever becomes of users meanwhile.
  const auto speaks = [&] { return api->key == ApiKey::kSql && HasSqlSession(*call->context()); };
  if (api == nullptr) {
    call->Fail({ErrorCode::kUnsupportedVersion, fmt::format("this server has no API {}", header.api_key)});
  } else if (header.api_version < 0 || header.api_version > api->max_version) {
    call->Fail({ErrorCode::kUnsupportedVersion, fmt::format("API {} has versions 0 to {} here, not {}", header.api_key,
                                                            api->max_version, header.api_version)});
  } else if (api->key == ApiKey::kApiVersions || api->key == ApiKey::kAuthenticate || speaks()) {
    call->Run([&] { api->handle(state_, call); });
  } else if (const auto state = StateFor(call->context()->peer); !state.ok()) {
    call->Fail(state.status());
  } else {
    call->context()->established = true;
    call->Run([&] { api->handle(*state, call); });
  }
  return Status::OK();
}

Future<std::shared_ptr<const Schema>> ServedSchemas::Get(int64_t table_id, int32_t schema_id) {
  using ServedSchema = std::shared_ptr<const Schema>;
  const Key key(table_id, schema_id);
  {
    MutexLock lock(mutex_);
    if (const auto found = schemas_.find(key); found != schemas_.end())
      return Future<ServedSchema>::Ready(found->second);
  }
  Promise<ServedSchema> promise;
  gateway_->GetTableInfoById(table_id).Then([this, key, promise](const Result<TableInfo>& info) {
    if (!info.ok()) return promise.Complete(info.status());
    gateway_->GetSchema(info->path, key.second).Then([this, key, promise](const Result<Schema>& schema) {
      if (!schema.ok()) return promise.Complete(schema.status());
      auto shared = std::make_shared<const Schema>(*schema);
      Put(key, shared);
      promise.Complete(ServedSchema(shared));
    });
  });
  return promise.future();
}

void ServedSchemas::Put(const Key& key, std::shared_ptr<const Schema> schema) {
  MutexLock lock(mutex_);
  if (schemas_.size() >= kMaxSchemas) schemas_.clear();
  schemas_[key] = std::move(schema);
}

Status ScanSteps::Take(const std::string& scanner_id, int32_t step) {
  MutexLock lock(mutex_);
  const auto found = next_.find(scanner_id);
  if (found == next_.end()) return {ErrorCode::kUnknownScannerId, "the scan is not open: it ended, or never began"};
  if (found->second != step) {
    return {ErrorCode::kInvalidScanRequest,
            fmt::format("call_seq_id is {}, the scan's next step is {}", step, found->second)};
  }
  ++found->second;
  return Status::OK();
}

void ScanSteps::Open(const std::string& scanner_id) {
  MutexLock lock(mutex_);
  next_[scanner_id] = 1;
  opened_.push_back(scanner_id);
  if (opened_.size() <= kMaxScans) return;
  next_.erase(opened_.front());
  opened_.pop_front();
}

void ScanSteps::Close(const std::string& scanner_id) {
  MutexLock lock(mutex_);
  next_.erase(scanner_id);
}

}  // namespace weir
