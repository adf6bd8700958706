// The servers of a cluster, and where they have tables' buckets.
#include "format/wire/translate.h"
#include "gateway/cluster/ask.h"
#include "gateway/cluster/requests.h"

namespace weir {
namespace {

/// What Fluss calls a server that is to be empty, and is so for good.
constexpr int32_t kPermanentlyOffline = 0;
/// Goals of a rebalance, by Fluss's numbers.
enum RebalanceGoal { kReplicaDistribution = 0, kLeaderDistribution = 1 };

std::vector<BucketPlace> ToPlaces(const google::protobuf::RepeatedPtrField<wire::BucketMetadata>& buckets) {
  std::vector<BucketPlace> places;
  for (const wire::BucketMetadata& bucket : buckets) {
    BucketPlace& place = places.emplace_back();
    place.bucket_id = bucket.bucket_id();
    if (bucket.has_leader_id() && bucket.leader_id() >= 0) place.leader = bucket.leader_id();
    place.replicas.assign(bucket.replica_id().begin(), bucket.replica_id().end());
  }
  return places;
}

}  // namespace

void GetServerNodes(const SessionPtr& session, const Promise<std::vector<ServerNode>>& promise) {
  const auto convert = [session](const wire::MetadataResponse& response) -> Result<std::vector<ServerNode>> {
    session->metadata().Apply(response);
    std::vector<ServerNode> nodes;
    if (response.has_coordinator_server()) {
      nodes.push_back(ToNode(response.coordinator_server(), ServerNode::Type::kCoordinator));
    }
    for (const wire::ServerNode& node : response.tablet_servers()) {
      nodes.push_back(ToNode(node, ServerNode::Type::kTablet));
    }
    return nodes;
  };
  Ask<wire::MetadataResponse>(session, ClusterSession::Role::kAny, wire::ApiKey::kGetMetadata, wire::MetadataRequest(),
                              promise, convert);
}

void GetTabletServers(const SessionPtr& session, const Promise<std::vector<TabletServer>>& promise) {
  const auto convert = [session](const wire::MetadataResponse& response) -> Result<std::vector<TabletServer>> {
    session->metadata().Apply(response);
    std::vector<TabletServer> servers;
    for (const wire::ServerNode& node : response.tablet_servers()) {
      servers.push_back({node.node_id(), node.host(), node.port(), node.rack()});
    }
    return servers;
  };
  Ask<wire::MetadataResponse>(session, ClusterSession::Role::kAny, wire::ApiKey::kGetMetadata, wire::MetadataRequest(),
                              promise, convert);
}

void GetBucketPlaces(const SessionPtr& session, const TablePath& path, std::optional<int64_t> partition_id,
                     const Promise<std::vector<BucketPlace>>& promise) {
  wire::MetadataRequest request;
  SetPath(path, request.add_table_path());
  if (partition_id) request.add_partitions_id(*partition_id);
  const auto convert = [partition_id](const wire::MetadataResponse& response) -> Result<std::vector<BucketPlace>> {
    if (partition_id) {
      if (response.partition_metadata_size() == 1) return ToPlaces(response.partition_metadata(0).bucket_metadata());
      return Status(ErrorCode::kPartitionNotExists, "the partition does not exist");
    }
    if (response.table_metadata_size() == 1) return ToPlaces(response.table_metadata(0).bucket_metadata());
    return Status(ErrorCode::kTableNotExist, "the table does not exist");
  };
  Ask<wire::MetadataResponse>(session, ClusterSession::Role::kAny, wire::ApiKey::kGetMetadata, request, promise,
                              convert);
}

void SetOutOfService(const SessionPtr& session, int32_t server_id, bool out, const Promise<Unit>& promise) {
  if (out) {
    wire::AddServerTagRequest request;
    request.add_server_ids(server_id);
    request.set_server_tag(kPermanentlyOffline);
    return Change<wire::AddServerTagResponse>(session, wire::ApiKey::kAddServerTag, request, promise);
  }
  wire::RemoveServerTagRequest request;
  request.add_server_ids(server_id);
  request.set_server_tag(kPermanentlyOffline);
  Change<wire::RemoveServerTagResponse>(session, wire::ApiKey::kRemoveServerTag, request, promise);
}

void Rebalance(const SessionPtr& session, const Promise<std::string>& promise) {
  wire::RebalanceRequest request;
  request.add_goals(kReplicaDistribution);
  request.add_goals(kLeaderDistribution);
  Ask<wire::RebalanceResponse>(
      session, ClusterSession::Role::kCoordinator, wire::ApiKey::kRebalance, request, promise,
      [](const wire::RebalanceResponse& response) -> Result<std::string> { return response.rebalance_id(); });
}

void GetLatestLakeSnapshot(const SessionPtr& session, const TablePath& path, const Promise<LakeSnapshot>& promise) {
  wire::GetLakeSnapshotRequest request;
  SetPath(path, request.mutable_table_path());
  const auto convert = [](const wire::GetLakeSnapshotResponse& response) -> Result<LakeSnapshot> {
    LakeSnapshot snapshot{response.snapshot_id(), {}};
    for (const wire::LakeSnapshotForBucket& bucket : response.bucket_snapshots()) {
      if (bucket.has_log_offset()) snapshot.offsets[ToBucket(response.table_id(), bucket)] = bucket.log_offset();
    }
    return snapshot;
  };
  Ask<wire::GetLakeSnapshotResponse>(session, ClusterSession::Role::kAny, wire::ApiKey::kGetLakeSnapshot, request,
                                     promise, convert);
}

}  // namespace weir
