#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "placement/node.h"
#include "weir/status.h"

namespace weir::placement {

/// "+region=NODE1" (required), "-ssd" (prohibited). With a key it is about a tier of a node's locality, without one
/// about its attributes.
struct Constraint {
  enum class Kind { kRequired, kProhibited, kUnsigned };  // without a sign it is read, and refused by CheckZone
  Kind kind = Kind::kRequired;
  std::string key;
  std::string value;
  bool operator==(const Constraint&) const = default;
};
using Conjunction = std::vector<Constraint>;  // all of them hold

/// How many replicas a conjunction is for.
struct ReplicaConstraint {
  Conjunction constraints;
  std::optional<int32_t> replicas;  // nothing: all of them
  bool operator==(const ReplicaConstraint&) const = default;
};

/// The value of `constraints`: nothing, one conjunction for all replicas (the list form), or conjunctions for a number
/// of replicas each (the map form), in the order of their texts.
using Constraints = std::vector<ReplicaConstraint>;
/// The value of `lease_preferences`, the most wanted first.
using LeasePreferences = std::vector<Conjunction>;

/// 22023 for an empty text, one with more than one '='.
Result<Constraint> ParseConstraint(std::string_view text);
/// '[+region=NODE1]', '{"+region=NODE1": 1, "+region=NODE2,+ssd": 2}'; an empty text is '[]'. 22023 for anything else.
Result<Constraints> ParseConstraints(std::string_view text);
/// '[[+region=NODE1], [-region=NODE2]]'; 22023 for anything else.
Result<LeasePreferences> ParseLeasePreferences(std::string_view text);

std::string ConstraintText(const Constraint& constraint);
/// "+region=NODE1,+ssd"
std::string ConjunctionText(const Conjunction& constraints);
/// What ParseConstraints and ParseLeasePreferences read, without needless quotes.
std::string ConstraintsText(const Constraints& constraints);
std::string LeasePreferencesText(const LeasePreferences& preferences);

bool Matches(const Node& node, const Constraint& constraint);
bool Satisfies(const Node& node, const Conjunction& constraints);

/// 23514 for constraints of one conjunction that contradict each other: a key that is required with two values, one
/// that is required and prohibited, an attribute that comes twice.
Status CheckCompatible(const Conjunction& constraints);
/// 23514 for a required constraint that no node satisfies, whatever the node's state; prohibited ones may come before
/// the nodes do.
Status CheckKnown(const Conjunction& constraints, std::span<const Node> nodes);

}  // namespace weir::placement
