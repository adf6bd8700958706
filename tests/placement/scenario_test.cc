/// What becomes of ranges when nodes fail, leave and join: the scenarios of KWDB's placement model.
#include <gtest/gtest.h>

#include "placement/cluster.h"
#include "placement/explain.h"
#include "tests/placement/placement_testing.h"

namespace weir::placement {
namespace {

const char* const kOnThree = "{\"+region=NODE1\": 1, \"+region=NODE2\": 1, \"+region=NODE3\": 1}";

std::vector<Node> NodesUpTo(NodeId last) {
  std::vector<Node> nodes;
  for (NodeId id = 1; id <= last; ++id) nodes.push_back(MakeNode(id));
  return nodes;
}

/// "{1,2,3} 1": the voters and who has the lease; "-" where nobody.
std::string PlacementOf(const Cluster& cluster, Cluster::RangeId range) {
  const Replicas& replicas = cluster.replicas(range);
  std::string text;
  for (const NodeId id : replicas.voters) text += (text.empty() ? "" : ",") + std::to_string(id);
  return "{" + text + "} " + (replicas.lease_holder == kNoNode ? "-" : std::to_string(replicas.lease_holder));
}

std::string_view ConditionAt(const Cluster& cluster, Cluster::RangeId range) {
  return ConditionOf(cluster.pool(), cluster.policy(range), cluster.replicas(range));
}

std::vector<std::string> ViolationsAt(const Cluster& cluster, Cluster::RangeId range) {
  return Violations(cluster.pool(), cluster.policy(range), cluster.replicas(range));
}

/// North, east and south: a replica on each of three nodes, the lease preferred on node 1, 2 and 3 in turn.
class ThreeRegions : public testing::Test {
 protected:
  explicit ThreeRegions(NodeId nodes = 3) : cluster_(MakeCluster(NodesUpTo(nodes))) {
    for (const char* preferences : {"[[+region=NODE1]]", "[[+region=NODE2]]", "[[+region=NODE3]]"}) {
      cluster_.AddRange(MakeZone(3, kOnThree, preferences));
    }
    cluster_.Converge();
  }

  void After(NodeId id, NodeState state) {
    Put(cluster_, id, state);
    cluster_.Converge();
  }
  std::vector<std::string> Placements() const {
    std::vector<std::string> texts;
    for (Cluster::RangeId range = 0; range < cluster_.size(); ++range) texts.push_back(PlacementOf(cluster_, range));
    return texts;
  }

