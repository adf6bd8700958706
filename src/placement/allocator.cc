#include "placement/allocator.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace weir::placement {
namespace {

using Kind = Decision::Kind;
using Reason = Decision::Reason;
using Voters = std::vector<NodeId>;

Voters Without(const Voters& voters, NodeId id) {
  Voters rest = voters;
  std::erase(rest, id);
  return rest;
}

/// One range and what is decided on it.
class RangeAllocator {
 public:
  RangeAllocator(const NodePool& pool, const Policy& policy, const Replicas& replicas)
      : pool_(pool), policy_(policy), voters_(replicas.voters), lease_holder_(replicas.lease_holder) {}

  Decision Next() const {
    const Voters leases = LeaseCandidates(pool_, policy_, voters_);
    if (const Decision lease = KeepLease(leases); lease.kind != Kind::kNothing) return lease;
    const Decision repair = Repair();
    return repair.kind == Kind::kNothing || repair.kind == Kind::kBlocked ? BalanceLease(leases, repair) : repair;
  }

 private:
  int64_t have() const { return static_cast<int64_t>(voters_.size()); }

  // --- leases ---

  NodeId WithFewestLeases(const Voters& candidates) const {
    return *std::ranges::min_element(candidates, {}, [&](NodeId id) { return std::pair(pool_.leases(id), id); });
  }

  Decision KeepLease(const Voters& candidates) const {
    if (std::ranges::find(candidates, lease_holder_) != candidates.end()) return {};
    if (candidates.empty()) {
      if (lease_holder_ == kNoNode) return {};
      return {Kind::kMoveLease, lease_holder_, kNoNode, Reason::kLease};
    }
    const bool could_stay = lease_holder_ != kNoNode && pool_.state(lease_holder_) == NodeState::kLive;
    return {Kind::kMoveLease, lease_holder_, WithFewestLeases(candidates),
            could_stay ? Reason::kLeasePreference : Reason::kLease};
  }

  Decision BalanceLease(const Voters& candidates, const Decision& otherwise) const {
    if (candidates.empty()) return otherwise;
    const NodeId fewest = WithFewestLeases(candidates);
    if (pool_.state(fewest) != NodeState::kLive) return otherwise;  // nodes that leave are not worth levelling
    if (pool_.leases(lease_holder_) - pool_.leases(fewest) < kLeaseMargin) return otherwise;
    return {Kind::kMoveLease, lease_holder_, fewest, Reason::kBalance};
  }

  // --- replicas ---

  Decision Repair() const {
    const int64_t need = NeededReplicas(policy_.num_replicas, pool_.counted());
    const int64_t up = VotersUp(pool_, voters_);
    if (have() > 0 && up < Quorum(have())) return {Kind::kUnavailable};
    if (have() < need) return Add(need);
    const NodeId dead = FirstIn(NodeState::kDead);
    const NodeId leaving = FirstIn(NodeState::kDecommissioning);
    if (have() == need && dead != kNoNode) return Replace(dead, Reason::kDead);
    if (have() == need && leaving != kNoNode) return Replace(leaving, Reason::kDecommissioning);
    if (dead != kNoNode) return {Kind::kRemoveReplica, dead, kNoNode, Reason::kDead};
    if (leaving != kNoNode && IsSpared(leaving)) {
      return {Kind::kRemoveReplica, leaving, kNoNode, Reason::kDecommissioning};
    }
    if (have() > need) return RemoveWorst();
    return Improve();
  }

  /// Nodes that are gone count as dead ones: whoever told so too early has left a replica behind.
  NodeId FirstIn(NodeState state) const {
    const auto is_in = [&](NodeId id) {
      return pool_.state(id) == state ||
             (state == NodeState::kDead && pool_.state(id) == NodeState::kDecommissioned);
    };
    const auto found = std::ranges::find_if(voters_, is_in);
    return found == voters_.end() ? kNoNode : *found;
  }

