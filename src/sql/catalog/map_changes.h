#pragma once

#include <functional>
#include <optional>

namespace weir::sql {

/// What is another, or gone, in `after`: the new value by its key, absent of what is gone. `after` null: nothing.
template <typename Changes, typename MapPtr, typename Same = std::equal_to<>>
Changes ChangesBetween(const MapPtr& before, const MapPtr& after, const Same& same = {}) {
  Changes changes;
  if (!after) return changes;
  for (const auto& [key, value] : *before) {
    if (!after->contains(key)) changes.emplace(key, std::nullopt);
  }
  for (const auto& [key, value] : *after) {
    const auto was = before->find(key);
    if (was == before->end() || !same(was->second, value)) changes.emplace(key, value);
  }
  return changes;
}

}  // namespace weir::sql
