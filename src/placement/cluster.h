#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "placement/allocator.h"
#include "placement/node_pool.h"
#include "placement/zone.h"
#include "weir/status.h"

namespace weir::placement {

/// Nodes, zones and ranges, and what becomes of the ranges when nodes or zones change. A value without a clock or
/// chance: the same calls give the same placement.
class Cluster {
 public:
  using RangeId = size_t;  // from 0, in the order that ranges were added in
  /// Sees every step that is taken, before it is.
  using Observer = std::function<void(RangeId, const Decision&)>;

  Status Join(Node node);
  Status SetState(NodeId id, NodeState state);

  /// A new range, without replicas or with those that it has; each of them is on a node that is known, and no node has
  /// two.
  RangeId AddRange(const Zone& zone, Replicas replicas = {});
  void SetZone(RangeId range, const Zone& zone);

  /// Takes steps until no range has one left. It ends: each step brings a range nearer to its zone, spreads it farther
  /// or levels nodes. Only ranges that a change since the last call may concern are decided on, and those on nodes that
  /// have come apart far enough to be levelled. Returns how many steps were taken.
  int64_t Converge(const Observer& observer = {});

  const NodePool& pool() const { return pool_; }
  size_t size() const { return ranges_.size(); }
  const Replicas& replicas(RangeId range) const { return ranges_[range].replicas; }
  const Policy& policy(RangeId range) const { return policies_[ranges_[range].policy]; }
  /// kNothing, kBlocked or kUnavailable after Converge.
  Decision Next(RangeId range) const { return NextDecision(pool_, policy(range), replicas(range)); }

 private:
  struct Range {
    Replicas replicas;
    size_t policy = 0;
    bool is_due = true;  // something that it depends on has changed
  };

  size_t PolicyOf(const Zone& zone);
  void Count(const Replicas& before, const Replicas& after);
  void MakeAllDue();
  /// Takes the steps of one range; how many there were.
  int64_t Settle(RangeId id, const Observer& observer);
  /// The same for every range with a replica or lease on a node that is fuller than another by enough.
  int64_t Level(const Observer& observer);

  NodePool pool_;
  std::vector<Policy> policies_;
  std::map<std::string, size_t> policy_ids_;  // by what of a zone matters here
  std::vector<Range> ranges_;
};

}  // namespace weir::placement
