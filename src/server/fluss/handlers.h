#pragma once

#include "format/wire/fluss.pb.h"
#include "format/wire/records.h"
#include "server/fluss/call.h"
#include "server/fluss/service.h"

namespace weir {

/// One function a call of the protocol: translates the request for the gateway, and its answer back.
using State = std::shared_ptr<ServiceState>;

void Authenticate(const State& state, const wire::AuthenticateRequest& request,
                  const Answer<wire::AuthenticateResponse>& answer);
void CreateAcls(const State& state, const wire::CreateAclsRequest& request,
                const Answer<wire::CreateAclsResponse>& answer);
void ListAcls(const State& state, const wire::ListAclsRequest& request, const Answer<wire::ListAclsResponse>& answer);
void DropAcls(const State& state, const wire::DropAclsRequest& request, const Answer<wire::DropAclsResponse>& answer);

void CreateDatabase(const State& state, const wire::CreateDatabaseRequest& request,
                    const Answer<wire::CreateDatabaseResponse>& answer);
void DropDatabase(const State& state, const wire::DropDatabaseRequest& request,
                  const Answer<wire::DropDatabaseResponse>& answer);
void ListDatabases(const State& state, const wire::ListDatabasesRequest& request,
                   const Answer<wire::ListDatabasesResponse>& answer);
void DatabaseExists(const State& state, const wire::DatabaseExistsRequest& request,
                    const Answer<wire::DatabaseExistsResponse>& answer);
void GetDatabaseInfo(const State& state, const wire::GetDatabaseInfoRequest& request,
                     const Answer<wire::GetDatabaseInfoResponse>& answer);

void AlterDatabase(const State& state, const wire::AlterDatabaseRequest& request,
                   const Answer<wire::AlterDatabaseResponse>& answer);

void CreateTable(const State& state, const wire::CreateTableRequest& request,
                 const Answer<wire::CreateTableResponse>& answer);
void AlterTable(const State& state, const wire::AlterTableRequest& request,
                const Answer<wire::AlterTableResponse>& answer);
void DropTable(const State& state, const wire::DropTableRequest& request,
               const Answer<wire::DropTableResponse>& answer);
void GetTableInfo(const State& state, const wire::GetTableInfoRequest& request,
                  const Answer<wire::GetTableInfoResponse>& answer);
void ListTables(const State& state, const wire::ListTablesRequest& request,
                const Answer<wire::ListTablesResponse>& answer);
void TableExists(const State& state, const wire::TableExistsRequest& request,
                 const Answer<wire::TableExistsResponse>& answer);
void GetTableSchema(const State& state, const wire::GetTableSchemaRequest& request,
                    const Answer<wire::GetTableSchemaResponse>& answer);

void ListPartitionInfos(const State& state, const wire::ListPartitionInfosRequest& request,
                        const Answer<wire::ListPartitionInfosResponse>& answer);
void CreatePartition(const State& state, const wire::CreatePartitionRequest& request,
                     const Answer<wire::CreatePartitionResponse>& answer);
void DropPartition(const State& state, const wire::DropPartitionRequest& request,
                   const Answer<wire::DropPartitionResponse>& answer);

void GetMetadata(const State& state, const wire::MetadataRequest& request,
                 const Answer<wire::MetadataResponse>& answer);

void DescribeClusterConfigs(const State& state, const wire::DescribeClusterConfigsRequest& request,
                            const Answer<wire::DescribeClusterConfigsResponse>& answer);
void AlterClusterConfigs(const State& state, const wire::AlterClusterConfigsRequest& request,
                         const Answer<wire::AlterClusterConfigsResponse>& answer);
void GetClusterHealth(const State& state, const wire::GetClusterHealthRequest& request,
                      const Answer<wire::GetClusterHealthResponse>& answer);

void InitWriter(const State& state, const wire::InitWriterRequest& request,
                const Answer<wire::InitWriterResponse>& answer);
void ProduceLog(const State& state, const CallPtr& call);
void PutKv(const State& state, const CallPtr& call);
void FetchLog(const State& state, const CallPtr& call);
void Lookup(const State& state, const wire::LookupRequest& request, const Answer<wire::LookupResponse>& answer);
void PrefixLookup(const State& state, const wire::PrefixLookupRequest& request,
                  const Answer<wire::PrefixLookupResponse>& answer);
void LimitScan(const State& state, const wire::LimitScanRequest& request,
               const Answer<wire::LimitScanResponse>& answer);
void ScanKv(const State& state, const wire::ScanKvRequest& request, const Answer<wire::ScanKvResponse>& answer);
void ListOffsets(const State& state, const wire::ListOffsetsRequest& request,
                 const Answer<wire::ListOffsetsResponse>& answer);
void GetTableStats(const State& state, const wire::GetTableStatsRequest& request,
                   const Answer<wire::GetTableStatsResponse>& answer);

void RegisterProducerOffsets(const State& state, const wire::RegisterProducerOffsetsRequest& request,
                             const Answer<wire::RegisterProducerOffsetsResponse>& answer);
void GetProducerOffsets(const State& state, const wire::GetProducerOffsetsRequest& request,
                        const Answer<wire::GetProducerOffsetsResponse>& answer);
void DeleteProducerOffsets(const State& state, const wire::DeleteProducerOffsetsRequest& request,
                           const Answer<wire::DeleteProducerOffsetsResponse>& answer);

void GetLatestKvSnapshots(const State& state, const wire::GetLatestKvSnapshotsRequest& request,
                          const Answer<wire::GetLatestKvSnapshotsResponse>& answer);
void GetKvSnapshotMetadata(const State& state, const wire::GetKvSnapshotMetadataRequest& request,
                           const Answer<wire::GetKvSnapshotMetadataResponse>& answer);
void ListKvSnapshots(const State& state, const wire::ListKvSnapshotsRequest& request,
                     const Answer<wire::ListKvSnapshotsResponse>& answer);
void AcquireKvSnapshotLease(const State& state, const wire::AcquireKvSnapshotLeaseRequest& request,
                            const Answer<wire::AcquireKvSnapshotLeaseResponse>& answer);
void ReleaseKvSnapshotLease(const State& state, const wire::ReleaseKvSnapshotLeaseRequest& request,
                            const Answer<wire::ReleaseKvSnapshotLeaseResponse>& answer);
void DropKvSnapshotLease(const State& state, const wire::DropKvSnapshotLeaseRequest& request,
                         const Answer<wire::DropKvSnapshotLeaseResponse>& answer);
void GetLakeSnapshot(const State& state, const wire::GetLakeSnapshotRequest& request,
                     const Answer<wire::GetLakeSnapshotResponse>& answer);
void Sql(const State& state, const CallPtr& call);
void GetFileSystemSecurityToken(const State& state, const wire::GetFileSystemSecurityTokenRequest& request,
                                const Answer<wire::GetFileSystemSecurityTokenResponse>& answer);

}  // namespace weir