  /// Whether the range keeps its quorum without this replica.
  bool IsSpared(NodeId id) const {
    const Voters rest = Without(voters_, id);
    return VotersUp(pool_, rest) >= Quorum(static_cast<int64_t>(rest.size()));
  }

  Decision Add(int64_t need) const {
    const std::optional<BestCandidate> first = BestTarget(voters_, voters_);
    if (!first) return {Kind::kBlocked, kNoNode, kNoNode, Reason::kTooFew};
    const int64_t after = have() + 1;
    if (after < need && after % 2 == 0) {  // an even number is worth less than one fewer, unless the next one follows
      Voters with_first = voters_;
      with_first.push_back(first->candidate.id);
      if (!BestTarget(with_first, with_first)) return {Kind::kBlocked, kNoNode, kNoNode, Reason::kTooFew};
    }
    return {Kind::kAddReplica, kNoNode, first->candidate.id, Reason::kTooFew};
  }

  Decision Replace(NodeId gone, Reason reason) const {
    const std::optional<BestCandidate> target = BestTarget(Without(voters_, gone), voters_);
    if (!target) return {Kind::kBlocked, gone, kNoNode, reason};
    return {Kind::kMoveReplica, gone, target->candidate.id, reason};
  }

  Decision RemoveWorst() const {
    Voters spared;
    std::ranges::copy_if(voters_, std::back_inserter(spared), [&](NodeId id) { return IsSpared(id); });
    if (spared.empty()) return {Kind::kBlocked, kNoNode, kNoNode, Reason::kTooMany};
    return {Kind::kRemoveReplica, Worst(spared), kNoNode, Reason::kTooMany};
  }

  // --- moves of a range that has as many replicas as it shall have ---

  Decision Improve() const {
    Voters not_allowed;
    std::ranges::copy_if(voters_, std::back_inserter(not_allowed),
                         [&](NodeId id) { return !IsAllowed(pool_, policy_, id); });
    if (!not_allowed.empty()) return Replace(Worst(not_allowed), Reason::kConstraints);
    bool unmet = false;
    for (const Policy::Part& part : policy_.constraints) {
      if (CountSatisfying(pool_, part.nodes, voters_) >= part.replicas) continue;
      unmet = true;
      if (const Decision move = Fulfil(part); move.kind != Kind::kNothing) return move;
    }
    const Decision spread = Spread();
    if (spread.kind != Kind::kNothing || !unmet) return spread;
    return {Kind::kBlocked, kNoNode, kNoNode, Reason::kConstraints};
  }

  /// A replica that no part of the constraints needs makes room for one that a part lacks.
  Decision Fulfil(const Policy::Part& part) const {
    Voters dispensable;
    std::ranges::copy_if(voters_, std::back_inserter(dispensable),
                         [&](NodeId id) { return NeededFor(id).empty(); });
    if (dispensable.empty()) return {};
    const NodeId victim = Worst(dispensable);
    const auto target = Best(part.nodes, Without(voters_, victim), voters_);
    if (!target) return {};
    return {Kind::kMoveReplica, victim, target->candidate.id, Reason::kConstraints};
  }

  /// A move that takes the replicas farther apart, or from a full node to an emptier one, at the constraints' no cost.
  Decision Spread() const {
    const bool all_live = std::ranges::all_of(voters_, [&](NodeId id) { return pool_.state(id) == NodeState::kLive; });
    if (!all_live) return {};
    const std::optional<Candidate> emptiest = pool_.candidates(NodePool::kEveryNode).Least();
    if (!emptiest) return {};
    Decision decision;
    std::optional<std::tuple<int64_t, int64_t, NodeId>> best_gain;
    for (const NodeId voter : voters_) {
      const int64_t apart = DiversityAgainst(voter, Without(voters_, voter));
      const bool is_farthest = apart == kDiversityScale * (have() - 1);
      if (is_farthest && !IsUnbalanced(pool_.replicas(voter), emptiest->replicas)) continue;
      const std::optional<BestCandidate> target = Exchange(voter);
      if (!target) continue;
      const int64_t farther = target->diversity - apart;
      const int64_t emptier = pool_.replicas(voter) - target->candidate.replicas;
      if (farther < 0 || (farther == 0 && !IsUnbalanced(pool_.replicas(voter), target->candidate.replicas))) continue;
      const std::tuple gain(farther, emptier, voter);
      if (best_gain && gain <= *best_gain) continue;
      best_gain = gain;
      decision = {Kind::kMoveReplica, voter, target->candidate.id,
                  farther > 0 ? Reason::kDiversity : Reason::kBalance};
    }
    return decision;
  }