  using Texts = std::vector<std::string>;
  Cluster cluster_;
};
class ThreeRegionsOfFour : public ThreeRegions {
 protected:
  ThreeRegionsOfFour() : ThreeRegions(4) {}
};

TEST_F(ThreeRegions, EachLeaseIsWhereItIsPreferred) {
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 1", "{1,2,3} 2", "{1,2,3} 3"}));
  for (Cluster::RangeId range = 0; range < 3; ++range) EXPECT_EQ(ConditionAt(cluster_, range), "ok");
  EXPECT_EQ(cluster_.Converge(), 0);
}

TEST_F(ThreeRegions, AFailedNodesLeaseLapsesAndComesBack) {
  After(1, NodeState::kSuspect);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 2", "{1,2,3} 2", "{1,2,3} 3"}));
  EXPECT_EQ(ConditionAt(cluster_, 0), "under-replicated");
  EXPECT_EQ(ViolationsAt(cluster_, 0),
            (Texts{"2 of 3 replicas are up", "no replica that is up fulfils a lease preference"}));
  After(1, NodeState::kLive);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 1", "{1,2,3} 2", "{1,2,3} 3"}));
}

TEST_F(ThreeRegions, ADeadNodeIsNotReplacedWithoutAnother) {
  After(1, NodeState::kSuspect);
  After(1, NodeState::kDead);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 2", "{1,2,3} 2", "{1,2,3} 3"}));
  EXPECT_EQ(cluster_.Next(0).kind, Decision::Kind::kBlocked);
  After(1, NodeState::kLive);
  EXPECT_EQ(PlacementOf(cluster_, 0), "{1,2,3} 1");
}

TEST_F(ThreeRegionsOfFour, ConstraintsKeepADeadNodeFromBeingReplaced) {
  const auto free = cluster_.AddRange(MakeZone(3), {{1, 2, 3}, 1});
  After(1, NodeState::kDead);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 2", "{1,2,3} 2", "{1,2,3} 3", "{2,3,4} 4"}));
  EXPECT_EQ(ConditionAt(cluster_, free), "ok");
  EXPECT_EQ(ViolationsAt(cluster_, 0).back(),
            "0 of 3 live stores are able to take a new replica for the range (3 already have a replica); must match "
            "constraints [{+region=NODE1:1} {+region=NODE2:1} {+region=NODE3:1}]");
  // Constraints for fewer replicas leave one free to go.
  cluster_.SetZone(0, MakeZone(3, "{\"+region=NODE2\": 1, \"+region=NODE3\": 1}"));
  cluster_.SetZone(1, MakeZone(3, "{+region=NODE4: 1, +region=NODE2: 1, +region=NODE3: 1}", "[[+region=NODE2]]"));
  cluster_.Converge();
  EXPECT_EQ(cluster_.replicas(0).voters, (std::vector<NodeId>{2, 3, 4}));
  EXPECT_EQ(PlacementOf(cluster_, 1), "{2,3,4} 2");
  EXPECT_EQ(PlacementOf(cluster_, 2), "{1,2,3} 3");  // whose zone nobody changed
}

TEST_F(ThreeRegions, WithoutAQuorumNothingIsDoneUntilOneIsBack) {
  After(1, NodeState::kDead);
  After(2, NodeState::kDead);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} -", "{1,2,3} -", "{1,2,3} -"}));
  EXPECT_EQ(ConditionAt(cluster_, 0), "unavailable");
  EXPECT_EQ(ViolationsAt(cluster_, 0).front(), "1 of 3 replicas are up, 2 are needed for a quorum");
  After(2, NodeState::kLive);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 2", "{1,2,3} 2", "{1,2,3} 3"}));
}

TEST_F(ThreeRegionsOfFour, ConstraintsBlockScaleIn) {
  After(1, NodeState::kDecommissioning);
  EXPECT_EQ(Placements(), (Texts{"{1,2,3} 2", "{1,2,3} 2", "{1,2,3} 3"}));
  EXPECT_EQ(ConditionAt(cluster_, 0), "blocked");
  EXPECT_EQ(cluster_.pool().replicas(1), 3);
  for (Cluster::RangeId range = 0; range < 3; ++range) {
    cluster_.SetZone(range, MakeZone(3, "{+region=NODE2: 1, +region=NODE3: 1, +region=NODE4: 1}"));
  }
  cluster_.Converge();
  for (Cluster::RangeId range = 0; range < 3; ++range) {
    EXPECT_EQ(cluster_.replicas(range).voters, (std::vector<NodeId>{2, 3, 4}));
  }
  EXPECT_EQ(cluster_.pool().replicas(1), 0);
}

TEST_F(ThreeRegions, ScaleInToFewerNodesThanReplicasNeverEnds) {
  cluster_.AddRange(MakeZone(3));
  cluster_.Converge();
  After(1, NodeState::kDecommissioning);
  EXPECT_EQ(cluster_.pool().replicas(1), 4);
  for (Cluster::RangeId range = 0; range < 4; ++range) {
    EXPECT_EQ(cluster_.Next(range).kind, Decision::Kind::kBlocked);
    EXPECT_NE(cluster_.replicas(range).lease_holder, 1);
    EXPECT_NE(cluster_.replicas(range).lease_holder, kNoNode);
  }
}

TEST_F(ThreeRegions, ANodeThatJoinsTakesWhatIsNotPinned) {
  for (int i = 0; i < 4; ++i) cluster_.AddRange(MakeZone(3));
  cluster_.Converge();
  ASSERT_TRUE(cluster_.Join(MakeNode(4)).ok());
  cluster_.Converge();
  for (Cluster::RangeId range = 0; range < 3; ++range) {
    EXPECT_EQ(cluster_.replicas(range).voters, (std::vector<NodeId>{1, 2, 3}));
  }
  EXPECT_EQ(cluster_.pool().replicas(4), 4);
  for (NodeId id = 1; id <= 3; ++id) EXPECT_LE(cluster_.pool().replicas(id) - cluster_.pool().replicas(4), 2);
}

TEST(Placement, AReplicaOnAProhibitedNodeStaysUntilAnotherCanTakeIt) {
  Cluster cluster = MakeCluster(NodesUpTo(3));
  const auto range = cluster.AddRange(MakeZone(3, "[-region=NODE3]"), {{1, 2, 3}, 1});
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{1,2,3} 1");
  EXPECT_EQ(ConditionAt(cluster, range), "violating");
  EXPECT_EQ(ViolationsAt(cluster, range).front(), "the constraints [-region=NODE3] rule out the replica on node 3");
  ASSERT_TRUE(cluster.Join(MakeNode(4)).ok());
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{1,2,4} 1");
  EXPECT_EQ(ConditionAt(cluster, range), "ok");
}

TEST(Placement, ASecondReplicaIsNotAddedWhereAThirdCannotBe) {
  Cluster cluster = MakeCluster(NodesUpTo(3));
  const auto range = cluster.AddRange(MakeZone(3, "[-region=NODE3]"), {{1}, 1});
  EXPECT_EQ(cluster.Converge(), 0);
  EXPECT_EQ(PlacementOf(cluster, range), "{1} 1");
}

TEST(Placement, ASingleReplicaIsWhereItShallBe) {
  Cluster cluster = MakeCluster(NodesUpTo(3));
  const auto range = cluster.AddRange(MakeZone(1, "[+region=NODE2]"));
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{2} 2");
  Put(cluster, 2, NodeState::kDead);
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{2} -");
  EXPECT_EQ(ConditionAt(cluster, range), "unavailable");
  Put(cluster, 2, NodeState::kLive);
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{2} 2");
}

TEST(Placement, MoreReplicasThanNodesThatAreAllowed) {
  Cluster cluster = MakeCluster(NodesUpTo(5));
  const auto range = cluster.AddRange(MakeZone(3, "[+region=NODE1]"), {{1, 2, 3}, 2});
  EXPECT_EQ(cluster.Converge(), 0);
  EXPECT_EQ(PlacementOf(cluster, range), "{1,2,3} 2");
  EXPECT_EQ(ConditionAt(cluster, range), "violating");
}

TEST(Placement, OneReplicaIsPinnedAndTheOthersAreFree) {
  Cluster cluster = MakeCluster(NodesUpTo(5));
  const auto range = cluster.AddRange(MakeZone(3, "{+region=NODE1: 1}"));
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range).substr(0, 7), "{1,2,3}");
  Put(cluster, 1, NodeState::kDead);
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters, (std::vector<NodeId>{2, 3, 4}));
  EXPECT_EQ(ViolationsAt(cluster, range).front(), "+region=NODE1 has 0 of 1 replica");
  Put(cluster, 1, NodeState::kLive);
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.front(), 1);
  EXPECT_EQ(cluster.replicas(range).voters.size(), 3u);
  EXPECT_EQ(ConditionAt(cluster, range), "ok");
}

