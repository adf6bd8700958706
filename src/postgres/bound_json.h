#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/partition_bound.h"
#include "weir/status.h"

namespace weir {

/// How a table is partitioned, and the bound of a partition, as SQL's definitions have them
/// (docs/storage-format-sql.md, "A definition").
nlohmann::json StrategyToJson(PartitionStrategy strategy);
PartitionStrategy StrategyFromJson(const nlohmann::json& json);
nlohmann::json BoundToJson(const PartitionBound& bound);
/// Throws nlohmann::json::exception for what is none. Errors: those of a text that is no value of its type.
Result<PartitionBound> BoundFromJson(const nlohmann::json& json);

}  // namespace weir
