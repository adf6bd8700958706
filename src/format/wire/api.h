#pragma once

#include <cstdint>
#include <string_view>

namespace weir::wire {

/// Numbers of the calls that Weir serves or sends.
enum class ApiKey : int16_t {
  kApiVersions = 1000,
  kCreateDatabase = 1001,
  kDropDatabase = 1002,
  kListDatabases = 1003,
  kDatabaseExists = 1004,
  kCreateTable = 1005,
  kDropTable = 1006,
  kGetTableInfo = 1007,
  kListTables = 1008,
  kListPartitionInfos = 1009,
  kTableExists = 1010,
  kGetTableSchema = 1011,
  kGetMetadata = 1012,
  kProduceLog = 1014,
  kFetchLog = 1015,
  kPutKv = 1016,
  kLookup = 1017,
  kListOffsets = 1021,
  kGetLatestKvSnapshots = 1023,
  kGetKvSnapshotMetadata = 1024,
  kGetFileSystemSecurityToken = 1025,
  kInitWriter = 1026,
  kGetLakeSnapshot = 1032,
  kLimitScan = 1033,
  kPrefixLookup = 1034,
  kGetDatabaseInfo = 1035,
  kCreatePartition = 1036,
  kDropPartition = 1037,
  kAuthenticate = 1038,
  kCreateAcls = 1039,
  kListAcls = 1040,
  kDropAcls = 1041,
  kAlterTable = 1044,
  kDescribeClusterConfigs = 1045,
  kAlterClusterConfigs = 1046,
  kAddServerTag = 1047,
  kRemoveServerTag = 1048,
  kRebalance = 1049,
  kRegisterProducerOffsets = 1053,
  kGetProducerOffsets = 1054,
  kDeleteProducerOffsets = 1055,
  kAcquireKvSnapshotLease = 1056,
  kReleaseKvSnapshotLease = 1057,
  kDropKvSnapshotLease = 1058,
  kGetTableStats = 1059,
  kAlterDatabase = 1060,
  kScanKv = 1061,
  kGetClusterHealth = 1062,
  kListKvSnapshots = 1064,
  kSql = 30000,  // Weir's own (sql/remote/call.proto)
};

/// The protocol's name of a call, e.g. "GET_TABLE_INFO".
std::string_view ApiName(ApiKey key);

}  // namespace weir::wire
