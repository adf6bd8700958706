/// What holds for any nodes, zones and events: random ones, checked step by step and at rest.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "placement/candidate_index.h"
#include "placement/cluster.h"
#include "placement/explain.h"
#include "tests/placement/placement_testing.h"

namespace weir::placement {
namespace {

using Random = std::mt19937;

int Below(Random& random, int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }

/// Of one to three tiers, so that localities of several lengths are mixed.
std::string RandomLocality(Random& random, NodeId id) {
  switch (Below(random, 6)) {
    case 0:
      return "region=NODE" + std::to_string(id);
    case 1:
      return std::string("region=r") + std::to_string(Below(random, 3)) + ",zone=z" + std::to_string(Below(random, 2)) +
             ",rack=" + std::to_string(Below(random, 2));
    default:
      return "region=r" + std::to_string(Below(random, 3)) + ",zone=z" + std::to_string(Below(random, 3));
  }
}

Node RandomNode(Random& random, NodeId id) {
  Node node = MakeNode(id, RandomLocality(random, id));
  if (Below(random, 2) == 0) node.attributes.push_back("ssd");
  if (Below(random, 20) == 0) node.disk_used_percent = 97;
  return node;
}

/// Zones as CheckZone lets them pass.
Zone RandomZone(Random& random) {
  static const std::vector<const char*> kConstraints = {
      "[]",
      "[]",
      "[+ssd]",
      "[-region=r0]",
      "[+region=r1, -ssd]",
      "{+region=r0: 1}",
      "{+region=r0: 1, +region=r1: 1}",
      "{+region=r0: 2, +region=r2: 1}",
      "{+ssd: 1, +region=r1: 2}",
      "{+region=r0: 1, +region=r1: 1, +region=r2: 1}",
      "{'+region=r0,+ssd': 1, +zone=z1: 1}",
  };
  static const std::vector<const char*> kPreferences = {"[]", "[[+region=r1]]", "[[+ssd], [-region=r0]]",
                                                        "[[+region=r2, +ssd], [+region=r0]]"};
  static const std::vector<int64_t> kReplicas = {3, 3, 3, 4, 5, 7};
  Zone zone = MakeZone(kReplicas[Below(random, 6)], kConstraints[random() % kConstraints.size()],
                       kPreferences[random() % kPreferences.size()]);
  if (zone.constraints.empty() && Below(random, 4) == 0) zone.num_replicas = 1;
  return zone;
}

/// How far a placement is from its constraints: replicas that are not allowed, and replicas that parts lack.
std::pair<int64_t, int64_t> Distance(const Cluster& cluster, Cluster::RangeId range,
                                     const std::vector<NodeId>& voters) {
  const Policy& policy = cluster.policy(range);
  std::pair<int64_t, int64_t> distance;
  for (const NodeId id : voters) distance.first += IsAllowed(cluster.pool(), policy, id) ? 0 : 1;
  for (const Policy::Part& part : policy.constraints) {
    distance.second +=
        std::max<int64_t>(0, part.replicas - CountSatisfying(cluster.pool(), part.nodes, voters));
  }
  return distance;
}

void CheckMove(const Cluster& cluster, Cluster::RangeId range, const Decision& decision) {
  const Replicas before = cluster.replicas(range);
  const Replicas after = Apply(decision, before);
  EXPECT_EQ(after.voters.size(), before.voters.size());
  const bool was_voluntary =
      decision.reason != Decision::Reason::kDead && decision.reason != Decision::Reason::kDecommissioning;
  if (!was_voluntary) return;
  const auto [not_allowed, lacking] = Distance(cluster, range, before.voters);
  const auto [not_allowed_after, lacking_after] = Distance(cluster, range, after.voters);
  EXPECT_LE(not_allowed_after, not_allowed);
  EXPECT_LE(lacking_after, lacking);
  if (decision.reason == Decision::Reason::kConstraints) {
    EXPECT_LT(not_allowed_after + lacking_after, not_allowed + lacking);
  }
}

/// What every single step keeps.
void CheckStep(const Cluster& cluster, Cluster::RangeId range, const Decision& decision) {
  const NodePool& pool = cluster.pool();
  const Replicas before = cluster.replicas(range);
  const Replicas after = Apply(decision, before);
  const std::set<NodeId> nodes(after.voters.begin(), after.voters.end());
  EXPECT_EQ(nodes.size(), after.voters.size()) << "two replicas on one node";
  EXPECT_TRUE(std::ranges::is_sorted(after.voters));
  EXPECT_TRUE(after.lease_holder == kNoNode || nodes.contains(after.lease_holder));
  const auto is_available = [&](const std::vector<NodeId>& voters) {
    return VotersUp(pool, voters) >= Quorum(static_cast<int64_t>(voters.size()));
  };
  if (is_available(before.voters)) {
    EXPECT_TRUE(is_available(after.voters)) << "a step has cost the quorum";
  }
  const bool takes = decision.kind == Decision::Kind::kAddReplica || decision.kind == Decision::Kind::kMoveReplica;
  if (takes) {
    EXPECT_TRUE(MayTakeReplicas(*std::ranges::find(pool.nodes(), decision.to, &Node::id)));
    EXPECT_TRUE(IsAllowed(pool, cluster.policy(range), decision.to));
  }
  if (decision.kind == Decision::Kind::kMoveReplica) CheckMove(cluster, range, decision);
  if (decision.kind == Decision::Kind::kRemoveReplica) {
    EXPECT_GT(static_cast<int64_t>(before.voters.size()),
              NeededReplicas(cluster.policy(range).num_replicas, pool.counted()));
  }
}

bool HasTarget(const Cluster& cluster, Cluster::RangeId range) {
  const std::vector<NodeId>& voters = cluster.replicas(range).voters;
  return std::ranges::any_of(cluster.pool().nodes(), [&](const Node& node) {
    return MayTakeReplicas(node) && IsAllowed(cluster.pool(), cluster.policy(range), node.id) &&
           std::ranges::find(voters, node.id) == voters.end();
  });
}

/// What holds of a range that has no step left.
void CheckAtRest(const Cluster& cluster, Cluster::RangeId range) {
  const NodePool& pool = cluster.pool();
  const Replicas& replicas = cluster.replicas(range);
  const Decision decision = cluster.Next(range);
  EXPECT_EQ(Apply(decision, replicas), replicas);
  const std::vector<NodeId> leases = LeaseCandidates(pool, cluster.policy(range), replicas.voters);
  if (leases.empty()) {
    EXPECT_EQ(replicas.lease_holder, kNoNode);
  } else {
    EXPECT_NE(std::ranges::find(leases, replicas.lease_holder), leases.end());
  }
  switch (decision.kind) {
    case Decision::Kind::kNothing:
      EXPECT_EQ(static_cast<int64_t>(replicas.voters.size()),
                NeededReplicas(cluster.policy(range).num_replicas, pool.counted()));
      EXPECT_EQ(Distance(cluster, range, replicas.voters), std::pair(int64_t{0}, int64_t{0}));
      for (const NodeId id : replicas.voters) {
        EXPECT_NE(pool.state(id), NodeState::kDead);
        EXPECT_NE(pool.state(id), NodeState::kDecommissioning);
      }
      break;
    case Decision::Kind::kBlocked:
      EXPECT_FALSE(Violations(pool, cluster.policy(range), replicas).empty());
      if (decision.reason == Decision::Reason::kDead || decision.reason == Decision::Reason::kDecommissioning) {
        EXPECT_FALSE(HasTarget(cluster, range));
      }
      break;
    case Decision::Kind::kUnavailable:
      EXPECT_LT(VotersUp(pool, replicas.voters), Quorum(static_cast<int64_t>(replicas.voters.size())));
      break;
    case Decision::Kind::kAddReplica:
    case Decision::Kind::kRemoveReplica:
    case Decision::Kind::kMoveReplica:
    case Decision::Kind::kMoveLease:
      ADD_FAILURE() << "a step is left: " << DecisionText(decision);
  }
}

void RandomEvent(Random& random, Cluster& cluster, NodeId* next_id) {
  static constexpr NodeState kStates[] = {NodeState::kLive,    NodeState::kLive,    NodeState::kLive,
                                          NodeState::kSuspect, NodeState::kDead,    NodeState::kDraining,
                                          NodeState::kDecommissioning};
  switch (Below(random, 5)) {
    case 0:
      EXPECT_TRUE(cluster.Join(RandomNode(random, (*next_id)++)).ok());
      break;
    case 1:
      cluster.SetZone(random() % cluster.size(), RandomZone(random));
      break;
    default: {
      const std::span<const Node> nodes = cluster.pool().nodes();
      const Node& node = nodes[random() % nodes.size()];
      if (node.state == NodeState::kDecommissioning && cluster.pool().replicas(node.id) == 0) {
        Put(cluster, node.id, NodeState::kDecommissioned);
      } else if (node.state != NodeState::kDecommissioned) {
        Put(cluster, node.id, kStates[Below(random, 7)]);
      }
    }
  }
}

/// The placements after a run of random events; with `check` every step and every rest is looked at.
std::vector<Replicas> RunEvents(unsigned seed, bool check) {
  Random random(seed);
  Cluster cluster;
  NodeId next_id = 1;
  const int nodes = 1 + Below(random, 9);
  while (next_id <= nodes) EXPECT_TRUE(cluster.Join(RandomNode(random, next_id++)).ok());
  const int ranges = 1 + Below(random, 12);
  for (int i = 0; i < ranges; ++i) cluster.AddRange(RandomZone(random));
  const Cluster::Observer observer = [&](Cluster::RangeId range, const Decision& decision) {
    if (check) CheckStep(cluster, range, decision);
  };
  for (int event = 0; event < 30; ++event) {
    const int64_t steps = cluster.Converge(observer);
    EXPECT_LT(steps, 40 * static_cast<int64_t>(cluster.size())) << "seed " << seed;
    for (Cluster::RangeId range = 0; check && range < cluster.size(); ++range) CheckAtRest(cluster, range);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "with seed " << seed << ", event " << event;
      break;
    }
    RandomEvent(random, cluster, &next_id);
  }
  std::vector<Replicas> placements;
  for (Cluster::RangeId range = 0; range < cluster.size(); ++range) placements.push_back(cluster.replicas(range));
  return placements;
}

TEST(PlacementProperties, HoldInEveryStepAndAtRest) {
  for (unsigned seed = 0; seed < 600 && !HasFailure(); ++seed) RunEvents(seed, true);
}

TEST(PlacementProperties, TheSameEventsGiveTheSamePlacement) {
  for (unsigned seed = 0; seed < 50; ++seed) EXPECT_EQ(RunEvents(seed, false), RunEvents(seed, false));
}

TEST(PlacementProperties, AZoneMovesItsOwnRangesOnly) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Cluster cluster;
    for (NodeId id = 1; id <= 6; ++id) EXPECT_TRUE(cluster.Join(MakeNode(id)).ok());
    const auto pin = [&] {
      const int first = 1 + Below(random, 4);
      return MakeZone(3, "{+region=NODE" + std::to_string(first) + ": 1, +region=NODE" + std::to_string(first + 1) +
                             ": 1, +region=NODE" + std::to_string(first + 2) + ": 1}",
                      "[[+region=NODE" + std::to_string(first) + "]]");
    };
    for (int i = 0; i < 8; ++i) cluster.AddRange(pin());
    cluster.Converge();
    const size_t changed = random() % 8;
    std::vector<Replicas> before;
    for (Cluster::RangeId range = 0; range < 8; ++range) before.push_back(cluster.replicas(range));
    cluster.SetZone(changed, pin());
    cluster.Converge();
    for (Cluster::RangeId range = 0; range < 8; ++range) {
      if (range == changed) continue;
      EXPECT_EQ(cluster.replicas(range), before[range]);
    }
  }
}

