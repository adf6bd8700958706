#include "gateway/cluster/cluster_metadata.h"

#include <algorithm>

#include "format/wire/translate.h"

namespace weir {
namespace {

constexpr int32_t kMaxBuckets = 1 << 20;  // of one table, whatever a server says

}  // namespace

void ClusterMetadata::Apply(const wire::MetadataResponse& response) {
  if (response.has_coordinator_server()) {
    coordinator_ = ToNode(response.coordinator_server(), ServerNode::Type::kCoordinator);
  }
  if (response.tablet_servers_size() > 0) tablets_.clear();
  for (const wire::ServerNode& node : response.tablet_servers()) {
    tablets_[node.node_id()] = ToNode(node, ServerNode::Type::kTablet);
  }
  for (const wire::TableMetadata& table : response.table_metadata()) {
    const TablePath path = ToPath(table.table_path());
    TakeLeaders(table.bucket_metadata(), &of_tables_[table.table_id()]);
    const auto [known, added] = ids_.try_emplace(path, table.table_id());
    if (known->second == table.table_id()) continue;
    TableGone(known->second);  // dropped, and made again
    ids_.erase(known);
  }
  for (const wire::PartitionMetadata& partition : response.partition_metadata()) {
    TakeLeaders(partition.bucket_metadata(), &of_partitions_[partition.partition_id()]);
  }
}

void ClusterMetadata::TakeLeaders(const Messages& messages, Buckets* buckets) {
  int32_t count = 0;
  for (const wire::BucketMetadata& bucket : messages) {
    if (bucket.bucket_id() >= 0 && bucket.bucket_id() < kMaxBuckets) count = std::max(count, bucket.bucket_id() + 1);
  }
  buckets->known = true;
  buckets->gone = false;
  buckets->leaders.assign(static_cast<size_t>(count), -1);
  for (const wire::BucketMetadata& bucket : messages) {
    if (bucket.bucket_id() < 0 || bucket.bucket_id() >= count || !bucket.has_leader_id()) continue;
    buckets->leaders[static_cast<size_t>(bucket.bucket_id())] = bucket.leader_id();
  }
}

std::optional<Endpoint> ClusterMetadata::AddressOf(int32_t tablet) const {
  const auto found = tablets_.find(tablet);
  if (found == tablets_.end()) return std::nullopt;
  return Endpoint{found->second.host, found->second.port};
}

void ClusterMetadata::AddTable(const TableInfo& info) {
  tables_[info.table_id] = {info.path, info.descriptor.partition_keys};
  of_tables_[info.table_id].gone = false;
  const auto [known, added] = ids_.try_emplace(info.path, info.table_id);
  if (known->second == info.table_id) return;
  TableGone(known->second);
  known->second = info.table_id;
}

const ClusterMetadata::Table* ClusterMetadata::FindTable(int64_t table_id) const {
  const auto found = tables_.find(table_id);
  return found == tables_.end() ? nullptr : &found->second;
}

const ClusterMetadata::Table* ClusterMetadata::FindTable(const TablePath& path, int64_t* table_id) const {
  const auto found = ids_.find(path);
  if (found == ids_.end()) return nullptr;
  *table_id = found->second;
  return FindTable(found->second);
}

void ClusterMetadata::TableGone(int64_t table_id) { of_tables_[table_id].gone = true; }
void ClusterMetadata::PartitionGone(int64_t partition_id) { of_partitions_[partition_id].gone = true; }

ClusterMetadata::Place ClusterMetadata::Find(const TableBucket& bucket) const {
  using Kind = Place::Kind;
  const auto table = of_tables_.find(bucket.table_id);
  if (table != of_tables_.end() && table->second.gone) return {Kind::kTableGone};
  const Buckets* buckets = table == of_tables_.end() ? nullptr : &table->second;
  if (bucket.partition_id) {
    const auto partition = of_partitions_.find(*bucket.partition_id);
    buckets = partition == of_partitions_.end() ? nullptr : &partition->second;
  }
  if (buckets == nullptr) return {Kind::kUnknown};
  if (buckets->gone) return {Kind::kPartitionGone};
  const Table* const described = FindTable(bucket.table_id);
  const bool partition_missing = !bucket.partition_id && described != nullptr && !described->partition_keys.empty();
  if (partition_missing) return {Kind::kNoSuchBucket};
  if (!buckets->known || buckets->leaders.empty()) return {Kind::kUnknown};
  if (bucket.bucket_id < 0 || bucket.bucket_id >= static_cast<int32_t>(buckets->leaders.size())) {
    return {Kind::kNoSuchBucket};
  }
  const int32_t node = buckets->leaders[static_cast<size_t>(bucket.bucket_id)];
  return node >= 0 && tablets_.contains(node) ? Place{Kind::kLeader, node} : Place{Kind::kUnknown};
}

ClusterMetadata::Buckets* ClusterMetadata::FindBuckets(const TableBucket& bucket) {
  auto& all = bucket.partition_id ? of_partitions_ : of_tables_;
  const auto found = all.find(bucket.partition_id.value_or(bucket.table_id));
  return found == all.end() ? nullptr : &found->second;
}

void ClusterMetadata::Forget(const TableBucket& bucket, int32_t node) {
  Buckets* const buckets = FindBuckets(bucket);
  if (buckets == nullptr || bucket.bucket_id < 0) return;
  const auto i = static_cast<size_t>(bucket.bucket_id);
  if (i < buckets->leaders.size() && buckets->leaders[i] == node) buckets->leaders[i] = -1;
}

}  // namespace weir
