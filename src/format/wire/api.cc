#include "format/wire/api.h"

namespace weir::wire {

std::string_view ApiName(ApiKey key) {
  switch (key) {
    case ApiKey::kApiVersions: return "API_VERSIONS";
    case ApiKey::kCreateDatabase: return "CREATE_DATABASE";
    case ApiKey::kDropDatabase: return "DROP_DATABASE";
    case ApiKey::kListDatabases: return "LIST_DATABASES";
    case ApiKey::kDatabaseExists: return "DATABASE_EXISTS";
    case ApiKey::kCreateTable: return "CREATE_TABLE";
    case ApiKey::kDropTable: return "DROP_TABLE";
    case ApiKey::kGetTableInfo: return "GET_TABLE_INFO";
    case ApiKey::kListTables: return "LIST_TABLES";
    case ApiKey::kListPartitionInfos: return "LIST_PARTITION_INFOS";
    case ApiKey::kTableExists: return "TABLE_EXISTS";
    case ApiKey::kGetTableSchema: return "GET_TABLE_SCHEMA";
    case ApiKey::kGetMetadata: return "GET_METADATA";
    case ApiKey::kProduceLog: return "PRODUCE_LOG";
    case ApiKey::kFetchLog: return "FETCH_LOG";
    case ApiKey::kPutKv: return "PUT_KV";
    case ApiKey::kLookup: return "LOOKUP";
    case ApiKey::kListOffsets: return "LIST_OFFSETS";
    case ApiKey::kGetLatestKvSnapshots: return "GET_LATEST_KV_SNAPSHOTS";
    case ApiKey::kGetFileSystemSecurityToken: return "GET_FILESYSTEM_SECURITY_TOKEN";
    case ApiKey::kInitWriter: return "INIT_WRITER";
    case ApiKey::kGetKvSnapshotMetadata: return "GET_KV_SNAPSHOT_METADATA";
    case ApiKey::kGetLakeSnapshot: return "GET_LAKE_SNAPSHOT";
    case ApiKey::kLimitScan: return "LIMIT_SCAN";
    case ApiKey::kPrefixLookup: return "PREFIX_LOOKUP";
    case ApiKey::kGetDatabaseInfo: return "GET_DATABASE_INFO";
    case ApiKey::kCreatePartition: return "CREATE_PARTITION";
    case ApiKey::kDropPartition: return "DROP_PARTITION";
    case ApiKey::kAuthenticate: return "AUTHENTICATE";
    case ApiKey::kCreateAcls: return "CREATE_ACLS";
    case ApiKey::kListAcls: return "LIST_ACLS";
    case ApiKey::kDropAcls: return "DROP_ACLS";
    case ApiKey::kAlterTable: return "ALTER_TABLE";
    case ApiKey::kDescribeClusterConfigs: return "DESCRIBE_CLUSTER_CONFIGS";
    case ApiKey::kAlterClusterConfigs: return "ALTER_CLUSTER_CONFIGS";
    case ApiKey::kAddServerTag: return "ADD_SERVER_TAG";
    case ApiKey::kRemoveServerTag: return "REMOVE_SERVER_TAG";
    case ApiKey::kRebalance: return "REBALANCE";
    case ApiKey::kRegisterProducerOffsets: return "REGISTER_PRODUCER_OFFSETS";
    case ApiKey::kGetProducerOffsets: return "GET_PRODUCER_OFFSETS";
    case ApiKey::kDeleteProducerOffsets: return "DELETE_PRODUCER_OFFSETS";
    case ApiKey::kAcquireKvSnapshotLease: return "ACQUIRE_KV_SNAPSHOT_LEASE";
    case ApiKey::kReleaseKvSnapshotLease: return "RELEASE_KV_SNAPSHOT_LEASE";
    case ApiKey::kDropKvSnapshotLease: return "DROP_KV_SNAPSHOT_LEASE";
    case ApiKey::kGetTableStats: return "GET_TABLE_STATS";
    case ApiKey::kAlterDatabase: return "ALTER_DATABASE";
    case ApiKey::kScanKv: return "SCAN_KV";
    case ApiKey::kGetClusterHealth: return "GET_CLUSTER_HEALTH";
    case ApiKey::kListKvSnapshots: return "LIST_KV_SNAPSHOTS";
    case ApiKey::kSql: return "SQL";
  }
  return "UNKNOWN";
}

}  // namespace weir::wire