  /// The best node in place of this voter's. A voter that several parts of the constraints need stays where it is.
  std::optional<BestCandidate> Exchange(NodeId voter) const {
    const Voters rest = Without(voters_, voter);
    const std::vector<NodePool::ConjunctionId> needed = NeededFor(voter);
    if (needed.empty()) return BestAllowed(rest, voters_);
    return needed.size() == 1 ? Best(needed.front(), rest, voters_) : std::nullopt;
  }

  // --- comparing ---

  /// The parts of the constraints that fewer replicas than they ask for would satisfy without this one.
  std::vector<NodePool::ConjunctionId> NeededFor(NodeId voter) const {
    std::vector<NodePool::ConjunctionId> needed;
    for (const Policy::Part& part : policy_.constraints) {
      if (part.replicas > 0 && pool_.Satisfies(voter, part.nodes) &&
          CountSatisfying(pool_, part.nodes, voters_) <= part.replicas) {
        needed.push_back(part.nodes);
      }
    }
    return needed;
  }

  int64_t DiversityAgainst(NodeId id, const Voters& others) const {
    int64_t sum = 0;
    const LocalityPath& path = pool_.path(id);
    for (const NodeId other : others) {
      const LocalityPath& other_path = pool_.path(other);
      const auto [at, other_at] = std::ranges::mismatch(path, other_path);
      const bool differ = at != path.end() && other_at != other_path.end();
      sum += Diversity(path.size(), other_path.size(),
                       differ ? std::optional(static_cast<size_t>(at - path.begin())) : std::nullopt);
    }
    return sum;
  }

  /// Which of these replicas is missed least.
  NodeId Worst(const Voters& victims) const {
    return *std::ranges::min_element(victims, {}, [&](NodeId id) {
      return std::tuple(IsAllowed(pool_, policy_, id), !NeededFor(id).empty(),
                        DiversityAgainst(id, Without(voters_, id)), -pool_.replicas(id), -id);
    });
  }

  // --- targets ---

  std::optional<BestCandidate> Best(NodePool::ConjunctionId nodes, const Voters& kept, const Voters& holders) const {
    std::vector<Holder> around;
    for (const NodeId id : holders) {
      const bool stays = std::ranges::find(kept, id) != kept.end();
      around.push_back({id, &pool_.path(id), stays});
    }
    return pool_.candidates(nodes).Best(around);
  }

  std::optional<BestCandidate> BestAllowed(const Voters& kept, const Voters& holders) const {
    if (policy_.slack) return Best(NodePool::kEveryNode, kept, holders);
    std::optional<BestCandidate> best;
    for (const Policy::Part& part : policy_.constraints) Improve(Best(part.nodes, kept, holders), &best);
    return best;
  }

  /// The best node for one more replica beside those that are kept: first of all one that the constraints lack.
  std::optional<BestCandidate> BestTarget(const Voters& kept, const Voters& holders) const {
    std::optional<BestCandidate> best;
    for (const Policy::Part& part : policy_.constraints) {
      if (CountSatisfying(pool_, part.nodes, kept) < part.replicas) Improve(Best(part.nodes, kept, holders), &best);
    }
    return best ? best : BestAllowed(kept, holders);
  }

  static void Improve(const std::optional<BestCandidate>& candidate, std::optional<BestCandidate>* best) {
    if (candidate && candidate->IsBetterThan(*best)) *best = candidate;
  }

