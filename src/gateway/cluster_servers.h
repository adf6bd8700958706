#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/future.h"
#include "weir/table.h"

namespace weir {

class Gateway;

/// A tablet server that answers.
struct TabletServer {
  int32_t id = 0;
  std::string host;
  int32_t port = 0;
  std::string rack;  // empty: it has none
};

/// Where a bucket is.
struct BucketPlace {
  int32_t bucket_id = 0;
  std::optional<int32_t> leader;  // nothing: none is elected
  std::vector<int32_t> replicas;  // all of them, the leader's too, on servers that answer or do not
};

/// What is asked besides of a target that is a cluster of servers.
class ClusterServers {
 public:
  virtual ~ClusterServers() = default;
  /// Null for an embedded database and a `weir server`, which are one node.
  static ClusterServers* Of(Gateway* gateway);

  virtual Future<std::vector<TabletServer>> GetTabletServers() = 0;
  /// Of a table, or of one partition of it.
  virtual Future<std::vector<BucketPlace>> GetBucketPlaces(const TablePath& path,
                                                           std::optional<int64_t> partition_id) = 0;
  /// While it is out of service, a server gets no new replicas, and Rebalance takes those away that it has.
  virtual Future<Unit> SetOutOfService(int32_t server_id, bool out) = 0;
  /// Spreads the replicas of all tables over the servers that are in service, and their leaders. Gives its name.
  virtual Future<std::string> Rebalance() = 0;
};

}  // namespace weir
