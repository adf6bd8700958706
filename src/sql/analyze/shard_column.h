#pragma once

#include <span>
#include <string_view>

#include "sql/analyze/tree.h"

namespace weir::sql::analyze {

/// The function that gives the shard of a key: pg.kwdb_shard(int4,any), the number of shards before the key's values.
inline constexpr std::string_view kShardFunction = "kwdb_shard";

/// The shard of a key with these values, an integer.
ExpressionPtr ShardOf(const RangeEntry::ShardColumn& shard, Expressions key, int position);
/// The same of a row of `columns`, which are relation 0 of level 0.
ExpressionPtr ShardOfRow(const RangeEntry::ShardColumn& shard, std::span<const OutputColumn> columns);

/// The hidden shard column of a table that has the name; null where there is none.
const RangeEntry::ShardColumn* FindShardColumn(const RangeEntry& entry, std::string_view name);

}  // namespace weir::sql::analyze
