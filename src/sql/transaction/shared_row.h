#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "client/system_table.h"
#include "sql/catalog/relation.h"
#include "weir/datum.h"

namespace weir::sql {

/// Rows of a PK table of the system, of numbers and flags, that several servers change: each change is a transaction of
/// its own. Thread-safe.
class SharedRows {
 public:
  using Row = std::vector<Datum>;
  /// What becomes of a row, of which there may be none yet; nothing: it goes, or stays away.
  using Change = std::function<Result<std::optional<Row>>(const std::optional<Row>& before)>;

  explicit SharedRows(const SystemTablePtr& table);

  /// `change` is called until what it was told is still so when its answer is written.
  Status Apply(int64_t key, const Change& change) const;

 private:
  Status ApplyOnce(int64_t key, const Change& change, bool* again) const;

  const SystemTablePtr table_;
  const RelationPtr relation_;
};

}  // namespace weir::sql
