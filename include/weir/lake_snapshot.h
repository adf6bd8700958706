#pragma once

#include <cstdint>
#include <map>

#include "weir/table.h"

namespace weir {

/// What of a table lies in the data lake of a Fluss cluster.
struct LakeSnapshot {
  int64_t snapshot_id = 0;
  std::map<TableBucket, int64_t> offsets;  // where the log goes on, by bucket
};

}  // namespace weir
