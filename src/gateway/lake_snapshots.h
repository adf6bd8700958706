#pragma once

#include "weir/future.h"
#include "weir/lake_snapshot.h"

namespace weir {

class Gateway;

/// What is asked besides of a target whose tables may lie in a data lake.
class LakeSnapshots {
 public:
  virtual ~LakeSnapshots() = default;
  /// Null for an embedded database, which has no lake.
  static LakeSnapshots* Of(Gateway* gateway);

  /// Code 7 for a table that is not there; 53 when it has none, 40 when the cluster has no lake.
  virtual Future<LakeSnapshot> GetLatestLakeSnapshot(const TablePath& path) = 0;
};

}  // namespace weir
