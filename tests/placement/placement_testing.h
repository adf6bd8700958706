#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "placement/cluster.h"
#include "postgres/error.h"

namespace weir::placement {

/// A live node of "region=NODEn" with a locality of its own where one is given.
inline Node MakeNode(NodeId id, const std::string& locality = {}, std::vector<std::string> attributes = {}) {
  Node node;
  node.id = id;
  node.locality = *ParseLocality(locality.empty() ? "region=NODE" + std::to_string(id) : locality);
  node.attributes = std::move(attributes);
  return node;
}

inline Zone MakeZone(int64_t num_replicas, std::string_view constraints = "[]",
                     std::string_view lease_preferences = "[]") {
  Zone zone;
  zone.num_replicas = num_replicas;
  zone.constraints = *ParseConstraints(constraints);
  zone.lease_preferences = *ParseLeasePreferences(lease_preferences);
  return zone;
}

inline Cluster MakeCluster(const std::vector<Node>& nodes) {
  Cluster cluster;
  for (const Node& node : nodes) EXPECT_TRUE(cluster.Join(node).ok());
  return cluster;
}

inline void Put(Cluster& cluster, NodeId id, NodeState state) {
  const Status status = cluster.SetState(id, state);
  EXPECT_TRUE(status.ok()) << status.ToString();
}

/// "22023 unsupported …", or "OK".
inline std::string ErrorOf(const Status& status) {
  if (status.ok()) return "OK";
  return postgres::FieldsOf(status).sqlstate + " " + status.message();
}

}  // namespace weir::placement
