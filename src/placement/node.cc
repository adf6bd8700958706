#include "placement/node.h"

#include <algorithm>
#include <array>
#include <utility>

#include "postgres/error.h"

namespace weir::placement {
namespace {

// In the order of NodeState.
constexpr std::array<std::string_view, 6> kStateNames = {"live",     "suspect",         "dead",
                                                         "draining", "decommissioning", "decommissioned"};

Status InvalidLocality(std::string_view text, std::string_view problem) {
  return postgres::Error(postgres::sqlstate::kInvalidParameterValue,
                         "invalid locality \"" + std::string(text) + "\": " + std::string(problem));
}

}  // namespace

bool IsUp(NodeState state) {
  switch (state) {
    case NodeState::kLive:
    case NodeState::kDraining:
    case NodeState::kDecommissioning:
      return true;
    case NodeState::kSuspect:
    case NodeState::kDead:
    case NodeState::kDecommissioned:
      return false;
  }
  return false;
}

bool CountsForReplication(NodeState state) {
  return state != NodeState::kDecommissioning && state != NodeState::kDecommissioned;
}

bool MayTakeReplicas(const Node& node) {
  return node.state == NodeState::kLive && node.disk_used_percent < kFullDiskPercent;
}

std::string_view StateName(NodeState state) { return kStateNames[static_cast<size_t>(state)]; }

std::optional<NodeState> ParseState(std::string_view name) {
  const auto* found = std::ranges::find(kStateNames, name);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<NodeState>(found - kStateNames.begin());
}

std::span<const std::string_view> StateNames() { return kStateNames; }

Result<Locality> ParseLocality(std::string_view text) {
  Locality locality;
  std::string_view rest = text;
  while (!text.empty()) {
    const std::string_view tier = rest.substr(0, rest.find(','));
    const size_t equals = tier.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == tier.size()) {
      return InvalidLocality(text, "every tier is of the form key=value");
    }
    Tier parsed{std::string(tier.substr(0, equals)), std::string(tier.substr(equals + 1))};
    if (parsed.value.find('=') != std::string::npos) return InvalidLocality(text, "every tier has one \"=\"");
    if (std::ranges::find(locality, parsed.key, &Tier::key) != locality.end()) {
      return InvalidLocality(text, "the key \"" + parsed.key + "\" comes twice");
    }
    locality.push_back(std::move(parsed));
    if (locality.size() > kMaxTiers) return InvalidLocality(text, "there are more than 16 tiers");
    if (tier.size() == rest.size()) break;
    rest.remove_prefix(tier.size() + 1);
  }
  return locality;
}

std::string LocalityText(const Locality& locality) {
  std::string text;
  for (const Tier& tier : locality) text += (text.empty() ? "" : ",") + tier.key + "=" + tier.value;
  return text;
}

int64_t Diversity(size_t length, size_t other_length, std::optional<size_t> first_difference) {
  const auto shorter = static_cast<int64_t>(std::min(length, other_length));
  if (first_difference) return kDiversityScale / shorter * (shorter - static_cast<int64_t>(*first_difference));
  return length == other_length ? 0 : kDiversityScale / (shorter + 1);
}

int64_t Diversity(const Locality& locality, const Locality& other) {
  const size_t shorter = std::min(locality.size(), other.size());
  for (size_t i = 0; i < shorter; ++i) {
    if (locality[i].value != other[i].value) return Diversity(locality.size(), other.size(), i);
  }
  return Diversity(locality.size(), other.size(), std::nullopt);
}

}  // namespace weir::placement
