#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "placement/node_pool.h"
#include "placement/zone.h"

namespace weir::placement {

/// A zone in the terms of a pool's nodes.
struct Policy {
  struct Part {
    NodePool::ConjunctionId nodes;
    int64_t replicas;  // at least so many on these nodes; 0 in the list form
  };
  int64_t num_replicas = 3;
  std::vector<Part> constraints;
  /// Whether replicas may be anywhere: there are no constraints, or they are for fewer replicas than there shall be.
  bool slack = true;
  std::vector<NodePool::ConjunctionId> lease_preferences;
  Constraints texts;  // as in the zone, for explanations
};
Policy MakePolicy(const Zone& zone, NodePool* pool);

/// Where a range, the unit of replication, is now.
struct Replicas {
  std::vector<NodeId> voters;  // ascending
  NodeId lease_holder = kNoNode;
  bool operator==(const Replicas&) const = default;
};

/// The next step of one range.
struct Decision {
  enum class Kind {
    kNothing,
    kAddReplica,     // to
    kRemoveReplica,  // from
    kMoveReplica,    // from, to: in one step, the number of replicas stays
    kMoveLease,      // from, to: either may be kNoNode
    kBlocked,        // the reason asks for a step that no node is there for; nothing changes (see explain.h)
    kUnavailable,    // without a quorum nothing can be done until nodes are back
  };
  enum class Reason {
    kNone,
    kTooFew,
    kTooMany,
    kDead,
    kDecommissioning,
    kConstraints,
    kDiversity,
    kBalance,
    kLease,            // there is no lease, or its holder cannot keep it
    kLeasePreference,  // a preference that a replica can fulfil
  };
  Kind kind = Kind::kNothing;
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Reason reason = Reason::kNone;
  bool operator==(const Decision&) const = default;
};

/// How many replicas a range shall have on so many nodes: as many as there are nodes, but an odd number, and never less
/// than three unless fewer were asked for.
int64_t NeededReplicas(int64_t num_replicas, int64_t nodes);
/// The majority of so many voters.
int64_t Quorum(int64_t voters);
int64_t VotersUp(const NodePool& pool, const std::vector<NodeId>& voters);
/// A lease moves to a node with so many leases less, where nothing else is said.
inline constexpr int64_t kLeaseMargin = 2;
/// Whether nodes with so many replicas are levelled: they differ by 2 or more, and by more than 5 % of the fuller
/// one's.
bool IsUnbalanced(int64_t fuller, int64_t emptier);
/// Whether the zone allows a replica on the node.
bool IsAllowed(const NodePool& pool, const Policy& policy, NodeId id);
/// How many of the voters satisfy a part of the constraints.
int64_t CountSatisfying(const NodePool& pool, NodePool::ConjunctionId nodes, const std::vector<NodeId>& voters);

/// The live voters that the lease may be with, or those that are leaving where none is live, after the first preference
/// that one of them fulfils. Empty without a quorum.
std::vector<NodeId> LeaseCandidates(const NodePool& pool, const Policy& policy, const std::vector<NodeId>& voters);

/// The next step, or why there is none: a function of its arguments alone. A lease that cannot stay goes first, then
/// replicas are added, replaced, removed and moved, then leases are balanced. For r voters, c parts of constraints and
/// n nodes of t tiers: O(r c (r t + log n)).
Decision NextDecision(const NodePool& pool, const Policy& policy, const Replicas& replicas);

/// The voters after the step; a lease that was on a removed replica is gone.
Replicas Apply(const Decision& decision, Replicas replicas);

}  // namespace weir::placement
