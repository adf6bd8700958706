#include "sql/engine/kept_plans.h"

#include <utility>

namespace weir::sql {

KeptPlans::Kept* KeptPlans::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->second;
}

KeptPlans::Kept& KeptPlans::Add(std::string key) {
  if (order_.size() == kMost) {
    by_key_.erase(order_.back().first);
    order_.pop_back();
  }
  order_.emplace_front(std::move(key), Kept());
  by_key_.emplace(order_.front().first, order_.begin());
  return order_.front().second;
}

void KeptPlans::HoldFor(uint64_t catalog_version) {
  if (std::exchange(catalog_version_, catalog_version) != catalog_version) Clear();
}

void KeptPlans::Clear() {
  by_key_.clear();
  order_.clear();
}

}  // namespace weir::sql
