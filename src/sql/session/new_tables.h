#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace weir::sql {

/// The tables that a transaction has created or truncated, each with the number of savepoints that were open then: in
/// PostgreSQL's words, in which subtransaction.
class NewTables {
 public:
  void Add(int64_t relation, size_t savepoints) { made_[relation] = savepoints; }
  bool IsOf(int64_t relation, size_t savepoints) const {
    const auto found = made_.find(relation);
    return found != made_.end() && found->second == savepoints;
  }
  /// So many savepoints are left: what was made within the released ones belongs to the last of these.
  void Release(size_t savepoints) {
    for (auto& [relation, made] : made_) made = std::min(made, savepoints);
  }
  /// Back to the last of so many savepoints.
  void RollbackTo(size_t savepoints) {
    std::erase_if(made_, [&](const auto& entry) { return entry.second >= savepoints; });
  }
  void Clear() { made_.clear(); }

 private:
  std::map<int64_t, size_t> made_;
};

}  // namespace weir::sql
