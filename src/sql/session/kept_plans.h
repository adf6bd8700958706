#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sql/dialect/statement.h"
#include "sql/session/query_plan.h"
#include "types/recently_used.h"

namespace weir::sql {

/// What a session keeps of statements that come again, the least recently used going first. It holds for one version of
/// the catalog and one set of parameters: whoever changes these clears it.
class KeptPlans {
 public:
  struct Kept {
    enum class State : uint8_t { kSeen, kPlanned, kRefused };
    State state = State::kSeen;  // kRefused: it has no plan that holds for other literals
    std::string command;         // "SELECT", …
    std::shared_ptr<QueryPlan> plan;
  };

  /// Null when there is none.
  Kept* Find(const std::string& key);
  Kept& Add(std::string key);
  /// Forgets everything unless the catalog's version is the one of before.
  void HoldFor(uint64_t catalog_version);
  void Clear();

 private:
  static constexpr size_t kMost = 256;

  RecentlyUsed<std::string, Kept> kept_;
  uint64_t catalog_version_ = 0;
};

}  // namespace weir::sql
