#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/partition_bound.h"

namespace weir {

/// How a table is partitioned, and the bound of a partition, as SQL's definitions have them
/// (docs/storage-format-sql.md, "A definition").
nlohmann::json StrategyToJson(PartitionStrategy strategy);
PartitionStrategy StrategyFromJson(const nlohmann::json& json);
nlohmann::json BoundToJson(const PartitionBound& bound);
/// Throws nlohmann::json::exception for what is none.
PartitionBound BoundFromJson(const nlohmann::json& json);

}  // namespace weir