TEST(Placement, ANodeOfAFullPartStillIsAllowed) {
  Cluster cluster = MakeCluster({MakeNode(1, "region=A"), MakeNode(2, "region=A"), MakeNode(3, "region=A"),
                                 MakeNode(4, "region=B"), MakeNode(5, "region=B")});
  const auto range = cluster.AddRange(MakeZone(3, "{+region=A: 2, +region=B: 1}"));
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters, (std::vector<NodeId>{1, 2, 4}));
  Put(cluster, 4, NodeState::kDead);
  Put(cluster, 5, NodeState::kDead);
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters, (std::vector<NodeId>{1, 2, 3}));
  Put(cluster, 5, NodeState::kLive);
  cluster.Converge();
  EXPECT_EQ(ConditionAt(cluster, range), "ok");
  EXPECT_EQ(cluster.replicas(range).voters.back(), 5);
}

TEST(Placement, LeasePreferencesAreTriedInOrder) {
  Cluster cluster = MakeCluster(NodesUpTo(4));
  const auto second = cluster.AddRange(MakeZone(3, "[]", "[[+region=NODE4], [+region=NODE2]]"), {{1, 2, 3}, 1});
  const auto prohibited = cluster.AddRange(MakeZone(3, "[]", "[[-region=NODE1]]"), {{1, 2, 3}, 1});
  const auto nobody = cluster.AddRange(MakeZone(3, "[]", "[[+region=NODE4]]"), {{1, 2, 3}, 1});
  EXPECT_EQ(cluster.Next(second).to, 2);
  EXPECT_EQ(cluster.Next(second).reason, Decision::Reason::kLeasePreference);
  EXPECT_EQ(cluster.Next(prohibited).to, 2);
  EXPECT_NE(cluster.Next(nobody).reason, Decision::Reason::kLeasePreference);  // a preference moves no replica
}

