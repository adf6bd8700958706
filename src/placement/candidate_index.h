#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "placement/node.h"

namespace weir::placement {

/// A locality with its values as numbers, so that comparing them is quick (NodePool gives them).
using LocalityPath = std::vector<int32_t>;

/// A node that may take a replica. Less is better: fewer replicas, then the lower id.
struct Candidate {
  int64_t replicas = 0;
  NodeId id = kNoNode;
  auto operator<=>(const Candidate&) const = default;
};

/// Where a range has a replica already: never a second one there.
struct Holder {
  NodeId id = kNoNode;
  const LocalityPath* path = nullptr;
  bool stays = true;  // false: about to go, so the new replica need not be far from it
};

/// The best candidate for a range, and how far it is from the replicas that stay: the sum of Diversity.
struct BestCandidate {
  Candidate candidate;
  int64_t diversity = 0;
  /// Farther away is better, then the better candidate.
  bool IsBetterThan(const std::optional<BestCandidate>& other) const {
    return !other || diversity > other->diversity || (diversity == other->diversity && candidate < other->candidate);
  }
};

/// Candidates arranged by their localities, so that the best one for a range is found without looking at all of them: a
/// tree of tiers for each number of tiers, whose branches know the best candidate below them. With r replicas, t tiers
/// and n candidates, a search costs O(r t (r + log n)), a change O(t log n).
class CandidateIndex {
 public:
  void Insert(const LocalityPath& path, const Candidate& candidate);
  void Erase(const LocalityPath& path, const Candidate& candidate);
  /// Nothing where every candidate is a holder.
  std::optional<BestCandidate> Best(std::span<const Holder> holders) const;
  /// The one with the fewest replicas.
  std::optional<Candidate> Least() const;

 private:
  struct Branch {
    /// What the next tier may be. The candidates themselves are below the last tier.
    std::map<int32_t, std::unique_ptr<Branch>> children;
    /// The best of each child, or all candidates; `child` is the tier's value, or 0.
    struct Entry {
      Candidate best;
      int32_t child = 0;
      auto operator<=>(const Entry&) const = default;
    };
    std::set<Entry> entries;
  };
  class Search;

  static void Change(Branch* branch, std::span<const int32_t> path, const Candidate& candidate, bool insert);

  std::map<size_t, Branch> by_length_;
};

}  // namespace weir::placement
