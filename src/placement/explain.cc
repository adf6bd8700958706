#include "placement/explain.h"

#include <algorithm>

namespace weir::placement {
namespace {

using Kind = Decision::Kind;
using Reason = Decision::Reason;

std::string Number(int64_t number) { return std::to_string(number); }
std::string NodeText(NodeId id) { return "node " + Number(id); }

std::string PartText(const ReplicaConstraint& part) {
  return ConjunctionText(part.constraints) + (part.replicas ? ":" + Number(*part.replicas) : "");
}

std::string ReasonText(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kTooFew:
      return "too few replicas";
    case Reason::kTooMany:
      return "too many replicas";
    case Reason::kDead:
      return "the node is dead";
    case Reason::kDecommissioning:
      return "the node is being decommissioned";
    case Reason::kConstraints:
      return "constraints";
    case Reason::kDiversity:
      return "farther apart";
    case Reason::kBalance:
      return "balance";
    case Reason::kLease:
      return "its holder fails or leaves";
    case Reason::kLeasePreference:
      return "lease preference";
  }
  return "";
}

/// A part of the constraints that too few voters satisfy.
std::vector<std::string> UnmetConstraints(const NodePool& pool, const Policy& policy, const Replicas& replicas) {
  std::vector<std::string> unmet;
  for (const NodeId id : replicas.voters) {
    if (!IsAllowed(pool, policy, id)) {
      unmet.push_back("the constraints " + ConstraintsText(policy.texts) + " rule out the replica on " + NodeText(id));
    }
  }
  for (size_t i = 0; i < policy.constraints.size(); ++i) {
    const Policy::Part& part = policy.constraints[i];
    const int64_t count = CountSatisfying(pool, part.nodes, replicas.voters);
    if (count >= part.replicas) continue;
    unmet.push_back(ConjunctionText(policy.texts[i].constraints) + " has " + Number(count) + " of " +
                    Number(part.replicas) + (part.replicas == 1 ? " replica" : " replicas"));
  }
  return unmet;
}

bool IsLeasePreferred(const NodePool& pool, const Policy& policy, NodeId lease_holder) {
  return policy.lease_preferences.empty() ||
         std::ranges::any_of(policy.lease_preferences, [&](NodePool::ConjunctionId preference) {
           return pool.Satisfies(lease_holder, preference);
         });
}

bool IsUnavailable(const NodePool& pool, const Replicas& replicas) {
  return VotersUp(pool, replicas.voters) < Quorum(static_cast<int64_t>(replicas.voters.size()));
}

}  // namespace

std::string ExplainBlocked(const NodePool& pool, const Policy& policy, const Replicas& replicas,
                           const Decision& decision) {
  if (decision.reason == Reason::kTooMany) return "no replica can go without the quorum going with it";
  const auto holding = static_cast<int64_t>(replicas.voters.size());
  std::string text = "0 of " + Number(pool.live()) + " live stores are able to take a new replica for the range (" +
                     Number(holding) + (holding == 1 ? " already has a replica)" : " already have a replica)");
  if (policy.texts.empty()) return text + "; likely not enough nodes in cluster";
  std::string parts;
  for (const ReplicaConstraint& part : policy.texts) parts += (parts.empty() ? "{" : " {") + PartText(part) + "}";
  return text + "; must match constraints [" + parts + "]";
}

std::vector<std::string> Violations(const NodePool& pool, const Policy& policy, const Replicas& replicas) {
  std::vector<std::string> violations;
  const int64_t up = VotersUp(pool, replicas.voters);
  if (up < policy.num_replicas) {
    const std::string quorum = Number(Quorum(static_cast<int64_t>(replicas.voters.size())));
    violations.push_back(Number(up) + " of " + Number(policy.num_replicas) + " replicas are up" +
                         (IsUnavailable(pool, replicas) ? ", " + quorum + " are needed for a quorum" : ""));
  }
  std::ranges::move(UnmetConstraints(pool, policy, replicas), std::back_inserter(violations));
  if (replicas.lease_holder != kNoNode && !IsLeasePreferred(pool, policy, replicas.lease_holder)) {
    violations.push_back("no replica that is up fulfils a lease preference");
  }
  const Decision decision = NextDecision(pool, policy, replicas);
  if (decision.kind == Kind::kBlocked) violations.push_back(ExplainBlocked(pool, policy, replicas, decision));
  return violations;
}

std::string DecisionText(const Decision& decision) {
  const std::string why = ": " + ReasonText(decision.reason);
  switch (decision.kind) {
    case Kind::kNothing:
      return "nothing to do";
    case Kind::kAddReplica:
      return "add replica on " + NodeText(decision.to) + why;
    case Kind::kRemoveReplica:
      return "remove replica from " + NodeText(decision.from) + why;
    case Kind::kMoveReplica:
      return "move replica from " + NodeText(decision.from) + " to " + NodeText(decision.to) + why;
    case Kind::kMoveLease:
      if (decision.to == kNoNode) return "lease of " + NodeText(decision.from) + " lost: no quorum";
      if (decision.from == kNoNode) return "lease to " + NodeText(decision.to);
      return "move lease from " + NodeText(decision.from) + " to " + NodeText(decision.to) + why;
    case Kind::kBlocked:
      return "blocked" + why;
    case Kind::kUnavailable:
      return "unavailable";
  }
  return "";
}

std::string_view ConditionOf(const NodePool& pool, const Policy& policy, const Replicas& replicas) {
  if (IsUnavailable(pool, replicas)) return "unavailable";
  if (VotersUp(pool, replicas.voters) < policy.num_replicas) return "under-replicated";
  if (!UnmetConstraints(pool, policy, replicas).empty()) return "violating";
  if (NextDecision(pool, policy, replicas).kind == Kind::kBlocked) return "blocked";
  return IsLeasePreferred(pool, policy, replicas.lease_holder) ? "ok" : "lease elsewhere";
}

}  // namespace weir::placement
