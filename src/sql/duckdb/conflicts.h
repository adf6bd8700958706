#pragma once

#include <vector>

namespace weir::sql {

/// What an INSERT does with rows whose keys are there already. Keys are columns of the table.
struct ConflictAction {
  bool upserts = false;          // they take the place of the rows that have them
  std::vector<int> arbiter = {};  // by which of the table's unique keys; empty: the primary key
  std::vector<std::vector<int>> skips = {};  // a row that has one of these keys in common with an earlier one is left out

  bool operator==(const ConflictAction&) const = default;
};

}  // namespace weir::sql
