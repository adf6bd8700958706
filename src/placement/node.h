#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::placement {

/// From 1 on, as users name it.
using NodeId = int32_t;
inline constexpr NodeId kNoNode = 0;

/// One level of a locality: "region=NODE1".
struct Tier {
  std::string key;
  std::string value;
  bool operator==(const Tier&) const = default;
};
using Locality = std::vector<Tier>;  // the widest tier first
inline constexpr size_t kMaxTiers = 16;

enum class NodeState {
  kLive,
  kSuspect,          // silent, but not for long enough to be given up
  kDead,             // given up: its replicas are to be replaced
  kDraining,         // shutting down: serves what it has, takes nothing new
  kDecommissioning,  // scale-in: serves until its replicas are elsewhere
  kDecommissioned,   // gone for good
};

/// What holds at most one replica of a range: a node of a cluster, or a store (a disk) of one process.
struct Node {
  NodeId id = kNoNode;
  Locality locality;
  std::vector<std::string> attributes;
  NodeState state = NodeState::kLive;
  int disk_used_percent = 0;
};

/// Nodes this full take no more replicas.
inline constexpr int kFullDiskPercent = 95;

/// Whether its replicas answer: they count for a range's quorum.
bool IsUp(NodeState state);
/// Whether it is one of the nodes that a range's number of replicas is measured against.
bool CountsForReplication(NodeState state);
bool MayTakeReplicas(const Node& node);

/// "live", "suspect", …
std::string_view StateName(NodeState state);
std::optional<NodeState> ParseState(std::string_view name);
/// All of them, in the order of the states.
std::span<const std::string_view> StateNames();

/// "region=NODE1,zone=a"; 22023 for a tier without key or value, a key that comes twice, more than kMaxTiers.
Result<Locality> ParseLocality(std::string_view text);
std::string LocalityText(const Locality& locality);

/// How far apart two localities are, in units of 1/kDiversityScale: compared tier by tier over the length L of the
/// shorter one, values that first differ at tier i (from 0) give (L-i)/L; none that differ give 0, or 1/(L+1) where the
/// lengths do. The scale is divisible by every L and L+1 there is, so sums of diversities are exact.
inline constexpr int64_t kDiversityScale = 720'720;
int64_t Diversity(size_t length, size_t other_length, std::optional<size_t> first_difference);
int64_t Diversity(const Locality& locality, const Locality& other);

}  // namespace weir::placement
