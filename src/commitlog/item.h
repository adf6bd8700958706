#pragma once

#include <optional>
#include <string_view>

#include "commitlog/entry.h"

namespace weir::commitlog {

/// The numbers of what commits can collide on. Every server must come to the same ones, so these stay as they are
/// (docs/commit-log.md, "Items").

/// A key of a PK table, as it is encoded there.
Item KeyItem(int64_t table_id, std::optional<int64_t> partition_id, std::string_view key);
/// A row of a log table.
Item RowItem(const TableBucket& bucket, int64_t offset);
/// All rows of a leaf: every commit that writes to it writes this.
Item LeafItem(int64_t table_id, std::optional<int64_t> partition_id);
/// What all relations are: their definitions and partitions, databases, roles.
Item DefinitionsItem();
/// What one relation is, and which partitions it has.
Item RelationItem(int64_t relation);

}  // namespace weir::commitlog
