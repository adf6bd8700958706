#pragma once

#include "format/wire/fluss.pb.h"
#include "weir/table.h"

namespace weir {

inline TablePath ToPath(const wire::TablePath& path) { return {path.database_name(), path.table_name()}; }

inline void SetPath(const TablePath& path, wire::TablePath* out) {
  out->set_database_name(path.database);
  out->set_table_name(path.table);
}

inline ServerNode ToNode(const wire::ServerNode& message, ServerNode::Type type) {
  return {message.node_id(), message.host(), message.port(), type};
}

/// A key that is named twice counts as the pair named last.
inline PartitionSpec ToSpec(const wire::PartitionSpec& spec) {
  PartitionSpec out;
  for (const wire::KeyValue& pair : spec.partition_key_values()) out[pair.key()] = pair.value();
  return out;
}

/// The bucket that a message with partition_id and bucket_id names.
template <typename Message>
TableBucket ToBucket(int64_t table_id, const Message& message) {
  TableBucket bucket{table_id, std::nullopt, message.bucket_id()};
  if (message.has_partition_id()) bucket.partition_id = message.partition_id();
  return bucket;
}

template <typename Message>
void SetBucket(const TableBucket& bucket, Message* out) {
  if (bucket.partition_id) out->set_partition_id(*bucket.partition_id);
  out->set_bucket_id(bucket.bucket_id);
}

}  // namespace weir
