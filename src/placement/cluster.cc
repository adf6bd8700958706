#include "placement/cluster.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace weir::placement {

Status Cluster::Join(Node node) {
  WEIR_RETURN_NOT_OK(pool_.Add(std::move(node)));
  MakeAllDue();
  return Status::OK();
}

Status Cluster::SetState(NodeId id, NodeState state) {
  const NodeState before = pool_.Has(id) ? pool_.state(id) : state;
  WEIR_RETURN_NOT_OK(pool_.SetState(id, state));
  // A node more to go to, or another number of replicas, may concern every range; a node less those that are on it.
  if (state == NodeState::kLive || CountsForReplication(before) != CountsForReplication(state)) {
    MakeAllDue();
    return Status::OK();
  }
  for (Range& range : ranges_) {
    range.is_due = range.is_due || std::ranges::find(range.replicas.voters, id) != range.replicas.voters.end();
  }
  return Status::OK();
}

Cluster::RangeId Cluster::AddRange(const Zone& zone, Replicas replicas) {
  std::ranges::sort(replicas.voters);
  Count({}, replicas);
  ranges_.push_back({std::move(replicas), PolicyOf(zone), true});
  return ranges_.size() - 1;
}

void Cluster::SetZone(RangeId range, const Zone& zone) {
  const size_t policy = PolicyOf(zone);
  ranges_[range].is_due = ranges_[range].is_due || policy != ranges_[range].policy;
  ranges_[range].policy = policy;
}

int64_t Cluster::Converge(const Observer& observer) {
  int64_t steps = 0;
  for (RangeId id = 0; id < ranges_.size(); ++id) {
    if (ranges_[id].is_due) steps += Settle(id, observer);
  }
  // Steps change how full nodes are, which may concern ranges that were at rest.
  for (int64_t taken = steps; taken > 0; steps += taken) taken = Level(observer);
  return steps;
}

size_t Cluster::PolicyOf(const Zone& zone) {
  const std::string key = std::to_string(zone.num_replicas) + " " + ConstraintsText(zone.constraints) + " " +
                          LeasePreferencesText(zone.lease_preferences);
  const auto [entry, is_new] = policy_ids_.try_emplace(key, policies_.size());
  if (is_new) policies_.push_back(MakePolicy(zone, &pool_));
  return entry->second;
}

void Cluster::Count(const Replicas& before, const Replicas& after) {
  const auto is_in = [](const Replicas& replicas, NodeId id) {
    return std::ranges::find(replicas.voters, id) != replicas.voters.end();
  };
  for (const NodeId id : before.voters) {
    if (!is_in(after, id)) pool_.AddReplicas(id, -1);
  }
  for (const NodeId id : after.voters) {
    if (!is_in(before, id)) pool_.AddReplicas(id, 1);
  }
  if (before.lease_holder != kNoNode) pool_.AddLeases(before.lease_holder, -1);
  if (after.lease_holder != kNoNode) pool_.AddLeases(after.lease_holder, 1);
}

void Cluster::MakeAllDue() {
  for (Range& range : ranges_) range.is_due = true;
}

int64_t Cluster::Level(const Observer& observer) {
  int64_t steps = 0;
  const std::optional<Candidate> emptiest = pool_.candidates(NodePool::kEveryNode).Least();
  int64_t fewest_leases = std::numeric_limits<int64_t>::max();
  for (const Node& node : pool_.nodes()) {
    if (node.state == NodeState::kLive) fewest_leases = std::min(fewest_leases, pool_.leases(node.id));
  }
  for (RangeId id = 0; id < ranges_.size(); ++id) {
    const Replicas& replicas = ranges_[id].replicas;
    const bool moves_lease = replicas.lease_holder != kNoNode &&
                             pool_.leases(replicas.lease_holder) - fewest_leases >= kLeaseMargin;
    const bool moves_replica = emptiest && std::ranges::any_of(replicas.voters, [&](NodeId voter) {
      return IsUnbalanced(pool_.replicas(voter), emptiest->replicas);
    });
    if (moves_lease || moves_replica) steps += Settle(id, observer);
  }
  return steps;
}

int64_t Cluster::Settle(RangeId id, const Observer& observer) {
  int64_t steps = 0;
  ranges_[id].is_due = false;
  for (Decision decision = Next(id);; decision = Next(id)) {
    Replicas after = Apply(decision, ranges_[id].replicas);
    if (after == ranges_[id].replicas) return steps;
    if (observer) observer(id, decision);
    Count(ranges_[id].replicas, after);
    ranges_[id].replicas = std::move(after);
    ++steps;
  }
}

}  // namespace weir::placement