TEST(PlacementProperties, AWholeClusterIsLevel) {
  Cluster cluster;
  for (NodeId id = 1; id <= 9; ++id) {
    EXPECT_TRUE(cluster.Join(MakeNode(id, "region=r" + std::to_string(id % 3))).ok());
  }
  for (int i = 0; i < 600; ++i) cluster.AddRange(Zone());
  cluster.Converge();
  for (NodeId id = 1; id <= 9; ++id) {
    EXPECT_NEAR(static_cast<double>(cluster.pool().replicas(id)), 200, 10);
    EXPECT_NEAR(static_cast<double>(cluster.pool().leases(id)), 600.0 / 9, 2);
  }
}

/// CandidateIndex::Best by looking at every candidate.
std::optional<BestCandidate> BestOfAll(const std::vector<std::pair<Candidate, Locality>>& candidates,
                                       const std::vector<std::pair<Holder, Locality>>& holders) {
  std::optional<BestCandidate> best;
  for (const auto& [candidate, locality] : candidates) {
    BestCandidate one{candidate, 0};
    bool is_holder = false;
    for (const auto& [holder, other] : holders) {
      is_holder = is_holder || holder.id == candidate.id;
      if (holder.stays) one.diversity += Diversity(locality, other);
    }
    if (!is_holder && one.IsBetterThan(best)) best = one;
  }
  return best;
}

