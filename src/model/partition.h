#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_options.h"
#include "weir/datum.h"
#include "weir/table.h"

namespace weir {

/// The text that stands for a partition column's value (docs/fluss-formats.md, "Metadata").
/// NULL and types that cannot partition are code 43 and name the column.
Result<std::string> PartitionValueText(const DataType& type, const Datum& value, std::string_view column);

/// Whether a column of this type may be a partition key.
bool CanPartitionBy(const DataType& type);

/// Values joined by '$' in partition-key order. The spec names exactly the keys and its values are
/// valid names, else code 43.
Result<std::string> PartitionName(const std::vector<std::string>& partition_keys, const PartitionSpec& spec);
/// The reverse; code 43 when the number of values differs.
Result<PartitionSpec> PartitionSpecFromName(const std::vector<std::string>& partition_keys, std::string_view name);
/// Whether `spec` agrees with every pair of `partial`; a key of `partial` that is none is code 43.
Result<bool> MatchesPartialSpec(const std::vector<std::string>& partition_keys, const PartitionSpec& spec,
                                const PartitionSpec& partial);

/// Auto partitioning (docs/fluss-formats.md, "Metadata"). Times are epoch milliseconds; the zone's rules apply.
/// The value of the unit that lies `offset` units after the one `now_ms` is in.
Result<std::string> AutoPartitionValue(const AutoPartitionOptions& options, int64_t now_ms, int offset);
/// Code 43 when `value` does not fit the format or lies before the retained units.
Status CheckAutoPartitionValue(const AutoPartitionOptions& options, std::string_view value, int64_t now_ms);
/// Values that should exist now, oldest first (empty when precreation is off).
Result<std::vector<std::string>> AutoPartitionsToCreate(const AutoPartitionOptions& options, int64_t now_ms);
/// Whether the unit `value` is older than the retention allows.
Result<bool> IsExpiredAutoPartition(const AutoPartitionOptions& options, std::string_view value, int64_t now_ms);

}  // namespace weir
