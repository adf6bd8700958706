// Snapshots of primary key tables, and leases on them.
#include <map>

#include "format/wire/translate.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

using LatestKvSnapshots = std::vector<std::optional<KvSnapshot>>;

/// An entry a bucket; one without a snapshot has its reader take the whole changelog.
wire::GetLatestKvSnapshotsResponse ToMessage(int64_t table_id, std::optional<int64_t> partition_id,
                                             const LatestKvSnapshots& latest) {
  wire::GetLatestKvSnapshotsResponse response;
  response.set_table_id(table_id);
  if (partition_id) response.set_partition_id(*partition_id);
  for (size_t i = 0; i < latest.size(); ++i) {
    wire::KvSnapshot* out = response.add_latest_snapshots();
    out->set_bucket_id(static_cast<int32_t>(i));
    if (!latest[i]) continue;
    out->set_snapshot_id(latest[i]->id.snapshot_id);
    out->set_log_offset(latest[i]->log_offset);
  }
  return response;
}

void AnswerLatest(const State& state, int64_t table_id, std::optional<int64_t> partition_id,
                  const Answer<wire::GetLatestKvSnapshotsResponse>& answer) {
  AnswerWith(answer, state->gateway->GetLatestKvSnapshots(table_id, partition_id),
             [=](const LatestKvSnapshots& latest) { return ToMessage(table_id, partition_id, latest); });
}

/// The snapshots by table.
wire::AcquireKvSnapshotLeaseResponse ToMessage(const std::vector<KvSnapshotId>& unavailable) {
  wire::AcquireKvSnapshotLeaseResponse response;
  std::map<int64_t, wire::KvSnapshotLeaseForTable*> tables;
  for (const KvSnapshotId& id : unavailable) {
    wire::KvSnapshotLeaseForTable*& table = tables[id.bucket.table_id];
    if (table == nullptr) {
      table = response.add_unavailable_snapshots();
      table->set_table_id(id.bucket.table_id);
    }
    wire::KvSnapshotLeaseForBucket* out = table->add_bucket_snapshots();
    SetBucket(id.bucket, out);
    out->set_snapshot_id(id.snapshot_id);
  }
  return response;
}

}  // namespace

void GetLatestKvSnapshots(const State& state, const wire::GetLatestKvSnapshotsRequest& request,
                          const Answer<wire::GetLatestKvSnapshotsResponse>& answer) {
  WhenDone(answer.call(), state->gateway->GetTableInfo(ToPath(request.table_path())),
           [state, request, answer](const Result<TableInfo>& info) {
             if (!info.ok()) return answer(info.status());
             const int64_t table_id = info->table_id;
             if (!request.has_partition_name() || !info->descriptor.has_primary_key()) {
               return AnswerLatest(state, table_id, std::nullopt, answer);
             }
             WhenDone(answer.call(), state->gateway->GetPartition(info->path, request.partition_name()),
                      [state, answer, table_id](const Result<PartitionInfo>& partition) {
                        if (!partition.ok()) return answer(partition.status());
                        AnswerLatest(state, table_id, partition->partition_id, answer);
                      });
           });
}

void GetKvSnapshotMetadata(const State& state, const wire::GetKvSnapshotMetadataRequest& request,
                           const Answer<wire::GetKvSnapshotMetadataResponse>& answer) {
  const KvSnapshotId id{ToBucket(request.table_id(), request), request.snapshot_id()};
  AnswerWith(answer, state->gateway->GetKvSnapshotFiles(id), [](const KvSnapshotFiles& files) {
    wire::GetKvSnapshotMetadataResponse response;
    response.set_log_offset(files.log_offset);
    for (const KvSnapshotFiles::File& file : files.files) {
      wire::RemotePathAndLocalFile* out = response.add_snapshot_files();
      out->set_remote_path(file.uri);
      out->set_local_file_name(file.name);
    }
    return response;
  });
}

void ListKvSnapshots(const State& state, const wire::ListKvSnapshotsRequest& request,
                     const Answer<wire::ListKvSnapshotsResponse>& answer) {
  std::optional<int64_t> partition_id;
  if (request.has_partition_id()) partition_id = request.partition_id();
  AnswerWith(answer, state->gateway->ListKvSnapshots(request.table_id(), partition_id),
             [request](const std::vector<KvSnapshot>& snapshots) {
               wire::ListKvSnapshotsResponse response;
               response.set_table_id(request.table_id());
               if (request.has_partition_id()) response.set_partition_id(request.partition_id());
               for (const KvSnapshot& snapshot : snapshots) {
                 wire::KvSnapshot* out = response.add_active_snapshots();
                 out->set_bucket_id(snapshot.id.bucket.bucket_id);
                 out->set_snapshot_id(snapshot.id.snapshot_id);
                 out->set_log_offset(snapshot.log_offset);
               }
               return response;
             });
}

void AcquireKvSnapshotLease(const State& state, const wire::AcquireKvSnapshotLeaseRequest& request,
                            const Answer<wire::AcquireKvSnapshotLeaseResponse>& answer) {
  KvSnapshotLease lease{request.lease_id(), request.lease_duration_ms(), {}};
  for (const wire::KvSnapshotLeaseForTable& table : request.snapshots_to_lease()) {
    for (const wire::KvSnapshotLeaseForBucket& bucket : table.bucket_snapshots()) {
      lease.snapshots.push_back({ToBucket(table.table_id(), bucket), bucket.snapshot_id()});
    }
  }
  AnswerWith(answer, state->gateway->AcquireKvSnapshotLease(lease),
             [](const std::vector<KvSnapshotId>& unavailable) { return ToMessage(unavailable); });
}

void ReleaseKvSnapshotLease(const State& state, const wire::ReleaseKvSnapshotLeaseRequest& request,
                            const Answer<wire::ReleaseKvSnapshotLeaseResponse>& answer) {
  std::vector<TableBucket> buckets;
  for (const wire::KvSnapshotBucket& bucket : request.buckets_to_release()) {
    buckets.push_back(ToBucket(bucket.table_id(), bucket));
  }
  AnswerEmpty(answer, state->gateway->ReleaseKvSnapshotLease(request.lease_id(), buckets));
}

void DropKvSnapshotLease(const State& state, const wire::DropKvSnapshotLeaseRequest& request,
                         const Answer<wire::DropKvSnapshotLeaseResponse>& answer) {
  AnswerEmpty(answer, state->gateway->DropKvSnapshotLease(request.lease_id()));
}

}  // namespace weir
