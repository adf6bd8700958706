#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "placement/candidate_index.h"
#include "placement/constraint.h"
#include "placement/node.h"
#include "weir/status.h"

namespace weir::placement {

/// The nodes as the allocator sees them: states, how much each one holds, which of them satisfy what zones ask for, and
/// for each of those conjunctions the nodes that may take a replica.
class NodePool {
 public:
  /// A conjunction that zones ask for, by number. kEveryNode is the one without constraints.
  using ConjunctionId = size_t;
  static constexpr ConjunctionId kEveryNode = 0;

  NodePool();

  /// A node that joins; 22023 for an id that is no number from 1 on, or that another node has or had.
  Status Add(Node node);
  /// 22023 for a node that is not known, or that is decommissioned: such a one does not come back.
  Status SetState(NodeId id, NodeState state);

  std::span<const Node> nodes() const { return nodes_; }  // in the order of joining
  bool Has(NodeId id) const { return Find(id).has_value(); }
  const LocalityPath& path(NodeId id) const { return paths_[At(id)]; }
  NodeState state(NodeId id) const { return nodes_[At(id)].state; }
  int64_t replicas(NodeId id) const { return loads_[At(id)].replicas; }
  int64_t leases(NodeId id) const { return loads_[At(id)].leases; }
  /// How many nodes count for a range's number of replicas.
  int64_t counted() const { return counted_; }
  /// How many nodes are live.
  int64_t live() const { return live_; }

  ConjunctionId Intern(const Conjunction& constraints);
  bool Satisfies(NodeId id, ConjunctionId conjunction) const { return conjunctions_[conjunction].satisfied[At(id)]; }
  /// The nodes that satisfy the conjunction and may take a replica.
  const CandidateIndex& candidates(ConjunctionId conjunction) const { return conjunctions_[conjunction].candidates; }

  void AddReplicas(NodeId id, int64_t change);
  void AddLeases(NodeId id, int64_t change) { loads_[At(id)].leases += change; }

 private:
  struct Load {
    int64_t replicas = 0;
    int64_t leases = 0;
  };
  struct Interned {
    Conjunction constraints;
    std::vector<bool> satisfied;  // by position of the node
    CandidateIndex candidates;
  };

  std::optional<size_t> Find(NodeId id) const;
  size_t At(NodeId id) const { return *Find(id); }
  Candidate CandidateAt(size_t position) const { return {loads_[position].replicas, nodes_[position].id}; }
  void InsertCandidate(size_t position);
  void EraseCandidate(size_t position);
  void Count(NodeState state, int64_t change);
  LocalityPath PathOf(const Locality& locality);

  std::vector<Node> nodes_;
  std::vector<LocalityPath> paths_;
  std::vector<Load> loads_;
  std::vector<std::vector<ConjunctionId>> satisfied_by_;  // of each node: the conjunctions that it satisfies
  std::vector<std::pair<NodeId, size_t>> positions_;      // by id
  std::vector<Interned> conjunctions_;
  std::map<std::string, ConjunctionId> conjunction_ids_;  // by text
  std::map<std::string, int32_t> tier_values_;
  int64_t counted_ = 0;
  int64_t live_ = 0;
};

}  // namespace weir::placement