TEST(CandidateIndex, FindsWhatLookingAtAllFinds) {
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    CandidateIndex index;
    std::map<std::string, int32_t> numbers;
    std::vector<std::pair<Candidate, Locality>> candidates;
    std::vector<LocalityPath> paths;
    for (NodeId id = 1; id <= 15; ++id) {
      const Locality locality = *ParseLocality(RandomLocality(random, id));
      LocalityPath path;
      for (const Tier& tier : locality) {
        path.push_back(numbers.try_emplace(tier.value, static_cast<int32_t>(numbers.size())).first->second);
      }
      candidates.push_back({{Below(random, 4), id}, locality});
      paths.push_back(path);
      index.Insert(path, candidates.back().first);
    }
    std::vector<std::pair<Holder, Locality>> holders;
    std::vector<Holder> given;
    for (size_t i = 0; i < paths.size(); ++i) {
      if (Below(random, 4) != 0) continue;
      given.push_back({candidates[i].first.id, &paths[i], Below(random, 3) != 0});
      holders.push_back({given.back(), candidates[i].second});
    }
    for (int gone = 0; gone < 5; ++gone) {
      const std::optional<BestCandidate> best = index.Best(given);
      const std::optional<BestCandidate> expected = BestOfAll(candidates, holders);
      ASSERT_EQ(best.has_value(), expected.has_value());
      if (!best) break;
      EXPECT_EQ(best->candidate, expected->candidate);
      EXPECT_EQ(best->diversity, expected->diversity);
      const auto found = std::ranges::find(candidates, best->candidate, &std::pair<Candidate, Locality>::first);
      index.Erase(paths[static_cast<size_t>(best->candidate.id) - 1], best->candidate);
      candidates.erase(found);
    }
  }
}

}  // namespace
}  // namespace weir::placement