TEST(Placement, AsManyReplicasAsNodesAllow) {
  Cluster cluster = MakeCluster(NodesUpTo(3));
  const auto range = cluster.AddRange(MakeZone(5));
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.size(), 3u);
  ASSERT_TRUE(cluster.Join(MakeNode(4)).ok());
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.size(), 3u);  // never an even number
  ASSERT_TRUE(cluster.Join(MakeNode(5)).ok());
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.size(), 5u);
  Put(cluster, 5, NodeState::kDecommissioning);
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.size(), 3u);
  EXPECT_EQ(cluster.pool().replicas(5), 0);
}

TEST(Placement, ADiscardedZoneMovesNothing) {
  Cluster cluster = MakeCluster(NodesUpTo(4));
  const auto range = cluster.AddRange(MakeZone(3, kOnThree, "[[+region=NODE1]]"));
  cluster.Converge();
  cluster.SetZone(range, Zone());
  EXPECT_EQ(cluster.Converge(), 0);
}

TEST(Placement, NumbersOfReplicasNeeded) {
  struct Case {
    int64_t wanted, nodes, need;
  };
  for (const Case& one : std::vector<Case>{{3, 3, 3}, {3, 5, 3}, {3, 2, 3}, {3, 1, 3}, {5, 4, 3}, {5, 3, 3}, {1, 1, 1},
                                           {4, 3, 3}, {4, 4, 4}, {1, 0, 1}, {7, 6, 5}, {3, 0, 3}}) {
    EXPECT_EQ(NeededReplicas(one.wanted, one.nodes), one.need) << one.wanted << " on " << one.nodes;
  }
}

TEST(Placement, ReplicasAreSpreadOverTheWidestTier) {
  Cluster cluster = MakeCluster({MakeNode(1, "region=a,zone=1"), MakeNode(2, "region=a,zone=1"),
                                 MakeNode(3, "region=a,zone=2"), MakeNode(4, "region=b,zone=1")});
  const auto range = cluster.AddRange(MakeZone(3));
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters, (std::vector<NodeId>{1, 3, 4}));
  ASSERT_TRUE(cluster.Join(MakeNode(5, "region=c,zone=1")).ok());
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.back(), 5);
  EXPECT_EQ(cluster.replicas(range).voters[1], 4);
}

TEST(Placement, FullAndDrainingNodesTakeNothing) {
  std::vector<Node> nodes = NodesUpTo(5);
  nodes[0].disk_used_percent = 95;
  nodes[1].state = NodeState::kDraining;
  Cluster cluster = MakeCluster(nodes);
  const auto range = cluster.AddRange(MakeZone(3));
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters, (std::vector<NodeId>{3, 4, 5}));
}

TEST(Placement, ALeaseStaysOnALeavingNodeWhereNoOtherIsUp) {
  Cluster cluster = MakeCluster(NodesUpTo(1));
  const auto range = cluster.AddRange(MakeZone(1));
  cluster.Converge();
  Put(cluster, 1, NodeState::kDecommissioning);
  cluster.Converge();
  EXPECT_EQ(PlacementOf(cluster, range), "{1} 1");
}

TEST(Placement, ARemovalNeverCostsTheQuorum) {
  Cluster cluster = MakeCluster(NodesUpTo(3));
  const auto range = cluster.AddRange(MakeZone(3));
  cluster.Converge();
  Put(cluster, 1, NodeState::kSuspect);
  cluster.SetZone(range, MakeZone(1));
  cluster.Converge();
  EXPECT_EQ(cluster.replicas(range).voters.size(), 1u);
  EXPECT_NE(ConditionAt(cluster, range), "unavailable");
}

TEST(Placement, NodesAreKnownByTheirIds) {
  Cluster cluster = MakeCluster(NodesUpTo(2));
  EXPECT_EQ(ErrorOf(cluster.Join(MakeNode(2))), "22023 node 2 exists already");
  EXPECT_EQ(ErrorOf(cluster.Join(MakeNode(0))), "22023 node 0 cannot be: ids are numbers from 1 on");
  EXPECT_EQ(ErrorOf(cluster.SetState(3, NodeState::kDead)), "22023 node 3 is not known");
  Put(cluster, 2, NodeState::kDecommissioned);
  EXPECT_EQ(ErrorOf(cluster.SetState(2, NodeState::kLive)),
            "22023 node 2 is decommissioned; it may join as a new node, with an id of its own");
}

}  // namespace
}  // namespace weir::placement
