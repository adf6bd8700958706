#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/cluster_servers.h"
#include "placement/node.h"
#include "sql/catalog/catalog.h"

namespace weir::sql {

/// What zones place ranges on: one node, which the target is, or the tablet servers of a cluster that answer.
struct ZoneNode {
  placement::Node node;
  std::string address;  // "host:port"; empty: that of this server
};

/// A cluster's servers as nodes: KWDB counts those from 1, Fluss from 0.
placement::NodeId NodeOfServer(int32_t server_id);
/// `locality`: of the only node, where there is one. A server's rack is its locality, or the region of that.
Result<std::vector<ZoneNode>> NodesOf(Gateway* gateway, std::string_view locality);
/// Those that the constraints of zones are held to; empty: none says where it is, and constraints may name any place.
Result<std::vector<placement::Node>> NodesToMatch(Gateway* gateway, std::string_view locality);

/// The option of a Fluss table.
inline constexpr const char* kReplicationOption = "table.replication.factor";
/// How many replicas the zones ask for of the Fluss table of a leaf or an index; nothing: none but KWDB's own says so.
Result<std::optional<int64_t>> ReplicasAskedFor(CatalogView& catalog, const Relation& relation);

}  // namespace weir::sql
