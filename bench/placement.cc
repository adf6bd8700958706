/// What deciding on placements costs, against the number of nodes and partitions: one line of JSON a pair. Run by
/// scripts/bench-placement.
///
///     placement_bench NODES PARTITIONS
///
/// Nodes have three tiers: 10 regions, 10 zones in each, a rack of their own. Half of the partitions have no
/// constraints, a quarter two of three replicas and the lease in one region, a quarter each replica in a region of its
/// own.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "placement/cluster.h"

namespace weir::placement {
namespace {

constexpr int kRegions = 10;
constexpr int kTimedDecisions = 100'000;

double SecondsOf(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Require(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

Node MakeBenchNode(NodeId id) {
  const std::string region = std::to_string(id % kRegions);
  const std::string zone = std::to_string(id / kRegions % 10);
  Node node;
  node.id = id;
  node.locality = {{"region", "r" + region}, {"zone", "z" + zone}, {"rack", std::to_string(id)}};
  return node;
}

std::string RegionText(int region) { return "+region=r" + std::to_string(region % kRegions); }

Zone MakeBenchZone(int partition) {
  Zone zone;
  const int region = partition / 4 % kRegions;
  if (partition % 4 == 2) {
    zone.constraints = *ParseConstraints("{" + RegionText(region) + ": 2}");
    zone.lease_preferences = *ParseLeasePreferences("[[" + RegionText(region) + "]]");
  } else if (partition % 4 == 3) {
    zone.constraints = *ParseConstraints("{" + RegionText(region) + ": 1, " + RegionText(region + 1) + ": 1, " +
                                         RegionText(region + 2) + ": 1}");
  }
  return zone;
}

int64_t CountAtRest(const Cluster& cluster) {
  int64_t count = 0;
  for (Cluster::RangeId range = 0; range < cluster.size(); ++range) {
    count += cluster.Next(range).kind == Decision::Kind::kNothing ? 1 : 0;
  }
  return count;
}

void Run(int nodes, int partitions) {
  Cluster cluster;
  for (NodeId id = 1; id <= nodes; ++id) Require(cluster.Join(MakeBenchNode(id)));
  std::string line = "{\"nodes\": " + std::to_string(nodes) + ", \"partitions\": " + std::to_string(partitions);
  const auto add = [&](const std::string& name, double value) {
    line += ", \"" + name + "\": " + std::to_string(value);
  };
  const auto converge = [&](const std::string& name, const auto& change) {
    int64_t steps = 0;
    const double seconds = SecondsOf([&] {
      change();
      steps = cluster.Converge();
    });
    add(name + "_s", seconds);
    add(name + "_steps", static_cast<double>(steps));
  };
  converge("place", [&] {
    for (int partition = 0; partition < partitions; ++partition) cluster.AddRange(MakeBenchZone(partition));
  });
  const int timed = std::min(partitions, kTimedDecisions);
  int64_t idle = 0;
  const double seconds = SecondsOf([&] {
    for (int i = 0; i < timed; ++i) {
      const auto range = static_cast<Cluster::RangeId>(static_cast<int64_t>(i) * 7919 % partitions);
      idle += cluster.Next(range).kind == Decision::Kind::kNothing ? 1 : 0;
    }
  });
  add("decision_ns", seconds / timed * 1e9);
  converge("fail", [&] { Require(cluster.SetState(1, NodeState::kSuspect)); });
  converge("die", [&] { Require(cluster.SetState(1, NodeState::kDead)); });
  converge("leave", [&] { Require(cluster.SetState(2, NodeState::kDecommissioning)); });
  converge("join", [&] { Require(cluster.Join(MakeBenchNode(nodes + kRegions))); });
  add("at_rest", static_cast<double>(CountAtRest(cluster)));
  std::printf("%s, \"decided\": %lld}\n", line.c_str(), static_cast<long long>(idle));
}

}  // namespace
}  // namespace weir::placement

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: placement_bench NODES PARTITIONS\n");
    return 2;
  }
  weir::placement::Run(std::atoi(argv[1]), std::atoi(argv[2]));
  return 0;
}
