#include "placement/candidate_index.h"

#include <algorithm>
#include <numeric>

namespace weir::placement {

/// Walks the branches that hold a holder's path. All candidates beside such a path, behind the same tier, are equally
/// far from every holder: the best of them is enough.
class CandidateIndex::Search {
 public:
  Search(size_t length, std::span<const Holder> holders) : length_(length), holders_(holders) {}

  void Visit(const Branch& branch, size_t depth, const std::vector<size_t>& here, int64_t diversity) {
    if (depth == length_) {
      VisitCandidates(branch, diversity + SumAt(here, std::nullopt));
      return;
    }
    VisitOthers(branch, depth, here, diversity + SumAt(here, depth));
    for (size_t i = 0; i < here.size(); ++i) {
      const LocalityPath& path = *holders_[here[i]].path;
      if (path.size() <= depth || IsRepeated(here, i, depth)) continue;
      const auto child = branch.children.find(path[depth]);
      if (child == branch.children.end()) continue;
      std::vector<size_t> further;
      int64_t parted = 0;
      for (const size_t holder : here) {
        if (TierAt(holder, depth) == path[depth]) {
          further.push_back(holder);
        } else {
          parted += ApartAt(holder, depth);
        }
      }
      Visit(*child->second, depth + 1, further, diversity + parted);
    }
  }

  const std::optional<BestCandidate>& best() const { return best_; }

 private:
  std::optional<int32_t> TierAt(size_t holder, size_t depth) const {
    const LocalityPath& path = *holders_[holder].path;
    return depth < path.size() ? std::optional(path[depth]) : std::nullopt;
  }

  bool IsRepeated(const std::vector<size_t>& here, size_t i, size_t depth) const {
    return std::any_of(here.begin(), here.begin() + static_cast<ptrdiff_t>(i), [&](size_t earlier) {
      return TierAt(earlier, depth) == TierAt(here[i], depth);
    });
  }

  /// How far candidates are from a holder whose way they share up to this tier, and not on.
  int64_t ApartAt(size_t holder, std::optional<size_t> depth) const {
    if (!holders_[holder].stays) return 0;
    const size_t other = holders_[holder].path->size();
    return Diversity(length_, other, depth && *depth < other ? depth : std::nullopt);
  }

  int64_t SumAt(const std::vector<size_t>& here, std::optional<size_t> depth) const {
    int64_t sum = 0;
    for (const size_t holder : here) sum += ApartAt(holder, depth);
    return sum;
  }

  void VisitCandidates(const Branch& branch, int64_t diversity) {
    for (const Branch::Entry& entry : branch.entries) {
      if (std::ranges::find(holders_, entry.best.id, &Holder::id) != holders_.end()) continue;
      Offer({entry.best, diversity});
      return;
    }
  }

  void VisitOthers(const Branch& branch, size_t depth, const std::vector<size_t>& here, int64_t diversity) {
    for (const Branch::Entry& entry : branch.entries) {
      const bool on_a_path =
          std::ranges::any_of(here, [&](size_t holder) { return TierAt(holder, depth) == entry.child; });
      if (on_a_path) continue;
      Offer({entry.best, diversity});
      return;
    }
  }

  void Offer(const BestCandidate& offered) {
    if (offered.IsBetterThan(best_)) best_ = offered;
  }

  size_t length_;
  std::span<const Holder> holders_;
  std::optional<BestCandidate> best_;
};

void CandidateIndex::Change(Branch* branch, std::span<const int32_t> path, const Candidate& candidate, bool insert) {
  if (path.empty()) {
    if (insert) {
      branch->entries.insert({candidate, 0});
    } else {
      branch->entries.erase({candidate, 0});
    }
    return;
  }
  std::unique_ptr<Branch>& child = branch->children[path.front()];
  if (child == nullptr) child = std::make_unique<Branch>();
  const auto best = [&] {
    return child->entries.empty() ? std::nullopt : std::optional(child->entries.begin()->best);
  };
  const std::optional<Candidate> before = best();
  Change(child.get(), path.subspan(1), candidate, insert);
  const std::optional<Candidate> after = best();
  if (before != after) {
    if (before) branch->entries.erase({*before, path.front()});
    if (after) branch->entries.insert({*after, path.front()});
  }
  if (!after) branch->children.erase(path.front());
}

void CandidateIndex::Insert(const LocalityPath& path, const Candidate& candidate) {
  Change(&by_length_[path.size()], path, candidate, true);
}

void CandidateIndex::Erase(const LocalityPath& path, const Candidate& candidate) {
  Change(&by_length_[path.size()], path, candidate, false);
}

std::optional<BestCandidate> CandidateIndex::Best(std::span<const Holder> holders) const {
  std::vector<size_t> all(holders.size());
  std::iota(all.begin(), all.end(), size_t{0});
  std::optional<BestCandidate> best;
  for (const auto& [length, root] : by_length_) {
    Search search(length, holders);
    search.Visit(root, 0, all, 0);
    if (search.best() && search.best()->IsBetterThan(best)) best = search.best();
  }
  return best;
}

std::optional<Candidate> CandidateIndex::Least() const {
  std::optional<Candidate> least;
  for (const auto& [length, root] : by_length_) {
    if (root.entries.empty()) continue;
    const Candidate& best = root.entries.begin()->best;
    if (!least || best < *least) least = best;
  }
  return least;
}

}  // namespace weir::placement
