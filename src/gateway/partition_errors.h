#pragma once

#include <fmt/format.h>

#include <string_view>

#include "weir/status.h"
#include "weir/table.h"

namespace weir {

/// In Apache Fluss's words, which its clients compare.
inline Status NoSuchPartition(const TablePath& path, std::string_view partition_name) {
  return {ErrorCode::kPartitionNotExists,
          fmt::format("Table partition '{}(p={})' does not exist.", path.ToString(), partition_name)};
}
inline Status NotPartitioned(const TablePath& path) {
  return {ErrorCode::kTableNotPartitioned, fmt::format("Table '{}' is not a partitioned table.", path.ToString())};
}

}  // namespace weir
