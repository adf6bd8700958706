#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cluster/cluster_session.h"
#include "gateway/cluster_servers.h"
#include "gateway/gateway.h"
#include "gateway/lake_snapshots.h"

namespace weir {

using SessionPtr = std::shared_ptr<ClusterSession>;

/// One function for each call of the Gateway: translates it for the protocol, and the answers back. They
/// run on the session's thread and keep their promise in any case.
void OpenSession(const SessionPtr& session, const Promise<Unit>& promise);
void CheckCallsOfSql(const SessionPtr& session, const Promise<Unit>& promise);

void CreateDatabase(const SessionPtr& session, const std::string& name, const DatabaseDescriptor& descriptor,
                    bool ignore_if_exists, const Promise<Unit>& promise);
void DropDatabase(const SessionPtr& session, const std::string& name, bool ignore_if_not_exists, bool cascade,
                  const Promise<Unit>& promise);
void ListDatabases(const SessionPtr& session, const Promise<std::vector<std::string>>& promise);
void DatabaseExists(const SessionPtr& session, const std::string& name, const Promise<bool>& promise);
void GetDatabaseInfo(const SessionPtr& session, const std::string& name, const Promise<DatabaseInfo>& promise);

void CreateTable(const SessionPtr& session, const TablePath& path, const TableDescriptor& descriptor,
                 bool ignore_if_exists, const Promise<Unit>& promise);
/// One after another. When one fails, those that were made are dropped again.
void CreateTables(const SessionPtr& session, const std::vector<NewTable>& tables, bool ignore_if_exists,
                  const Promise<Unit>& promise);
void AlterTable(const SessionPtr& session, const TablePath& path, const TableChange& change,
                bool ignore_if_not_exists, const Promise<Unit>& promise);
void DropTable(const SessionPtr& session, const TablePath& path, bool ignore_if_not_exists,
               const Promise<Unit>& promise);
void ListTables(const SessionPtr& session, const std::string& database,
                const Promise<std::vector<std::string>>& promise);
void TableExists(const SessionPtr& session, const TablePath& path, const Promise<bool>& promise);
void GetTableInfo(const SessionPtr& session, const TablePath& path, const Promise<TableInfo>& promise);
void GetTableInfoById(const SessionPtr& session, int64_t table_id, const Promise<TableInfo>& promise);
void GetSchema(const SessionPtr& session, const TablePath& path, int32_t schema_id, const Promise<Schema>& promise);

void CreatePartition(const SessionPtr& session, const TablePath& path, const PartitionSpec& spec,
                     bool ignore_if_exists, const Promise<Unit>& promise);
/// As CreateTables.
void CreatePartitions(const SessionPtr& session, const TablePath& path, const std::vector<PartitionSpec>& specs,
                      bool ignore_if_exists, const Promise<Unit>& promise);
void DropPartition(const SessionPtr& session, const TablePath& path, const PartitionSpec& spec,
                   bool ignore_if_not_exists, const Promise<Unit>& promise);
void ListPartitionInfos(const SessionPtr& session, const TablePath& path, const PartitionSpec& partial,
                        const Promise<std::vector<PartitionInfo>>& promise);
void GetPartition(const SessionPtr& session, const TablePath& path, const std::string& name,
                  const Promise<PartitionInfo>& promise);
void GetPartitionById(const SessionPtr& session, const TablePath& path, int64_t partition_id,
                      const Promise<PartitionInfo>& promise);

void InitWriter(const SessionPtr& session, const std::vector<TablePath>& tables, const Promise<int64_t>& promise);
void ProduceLog(const SessionPtr& session, ProduceLogRequest request,
                const Promise<std::vector<ProducedBucket>>& promise);
void PutKv(const SessionPtr& session, PutKvRequest request, const Promise<std::vector<PutBucket>>& promise);

/// An ordinary write when there is one bucket; code 2 when there are more.
void Commit(const SessionPtr& session, CommitRequest request, const Promise<CommitResult>& promise);

void FetchLog(const SessionPtr& session, FetchLogRequest request,
              const Promise<std::vector<FetchedBucket>>& promise);
void Lookup(const SessionPtr& session, LookupRequest request, const Promise<std::vector<LookedUpBucket>>& promise);
void PrefixLookup(const SessionPtr& session, PrefixLookupRequest request,
                  const Promise<std::vector<PrefixLookedUpBucket>>& promise);
void LimitScan(const SessionPtr& session, LimitScanRequest request, const Promise<LimitScanResult>& promise);
void ListOffsets(const SessionPtr& session, int64_t table_id, std::optional<int64_t> partition_id,
                 const std::vector<int32_t>& bucket_ids, OffsetSpec spec,
                 const Promise<std::map<int32_t, Result<int64_t>>>& promise);
void GetTableStats(const SessionPtr& session, int64_t table_id, const std::vector<TableBucket>& buckets,
                   const Promise<std::vector<BucketStats>>& promise);
void GetServerNodes(const SessionPtr& session, const Promise<std::vector<ServerNode>>& promise);
void GetTabletServers(const SessionPtr& session, const Promise<std::vector<TabletServer>>& promise);
void GetBucketPlaces(const SessionPtr& session, const TablePath& path, std::optional<int64_t> partition_id,
                     const Promise<std::vector<BucketPlace>>& promise);
void SetOutOfService(const SessionPtr& session, int32_t server_id, bool out, const Promise<Unit>& promise);
void Rebalance(const SessionPtr& session, const Promise<std::string>& promise);
void GetLatestLakeSnapshot(const SessionPtr& session, const TablePath& path, const Promise<LakeSnapshot>& promise);

/// Scans of primary key tables that are open on servers, by the ids that users know them by.
struct OpenScans {
  struct Scan {
    Endpoint server;
    std::string scanner_id;  // the server's
    int32_t next_step = 1;
  };
  std::map<std::string, Scan> scans;
  int64_t next_id = 0;
};
/// A server without SCAN_KV gives all rows of the bucket at once, by LIMIT_SCAN.
void ScanKv(const SessionPtr& session, const std::shared_ptr<OpenScans>& scans, ScanKvRequest request,
            const Promise<ScanKvResult>& promise);

}  // namespace weir
