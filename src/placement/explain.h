#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "placement/allocator.h"
#include "placement/cluster.h"

namespace weir::placement {

/// Why a range has no replica where its zone asks for one, in the words of KWDB's log: "0 of 3 live stores are able to
/// take a new replica for the range (3 already have a replica); must match constraints [{+region=NODE1:1}]".
/// `decision`: kBlocked.
std::string ExplainBlocked(const NodePool& pool, const Policy& policy, const Replicas& replicas,
                           const Decision& decision);

/// What of its zone a range does not have, a sentence each: replicas that do not answer or are missing, parts of the
/// constraints, the lease preference, and what keeps them from being put right. Empty where nothing is violated.
std::vector<std::string> Violations(const NodePool& pool, const Policy& policy, const Replicas& replicas);

/// "add replica on node 4: too few replicas"
std::string DecisionText(const Decision& decision);

/// One word for a range at rest, the worst that holds: "unavailable", "under-replicated" (fewer replicas that answer
/// than there shall be), "violating" (constraints), "blocked" (a replica that cannot go), "lease elsewhere" (no
/// preference is fulfilled), "ok".
std::string_view ConditionOf(const NodePool& pool, const Policy& policy, const Replicas& replicas);

}  // namespace weir::placement
