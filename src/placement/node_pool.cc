#include "placement/node_pool.h"

#include <algorithm>
#include <utility>

#include "postgres/error.h"

namespace weir::placement {
namespace {

Status InvalidNode(NodeId id, const std::string& problem) {
  return postgres::Error(postgres::sqlstate::kInvalidParameterValue, "node " + std::to_string(id) + " " + problem);
}

}  // namespace

NodePool::NodePool() { conjunctions_.emplace_back(); }

Status NodePool::Add(Node node) {
  if (node.id < 1) return InvalidNode(node.id, "cannot be: ids are numbers from 1 on");
  if (Has(node.id)) return InvalidNode(node.id, "exists already");
  const size_t position = nodes_.size();
  const std::pair<NodeId, size_t> entry{node.id, position};
  positions_.insert(std::ranges::upper_bound(positions_, entry), entry);
  paths_.push_back(PathOf(node.locality));
  loads_.emplace_back();
  satisfied_by_.emplace_back();
  for (ConjunctionId id = 0; id < conjunctions_.size(); ++id) {
    conjunctions_[id].satisfied.push_back(placement::Satisfies(node, conjunctions_[id].constraints));
    if (conjunctions_[id].satisfied.back()) satisfied_by_.back().push_back(id);
  }
  Count(node.state, 1);
  nodes_.push_back(std::move(node));
  if (MayTakeReplicas(nodes_.back())) InsertCandidate(position);
  return Status::OK();
}

Status NodePool::SetState(NodeId id, NodeState state) {
  const std::optional<size_t> position = Find(id);
  if (!position) return InvalidNode(id, "is not known");
  Node& node = nodes_[*position];
  if (node.state == NodeState::kDecommissioned && state != node.state) {
    return InvalidNode(id, "is decommissioned; it may join as a new node, with an id of its own");
  }
  if (MayTakeReplicas(node)) EraseCandidate(*position);
  Count(node.state, -1);
  node.state = state;
  Count(node.state, 1);
  if (MayTakeReplicas(node)) InsertCandidate(*position);
  return Status::OK();
}

NodePool::ConjunctionId NodePool::Intern(const Conjunction& constraints) {
  const auto [entry, is_new] = conjunction_ids_.try_emplace(ConjunctionText(constraints), conjunctions_.size());
  if (constraints.empty()) return kEveryNode;
  if (!is_new) return entry->second;
  const ConjunctionId id = entry->second;
  Interned& interned = conjunctions_.emplace_back();
  interned.constraints = constraints;
  for (size_t position = 0; position < nodes_.size(); ++position) {
    interned.satisfied.push_back(placement::Satisfies(nodes_[position], constraints));
    if (!interned.satisfied.back()) continue;
    satisfied_by_[position].push_back(id);
    if (MayTakeReplicas(nodes_[position])) interned.candidates.Insert(paths_[position], CandidateAt(position));
  }
  return id;
}

void NodePool::AddReplicas(NodeId id, int64_t change) {
  const size_t position = At(id);
  const bool is_candidate = MayTakeReplicas(nodes_[position]);
  if (is_candidate) EraseCandidate(position);
  loads_[position].replicas += change;
  if (is_candidate) InsertCandidate(position);
}

std::optional<size_t> NodePool::Find(NodeId id) const {
  const auto found = std::ranges::lower_bound(positions_, id, {}, &std::pair<NodeId, size_t>::first);
  if (found == positions_.end() || found->first != id) return std::nullopt;
  return found->second;
}

void NodePool::InsertCandidate(size_t position) {
  for (const ConjunctionId id : satisfied_by_[position]) {
    conjunctions_[id].candidates.Insert(paths_[position], CandidateAt(position));
  }
}

void NodePool::EraseCandidate(size_t position) {
  for (const ConjunctionId id : satisfied_by_[position]) {
    conjunctions_[id].candidates.Erase(paths_[position], CandidateAt(position));
  }
}

void NodePool::Count(NodeState state, int64_t change) {
  if (CountsForReplication(state)) counted_ += change;
  if (state == NodeState::kLive) live_ += change;
}

LocalityPath NodePool::PathOf(const Locality& locality) {
  LocalityPath path;
  for (const Tier& tier : locality) {
    const auto next = static_cast<int32_t>(tier_values_.size());
    path.push_back(tier_values_.try_emplace(tier.value, next).first->second);
  }
  return path;
}

}  // namespace weir::placement
