#include "sql/session/kept_plans.h"

#include <utility>

namespace weir::sql {

KeptPlans::Kept* KeptPlans::Find(const std::string& key) { return kept_.Find(key); }

KeptPlans::Kept& KeptPlans::Add(std::string key) {
  if (kept_.size() == kMost) kept_.DropLast();
  return kept_.Add(std::move(key), Kept());
}

void KeptPlans::HoldFor(uint64_t catalog_version) {
  if (std::exchange(catalog_version_, catalog_version) != catalog_version) Clear();
}

void KeptPlans::Clear() { kept_.Clear(); }

}  // namespace weir::sql