  const NodePool& pool_;
  const Policy& policy_;
  const Voters& voters_;
  NodeId lease_holder_;
};

}  // namespace

Policy MakePolicy(const Zone& zone, NodePool* pool) {
  Policy policy;
  policy.num_replicas = zone.num_replicas;
  policy.texts = zone.constraints;
  int64_t counted = 0;
  for (const ReplicaConstraint& one : zone.constraints) {
    policy.constraints.push_back({pool->Intern(one.constraints), one.replicas.value_or(0)});
    counted += one.replicas.value_or(zone.num_replicas);
  }
  policy.slack = counted < zone.num_replicas;
  for (const Conjunction& preference : zone.lease_preferences) {
    policy.lease_preferences.push_back(pool->Intern(preference));
  }
  return policy;
}

int64_t NeededReplicas(int64_t num_replicas, int64_t nodes) {
  int64_t need = std::min(num_replicas, nodes);
  if (need == num_replicas) return need;
  if (need % 2 == 0) --need;
  return std::min(std::max<int64_t>(need, 3), num_replicas);
}

int64_t Quorum(int64_t voters) { return voters / 2 + 1; }

int64_t VotersUp(const NodePool& pool, const std::vector<NodeId>& voters) {
  return std::ranges::count_if(voters, [&](NodeId id) { return IsUp(pool.state(id)); });
}

bool IsUnbalanced(int64_t fuller, int64_t emptier) {
  const int64_t difference = fuller - emptier;
  return difference >= 2 && difference * 20 > fuller;
}

bool IsAllowed(const NodePool& pool, const Policy& policy, NodeId id) {
  return policy.slack || std::ranges::any_of(policy.constraints, [&](const Policy::Part& part) {
    return pool.Satisfies(id, part.nodes);
  });
}

int64_t CountSatisfying(const NodePool& pool, NodePool::ConjunctionId nodes, const std::vector<NodeId>& voters) {
  return std::ranges::count_if(voters, [&](NodeId id) { return pool.Satisfies(id, nodes); });
}

std::vector<NodeId> LeaseCandidates(const NodePool& pool, const Policy& policy, const std::vector<NodeId>& voters) {
  std::vector<NodeId> candidates;
  if (VotersUp(pool, voters) < Quorum(static_cast<int64_t>(voters.size()))) return candidates;
  const auto keep = [&](auto&& wanted) {
    std::vector<NodeId> kept;
    std::ranges::copy_if(candidates.empty() ? voters : candidates, std::back_inserter(kept), wanted);
    return kept;
  };
  std::vector<NodeId> live = keep([&](NodeId id) { return pool.state(id) == NodeState::kLive; });
  candidates = live.empty() ? keep([&](NodeId id) { return IsUp(pool.state(id)); }) : std::move(live);
  for (const NodePool::ConjunctionId preference : policy.lease_preferences) {
    std::vector<NodeId> preferred = keep([&](NodeId id) { return pool.Satisfies(id, preference); });
    if (!preferred.empty()) return preferred;
  }
  return candidates;
}

Decision NextDecision(const NodePool& pool, const Policy& policy, const Replicas& replicas) {
  return RangeAllocator(pool, policy, replicas).Next();
}

Replicas Apply(const Decision& decision, Replicas replicas) {
  const auto remove = [&] {
    std::erase(replicas.voters, decision.from);
    if (replicas.lease_holder == decision.from) replicas.lease_holder = kNoNode;
  };
  const auto add = [&] {
    replicas.voters.insert(std::ranges::upper_bound(replicas.voters, decision.to), decision.to);
  };
  switch (decision.kind) {
    case Kind::kAddReplica:
      add();
      break;
    case Kind::kRemoveReplica:
      remove();
      break;
    case Kind::kMoveReplica:
      remove();
      add();
      break;
    case Kind::kMoveLease:
      replicas.lease_holder = decision.to;
      break;
    case Kind::kNothing:
    case Kind::kBlocked:
    case Kind::kUnavailable:
      break;
  }
  return replicas;
}

}  // namespace weir::placement
