#pragma once

#include <vector>

namespace weir::sql {

/// What an INSERT does with rows whose keys are there already. Keys are columns of the table.
struct ConflictAction {
  /// They take the place of the rows that have them, by one of the table's unique keys (empty: the primary key).
  bool upserts = false;
  std::vector<int> arbiter = {};
  /// A row that has one of these keys in common with an earlier one is left out.
  std::vector<std::vector<int>> skips = {};

  bool operator==(const ConflictAction&) const = default;
};

}  // namespace weir::sql
